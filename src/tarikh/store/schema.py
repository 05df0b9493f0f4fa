"""The tables: what is kept for ever (append-only), and what is derived from it (rebuilt at will).

Invariant: rows of the upper half are never changed but for `withdrawn_at`, and by `forget`; unknown is NULL, never 0 or "";
moments are UTC. Every change of a table is a migration in `migrations/`, and its number the new `HEAD`.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

HEAD = "0017"
"""The newest revision that this version of Tarikh knows."""

REVISIONS = frozenset(
    [
        "0001",
        "0002",
        "0003",
        "0004",
        "0005",
        "0006",
        "0007",
        "0008",
        "0009",
        "0010",
        "0011",
        "0012",
        "0013",
        "0014",
        "0015",
        "0016",
        "0017",
    ]
)
"""Every revision that it can read or upgrade."""

APPLICATION_ID = 0x54524B48
"""Written into the head of the file ("TRKH"), so that no other program's database is taken for ours."""

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

DOUBTFUL = "withdrawn_at IS NULL AND verdict <> 'different' AND score < 7.0"
"""Judgements about which a person may be asked; the bar of the linker lies well below. A query that is to be answered by
the index must hold these very words, since a bound value tells the planner nothing."""
PEOPLE = "\"by\" >= 'user:' AND \"by\" < 'user;'"
"""Judgements of people, likewise."""
KILLED = "coalesce(killed_best, 0)"
DEADLY = "review = 'unreviewed' AND killed_best IS NOT NULL"
UNLIKE = "review = 'unreviewed' AND killed_high - killed_low >= 3 AND killed_high > 2 * killed_low"
"""Incidents that wait for a person, likewise; `UNLIKE` are those whose tolls can be as far apart as `review_queue.APART` asks."""

DISAGREE = "coders disagree"
"""First reason of a value that one coder gives for a field, and that another one contradicts (`second_coder.both`)."""
DISPUTED = f"instr(evidence, '[\"{DISAGREE}\"') > 0"
"""Mentions of which two coders disagree on a field, likewise. Quotation marks within words are escaped in JSON, so no report can
write this."""

_ESCAPED = "\x1ajson:"


class Words(sa.types.TypeDecorator[str]):
    """Text from outside, kept to the last code point.

    Databases refuse lone surrogates, and some of them NUL: such text, which hostile or broken input does hold,
    is kept in an escaped form and comes back as it was, so that spans still fit.
    """

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:  # noqa: ARG002
        if value is None:
            return None
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            return _ESCAPED + json.dumps(value)
        return _ESCAPED + json.dumps(value) if "\0" in value or value.startswith(_ESCAPED) else value

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> str | None:  # noqa: ARG002
        if value is None or not value.startswith(_ESCAPED):
            return value
        return str(json.loads(value[len(_ESCAPED) :]))


class Nested(sa.types.TypeDecorator[Any]):
    """JSON values in a text column: exact, in the order given, readable in any SQL shell.

    `shape` is what they are: `list`, `dict`, or anything. What is none cannot be read: a `ValueError`, of which
    `Database` makes the sentence that names the row (`damage`).
    """

    impl = sa.Text
    cache_ok = True

    def __init__(self, shape: type = object) -> None:
        super().__init__()
        self.shape = shape

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str:  # noqa: ARG002
        return dumps(value)

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Any:  # noqa: ARG002
        if value is None:
            return None
        read = json.loads(value)
        if not isinstance(read, self.shape):
            raise ValueError(f"should hold a JSON {'array' if self.shape is list else 'object'}")
        return read


