"""Bad and hostile input end to end: each fault is one problem with its reason and place, and all the rest is coded.

Invariant: no input raises, no report is lost in silence, and the last line says how many could not be read.
"""

from __future__ import annotations

import http.server
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import REPORTS, Run, Tarikh, json_lines
from tarikh.store import open_store

GOOD = REPORTS[0]
TOLD = "Gunmen killed three villagers in Gao, Mali, on Monday, officials said."


def line(**fields: Any) -> dict[str, Any]:
    return {"id": "odd", "published": "2025-03-14", "language": "en", **fields}


def between_good_ones(tarikh: Tarikh, tmp_path: Path, bad: bytes) -> Run:
    """A bad line as the second of three; the others must be coded whatever it is."""
    good = [json.dumps(report).encode() for report in (GOOD, REPORTS[2])]
    (tmp_path / "in.jsonl").write_bytes(b"\n".join([good[0], bad, good[1]]) + b"\n")
    done = tarikh("code", "in.jsonl")
    assert done.code == 0
    first, _, last = done.lines()
    assert (first["id"], len(first["mentions"])) == ("c1", 1)
    assert (last["id"], len(last["mentions"])) == ("c3", 1)
    return done


# ---- a bad line among good ones ----------------------------------------------------------------------------

BAD_LINES = {
    "cut off": (b'{"id": "odd", "text": "Gunmen kil', "odd", "sources", "cut off"),
    "cut off before the id": (b'{"text": "Gunmen kil', None, "sources", "cut off"),
    "no JSON": (b"Gunmen killed three villagers.", None, "sources", "not JSON"),
    "two objects": (b'{"id": "odd"} {"id": "even"}', "odd", "sources", "not JSON"),
    "a list": (b'["odd"]', None, "sources", "a list"),
    "null": (b"null", None, "sources", "null"),
    "nested too deeply": (b'{"id": "odd", "text": ' + b"[" * 100_000, "odd", "sources", "deep"),
    "wrong encoding": (
        '{"id": "odd", "text": "Le maire de Ménaka"}'.encode("latin-1"),
        "odd",
        "sources",
        "--encoding cp1252",
    ),
    "empty text": (b'{"id": "odd", "text": ""}', "odd", "reading", "no text"),
    "blank text": ('{"id": "odd", "text": " \\n\\t\u00a0\u2003"}'.encode(), "odd", "reading", "no text"),
    "null text": (b'{"id": "odd", "text": null}', "odd", "reading", "no text"),
    "title only": (b'{"id": "odd", "title": "Raid", "text": ""}', "odd", "reading", "title but no text"),
    "no text at all": (b'{"id": "odd", "body": "Gunmen"}', "odd", "sources", "--map text=NAME"),
    "text that is a number": (b'{"id": "odd", "text": 5}', "odd", "sources", "must be text"),
    "text that is a list": (b'{"id": "odd", "text": ["a"]}', "odd", "sources", "must be text"),
    "language that is a number": (
        b'{"id": "odd", "text": "x", "language": 5}',
        "odd",
        "sources",
        "must be text",
    ),
    "date to come": (
        b'{"id": "odd", "language": "en", "published": "2091-06-01", "text": "x"}',
        "odd",
        "reading",
        "2091-06-01",
    ),
    "date before news": (
        b'{"id": "odd", "language": "en", "published": "0801-06-01", "text": "x"}',
        "odd",
        "reading",
        "0801",
    ),
    "German by its label": (b'{"id": "odd", "language": "de", "text": "Ja."}', "odd", "reading", "German"),
    "Italian by its words": (
        b'{"id": "odd", "text": "Il sindaco della citta ha detto che gli uomini armati non sono tornati nella zona con i loro mezzi."}',
        "odd",
        "reading",
        "Italian",
    ),
    "only punctuation": (b'{"id": "odd", "text": "?! ... --- ,,, ()"}', "odd", "reading", "language"),
    "without an id": (b'{"text": ""}', "line-2", "reading", "no text"),
    "id that is a number": (b'{"id": 40, "text": ""}', "40", "reading", "no text"),
}


