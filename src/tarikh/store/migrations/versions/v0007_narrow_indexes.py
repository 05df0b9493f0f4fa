"""Indexes by which the links of a mention, and what people said of it, are found without reading whole judgements."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SAME = sa.text("verdict = 'same' AND withdrawn_at IS NULL")
PEOPLE = sa.text("\"by\" >= 'user:' AND \"by\" < 'user;'")


def upgrade() -> None:
    for name, columns, of in (
        ("ix_judgement_same_left", ["left", "right", "score", "by", "verdict", "withdrawn_at"], SAME),
        ("ix_judgement_same_right", ["right", "left", "score", "by", "verdict", "withdrawn_at"], SAME),
        ("ix_judgement_people_left", ["left"], PEOPLE),
        ("ix_judgement_people_right", ["right"], PEOPLE),
    ):
        op.create_index(name, "judgement", columns, sqlite_where=of)
