"""Imports point down only, and no room imports its neighbor on the same level (docs/architecture.md)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "src" / "tarikh"
LEVELS = {
    0: ("earth", "estimates", "marking", "model", "text", "settings", "errors"),
    1: ("store", "reference", "parsers", "gazetteer"),
    2: ("sources", "reading", "extract", "resolve", "link", "llm"),
    3: (
        "pipeline",
        "outcomes",
        "second_coder",
        "relinking",
        "queries",
        "analysis",
        "review",
        "source_roles",
        "acting",
        "placing",
        "conflicts",
        "review_queue",
        "agreement",
        "history",
        "changes",
        "accounts",
        "disclosure",
    ),
    4: ("exports", "codebooks", "imports", "evaluation", "fitting", "snapshots"),
    5: (
        "cli",
        "party_commands",
        "coverage_commands",
        "gazetteer_commands",
        "review_commands",
        "source_commands",
        "query_commands",
        "history_commands",
        "import_commands",
        "user_commands",
        "serve_commands",
        "model_commands",
        "train_commands",
        "web",
        "compat",
        "api",
        "command_options",
        "asking",
        "coding",
        "terminal",
        "demonstration",
        "diagnosis",
        "chronicle",
    ),
}
LEVEL_OF = {room: level for level, rooms in LEVELS.items() for room in rooms}
SAME_LEVEL = {
    # settings raises errors; gazetteer names countries by the reference; the doors share one printer.
    ("store", "reference"),
    ("gazetteer", "reference"),
    ("parsers", "reference"),
    ("text", "errors"),
    ("settings", "errors"),
    ("cli", "terminal"),
    ("cli", "asking"),
    ("cli", "coding"),
    ("cli", "party_commands"),
    ("cli", "coverage_commands"),
    ("coverage_commands", "asking"),
    ("coverage_commands", "terminal"),
    ("party_commands", "asking"),
    ("party_commands", "terminal"),
    ("coding", "terminal"),
    ("cli", "demonstration"),
    ("cli", "diagnosis"),
    ("cli", "gazetteer_commands"),
    ("cli", "review_commands"),
    ("review", "pipeline"),
    ("review", "acting"),
    ("review", "conflicts"),
    ("review", "placing"),
    # what is said of a source is an act like those of review, and folded like them.
    ("source_roles", "review"),
    ("source_roles", "pipeline"),
    ("acting", "conflicts"),
    ("acting", "pipeline"),
    ("review_queue", "conflicts"),
    ("pipeline", "relinking"),
    ("pipeline", "outcomes"),
    # the second coder reads as the first does: by its sentences, parse, counts and checks.
    ("llm", "extract"),
    ("second_coder", "outcomes"),
    ("cli", "model_commands"),
    ("model_commands", "asking"),
    ("model_commands", "command_options"),
    ("model_commands", "terminal"),
    ("review_commands", "command_options"),
    ("cli", "query_commands"),
    ("cli", "history_commands"),
    # the pages read names as the command line does: what is refused there is refused here, in the same words.
    ("cli", "serve_commands"),
    ("serve_commands", "asking"),
    ("serve_commands", "command_options"),
    ("serve_commands", "terminal"),
    ("serve_commands", "web"),
    ("serve_commands", "api"),
    # programs are let in, and shown things, as people are.
    ("api", "web"),
    # other services' dialects are answered as who asks may see, and reached through the same doors.
    ("compat", "web"),
    ("serve_commands", "compat"),
    ("web", "asking"),
    ("history_commands", "asking"),
    ("history_commands", "command_options"),
    ("history_commands", "terminal"),
    ("cli", "command_options"),
    ("query_commands", "asking"),
    ("query_commands", "command_options"),
    ("query_commands", "terminal"),
    ("gazetteer_commands", "asking"),
    ("review_commands", "asking"),
    ("review_commands", "terminal"),
    ("gazetteer_commands", "terminal"),
    ("demonstration", "terminal"),
    ("evaluation", "exports"),
    # what is fitted is what is measured, in the form that people code in.
    ("fitting", "evaluation"),
    ("fitting", "exports"),
    ("cli", "train_commands"),
    ("train_commands", "command_options"),
    ("train_commands", "terminal"),
    ("cli", "source_commands"),
    ("source_commands", "asking"),
    ("source_commands", "command_options"),
    ("source_commands", "terminal"),
    ("cli", "user_commands"),
    ("user_commands", "asking"),
    ("user_commands", "command_options"),
    ("user_commands", "terminal"),
    # what is shown of an incident is what queries show of it.
    ("disclosure", "queries"),
    # an export in a codebook is made of its rows.
    ("exports", "codebooks"),
    # changes folds twice what history folds once; a snapshot holds the files that exports write.
    ("changes", "history"),
    ("snapshots", "exports"),
    # a file for another Tarikh is written whole, as every export is.
    ("imports", "exports"),
    ("cli", "import_commands"),
    # from Python a filter is read, and an index made ready, as from the command line.
    ("chronicle", "asking"),
    ("chronicle", "demonstration"),
    ("import_commands", "asking"),
    ("import_commands", "command_options"),
    ("import_commands", "terminal"),
}
NETWORK = ("httpx2", "httpcore2", "socket", "urllib", "requests", "http", "ssl", "aiohttp")


def _files() -> list[Path]:
    return sorted(p for p in ROOT.rglob("*.py") if p.name != "__init__.py" or p.parent != ROOT)


def _room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            if node.module == "tarikh":
                yield from (f"tarikh.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", _files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_down(path: Path) -> None:
    room = _room(path)
    if "migrations" in path.parts:
        return
    assert room in LEVEL_OF, f"{room} has no level: add it to LEVELS and to docs/architecture.md"
    for name in _imports(path):
        parts = name.split(".")
        if parts[0] != "tarikh" or len(parts) < 2 or parts[1].startswith("__"):
            continue
        other = parts[1]
        if other == room or other not in LEVEL_OF:
            continue
        lower = LEVEL_OF[other] < LEVEL_OF[room] or (room, other) in SAME_LEVEL
        assert lower, f"{path.name} (level {LEVEL_OF[room]}) imports tarikh.{other} (level {LEVEL_OF[other]})"


@pytest.mark.parametrize("path", _files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_only_sources_and_the_asking_of_a_model_touch_the_network(path: Path) -> None:
    if _room(path) == "sources" or path in (ROOT / "web" / "serving.py", ROOT / "llm" / "client.py"):
        return  # serving.py listens and asks nobody; client.py asks the one endpoint that the user names
    found = [n for n in _imports(path) if n.split(".")[0] in NETWORK and n != "urllib.parse"]
    assert not found, f"{path.name} imports {found}: the network lives in sources/ and llm/client.py alone"


@pytest.mark.parametrize("path", _files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_files_stay_small_and_say_what_they_are(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 500, (
        f"{path.name} has {text.count(chr(10))} lines: it holds more than one duty"
    )
    if text.strip():
        assert ast.get_docstring(ast.parse(text)), f"{path.name} says nothing about its duty"