@pytest.mark.parametrize(("bad", "name", "stage", "reason"), BAD_LINES.values(), ids=BAD_LINES)
def test_a_bad_line_is_a_problem_and_the_others_go_on(
    bad: bytes, name: str | None, stage: str, reason: str, tarikh: Tarikh, tmp_path: Path
) -> None:
    done = between_good_ones(tarikh, tmp_path, bad)
    found = done.lines()[1]
    assert set(found) == {"id", "line", "mentions", "interactions", "problem"}
    assert (found["id"], found["line"], found["mentions"], found["interactions"]) == (name, 2, [], [])
    assert set(found["problem"]) == {"stage", "reason"}
    assert found["problem"]["stage"] == stage
    assert reason in found["problem"]["reason"]
    told, end = done.err.splitlines()
    assert told.startswith("problem: in.jsonl:2: ")
    assert end == "1 of 3 could not be read or coded"


@pytest.mark.parametrize("day", ['"yesterday"', '"32/13/2024"', "1" + "0" * 30, "[1]", "true"])
def test_a_day_that_cannot_be_read_is_told_and_its_report_is_coded(
    day: str, tarikh: Tarikh, tmp_path: Path
) -> None:
    row = json.dumps({"id": "odd", "language": "en", "text": TOLD})[:-1] + f', "published": {day}}}'
    done = between_good_ones(tarikh, tmp_path, row.encode())
    found = done.lines()[1]
    assert "problem" not in found
    assert found["mentions"]
    told, end = done.err.splitlines()
    assert told.startswith("problem: in.jsonl:2: its date of publication, ")
    assert end == "1 of 3 have a date of publication that could not be read"


