"""Sources: files, folders, tables, JSON and gzip into documents; every failure into a problem that says where and what to do."""

from __future__ import annotations

import gzip
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources_sample import ATOM, PAGE, TEXT, items, one, problem
from tarikh.errors import UsageError
from tarikh.model import Document, Problem
from tarikh.settings import Settings
from tarikh.sources import FORMS, READERS, ReadOptions, opening, plain, read


def of_path(path: Path, **options: Any) -> list[Document | Problem]:
    return list(read(path, ReadOptions(**options)))


# ---- options -----------------------------------------------------------------------------------------------


def test_every_form_has_a_reader() -> None:
    assert tuple(READERS) == FORMS


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (ReadOptions(format="docx"), "jsonl"),
        (ReadOptions(columns={"headline": "title"}), "published"),
        (ReadOptions(encoding="utf-99"), "cp1252"),
        (ReadOptions(encoding="base64"), "cp1252"),
    ],
)
def test_wrong_options_are_refused_before_anything_is_read(options: ReadOptions, word: str) -> None:
    with pytest.raises(UsageError, match=word):
        read("missing.txt", options)


def test_standard_input_must_be_open() -> None:
    with pytest.raises(UsageError):
        read("-", ReadOptions())


# ---- plain text --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "title", "rest"),
    [
        (f"Raid on a village\n\n{TEXT}\n", "Raid on a village", f"{TEXT}\n"),
        (f"\nWho burned the market?\r\n \r\n{TEXT}", "Who burned the market?", TEXT),
        (f"{TEXT}\n\nMore.", None, f"{TEXT}\n\nMore."),
        (f"Raid on a village\n{TEXT}", None, f"Raid on a village\n{TEXT}"),
        ("Raid on a village\n\n \n", None, "Raid on a village\n\n \n"),
        ("x" * 300 + "\n\nText", None, "x" * 300 + "\n\nText"),
        ("", None, ""),
    ],
)
def test_title_of_plain_text(text: str, title: str | None, rest: str) -> None:
    assert plain.titled(text) == (title, rest)


def test_standard_input_is_text_unless_it_begins_with_a_brace() -> None:
    assert one(TEXT).text == TEXT
    assert one(' \n{"text": "a"}').text == "a"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_byte_order_marks_are_obeyed_and_no_part_of_the_text(encoding: str) -> None:
    assert one("Ménaka: calm".encode(encoding), "text").text == "Ménaka: calm"


def test_wrong_encoding_names_the_byte_and_the_option() -> None:
    found = problem("Attack near Ménaka".encode("cp1252"))
    assert "0xe9 at offset 13" in found.reason
    assert "--encoding" in found.reason
    assert one("Attack near Ménaka".encode("cp1252"), encoding="cp1252").text == "Attack near Ménaka"


def test_utf16_without_mark_is_recognized_as_such() -> None:
    assert "utf-16-le" in problem(TEXT.encode("utf-16-le"), "text").reason
    assert one(TEXT.encode("utf-16-le"), encoding="utf-16-le").text == TEXT


