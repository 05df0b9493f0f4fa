"""Since when each public id is shown or leads elsewhere, so that the past can be asked for.

Of incidents that are there already it is only known that they were shown after their founding mention came in.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "public_id",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shown_id", sa.Text(), nullable=False),
        sa.Column("leads_to", sa.Text(), nullable=True),
        sa.Column("founder", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["founder"], ["mention.id"], name="fk_public_id_founder"),
        sa.PrimaryKeyConstraint("id", name="pk_public_id"),
    )
    op.create_index("ix_public_id_at", "public_id", ["at"])
    op.create_index("ix_public_id_shown_id", "public_id", ["shown_id"])
    for table, column in (("report", "previous"), ("judgement", "withdrawn_at")):
        some = sa.text(f"{column} IS NOT NULL")
        op.create_index(f"ix_{table}_{column}", table, [column], sqlite_where=some, if_not_exists=True)
    op.create_index("ix_judgement_at", "judgement", ["at"], if_not_exists=True)
    for shown, leads_to, at, table in _KNOWN:
        op.execute(
            "INSERT INTO public_id (shown_id, leads_to, founder, at)"  # noqa: S608 - all parts stand below
            f" SELECT {shown}, {leads_to}, {table}.founder, {at} FROM {table}"
            f" JOIN mention ON mention.id = {table}.founder ORDER BY {at}, {shown}"
        )


_KNOWN = (
    ("incident.id", "incident.id", "mention.recorded_at", "incident"),
    ("old_id", "old_id", "mention.recorded_at", "incident_redirect"),
    ("old_id", "new_id", "incident_redirect.at", "incident_redirect"),
)
