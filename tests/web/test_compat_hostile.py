"""The endpoints in other services' form before hostile questions and hostile records: never a fault, never broken JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from compat_sample import fill
from conftest import LOCAL
from tarikh import compat
from tarikh.codebooks import CODEBOOKS, codebook
from tarikh.exports import coded, context
from tarikh.store import open_store
from tarikh.web.app import create_app

ACLED = "/compat/acled/api/acled/read"
UCDP = "/compat/ucdp/api/gedevents/25.1"


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    app = create_app(fill(tmp_path_factory.mktemp("compat") / "t.db", users=False))
    compat.install(app)
    with TestClient(app, LOCAL, raise_server_exceptions=False) as client:
        yield client


_values = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["%", "|", ":OR:", "1e400", "-0", "\x00", "a=b", "Mali", "2024-01-01|2024-02-01", "9999-12-31", "0001-01-01",
         "inf", "²", "2026-06-01T/..", "' OR 1=1 --", "=1+1", "é", "\U0001d7d8", "0|" * 50]
    ),
)  # fmt: skip
_columns = [column.name for column in codebook("acled").columns]
_names = st.sampled_from(
    [*_columns, *(f"{name}_where" for name in _columns), "limit", "page", "fields", "_format", "key", "x"]
)
_ucdp = st.sampled_from(
    ["Country", "StartDate", "EndDate", "TypeOfViolence", "Geography", "pagesize", "page", "Actor", "x"]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(_names, _values), max_size=3))
def test_no_question_breaks_the_acled_shaped_endpoint(
    asked: TestClient, pairs: list[tuple[str, str]]
) -> None:
    answer = asked.get(ACLED, params=pairs)
    assert answer.status_code in (200, 400), answer.text
    if answer.headers["content-type"].startswith("application/json"):
        assert answer.json()["success"] is (answer.status_code == 200)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(_ucdp, _values), max_size=3),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
)
def test_no_question_breaks_the_ucdp_shaped_endpoint(
    asked: TestClient, pairs: list[tuple[str, str]], version: str
) -> None:
    answer = asked.get(UCDP, params=pairs)
    assert answer.status_code in (200, 400), answer.text
    assert set(answer.json()) & {"Result", "Message"}
    assert asked.get(f"/compat/ucdp/api/gedevents/{quote(version, safe='')}x").status_code in (404, 400)


def test_hostile_records_come_out_whole(hostile: Path) -> None:
    app = create_app(hostile)
    compat.install(app)
    with TestClient(app, LOCAL, raise_server_exceptions=False) as client:
        for address in (
            f"{ACLED}?limit=0",
            UCDP,
            *(ACLED.replace("acled/read", f"{what}/read") for what in ("actor", "deleted")),
        ):
            answer = client.get(address)
            assert answer.status_code == 200, address
            json.loads(answer.content.decode("utf-8"))
        text = client.get(f"{ACLED}?limit=0&_format=csv").text
        cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
        assert cells
        numbers = [cell for cell in cells if cell.startswith(("=", "+", "@"))]
        assert not numbers


@pytest.mark.parametrize("name", CODEBOOKS)
def test_hostile_records_are_exported_whole(name: str, hostile: Path, tmp_path: Path) -> None:
    with open_store(hostile) as store:
        incidents = store.incidents()
        mentions = store.mentions(ids=[m for i in incidents for m in i.members], all_coders=True)
        around = context(mentions, list(store.reports(dict.fromkeys(m.report_id for m in mentions))))
    for form in coded.FORMS if codebook(name).flat else ("jsonl",):
        done = coded.write([(incidents, around)], tmp_path / f"out.{form}", around, name, form)
        assert done.incidents + sum(done.refused.values()) == len(incidents)
    for line in (tmp_path / "out.jsonl").read_bytes().split(b"\n")[:-1]:
        json.loads(line.decode("utf-8"))
