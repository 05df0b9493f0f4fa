"""Which report is a newer version of which.

Invariant: versions share source and address, or source and words where there is no address; the text is never compared else.
"""

from __future__ import annotations

import sqlalchemy as sa

from tarikh.model import Report
from tarikh.store.schema import report


def same_address(one: Report) -> tuple[sa.ColumnElement[bool], ...]:
    """The condition that a report is of the same source and address."""
    return report.c.url == one.url, report.c.source.is_not_distinct_from(one.source)


def _same_words(one: Report) -> tuple[sa.ColumnElement[bool], ...]:
    """Without an address: the same words of the same source, added again with the day put right."""
    undated = report.c.published.is_(None)
    return (
        report.c.source.is_not_distinct_from(one.source),
        report.c.title == one.title,
        report.c.text == one.text,
        undated,
    )


def before(connection: sa.Connection, added: Report) -> tuple[int, str | None]:
    """The version number of a new report, and the version before it, if any."""
    if added.url is None and added.published is None:
        return 1, None
    same = same_address(added) if added.url is not None else _same_words(added)
    query = sa.select(report.c.version, report.c.id).where(*same)
    last = connection.execute(query.order_by(report.c.version.desc()).limit(1)).first()
    return (1, None) if last is None else (last.version + 1, last.id)
