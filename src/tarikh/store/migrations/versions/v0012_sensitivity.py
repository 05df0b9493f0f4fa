"""Which rules of disclosure an incident falls under, worked out once for the maps of readers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sensitivity",
        sa.Column("incident_id", sa.Text(), nullable=False),
        sa.Column("policy", sa.Integer(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name="fk_sensitivity_incident_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("incident_id", name="pk_sensitivity"),
    )