def test_a_text_of_fifty_megabytes_comes_through_and_a_limit_stops_it(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_bytes(b"word " * 10_000_000)
    (found,) = of_path(path)
    assert isinstance(found, Document)
    assert len(found.text) == 50_000_000
    (limited,) = of_path(path, settings=Settings(max_file_bytes=1000))
    assert isinstance(limited, Problem)
    assert "1,000" in limited.reason


# ---- JSON --------------------------------------------------------------------------------------------------


def test_json_lines() -> None:
    lines = [
        {
            "id": 7,
            "title": "T",
            "text": "a",
            "published": "2025-01-02",
            "source": "S",
            "language": "en",
            "url": "U",
            "x": [1],
        },
        {"text": "b", "title": None},
    ]
    first, second = items("\ufeff" + "\n\n".join(json.dumps(line) for line in lines))
    assert first == Document("-:1", "a", 1, "7", "T", "2025-01-02", "S", "en", "U")
    assert second == Document("-:3", "b", 3)


@pytest.mark.parametrize(
    ("line", "words", "given_id"),
    [
        ('{"id": "k1", "title": "T", "text": "cut of', "cut off", "k1"),
        ('{"id": 12, "text": "a"', "cut off", "12"),
        ('{"id": "k\\u00e91", "text": "a" "b": 1}', "character", "ké1"),
        ('{"text": "no id', "cut off", None),
        ("[1, 2]", "a list, not a JSON object", None),
        ('"text"', "a string, not", None),
        ("null", "null, not", None),
        ("text", "is not JSON", None),
        ('{"id": "k2", "text": ["a"]}', "'text' is a list", "k2"),
        ('{"id": "k3", "text": "a", "source": 20250101}', "'source' is a number", "k3"),
        ('{"id": {"a": 1}, "text": "a", "title": true}', "'title' is true or false", None),
        ('{"id": "k4", "body": "a"}', "--map text=NAME", "k4"),
        ('{"text": ' + "[" * 100_000, "nested", None),
        ('{"text": "a", "n": ' + "1" * 5000 + "}", "JSON", None),
    ],
)
def test_a_bad_line_is_a_problem_with_its_line_and_id_and_the_others_go_on(
    line: str, words: str, given_id: str | None
) -> None:
    before, bad, after = items(f'{{"text": "a"}}\n{line}\n{{"text": "z"}}\n', "jsonl")
    assert isinstance(bad, Problem)
    assert words in bad.reason
    assert (bad.line, bad.origin, bad.report_id) == (2, "-:2", given_id)
    assert [getattr(d, "text", None) for d in (before, after)] == ["a", "z"]


def test_an_undecodable_line_costs_that_line_only() -> None:
    bad, good = items(b'{"id": "k1", "text": "M\xe9naka"}\n{"text": "z"}', "jsonl")
    assert isinstance(bad, Problem)
    assert (bad.report_id, bad.line) == ("k1", 1)
    assert "0xe9" in bad.reason
    assert isinstance(good, Document)


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252", "utf-16-be"])
def test_json_lines_in_other_encodings(encoding: str) -> None:
    data = '{"text": "Ménaka"}\n{"text": "Gao"}\n'.encode(encoding)
    found = items(data, "jsonl", encoding=None if encoding == "utf-16" else encoding)
    assert [d.text for d in found if isinstance(d, Document)] == ["Ménaka", "Gao"]


def test_a_line_over_the_limit_is_left_out_and_reading_goes_on() -> None:
    data = '{"text": "a"}\n{"text": "' + "b" * 300_000 + '"}\n{"text": "c"}'
    first, long, last = items(data, max_line_bytes=1000)
    assert isinstance(long, Problem)
    assert (long.line, "1,000" in long.reason) == (2, True)
    assert [getattr(d, "text", None) for d in (first, last)] == ["a", "c"]


def test_lines_are_streamed() -> None:
    class Endless(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            line = b'{"text": "a"}\n'
            buffer[: len(line)] = line
            return len(line)

    stream: Any = Endless()
    found = read("-", ReadOptions(), stream)
    assert [next(found) for _ in range(3)][2] == Document("-:3", "a", 3)


def test_lone_surrogates_become_replacement_characters_one_for_one() -> None:
    found = one('{"id": "\\ud800", "text": "a\\udfffb \\ud83d\\ude00"}')
    assert (found.id, found.text) == ("\ufffd", "a\ufffdb 😀")


def test_a_mapped_key_that_no_line_has_is_told() -> None:
    first, told = items('{"body": "a", "head": "T"}', columns={"text": "body", "title": "headline"})
    assert isinstance(first, Document)
    assert isinstance(told, Problem)
    assert "'headline'" in told.reason
    assert "body, head" in told.reason


def test_json_arrays() -> None:
    first, bad, last = items('[{"text": "a", "id": "x"},\n "b", {"text": "c"}]', "json")
    assert first == Document("-: item 1", "a", id="x")
    assert isinstance(bad, Problem)
    assert last == Document("-: item 3", "c")
    assert items("[]", "json") == []


def test_a_cut_array_gives_what_is_before_the_cut() -> None:
    first, cut = items('[{"text": "a"},\n{"text": "b', "json")
    assert isinstance(first, Document)
    assert isinstance(cut, Problem)
    assert "item 2 (line 2) is cut off" in cut.reason


def test_a_json_file_may_hold_one_object_or_lines() -> None:
    assert one('{\n "text": "a"\n}', "json").text == "a"
    assert len(items('{"text": "a"}\n{"text": "b"}\n', "json")) == 2


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_break_a_reader(data: bytes) -> None:
    for form in ("text", "jsonl", "json", "csv", "tsv", None):
        for item in items(data, form):
            assert isinstance(item, Document | Problem)


# ---- tables ------------------------------------------------------------------------------------------------


def test_csv_with_quotes_and_line_breaks() -> None:
    table = 'id,Title,text,extra\n1,T,"a, ""b""\nc",x\n\n2,,d,\n'
    assert items(table, "csv") == [Document("-:2", 'a, "b"\nc', 2, "1", "T"), Document("-:5", "d", 5, "2")]


def test_tsv_and_semicolons() -> None:
    assert one("title\ttext\nT\ta, b; c\n", "tsv") == Document("-:2", "a, b; c", 2, title="T")
    assert one("title;text\nT;a, b\n", "csv") == Document("-:2", "a, b", 2, title="T")


def test_mapped_columns() -> None:
    mapping = {"title": "headline", "text": "Body"}
    assert one("headline,Body\nT,a\n", "csv", columns=mapping) == Document("-:2", "a", 2, title="T")
    with pytest.raises(UsageError, match=r"headline.*kopf, Body"):
        items("kopf,Body\nT,a\n", "csv", columns=mapping)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("", "empty"),
        ("\n", "empty"),
        ("headline,body\nT,a\n", "--map text=COLUMN"),
        ("{}\n", "--map text=COLUMN"),
    ],
)
def test_tables_without_a_text_column(table: str, words: str) -> None:
    assert words in problem(table, "csv").reason


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (b"7,a,b,c", "4 cells under 2 columns"),
        (b"7,M\xe9naka", "--encoding"),
        (b"7," + b"x" * 5000, "longer than"),
    ],
)
def test_a_bad_row_is_a_problem_and_the_others_go_on(row: bytes, words: str) -> None:
    found = items(b"id,text\n1,a\n" + row + b"\n3,c\n", "csv", max_line_bytes=1000)
    bad = found.pop(1)
    assert isinstance(bad, Problem)
    assert words in bad.reason
    assert bad.line == 3
    assert [d.text for d in found if isinstance(d, Document)] == ["a", "c"]


