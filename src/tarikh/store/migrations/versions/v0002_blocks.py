"""Incremental linking: blocks by which candidates are looked up, and queues of what is not linked or folded yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tarikh.store.queues import TRIGGERS

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mention_block",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("mention_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", "mention_id", name="pk_mention_block"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "unlinked",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mention_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_unlinked"),
        sa.UniqueConstraint("mention_id", name="uq_unlinked_mention_id"),
    )
    op.create_table(
        "unfolded",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mention_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_unfolded"),
        sa.UniqueConstraint("mention_id", name="uq_unfolded_mention_id"),
    )
    op.create_index("ix_report_previous", "report", ["previous"], unique=False)
    op.create_index("ix_incident_founder", "incident", ["founder"], unique=False)
    op.create_index("ix_incident_redirect_founder", "incident_redirect", ["founder"], unique=False)
    for trigger in TRIGGERS:
        op.execute(sa.text(trigger))
    # Mentions linked before there were blocks have none: all are looked at once more, and judged anew where need be.
    op.execute(sa.text("DELETE FROM linked"))
    op.execute(sa.text("INSERT INTO unlinked (mention_id) SELECT id FROM mention ORDER BY recorded_at, id"))
    op.execute(
        sa.text(
            "INSERT INTO unfolded (mention_id, revision) SELECT id, 0 FROM mention ORDER BY recorded_at, id"
        )
    )
