"""Since when a fingerprint is kept, and of which reports a forgotten text was a copy."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("fingerprint", sa.Column("recorded_at", sa.DateTime(), nullable=True))
    op.add_column("fingerprint", sa.Column("copies", sa.Text(), nullable=True))