class Moment(sa.types.TypeDecorator[datetime]):
    """A moment in UTC; one without a zone is taken for UTC."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else in_utc(value).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else value.replace(tzinfo=UTC)


def in_utc(moment: datetime) -> datetime:
    """The same moment in UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def dumps(value: Any) -> str:
    """Compact JSON that every database takes: escaped where a string cannot be encoded."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"))
    return text


def _place() -> tuple[sa.Column[Any], ...]:
    """Columns of `When` and `Where`, the same for mentions and incidents."""
    return (
        sa.Column("date_start", sa.Date),
        sa.Column("date_end", sa.Date),
        sa.Column("date_precision", Words, nullable=False),
        sa.Column("date_basis", Words, nullable=False),
        sa.Column("country", Words),
        sa.Column("admin1", Words),
        sa.Column("admin2", Words),
        sa.Column("place", Words),
        sa.Column("latitude", sa.Float),
        sa.Column("longitude", sa.Float),
        sa.Column("place_precision", Words, nullable=False),
        sa.Column("geonameid", sa.Integer),
    )


# ---- kept for ever ---------------------------------------------------------------------------------------

report = sa.Table(
    "report",
    metadata,
    sa.Column("id", Words, primary_key=True),
    sa.Column("given_id", Words, index=True),
    sa.Column("source", Words),
    sa.Column("url", Words),
    sa.Column("title", Words, nullable=False),
    sa.Column("text", Words, nullable=False),
    sa.Column("language", Words, nullable=False),
    sa.Column("published", sa.Date, index=True),
    sa.Column("fetched", Moment),
    sa.Column("origin", Words),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("previous", Words, sa.ForeignKey("report.id"), index=True),
    sa.Column("recorded_at", Moment, nullable=False),
    sa.Index(None, "url", "source"),
    sa.Index(None, "recorded_at", "id"),
)
"""`version` counts from 1 among reports of one source and address; `previous` is the version before."""

mention = sa.Table(
    "mention",
    metadata,
    sa.Column("id", Words, primary_key=True),
    sa.Column("report_id", Words, sa.ForeignKey("report.id"), nullable=False),
    sa.Column("coder", Words, nullable=False),
    sa.Column("kind", Words, nullable=False),
    sa.Column("status", Words, nullable=False),
    sa.Column("aspect", Words, nullable=False),
    sa.Column("attackers", Nested(list), nullable=False),
    sa.Column("targets", Nested(list), nullable=False),
    *_place(),
    sa.Column("harm", Nested(dict), nullable=False),
    sa.Column("attribution", Words),
    sa.Column("trigger", Words, nullable=False),
    sa.Column("evidence", Nested(dict), nullable=False),
    sa.Column("phrases", Nested(dict), nullable=False),
    sa.Column("published", sa.Date),
    sa.Column("source", Words),
    sa.Column("language", Words),
    sa.Column("recorded_at", Moment, nullable=False),
    sa.Column("succeeds", Words, sa.ForeignKey("mention.id")),
    sa.Column("details", sa.LargeBinary),
    sa.Index(None, "report_id", "coder"),
    sa.Index(None, "source"),
    sa.Index("ix_mention_disputed", "id", sqlite_where=sa.text(DISPUTED)),
)

fingerprint = sa.Table(
    "fingerprint",
    metadata,
    sa.Column("report_id", Words, sa.ForeignKey("report.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("shingles", sa.LargeBinary, nullable=False),
    sa.Column("whole", sa.Boolean, nullable=False),
    sa.Column("credit", Words),
    sa.Column("recorded_at", Moment),
    sa.Column("copies", Nested(list)),
)
"""By what the copies of a text are known. The shingles are erased with the text, for they could confirm a guess of it:
then `copies` are the ids of the reports of which it was one. `recorded_at` is NULL where it came with its report."""

coded = sa.Table(
    "coded",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("report_id", Words, sa.ForeignKey("report.id"), nullable=False),
    sa.Column("coder", Words, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.UniqueConstraint("report_id", "coder"),
)
"""Which report was coded by which coder, also where it gave no mention; the greatest id of a report is current."""

succession = sa.Table(
    "succession",
    metadata,
    sa.Column("old_id", Words, sa.ForeignKey("mention.id"), primary_key=True),
    sa.Column("new_id", Words, sa.ForeignKey("mention.id"), nullable=False, index=True),
)
"""Where the judgements and corrections of a mention go that was coded anew; several old ones may meet in one."""

_SAYS = ("score", "by", "withdrawn_at")

judgement = sa.Table(
    "judgement",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("left", Words, sa.ForeignKey("mention.id"), nullable=False),
    sa.Column("right", Words, sa.ForeignKey("mention.id"), nullable=False),
    sa.Column("verdict", Words, nullable=False),
    sa.Column("score", sa.Float, nullable=False),
    sa.Column("by", Words, nullable=False),
    sa.Column("reasons", Nested(list), nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("withdrawn_at", Moment),
    sa.Column("left_at", sa.Integer),
    sa.Column("right_at", sa.Integer),
    sa.Index("ix_judgement_left_end", "left_at", "left", "verdict", "right", *_SAYS),
    sa.Index("ix_judgement_right_end", "right_at", "right", "verdict", "left", *_SAYS),
    sa.Index(None, "at"),
    sa.Index(
        "ix_judgement_doubtful", "by", "verdict", "score", "left", "right", sqlite_where=sa.text(DOUBTFUL)
    ),
    sa.Index("ix_judgement_withdrawn_at", "withdrawn_at", sqlite_where=sa.text("withdrawn_at IS NOT NULL")),
    sa.Index("ix_judgement_people_left", "left", sqlite_where=sa.text(PEOPLE)),
    sa.Index("ix_judgement_people_right", "right", sqlite_where=sa.text(PEOPLE)),
)
"""`left_at` and `right_at` are the seconds in which the two mentions were recorded (`ends`). The indexes of both ends hold all that
a walk from mention to mention asks (`nearness`): a judgement with its reasons is long, and to read each for its verdict alone
took a third of the time of folding."""

linked = sa.Table(
    "linked",
    metadata,
    sa.Column("mention_id", Words, sa.ForeignKey("mention.id"), primary_key=True),
    sa.Column("by", Words, primary_key=True),
    sa.Column("at", Moment, nullable=False),
)
"""Which mention was compared by which linker with all that were there, so that a broken run is taken up again."""

correction = sa.Table(
    "correction",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("mention_id", Words, sa.ForeignKey("mention.id"), nullable=False, index=True),
    sa.Column("field", Words, nullable=False),
    sa.Column("value", Nested, nullable=False),
    sa.Column("by", Words, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("note", Words, nullable=False),
    sa.Column("withdrawn_at", Moment),
)

decision = sa.Table(
    "decision",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("mention_id", Words, sa.ForeignKey("mention.id"), nullable=False, index=True),
    sa.Column("verdict", Words, nullable=False),
    sa.Column("seen", Nested(list), nullable=False),
    sa.Column("by", Words, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("note", Words, nullable=False),
    sa.Column("withdrawn_at", Moment),
)
"""A person accepts or rejects an incident; the row hangs on its founding mention, `seen` are all it had then."""

source_role = sa.Table(
    "source_role",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("source", Words, nullable=False),
    sa.Column("role", Words),
    sa.Column("by", Words, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("note", Words, nullable=False),
    sa.Index(None, "source", "id"),
)
"""What a person said that a source is (`link.speakers.ROLE_RANKS`), by its name as reports bear it. The newest row of a source
counts; NULL takes back what was said."""

withdrawal = sa.Table(
    "withdrawal",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("row", Words, nullable=False, index=True),
    sa.Column("by", Words, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("note", Words, nullable=False),
)
"""Who withdrew which row of a person ("j12", "c3", "d5": judgement, correction, decision by number)."""

tombstone = sa.Table(
    "tombstone",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("report_id", Words, sa.ForeignKey("report.id"), nullable=False, index=True),
    sa.Column("reason", Words, nullable=False),
    sa.Column("by", Words, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("address", Words, index=True),
    sa.Column("lifted_by", Words),
    sa.Column("lifted_at", Moment),
)
"""A report that was forgotten: who, when, why. `address` is a hash of source and address, by which a later version
is known; `lifted_at` is when it was added again on purpose."""

problem = sa.Table(
    "problem",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("stage", Words, nullable=False),
    sa.Column("reason", Words, nullable=False),
    sa.Column("origin", Words),
    sa.Column("line", sa.Integer),
    sa.Column("report_id", Words),
    sa.Column("at", Moment, nullable=False),
    sa.Index(None, "origin", "line"),
)

public_id = sa.Table(
    "public_id",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("shown_id", Words, nullable=False, index=True),
    sa.Column("leads_to", Words),
    sa.Column("founder", Words, sa.ForeignKey("mention.id"), nullable=False),
    sa.Column("at", Moment, nullable=False, index=True),
)
"""Since when a public id is shown (`leads_to` is itself), and since when it leads elsewhere (NULL: nowhere)."""

meta = sa.Table(
    "meta",
    metadata,
    sa.Column("name", Words, primary_key=True),
    sa.Column("value", sa.Integer, nullable=False),
)
"""`revision` rises with every row that the fold depends on; `folded` is the revision of the incidents."""

export_log = sa.Table(
    "export_log",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("by", Words, nullable=False),
    sa.Column("form", Words, nullable=False),
    sa.Column("level", Words, nullable=False),
    sa.Column("filters", Words, nullable=False),
    sa.Column("query", Words, nullable=False),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("name", Words, nullable=False),
    sa.Column("sha256", Words, nullable=False),
)
"""Who took which file away (`export_log`): never changed, and no part of the chronicle."""

# ---- what is being worked on ------------------------------------------------------------------------------

mention_block = sa.Table(
    "mention_block",
    metadata,
    sa.Column("key", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("mention_id", Words, primary_key=True),
    sqlite_with_rowid=False,
)
"""Under which blocks (`link.blocks`) a mention can be found; also old mentions, which whoever looks leaves out."""

unlinked = sa.Table(
    "unlinked",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("mention_id", Words, nullable=False, unique=True),
)
"""Mentions that wait to be compared with the others (`queues`)."""

unfolded = sa.Table(
    "unfolded",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("mention_id", Words, nullable=False, unique=True),
    sa.Column("revision", sa.Integer, nullable=False),
)
"""Mentions of which something changed that their incident depends on, and at which `meta` revision (`queues`)."""

# ---- derived: rebuilt, never edited ----------------------------------------------------------------------

incident = sa.Table(
    "incident",
    metadata,
    sa.Column("id", Words, primary_key=True),
    sa.Column("founder", Words, sa.ForeignKey("mention.id"), nullable=False, index=True),
    sa.Column("kind", Words, nullable=False, index=True),
    sa.Column("status", Words, nullable=False, index=True),
    sa.Column("attackers", Nested(list), nullable=False),
    sa.Column("targets", Nested(list), nullable=False),
    *_place(),
    sa.Column("killed_low", sa.Integer),
    sa.Column("killed_best", sa.Integer, index=True),
    sa.Column("killed_high", sa.Integer),
    sa.Column("harm", Nested(dict), nullable=False),
    sa.Column("sources", Nested(list), nullable=False),
    sa.Column("support", Nested(dict), nullable=False),
    sa.Column("ledger", Nested(list), nullable=False),
    sa.Column("judgements", Nested(list), nullable=False),
    sa.Column("corrections", Nested(list), nullable=False),
    sa.Column("review", Words, nullable=False),
    sa.Column("absorbed", Nested(list), nullable=False),
    sa.Column("confidence", sa.Float, nullable=False),
    sa.Column("published", sa.Date),
    sa.Column("places", Words, nullable=False),
    sa.Column("words", Words, nullable=False),
    sa.Column("digest", Words, nullable=False),
    sa.Index(None, "country", "date_start"),
    sa.Index(None, "date_start", "date_end"),
    sa.Index(None, "latitude", "longitude"),
    sa.Index("ix_incident_deadly", sa.text(f"{KILLED} DESC"), "id", sqlite_where=sa.text(DEADLY)),
    sa.Index("ix_incident_unlike", sa.text(f"{KILLED} DESC"), "id", sqlite_where=sa.text(UNLIKE)),
)
"""`published` is the newest day of its reports; `places` and `words` are folded for search; `digest` tells change."""

incident_member = sa.Table(
    "incident_member",
    metadata,
    sa.Column("mention_id", Words, sa.ForeignKey("mention.id"), primary_key=True),
    sa.Column(
        "incident_id", Words, sa.ForeignKey("incident.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    sa.Column("position", sa.Integer, nullable=False),
)

sensitivity = sa.Table(
    "sensitivity",
    metadata,
    sa.Column("incident_id", Words, sa.ForeignKey("incident.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("policy", sa.Integer, nullable=False),
    sa.Column("rules", Words, nullable=False),
)
"""`rules` are names between commas, "" where none applies, by a version of the policy. Whoever changes an incident writes
its row anew, and this one goes with the old one."""

incident_redirect = sa.Table(
    "incident_redirect",
    metadata,
    sa.Column("old_id", Words, primary_key=True),
    sa.Column("new_id", Words, index=True),
    sa.Column("founder", Words, sa.ForeignKey("mention.id"), nullable=False, index=True),
    sa.Column("at", Moment, nullable=False),
)
"""Every public id that was shown and is no more: where it leads, for an id belongs to its founding mention and
follows it. NULL where none of its mentions is current."""
