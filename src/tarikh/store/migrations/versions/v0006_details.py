"""Rare names told with a mention, as numbers, by which accounts of one act know each other."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mention", sa.Column("details", sa.LargeBinary(), nullable=True))
