"""The notebook of the documentation runs as it stands, and holds no output.

Invariant: nothing of the user's home is read or written: kernel, settings and database are in the test's own folder.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
NOTEBOOK = ROOT / "docs" / "notebook.ipynb"


def _script() -> Any:
    spec = importlib.util.spec_from_file_location("write_notebook", ROOT / "scripts" / "write_notebook.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_is_what_its_script_writes(capsys: pytest.CaptureFixture[str]) -> None:
    assert _script().main(["--check"]) == 0, capsys.readouterr().err


def test_it_holds_no_output_and_is_a_notebook() -> None:
    read = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(read)
    for cell in read.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


@pytest.fixture
def kernel(tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A kernel of this very Python, in a folder of the test's own."""
    spec = tmp_path / "jupyter" / "kernels" / "of-the-test"
    spec.mkdir(parents=True)
    told = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "of the test",
        "language": "python",
    }
    (spec / "kernel.json").write_text(json.dumps(told), encoding="utf-8")
    for name in ("JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        folder = tmp_path / ("jupyter" if name == "JUPYTER_DATA_DIR" else name.lower())
        folder.mkdir(exist_ok=True)
        monkeypatch.setenv(name, str(folder))
    monkeypatch.setenv("TARIKH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TARIKH_GAZETTEER", str(index))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return spec.name


@pytest.mark.slow
def test_it_runs(kernel: str, tmp_path: Path) -> None:
    read = nbformat.read(NOTEBOOK, as_version=4)
    client = NotebookClient(
        read, timeout=300, kernel_name=kernel, resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute()
    outputs = [_text(cell) for cell in read.cells if cell.cell_type == "code"]
    assert all(outputs), "every cell shows something"
    assert "1 mentions: armed_clash" in outputs[0]
    assert "Count(low=11, best=11, high=None)" in outputs[1]
    assert "did you mean country" in "".join(outputs)
    assert "toll_unknown" in "".join(outputs)
    assert not any(str(ROOT) in text for text in outputs)


def _text(cell: Any) -> str:
    return "".join(
        each.get("text", "") or each.get("data", {}).get("text/plain", "") for each in cell.outputs
    )