def test_a_quote_that_is_never_closed_swallows_nothing_in_silence() -> None:
    first, bad = items('id,text\n1,a\n2,"b\n3,c\n4,d\n', "csv")
    assert isinstance(first, Document)
    assert isinstance(bad, Problem)
    assert "never closed" in bad.reason
    assert bad.line == 3


def test_csv_in_utf16() -> None:
    assert one("id,text\n1,Ménaka\n".encode("utf-16"), "csv").text == "Ménaka"


# ---- gzip --------------------------------------------------------------------------------------------------


def test_gzip_is_unpacked_and_its_inner_suffix_counts(tmp_path: Path) -> None:
    path = tmp_path / "news.csv.gz"
    path.write_bytes(gzip.compress(b"id,text\n1,a\n") + gzip.compress(b"2,b\n") + b"\0" * 100)
    assert [d.text for d in of_path(path) if isinstance(d, Document)] == ["a", "b"]


def test_gzip_that_is_cut_off_gives_what_is_before_the_cut() -> None:
    noise = "".join(json.dumps({"text": os.urandom(40).hex()}) + "\n" for _ in range(3000))
    *before, cut = items(gzip.compress(noise.encode())[:-5000], "jsonl")
    assert len(before) > 1000
    assert isinstance(cut, Problem)
    assert "gzip data are cut off" in cut.reason


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (gzip.compress(b"a" * 30_000_000), "200:1"),
        (gzip.compress(gzip.compress(TEXT.encode())), "twice"),
        (b"\x1f\x8b" + b"x" * 50, "damaged"),
        (gzip.compress(os.urandom(5000)), "limit of 1,000"),
    ],
    ids=["bomb", "nested", "damaged", "large"],
)
def test_gzip_that_cannot_be_trusted(data: bytes, words: str) -> None:
    limit = 1000 if "1,000" in words else 10**9
    assert words in problem(data, "text", max_unpacked_bytes=limit).reason


