"""The parties of an incident are looked up in `listed_name`, and nothing reads the older table any more."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("incident_party")
