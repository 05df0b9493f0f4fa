"""The wheel holds all that the program needs, and nothing else: built as an installer would, and served without a network."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "tarikh"
NEEDED = (
    "tarikh/web/templates/base.html",
    "tarikh/web/templates/parts/results.html",
    "tarikh/web/static/app.css",
    "tarikh/web/static/app.js",
    "tarikh/web/static/vendor/maplibre-gl.mjs",
    "tarikh/web/static/vendor/LICENSE-htmx.txt",
    "tarikh/data/interface/fr.yaml",
    "tarikh/data/disclosure/policy.yaml",
    "tarikh/data/basemap.json",
    "tarikh/data/passwords.txt",
    "tarikh/py.typed",
)
SERVE = """
import json, socket, sys
if sys.argv[3] == 'guarded':
    def refused(*_):
        raise OSError('the network is unplugged')
    socket.getaddrinfo = socket.socket.connect = refused
import tarikh
from pathlib import Path
from starlette.testclient import TestClient
from tarikh.web.app import create_app
app = create_app(Path(sys.argv[1]))
client = TestClient(app, 'http://localhost')
pages = ['/', '/map.json', f'/static/{app.state.static_version}/app.js', f'/static/{app.state.static_version}/outlines.json']
pages += ['/incidents/' + i.id for i in app.state.store.incidents()]
print(json.dumps([tarikh.__file__, [client.get(page).status_code for page in pages]]))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built offline by the pinned builder."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=300)
    (built,) = folder.glob("*.whl")
    return built


def test_every_file_of_the_package_is_in_the_wheel(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    files = {
        f"tarikh/{path.relative_to(SOURCE).as_posix()}"
        for path in SOURCE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert set(NEEDED) <= files
    assert sorted(files - names) == []


def test_nothing_else_is_in_the_wheel(wheel: Path) -> None:
    for name in zipfile.ZipFile(wheel).namelist():
        assert re.match(r"tarikh/|tarikh-[\d.]+\.dist-info/", name), name
        assert not re.search(r"axe|__pycache__|\.db$|/\.", name), name


@pytest.mark.skipif(sys.platform == "win32", reason="needs a Unix-like system")
def test_an_installed_wheel_serves_its_pages_with_the_network_unplugged(
    wheel: Path, chronicle: Path, tmp_path: Path
) -> None:
    """Where the system allows it in a namespace without a network, else with a guard that lets nothing out."""
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(site)
    database = tmp_path / "tarikh.db"
    with sqlite3.connect(chronicle) as kept, sqlite3.connect(database) as copied:
        kept.backup(copied)
    unplug = ["unshare", "-rn"]
    apart = shutil.which("unshare") and not subprocess.run([*unplug, "true"], capture_output=True).returncode
    command = [sys.executable, "-c", SERVE, str(database), "x", "apart" if apart else "guarded"]
    environment = {**os.environ, "PYTHONPATH": str(site), "TARIKH_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [*unplug, *command] if apart else command,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode()
    place, statuses = json.loads(done.stdout)
    assert Path(place).is_relative_to(site)
    assert len(statuses) > 5
    assert set(statuses) == {200}
