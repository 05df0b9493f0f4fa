"""What people say that sources are, and an index by which the mentions of a source are found to be folded anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tarikh.store.queues import ROLES

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "source_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_source_role"),
    )
    op.create_index("ix_source_role_source_id", "source_role", ["source", "id"], unique=False)
    op.create_index("ix_mention_source", "mention", ["source"], unique=False)
    op.execute(sa.text(ROLES))
