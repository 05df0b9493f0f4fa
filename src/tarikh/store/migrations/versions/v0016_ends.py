"""Judgements found by when their mentions were recorded: what is new is then written at one end of the index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tarikh.store.queues import JUDGED

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

GONE = (
    *("ix_judgement_left_right", "ix_judgement_right", "ix_judgement_same_left", "ix_judgement_same_right"),
    "ix_judgement_by",
)


def upgrade() -> None:
    for end in ("left", "right"):
        op.add_column("judgement", sa.Column(f"{end}_at", sa.Integer()))
        op.execute(
            f"UPDATE judgement SET {end}_at = (SELECT CAST(strftime('%s', substr(recorded_at, 1, 19)) AS INTEGER)"  # noqa: S608
            f' FROM mention WHERE id = judgement."{end}")'
        )
    for name in GONE:
        op.drop_index(name, "judgement")
    told = ["score", "by", "withdrawn_at"]
    op.create_index("ix_judgement_left_end", "judgement", ["left_at", "left", "verdict", "right", *told])
    op.create_index("ix_judgement_right_end", "judgement", ["right_at", "right", "verdict", "left", *told])
    op.execute("DROP TRIGGER judgement_is_unfolded")
    op.execute(JUDGED)
