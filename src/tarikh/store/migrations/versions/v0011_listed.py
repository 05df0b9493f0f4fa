"""What lists, maps and plots read: slim rows of incidents, their names and words, and sums kept in step with them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tarikh.store import listing
from tarikh.store.sqlite_search import CREATE

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _listed()
    _names()
    _tally()
    _map_tally()
    op.execute(sa.text(CREATE))
    listing.fill(op.get_bind())


def _listed() -> None:
    op.create_table(
        "listed",
        sa.Column("key", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("review", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Integer(), nullable=True),
        sa.Column("last_day", sa.Integer(), nullable=True),
        sa.Column("date_precision", sa.Text(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=True),
        sa.Column("week", sa.Integer(), nullable=True),
        sa.Column("month", sa.Integer(), nullable=True),
        sa.Column("span", sa.Integer(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("admin1", sa.Text(), nullable=True),
        sa.Column("admin2", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("place_precision", sa.Text(), nullable=False),
        sa.Column("cell", sa.Integer(), nullable=True),
        sa.Column("unit", sa.Integer(), nullable=True),
        sa.Column("attackers", sa.Text(), nullable=False),
        sa.Column("targets", sa.Text(), nullable=False),
        sa.Column("toll", sa.Integer(), nullable=True),
        sa.Column("killed_low", sa.Integer(), nullable=True),
        sa.Column("killed_best", sa.Integer(), nullable=True),
        sa.Column("killed_high", sa.Integer(), nullable=True),
        sa.Column("sources", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_listed"),
        sa.UniqueConstraint("id", name="uq_listed_id"),
    )
    for name in ("kind", "country", "cell", "toll"):
        op.create_index(f"ix_listed_{name}", "listed", [name], unique=False)
    for name, where in (
        ("review", "review <> 'unreviewed'"),
        ("span", "span IS NOT NULL"),
        ("unit", "unit IS NOT NULL"),
    ):
        op.create_index(f"ix_listed_{name}", "listed", [name], unique=False, sqlite_where=sa.text(where))


def _names() -> None:
    op.create_table(
        "listed_name",
        sa.Column("code", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("code", "key", name="pk_listed_name"),
        sqlite_with_rowid=False,
    )


def _sums(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def _tally() -> None:
    op.create_table(
        "tally",
        sa.Column("code", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("axis", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("review", sa.Text(), nullable=False),
        sa.Column("week", sa.Integer(), nullable=True),
        sa.Column("month", sa.Integer(), nullable=True),
        sa.Column("dated", sa.Boolean(), nullable=False),
        *_sums("incidents", "unknown", "open", "low", "best", "high"),
        sa.PrimaryKeyConstraint("code", name="pk_tally"),
    )


def _map_tally() -> None:
    op.create_table(
        "map_tally",
        sa.Column("code", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("cell", sa.Integer(), nullable=True),
        sa.Column("precision", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("admin1", sa.Text(), nullable=True),
        sa.Column("admin2", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("review", sa.Text(), nullable=False),
        *_sums("incidents", "unknown", "killed", "points", "latitudes", "longitudes"),
        sa.PrimaryKeyConstraint("code", name="pk_map_tally"),
    )
    op.create_index("ix_map_tally_level_cell", "map_tally", ["level", "cell"], unique=False)
