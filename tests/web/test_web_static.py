"""What browsers are given: the libraries are those that were pinned, and our own scripts put text in only as text."""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path

import pytest

from tarikh.web import pages
from tarikh.web.pages import STATIC, static_version

VENDOR = STATIC / "vendor"
OWN = sorted(path for path in STATIC.iterdir() if path.suffix in (".js", ".css", ".svg"))


@pytest.mark.parametrize("folder", [VENDOR, Path(__file__).parent / "vendor"], ids=["package", "tests"])
def test_vendored_files_are_those_that_were_fetched(folder: Path) -> None:
    sums = dict(
        reversed(line.split("  ", 1))  # type: ignore[arg-type]
        for line in (folder / "SHA256SUMS").read_text(encoding="ascii").splitlines()
    )
    files = {path.name for path in folder.iterdir()} - {"SHA256SUMS"}
    assert set(sums) == files
    for name, digest in sums.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name


def test_every_library_has_its_license_and_is_named_in_the_notice() -> None:
    notice = (Path(__file__).parents[2] / "NOTICE").read_text(encoding="utf-8").lower()
    for path in VENDOR.glob("LICENSE-*.txt"):
        assert path.stem.removeprefix("LICENSE-").split("-")[0] in notice
    assert len(list(VENDOR.glob("LICENSE-*.txt"))) == 3


@pytest.mark.parametrize("path", OWN, ids=lambda p: p.name)
def test_own_files_are_short_put_in_no_markup_and_name_no_server(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 500
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|@import", text
    )
    assert set(re.findall(r"https?://[^\s\"']+", text)) <= {"http://www.w3.org/2000/svg"}


def test_the_version_follows_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = static_version()
    shutil.copytree(STATIC, tmp_path / "static")
    monkeypatch.setattr(pages, "STATIC", tmp_path / "static")
    assert static_version() == before
    (tmp_path / "static" / "app.css").write_bytes(b"x")
    assert static_version() != before
    assert re.fullmatch(r"[0-9a-f]{12}", static_version())
