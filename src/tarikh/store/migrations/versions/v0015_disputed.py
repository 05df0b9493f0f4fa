"""An index of the mentions of which two coders disagree on a field, by which the review queue finds them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    disputed = sa.text("instr(evidence, '[\"coders disagree\"') > 0")
    op.create_index("ix_mention_disputed", "mention", ["id"], sqlite_where=disputed)
