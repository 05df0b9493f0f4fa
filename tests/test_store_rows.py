"""Dataclasses as JSON and as rows: nothing is lost on the way, whatever the text holds."""

from __future__ import annotations

import itertools
import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store_sample import START, Clock, refold, said, tell
from tarikh.model import (
    Claim,
    Correction,
    Count,
    Evidence,
    Incident,
    Mention,
    Phrase,
    Report,
    Span,
    When,
    Where,
)
from tarikh.store import Store, from_json, open_store, to_json


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "chronicle.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with open_store(path, Clock()) as opened:
        yield opened


# ---- JSON and rows lose nothing --------------------------------------------------------------------------

_TEXT = st.text(st.characters(), max_size=8)
_MOMENTS = st.datetimes(
    min_value=datetime(1900, 1, 2),
    max_value=datetime(2200, 1, 1),
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=-7)), timezone(timedelta(minutes=345))]),
).map(lambda moment: moment.replace(fold=0))
_DAYS = st.dates()
_NUMBERS = st.none() | st.integers(0, 2**40)
_FLOATS = st.floats(allow_nan=False, allow_infinity=False)
_COUNTS = st.builds(Count, _NUMBERS, _NUMBERS, _NUMBERS)
_SPANS = st.builds(Span, st.sampled_from(["title", "text"]), st.integers(0, 99), st.integers(0, 99))
_WHENS = st.builds(When, st.none() | _DAYS, st.none() | _DAYS, st.sampled_from(["day", "unknown"]), _TEXT)
_NAMES = st.none() | _TEXT
_DEGREES = st.none() | st.floats(-90, 90)
_WHERES = st.builds(
    Where, _NAMES, _NAMES, _NAMES, _NAMES, _DEGREES, _DEGREES, st.sampled_from(["exact", "unknown"]), _NUMBERS
)
_ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | _FLOATS
    | _TEXT
    | _DAYS
    | _MOMENTS
    | _COUNTS
    | _WHENS
    | _WHERES,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.lists(inner, max_size=2).map(tuple)
        | st.dictionaries(_TEXT | st.just("$") | st.integers(), inner, max_size=2)
    ),
    max_leaves=5,
)
_EVIDENCE = st.builds(
    Evidence, st.lists(_SPANS, max_size=2).map(tuple), st.lists(_TEXT, max_size=2).map(tuple), _FLOATS, _TEXT
)
_PHRASES = st.builds(Phrase, _TEXT, st.lists(_SPANS, max_size=2).map(tuple), _TEXT, _NAMES, _NAMES)
_MENTIONS = st.builds(
    Mention,
    id=_TEXT,
    report_id=_TEXT,
    coder=_TEXT,
    kind=st.just("riot"),
    attackers=st.lists(_TEXT, max_size=2).map(tuple),
    when=_WHENS,
    where=_WHERES,
    harm=st.dictionaries(_TEXT, _COUNTS, max_size=2),
    attribution=_NAMES,
    trigger=_TEXT,
    evidence=st.dictionaries(_TEXT, _EVIDENCE, max_size=2),
    phrases=st.dictionaries(_TEXT, st.lists(_PHRASES, max_size=2).map(tuple), max_size=2),
    published=st.none() | _DAYS,
    source=_NAMES,
    language=_NAMES,
    recorded_at=st.none() | _MOMENTS,
    succeeds=_NAMES,
)
_CLAIMS = st.builds(Claim, _TEXT, _ANY, _TEXT, _TEXT, _NAMES, st.none() | _DAYS, _NAMES)
_CORRECTIONS = st.builds(Correction, _TEXT, _TEXT, _ANY, _TEXT, _MOMENTS, _TEXT, st.none() | _MOMENTS)
_REPORTS = st.builds(
    Report,
    _TEXT,
    _TEXT,
    _TEXT,
    st.just("en"),
    st.none() | _DAYS,
    st.none() | _MOMENTS,
    _NAMES,
    _NAMES,
    _NAMES,
    _NAMES,
)


@given(_MENTIONS | _CLAIMS | _CORRECTIONS | _REPORTS)
def test_json_and_back_is_the_same(value: Any) -> None:
    text = json.dumps(to_json(value))
    back = from_json(type(value), json.loads(text))
    assert back == value
    assert repr(back) == repr(value)


def test_an_incident_as_json_and_back(store: Store) -> None:
    one, two = (
        tell(store, "a", harm={"killed": Count(2, 2, 2)}),
        tell(store, "b", harm={"killed": Count(3, 3, None)}),
    )
    store.add_judgements([said(one, two, "same")])
    store.add_correction(Correction(one.id, "date", When(date(2024, 3, 1)), "user:ana", START))
    (whole,) = refold(store)
    assert from_json(Incident, json.loads(json.dumps(to_json(whole)))) == whole


def test_what_has_no_form_in_json_is_refused() -> None:
    with pytest.raises(TypeError, match="bytes"):
        to_json(Correction("m", "kind", b"riot", "user:ana", START))


_NUMBER = itertools.count()


@pytest.fixture(scope="module")
def shared() -> Iterator[Store]:
    folder = tempfile.mkdtemp()
    with open_store(Path(folder) / "shared.db") as opened:
        yield opened
    shutil.rmtree(folder)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(told=_REPORTS, found=_MENTIONS)
def test_rows_keep_every_code_point(shared: Store, told: Report, found: Mention) -> None:
    number = next(_NUMBER)
    told = replace(told, id=f"r-{number}")
    shared.add_report(told)
    assert shared.report(told.id) == told
    found = replace(found, id=f"m-{number}", report_id=told.id, recorded_at=None, succeeds=None)
    (kept,) = shared.add_mentions(told.id, found.coder, [found])
    assert replace(kept, recorded_at=None) == found
