"""Indexes by which the review queue is read in its order."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    doubtful = sa.text("withdrawn_at IS NULL AND verdict <> 'different' AND score < 7.0")
    columns = ["by", "verdict", "score", "left", "right"]
    op.create_index("ix_judgement_doubtful", "judgement", columns, sqlite_where=doubtful)
    for name, where in (
        ("ix_incident_deadly", "review = 'unreviewed' AND killed_best IS NOT NULL"),
        (
            "ix_incident_unlike",
            "review = 'unreviewed' AND killed_high - killed_low >= 3 AND killed_high > 2 * killed_low",
        ),
    ):
        op.create_index(
            name, "incident", [sa.text("coalesce(killed_best, 0) DESC"), "id"], sqlite_where=sa.text(where)
        )