def test_a_day_that_cannot_be_read_is_kept_as_a_problem_once(tarikh: Tarikh, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(f'id,text,published\n1,"{TOLD}",yesterday\n', encoding="utf-8")
    for _ in range(2):
        done = tarikh("add", "in.csv", "--db", tmp_path / "t.db")
        assert (done.code, "in.csv:2: its date of publication, 'yesterday'" in done.err) == (0, True)
    with open_store(tmp_path / "t.db") as store:
        (kept,) = store.problems()
        (report,) = store.reports()
    assert (kept.stage, kept.line, kept.report_id) == ("reading", 2, report.id)
    assert report.published is None


def test_a_text_of_50_megabytes_is_refused_quickly(tarikh: Tarikh, tmp_path: Path) -> None:
    huge = json.dumps({"id": "odd", "text": TOLD * (50_000_000 // len(TOLD))}).encode()
    began = time.monotonic()
    done = between_good_ones(tarikh, tmp_path, huge)
    assert time.monotonic() - began < 20
    problem = done.lines()[1]["problem"]
    assert problem["stage"] == "reading"
    assert "limit is 200,000" in problem["reason"]
    assert len(done.err) < 1000


def test_a_line_over_the_limit_is_left_out(tarikh: Tarikh, tmp_path: Path) -> None:
    done = between_good_ones(tarikh, tmp_path, b'{"id": "odd", "text": "' + b"x" * 61_000_000 + b'"}')
    assert "longer than 60,000,000 bytes" in done.lines()[1]["problem"]["reason"]


def test_all_bad_is_exit_1_and_only_the_first_ten_are_told(tarikh: Tarikh, tmp_path: Path) -> None:
    source = json_lines(tmp_path / "in.jsonl", [{"id": n, "text": ""} for n in range(25)])
    for words in (["code", source], ["add", source, "--db", "t.db"]):
        done = tarikh(*words)
        assert done.code == 1
        lines = done.err.splitlines()
        assert sum(told.startswith("problem: ") for told in lines) == 10
        assert lines[-2:] == ["… and 15 more problems", "25 of 25 could not be read or coded"]


# ---- bad sources among good ones ---------------------------------------------------------------------------


def beside_a_good_one(tarikh: Tarikh, tmp_path: Path, *words: object) -> tuple[dict[str, Any], str]:
    """What a bad source gives in `code` and `add` beside a good one: its problem line, and its words on standard error."""
    good = json_lines(tmp_path / "good.jsonl", [GOOD])
    done = tarikh("code", *words, good)
    assert done.code == 0
    bad, coded = done.lines()
    assert (coded["id"], len(coded["mentions"])) == ("c1", 1)
    assert (bad["mentions"], bad["interactions"]) == ([], [])
    added = tarikh("add", *words, good, "--db", "t.db")
    assert added.code == 0
    assert "1 reports coded" in added.err
    assert added.err.splitlines()[1:] == done.err.splitlines()
    told, end = done.err.splitlines()
    assert end == "1 of 2 could not be read or coded"
    return bad, told


BAD_FILES = {
    "not there": (None, "x.txt", "is not there"),
    "wrong encoding": ("Le maire de Ménaka, touché".encode("latin-1"), "x.txt", "--encoding cp1252"),
    "empty": (b"", "x.txt", "no text"),
    "only a line break": (b"\n\n", "x.txt", "no text"),
    "feed that is not XML": (b"This is no feed.", "x.xml", "feed"),
    "feed that is cut off": (b"<rss version='2.0'><channel><tit", "x.xml", "feed"),
    "page without an article": (b"<html><body></body></html>", "x.html", ""),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), "x.jsonl", "PNG"),
    "PDF": (b"%PDF-1.7 ...", "x.txt", "PDF"),
    "zeros": (bytes(1000), "x", "no text"),
    "gzip that is cut off": (b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb", "x.jsonl.gz", ""),
    "array that is cut off": (b'[{"id": 1, "text": "Gunm', "x.json", "cut off"),
}


@pytest.mark.parametrize(("data", "name", "reason"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_bad_file_is_a_problem_and_the_others_go_on(
    data: bytes | None, name: str, reason: str, tarikh: Tarikh, tmp_path: Path
) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    bad, told = beside_a_good_one(tarikh, tmp_path, name)
    assert told.startswith(f"problem: {name}"), told
    assert bad["problem"]["stage"] in ("sources", "reading")
    assert reason in bad["problem"]["reason"]
    assert len(bad["problem"]["reason"]) > 10


def test_an_unreadable_file_is_a_problem(
    tarikh: Tarikh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Permissions do not stop root, so the refusal is the system's own error, raised where it would be."""
    (tmp_path / "closed.txt").write_text(TOLD, encoding="utf-8")
    opened = Path.open

    def refusing(path: Path, *words: Any, **named: Any) -> Any:
        if path.name == "closed.txt":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *words, **named)

    monkeypatch.setattr(Path, "open", refusing)
    bad, told = beside_a_good_one(tarikh, tmp_path, "closed.txt")
    assert told == "problem: closed.txt: may not be read; check its permissions"
    assert bad["id"] == "closed.txt"


def test_a_wrong_encoding_can_be_put_right(tarikh: Tarikh, tmp_path: Path) -> None:
    text = "Gunmen killed three villagers near Ménaka, Mali, on Monday, officials said."
    (tmp_path / "x.txt").write_bytes(text.encode("cp1252"))
    done = tarikh("code", "x.txt", "--encoding", "cp1252", "--published", "2025-03-14")
    assert done.lines()[0]["mentions"][0]["place"] == "Ménaka"


def test_a_folder_with_one_bad_file_is_read_to_its_end(tarikh: Tarikh, tmp_path: Path) -> None:
    folder = tmp_path / "news"
    folder.mkdir()
    for name in ("a", "c"):
        (folder / f"{name}.txt").write_text(f"{TOLD} It was {name}.", encoding="utf-8")
    (folder / "b.txt").write_bytes(b"\xff\xfe\xfa\xfb\xfc")
    done = tarikh("code", folder)
    assert [("problem" in found, Path(str(found["id"])).name) for found in done.lines()] == [
        (False, "a.txt"),
        (True, "b.txt"),
        (False, "c.txt"),
    ]
    assert "1 of 3" in done.err


# ---- addresses ---------------------------------------------------------------------------------------------


def closed_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class _Feed(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = f"<rss version='2.0'><channel><item><guid>f1</guid><title>Raid</title><description>{TOLD}</description></item></channel></rss>"
        self.send_response(200)
        self.send_header("Content-Type", "application/rss+xml")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served() -> Iterator[int]:
    with http.server.HTTPServer(("127.0.0.1", 0), _Feed) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def test_an_address_that_does_not_answer_is_a_problem(tarikh: Tarikh, tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{closed_port()}/feed.xml"
    bad, told = beside_a_good_one(tarikh, tmp_path, "--allow-private", address)
    assert told.startswith(f"problem: {address}: does not answer")
    assert bad["id"] == address


def test_an_address_of_this_machine_is_read_only_when_asked(tarikh: Tarikh, tmp_path: Path) -> None:
    with served() as port:
        address = f"http://127.0.0.1:{port}/feed.xml"
        refused, told = beside_a_good_one(tarikh, tmp_path, address)
        assert "private" in refused["problem"]["reason"]
        assert address in told
        read = tarikh("code", address, "--allow-private", "--published", "2025-03-14")
    assert read.code == 0, read.err
    assert read.lines()[0]["id"] == "f1"
    assert read.lines()[0]["mentions"][0]["place"] == "Gao"


@pytest.mark.parametrize(
    "address", ["ftp://example.org/a", "http://", "http://[::1", "http://user:pass@127.0.0.1:1/"]
)
def test_what_is_no_address_is_a_problem(address: str, tarikh: Tarikh, tmp_path: Path) -> None:
    bad, told = beside_a_good_one(tarikh, tmp_path, address)
    assert bad["problem"]["stage"] == "sources"
    assert "pass@" not in told


# ---- hostile texts -----------------------------------------------------------------------------------------

CODED = {
    "NUL characters": TOLD.replace(" on", "\0 on"),
    "half surrogates": TOLD.replace(" on", " \ud83d on"),
    "emoji": f"💥 {TOLD} 🇲🇱😢",
    "no-break spaces": TOLD.replace(" ", "\u00a0"),
    "right to left inside": TOLD.replace("in Gao", "in غاو (Gao)"),
    "line separators": TOLD.replace("Gao,", "Gao,\u2028"),
    "tabs": TOLD.replace(" ", "\t"),
    "capitals": TOLD.upper(),
    "entities": TOLD.replace(" on Monday", " &amp; Kidal on Monday"),
    "a paragraph in tags": f"<p>{TOLD}</p><script>alert(1)</script>",
    "a word of 100,000 letters after it": f"{TOLD} {'a' * 100_000}",
    "10,000 line breaks after it": TOLD + "\n" * 10_000,
}


@pytest.mark.parametrize("text", CODED.values(), ids=CODED)
def test_odd_characters_hide_no_event_and_shift_no_span(text: str, tarikh: Tarikh) -> None:
    done = tarikh("code", "-", stdin=json.dumps(line(text=text)).encode())
    assert done.code == 0
    (mention,) = done.lines()[0]["mentions"]
    assert mention["kind"] == "attack_on_civilians"
    assert mention["harm"]["killed"] == [3, 3, 3]
    (place,) = mention["spans"]["place"]
    assert text[place["start"] : place["end"]].casefold() == mention["words"]["place"].casefold() == "gao"


NOTHING = {
    "only punctuation": "?! ... --- ,,, ;;; () «» “”",
    "Arabic that is labeled English": "قتل ثلاثة أشخاص في هجوم مسلح على قرية قرب غاو في مالي يوم الاثنين.",
    "only a zero-width space": "\u200b",
    "only NUL": "\0\0\0",
    "only digits": "1234567890 " * 500,
    "one letter": "x",
    "brackets": "(" * 20_000 + ")" * 20_000,
    "quotes": "\"'“”" * 10_000,
    "combining marks": "e" + "\u0301" * 20_000,
    "repeated words": "killed and " * 8_000,
    "a word of 190,000 letters": "killed" * 31_000,
}


@pytest.mark.parametrize("text", NOTHING.values(), ids=NOTHING)
def test_texts_of_nothing_give_nothing_and_soon(text: str, tarikh: Tarikh) -> None:
    began = time.monotonic()
    done = tarikh("code", "-", stdin=json.dumps(line(text=text)).encode())
    assert time.monotonic() - began < 10
    (found,) = done.lines()
    assert found["mentions"] == []


def test_absurd_numbers_are_no_counts(tarikh: Tarikh) -> None:
    rows = [
        line(id=n, text=TOLD.replace("three", given)) for n, given in enumerate(("-3", "9" * 30, "1e9", "٣"))
    ]
    done = tarikh("code", "-", stdin="\n".join(map(json.dumps, rows)).encode())
    for found in done.lines():
        for mention in found["mentions"]:
            for count in mention["harm"].values():
                assert all(number is None or 0 <= number < 10**10 for number in count)


def test_a_text_at_the_limit_is_coded_and_one_above_is_not(tarikh: Tarikh) -> None:
    filler = "The market was calm. "
    fits = TOLD + " " + filler * 9_000
    fits += "x" * (200_000 - len(fits))
    rows = [line(id="fits", text=fits), line(id="over", text=fits + "x")]
    fit, over = tarikh("code", "-", stdin="\n".join(map(json.dumps, rows)).encode()).lines()
    assert len(fit["mentions"]) == 1
    assert "200,001 characters" in over["problem"]["reason"]


def test_ten_thousand_short_lines(tarikh: Tarikh, tmp_path: Path) -> None:
    rows = [{"id": n, "language": "en", "text": f"Price of bread: {n}."} for n in range(10_000)]
    rows[5_000] |= {"text": TOLD}
    began = time.monotonic()
    done = tarikh("code", json_lines(tmp_path / "in.jsonl", rows))
    assert time.monotonic() - began < 30
    assert done.code == 0
    lines = done.lines()
    assert [found["id"] for found in lines] == [str(n) for n in range(10_000)]
    assert [n for n, found in enumerate(lines) if found["mentions"]] == [5_000]


@pytest.mark.parametrize(
    ("given", "called"),
    [
        (17, "17"),
        (0, "0"),
        (-1, "-1"),
        (10**30, str(10**30)),
        (1.5, "line-1"),
        (True, "line-1"),
        (["a"], "line-1"),
        ({}, "line-1"),
        ("  ", "line-1"),
        ("a\0b", "a\0b"),
        ("x\ud800", "x\ufffd"),
        ("é" * 5000, "é" * 5000),
        ("'; DROP TABLE report; --", "'; DROP TABLE report; --"),
    ],
)
def test_ids_of_every_kind(given: object, called: str, tarikh: Tarikh, tmp_path: Path) -> None:
    data = json.dumps(line(id=given, text=TOLD)).encode()
    assert [found["id"] for found in tarikh("code", "-", stdin=data).lines()] == [called]
    assert tarikh("add", "-", "--db", "t.db", stdin=data).code == 0
    with open_store(tmp_path / "t.db") as store:
        assert [report.given_id for report in store.reports()] == [called]


def test_hostile_texts_are_kept_shown_and_exported(tarikh: Tarikh, tmp_path: Path) -> None:
    rows = [line(id=name, text=text, source=f"s\0{name}", title="<b>\ud800") for name, text in CODED.items()]
    assert tarikh("add", "-", "--db", "t.db", stdin="\n".join(map(json.dumps, rows)).encode()).code == 0
    found = tarikh("list", "--db", "t.db", "--json").json()
    assert sum(len(incident["members"]) for incident in found) == len(CODED)
    for incident in found:
        assert tarikh("show", incident["id"], "--db", "t.db").code == 0
    for level in ("public", "partner", "full"):
        for name in ("o.csv", "o.geojson", "o.jsonl", "o.parquet", "o.html"):
            assert tarikh("export", name, "--db", "t.db", "--disclosure", level).code == 0
        assert "<script>alert(1)" not in (tmp_path / "o.html").read_text(encoding="utf-8")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.one_of(st.binary(max_size=60), st.text(max_size=60).map(str.encode)), min_size=1, max_size=5)
)
def test_random_lines_never_raise_and_none_is_lost(tarikh: Tarikh, raw: list[bytes]) -> None:
    data = b"\n".join(part.replace(b"\n", b" ") for part in [json.dumps(GOOD).encode(), *raw])
    done = tarikh("code", "-", "--form", "jsonl", stdin=data)
    whole = [n for n, part in enumerate(data.split(b"\n"), 1) if part.strip(b" \t\r\n")]
    assert [found.get("line", 1) for found in done.lines()] == whole
    assert done.lines()[0]["id"] == "c1"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(max_size=40),
    st.text(max_size=40),
    st.one_of(st.none(), st.text(max_size=12), st.dates().map(str)),
    st.sampled_from([" ", "\n", "\n\n", "\t", ". "]),
)
def test_spans_fit_whatever_stands_around_the_event(
    tarikh: Tarikh, before: str, after: str, published: str | None, between: str
) -> None:
    text = f"{before}{between}{TOLD}{between}{after}"
    row = {"id": "r", "language": "en", "published": published, "title": after, "text": text}
    (found,) = tarikh("code", "-", stdin=json.dumps(row).encode()).lines()
    for mention in found["mentions"]:
        for field, spans in mention["spans"].items():
            for span in spans:
                part = after if span["in"] == "title" else text
                assert 0 <= span["start"] < span["end"] <= len(part)
                words = mention["words"][field.removeprefix("harm.")]
                assert field == "trigger" or part[span["start"] : span["end"]] in words
