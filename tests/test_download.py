"""Large files from the network: going on, checking, and what a server may do wrong."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from conftest import Tarikh
from gazetteer_sample import DUMP, Packages
from tarikh.errors import SourceError
from tarikh.gazetteer import building
from tarikh.sources import download
from tarikh.sources.download import Terms, fetch

DATA = bytes(range(256)) * 1200
HERE = Terms(secure=False, private=True, wait=0.0)


class _Server(BaseHTTPRequestHandler):
    """Serves one file with ranges; `faults` are what it does wrong, one a request."""

    data: ClassVar[bytes] = DATA
    mark: ClassVar[str] = '"1"'
    faults: ClassVar[list[str]] = []
    seen: ClassVar[list[str]] = []
    more: ClassVar[dict[str, str]] = {}

    def do_GET(self) -> None:
        self.seen.append(self.headers.get("Range", "whole"))
        fault = self.faults.pop(0) if self.faults else ""
        if fault.isdecimal():
            self._head(int(fault), {"Content-Length": "0"})
        elif fault.startswith("to "):
            self._head(302, {"Location": fault[3:], "Content-Length": "0"})
        else:
            self._file(fault)

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _file(self, fault: str) -> None:
        wanted = self.headers.get("Range")
        fresh = wanted is None or self.headers.get("If-Range") != self.mark
        start = 0 if fresh or wanted is None else int(wanted.removeprefix("bytes=").rstrip("-"))
        body = self.data[start:]
        headers = {
            "ETag": self.mark,
            "Content-Length": str(len(body)),
            "Content-Type": "application/zip",
            **self.more,
        }
        if not fresh:
            headers["Content-Range"] = f"bytes {start}-{len(self.data) - 1}/{len(self.data)}"
        if fault == "page":
            headers["Content-Type"] = "text/html; charset=utf-8"
        if fault == "shifted":
            headers["Content-Range"] = f"bytes 1-{len(self.data)}/{len(self.data)}"
        if fault == "other mark":
            headers["ETag"] = '"2"'
        if fault == "other length":
            headers["Content-Range"] = f"bytes {start}-{len(self.data) - 1}/{len(self.data) + 9}"
        self._head(200 if fresh else 206, headers)
        self.wfile.write(body[:100_000] if fault == "cut" else body[:20] if fault == "short" else body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    """The address of the file."""
    _Server.data, _Server.mark, _Server.faults, _Server.seen, _Server.more = DATA, '"1"', [], [], {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Server)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/ML.zip"
    server.shutdown()
    server.server_close()


def whole(folder: Path, done: download.Fetched) -> None:
    assert done.path.read_bytes() == _Server.data
    assert done.sha256 == hashlib.sha256(_Server.data).hexdigest()
    assert sorted(p.name for p in folder.iterdir()) == [".ML.zip.lock", "ML.zip"]


def test_a_file_comes_whole_with_its_hash(address: str, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    done = fetch(address, tmp_path / "ML.zip", HERE, lambda *n: told.append(n))
    whole(tmp_path, done)
    assert (done.size, done.checked) == (len(DATA), False)
    assert told[-1] == (len(DATA), len(DATA))


def test_a_cut_connection_is_gone_on_with_at_once(address: str, tmp_path: Path) -> None:
    _Server.faults = ["cut", "503", "cut"]
    whole(tmp_path, fetch(address, tmp_path / "ML.zip", HERE))
    assert _Server.seen == ["whole", "bytes=100000-", "bytes=100000-", "bytes=200000-"]


def test_a_later_command_goes_on_where_the_first_gave_up(address: str, tmp_path: Path) -> None:
    _Server.faults = ["cut", *["503"] * 5]
    with pytest.raises(SourceError, match="type the command again later, and it goes on from there"):
        fetch(address, tmp_path / "ML.zip", HERE)
    assert not (tmp_path / "ML.zip").exists()
    whole(tmp_path, fetch(address, tmp_path / "ML.zip", HERE))
    assert _Server.seen[-1] == "bytes=100000-"


@pytest.mark.parametrize("mark", ["", '"1"'])
def test_nothing_is_said_to_be_kept_where_nothing_is(mark: str, address: str, tmp_path: Path) -> None:
    # Without a mark a part cannot be told from the part of another file.
    _Server.mark, _Server.faults = mark, ["503"] * 5 if mark else ["cut", *["503"] * 5]
    with pytest.raises(SourceError, match="nothing of it is kept: check the network") as failed:
        fetch(address, tmp_path / "ML.zip", HERE)
    assert "goes on" not in str(failed.value)
    assert sorted(p.name for p in tmp_path.iterdir()) == [".ML.zip.lock"]


def test_a_file_that_changed_meanwhile_is_fetched_anew(address: str, tmp_path: Path) -> None:
    _Server.faults = ["cut", *["503"] * 5]
    with pytest.raises(SourceError):
        fetch(address, tmp_path / "ML.zip", HERE)
    _Server.data, _Server.mark = DATA[::-1], '"2"'
    whole(tmp_path, fetch(address, tmp_path / "ML.zip", HERE))


@pytest.mark.parametrize("fault", ["other mark", "other length"])
def test_the_end_of_another_file_is_not_put_behind_the_old_part(
    fault: str, address: str, tmp_path: Path
) -> None:
    _Server.faults = ["cut", fault]
    whole(tmp_path, fetch(address, tmp_path / "ML.zip", HERE))
    assert _Server.seen == ["whole", "bytes=100000-", "whole"]


@pytest.mark.parametrize("fault", ["416", "shifted"])
def test_a_wrong_part_is_thrown_away(fault: str, address: str, tmp_path: Path) -> None:
    _Server.faults = ["cut", fault]
    whole(tmp_path, fetch(address, tmp_path / "ML.zip", HERE))


def test_checksums_of_the_server_are_compared(address: str, tmp_path: Path) -> None:
    _Server.more = {"Content-MD5": base64.b64encode(hashlib.md5(DATA).digest()).decode()}
    assert fetch(address, tmp_path / "ML.zip", HERE).checked
    _Server.more = {"Repr-Digest": f"sha-256=:{base64.b64encode(hashlib.sha256(b'x').digest()).decode()}:"}
    with pytest.raises(SourceError, match="sha256 of what came is not the one that the server gives"):
        fetch(address, tmp_path / "other.zip", HERE)
    assert not (tmp_path / "other.zip").exists()


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        (["404"], "answered 404; check the name"),
        (["page"], "web page, not a file"),
        (["to ftp://example.org/ML.zip"], "leads to ftp"),
        (["to http://user:secret@127.0.0.1/ML.zip"], "user name or password"),
        (["to /ML.zip"] * 9, "more than 5 redirects"),
        (["to http://10.0.0.1/ML.zip"], "no public address"),
    ],
)
def test_what_is_refused(faults: list[str], said: str, address: str, tmp_path: Path) -> None:
    _Server.faults = faults
    with pytest.raises(SourceError, match=said) as refused:
        fetch(address, tmp_path / "ML.zip", HERE)
    assert "secret" not in str(refused.value)
    assert not (tmp_path / "ML.zip").exists()


def test_only_https_and_public_hosts(address: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="only https is used"):
        fetch(address, tmp_path / "ML.zip", Terms(private=True))
    with pytest.raises(SourceError, match="no public address"):
        fetch(address, tmp_path / "ML.zip", Terms(secure=False))
    assert _Server.seen == []


def test_two_processes_do_not_write_one_file(address: str, tmp_path: Path) -> None:
    with (
        download._alone(tmp_path / "ML.zip"),
        pytest.raises(SourceError, match="another process is fetching"),
    ):
        fetch(address, tmp_path / "ML.zip", HERE)


def test_add_fetches_dumps_and_builds(
    address: str, tarikh: Tarikh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io
    import zipfile

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("ML.txt", DUMP)
    _Server.data = packed.getvalue()
    monkeypatch.setattr(building, "Packaged", Packages)
    monkeypatch.setattr(download, "Terms", lambda: HERE)
    monkeypatch.setenv("TARIKH_GEONAMES", address.rsplit("/", 1)[0])
    where = ("--gazetteer", tmp_path / "g.sqlite")
    done = tarikh("gazetteer", "add", "Mali", *where)
    assert done.code == 0, done.err
    assert hashlib.sha256(_Server.data).hexdigest() in done.err
    (source,) = tarikh("gazetteer", "list", "--json", *where).json()
    assert (source["name"], source["origin"]) == ("ML.zip", address)
    assert tarikh("gazetteer", "find", "Boulkessi", *where).code == 0
    _Server.faults = ["404"]
    missing = tarikh("gazetteer", "add", "NER", *where)
    assert (missing.code, missing.out) == (1, "")
    assert "NE.zip answered 404" in missing.sentence()
    assert json.loads(tarikh("gazetteer", "info", "--json", *where).out)["full_countries"] == ["MLI"]


def test_files_on_this_machine_are_looked_at_before_anything_is_fetched(
    address: str, tarikh: Tarikh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "Terms", lambda: HERE)
    monkeypatch.setenv("TARIKH_GEONAMES", address.rsplit("/", 1)[0])
    page, index = tmp_path / "page.txt", tmp_path / "g.sqlite"
    page.write_text("<html></html>")
    waiting = tmp_path / "g.sqlite.sources" / "incoming" / "ML.zip"
    waiting.parent.mkdir(parents=True)
    waiting.write_bytes(DATA)
    done = tarikh("gazetteer", "add", "ML", "NE", "--file", page, "--gazetteer", index)
    assert done.code == 1
    assert "page.txt is a web page" in done.sentence()
    assert _Server.seen == []
    assert waiting.read_bytes() == DATA
