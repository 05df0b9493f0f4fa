"""Interop with the real client: GDAL's OAPIF driver reads the features, and pushes its filters down.

Invariant: without GDAL these tests are skipped; in CI they fail, for then nothing would say whether QGIS can read.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import api_sample
import pytest
import uvicorn

from tarikh import api
from tarikh.store import Filter, open_store
from tarikh.web.app import create_app
from tarikh.web.security import App, Receive, Scope, Send
from tarikh.web.serving import listening

OGR = shutil.which("ogr2ogr")


@pytest.fixture(autouse=True, scope="module")
def _gdal() -> None:
    if OGR is None:
        if os.environ.get("CI"):
            pytest.fail("ogr2ogr is not installed, and in CI the features must be read by it")
        pytest.skip("ogr2ogr is not installed (Debian: apt-get install gdal-bin)")


class _Log:
    """What the server was asked, in order."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.asked: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            query = scope["query_string"].decode()
            self.asked.append(scope["path"] + (f"?{query}" if query else ""))
        await self.app(scope, receive, send)

    def items(self) -> list[dict[str, str]]:
        """The queries for features."""
        found = [urlsplit(each) for each in self.asked]
        return [dict(parse_qsl(each.query)) for each in found if each.path.endswith("/items")]


@contextmanager
def logged(database: Path) -> Iterator[tuple[str, _Log]]:
    """A server of a database, and what it is asked."""
    app = create_app(database)
    api.install(app)
    log = _Log(app)  # type: ignore[arg-type]
    listener = listening("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(log, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener.socket]}, daemon=True)
    thread.start()
    try:
        yield f"OAPIF:{listener.address}ogc", log
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return api_sample.build(tmp_path_factory.mktemp("gdal") / "tarikh.db")


def read(source: str, *arguments: str, **environment: str) -> list[dict[str, Any]]:
    """The features that ogr2ogr reads, as GeoJSON."""
    assert OGR is not None
    command = [OGR, "-f", "GeoJSON", "/vsistdout/", source, "incidents", *arguments]
    done = subprocess.run(
        command, capture_output=True, timeout=60, env={**os.environ, **environment}, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    assert b"ERROR" not in done.stderr, done.stderr.decode()
    features: list[dict[str, Any]] = json.loads(done.stdout)["features"]
    return features


def _ids(database: Path, **wanted: Any) -> set[str]:
    with open_store(database) as store:
        return {each.id for each in store.incidents(Filter(**wanted))}


@pytest.mark.parametrize("options", [(), ("-oo", "PAGE_SIZE=7"), ("-oo", "PAGE_SIZE=1000")])
def test_it_reads_as_many_features_as_there_are_incidents(database: Path, options: tuple[str, ...]) -> None:
    ids = _ids(database)
    with logged(database) as (source, log):
        found = read(source, *options)
    assert (len(found), {each["properties"]["id"] for each in found}) == (len(ids), ids)
    size = int(options[1].partition("=")[2]) if options else 10
    assert {each["limit"] for each in log.items()} == {str(size)}
    assert len([each for each in log.items() if "after" in each]) == (len(ids) - 1) // size
    assert not any("offset" in each or "startIndex" in each for each in log.items())


def test_unknown_is_null_and_a_unit_says_that_it_is_one(database: Path) -> None:
    with logged(database) as (source, _):
        found = [
            each["properties"] | {"at": each["geometry"]} for each in read(source, "-oo", "PAGE_SIZE=1000")
        ]
    assert any(each["killed_best"] is None for each in found)
    assert any(each["killed_best"] == 0 for each in found)
    assert all((each["at"] is None) == (each["place_precision"] == "unknown") for each in found)
    assert any(each["point_is"] == "only a drawing point of the first-order unit" for each in found)


def test_box_day_and_kind_are_pushed_down(database: Path) -> None:
    where = "kind='armed_clash' AND date_start>='2024-05-01'"
    with logged(database) as (source, log):
        found = read(source, "-spat", "-10", "0", "20", "30", "-where", where)
    wanted = {"kinds": ("armed_clash",), "since": date(2024, 5, 1), "bbox": (-10.0, 0.0, 20.0, 30.0)}
    ids = _ids(database, **wanted)
    assert {each["properties"]["id"] for each in found} == ids
    assert 0 < len(ids) < len(_ids(database)) / 3
    asked = [each for each in log.items() if "kind" in each]
    assert asked
    assert asked[0]["kind"] == "armed_clash"
    assert asked[0]["datetime"] == "2024-05-01T/.."
    assert [float(each) for each in asked[0]["bbox"].split(",")] == [-10, 0, 20, 30]
    assert "/ogc/api" in log.asked


@pytest.mark.parametrize(
    ("where", "pushed", "wanted"),
    [
        ("country='MLI'", {"country": "MLI"}, {"countries": ("MLI",)}),
        ("review='rejected'", {"review": "rejected"}, {"review": ("rejected",)}),
        ("place_precision='near'", {"place_precision": "near"}, {"place_precision": ("near",)}),
        (
            "admin1='Gao' AND status='reported'",
            {"admin1": "Gao", "status": "reported"},
            {"admin1": ("Gao",), "status": ("reported",)},
        ),
        (
            "date_start>='2024-03-01' AND date_end<='2024-06-01'",
            {"datetime": "../2024-06-01T"},  # and the other end as a datetime of its own
            {"since": date(2024, 3, 1), "until": date(2024, 6, 1)},
        ),
        ("date_end<='2024-06-01'", {"datetime": "../2024-06-01T"}, {"until": date(2024, 6, 1)}),
    ],
)
def test_properties_are_pushed_down(
    database: Path, where: str, pushed: dict[str, str], wanted: dict[str, Any]
) -> None:
    with logged(database) as (source, log):
        found = read(source, "-where", where)
    assert {each["properties"]["id"] for each in found} == _ids(database, **wanted) != set()
    assert any(pushed.items() <= each.items() for each in log.items()), log.items()


def test_a_span_of_days_passes_by_any_day_of_it_unless_gdal_has_to_look_again(database: Path) -> None:
    where = "kind='armed_clash' AND date_start>='2025-01-05'"
    with open_store(database) as store:
        spanning = next(
            each.id for each in store.incidents() if f"m-{api_sample.SPANNING:04}" in each.members
        )
    with logged(database) as (source, log):
        overlapping = {each["properties"]["id"] for each in read(source, "-where", where)}
        beginning = {
            each["properties"]["id"] for each in read(source, "-where", f"{where} AND confidence>=0")
        }
    assert overlapping - beginning == {spanning}
    assert beginning
    assert [each["datetime"] for each in log.items() if "kind" in each] == ["2025-01-05T/.."] * 2


def test_one_incident_is_asked_for_by_its_id(database: Path) -> None:
    key = min(_ids(database))
    with logged(database) as (source, log):
        found = read(source, "-where", f"id='{key}'")
    assert [each["properties"]["id"] for each in found] == [key]
    assert log.asked[-1] == f"/ogc/collections/incidents/items/{key}"


def test_the_schema_says_of_which_type_a_column_is_that_is_empty_at_first(database: Path) -> None:
    assert OGR is not None
    info = shutil.which("ogrinfo")
    assert info is not None
    with logged(database) as (source, log):
        done = subprocess.run([info, "-so", source, "incidents"], capture_output=True, timeout=60, check=True)
    told = dict(re.findall(r"^(\w+): (\w+)", done.stdout.decode(), re.MULTILINE))
    assert told["killed_targets_low"] == "Integer"
    assert told["date_start"] == "Date"
    assert told["contested"] == told["attackers"] == "StringList"
    assert (told["latitude"], told["point_is"]) == ("Real", "String")
    assert log.asked.count("/ogc/collections/incidents/schema") == 1


def test_a_token_lets_it_in_and_says_what_it_may_read(tmp_path: Path) -> None:
    database = api_sample.build(tmp_path / "team.db", users=True)
    levels = {}
    with logged(database) as (source, _):
        assert OGR is not None
        done = subprocess.run(
            [OGR, "-f", "GeoJSON", "/vsistdout/", source], capture_output=True, timeout=60, check=False
        )
        assert done.returncode != 0
        for role in ("reader", "coder", "editor"):
            secret = api_sample.token(database, role)
            found = read(source, GDAL_HTTP_HEADERS=f"Authorization: Bearer {secret}")
            assert len(found) == len(_ids(database))
            levels[role] = {each["properties"]["disclosure"] for each in found}
    assert levels == {"reader": {"partner"}, "coder": {"public"}, "editor": {"full"}}


def test_the_antimeridian_is_no_wall(database: Path) -> None:
    ids = _ids(database, countries=("FJI",), place_precision=("exact", "near"))
    with logged(database) as (source, _):
        west = read(source, "-spat", "179", "-20", "180", "-10")
        east = read(source, "-spat", "-180", "-20", "-179", "-10")
    assert west
    assert east
    assert ids <= {each["properties"]["id"] for each in (*west, *east)}