# ---- files and folders -------------------------------------------------------------------------------------


def test_a_folder_is_read_in_order_without_hidden_files(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / ".git").mkdir()
    for name, content in {
        "b/2.txt": "second", "a.txt": "first", ".hidden.txt": "no", ".git/x.txt": "no", "c.docx": "PK\x03\x04", "d.log": "log",
        "e": '{"text": "last"}',
    }.items():  # fmt: skip
        (tmp_path / name).write_text(content)
    (tmp_path / "f.txt").symlink_to(tmp_path / "gone")
    (tmp_path / "loop").symlink_to(tmp_path)
    found = of_path(tmp_path)
    assert [d.text for d in found if isinstance(d, Document)] == ["first", "last", "second"]
    reasons = {Path(p.origin or "").name: p.reason for p in found if isinstance(p, Problem)}
    assert sorted(reasons) == ["c.docx", "d.log", "f.txt", "loop"]
    assert "office document" in reasons["c.docx"]
    assert ".log" in reasons["d.log"]
    assert "not there" in reasons["f.txt"]


def test_a_pipe_in_a_folder_does_not_stop_the_run(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (found,) = of_path(tmp_path)
    assert isinstance(found, Problem)
    assert "pipe" in found.reason


@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        ("news", b'{"text": "a"}', "a"),
        ("news.dat", b'[{"text": "a"}]', "a"),
        ("news.log", b"a", "a"),
        ("news.JSONL", b'{"text": "a"}', "a"),
        ("news.page", PAGE.format(charset="utf-8").encode(), "residents"),
        ("news.rss", ATOM.encode(), "Gunmen"),
        ("news.data", ATOM.encode("utf-16"), "Gunmen"),
    ],
)
def test_the_form_is_guessed(tmp_path: Path, name: str, data: bytes, text: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    (found,) = of_path(path)
    assert isinstance(found, Document), found
    assert text in found.text


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [("a.txt", b"%PDF-1.7", "PDF"), ("a", b"\x00\x01\x02", "no text"), ("a.bin", b"\x89PNG\r\n", "PNG")],
)
def test_types_that_cannot_be_read_are_named(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    (found,) = of_path(path)
    assert isinstance(found, Problem)
    assert words in found.reason


def test_missing_and_unreadable_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (missing,) = read(str(tmp_path / "no.txt"))
    assert isinstance(missing, Problem)
    assert "not there" in missing.reason
    for odd in ("a\0b.txt", "x" * 5000):
        assert isinstance(next(read(odd)), Problem)
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "b.txt").write_text("b")
    real = Path.open

    def closed(self: Path, *args: Any, **kwargs: Any) -> Any:
        if self.name == "a.txt":
            raise PermissionError(13, "Permission denied")
        return real(self, *args, **kwargs)

    monkeypatch.setattr(Path, "open", closed)
    unreadable, good = of_path(tmp_path)
    assert isinstance(unreadable, Problem)
    assert "permissions" in unreadable.reason
    assert isinstance(good, Document)


def test_an_empty_folder_says_so(tmp_path: Path) -> None:
    (found,) = of_path(tmp_path)
    assert isinstance(found, Problem)
    assert "no files" in found.reason


def test_a_name_that_is_no_text_can_still_be_printed(tmp_path: Path) -> None:
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.txt"))).write_text("a")
    (found,) = of_path(tmp_path)
    assert "\ufffd" in (found.origin or "").encode("utf-8").decode("utf-8")


def test_a_reader_that_fails_in_the_middle_keeps_what_came_before() -> None:
    class Failing(io.RawIOBase):
        given = False

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            if self.given:
                raise OSError(5, "Input/output error")
            self.given = True
            buffer[:14] = b'{"text": "a"}\n'
            return 14

    stream: Any = Failing()
    first, failed = read("-", ReadOptions(format="jsonl"), stream)
    assert isinstance(first, Document)
    assert isinstance(failed, Problem)
    assert "Input/output error" in failed.reason


def test_lines_keep_their_numbers() -> None:
    opened = opening.Opened(opening.buffered(io.BytesIO(b"a\n\nb")), "-", ReadOptions())
    assert list(opening.lines(opened)) == [(1, b"a\n"), (2, b"\n"), (3, b"b")]
