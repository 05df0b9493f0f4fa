"""Codebooks from their files: the shipped ones with a user's own laid over them, checked as a whole.

Invariant: a file is taken whole or refused whole, with the file, the line and the way out; a clause that asks for
what does not exist, or sets a column that there is none of, is refused and never skipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tarikh.codebooks.facts import FACTS, VALUES
from tarikh.codebooks.record import FORMS, Clause, Codebook, Column
from tarikh.errors import RegisterError
from tarikh.reference import data_path, kinds
from tarikh.reference.entries import Entry, Form, sections
from tarikh.reference.loading import mapping, shown
from tarikh.settings import Settings

FORM = Form(("about", "columns", "clauses", "tables"), "a codebook", "docs/codebooks.md")
CLASSES = Form(("classes", "groups", "coalitions"), "classes of parties", "docs/codebooks.md")
ABOUT = ("version", "title", "scheme", "citation", "notice")
LONGEST = 100_000
"""Days that stand for no limit."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What the code of a codebook counts on: questions whose clauses set something, columns besides the file's, tables by name.

    `extra` are names that clauses may set and that are no column; `rows` are keys that a row of a table may have (empty:
    rows are plain values).
    """

    questions: tuple[str, ...]
    tables: Mapping[str, tuple[str, ...]]
    extra: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Classes:
    """The classes of parties, the groups of them that clauses may name, and which coalitions are of states.

    `names` are the classes with what each is.
    """

    names: Mapping[str, str]
    groups: Mapping[str, frozenset[str]]
    of_states: frozenset[str]

    @property
    def unarmed(self) -> frozenset[str]:
        """The classes without arms."""
        return self.groups["unarmed"]


def _fault(entry: Entry, key: str | None, told: str) -> RegisterError:
    return RegisterError(f"{entry.at(key)}: {shown(entry.name)} {told}")


def _keys(entry: Entry, raw: object, known: Sequence[str], what: str = "") -> Mapping[str, Any]:
    return mapping(raw, known, lambda told, key: _fault(entry, key, f"{what}{told}"))


def _words(entry: Entry, row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise _fault(entry, key, f"needs words for {key!r}, not {shown(value)}; write them in quotes")
    return value


# --- the files --------------------------------------------------------------------------------------------


def own_folder() -> Path | None:
    """The user's own folder: what `TARIKH_CODEBOOKS` names, else `codebooks/` in the home folder, where it is there.

    Raises `RegisterError` where the setting names no folder.
    """
    settings = Settings()
    where = settings.codebooks or settings.home / "codebooks"
    if where.is_dir():
        return where
    if settings.codebooks is not None:
        raise RegisterError(f"TARIKH_CODEBOOKS names {where}, which is no folder; set it anew or unset it")
    return None


def _files(name: str, form: Form) -> list[Mapping[str, tuple[Entry, ...]]]:
    """The shipped file of a name, then the user's own where there is one."""
    path = data_path("codebooks", f"{name}.yaml")
    files = [sections(path, form, path.name, shipped=True)]
    own = own_folder()
    if own is not None and (own / f"{name}.yaml").is_file():
        files.append(sections(own / f"{name}.yaml", form))
    return files


def strangers(known: Iterable[str]) -> None:
    """Refuses files of the own folder that are no codebook's: nobody would read them. Raises `RegisterError`."""
    own = own_folder()
    names = {f"{name}.yaml" for name in (*known, "classes")}
    for path in sorted(own.iterdir()) if own is not None else ():
        if path.suffix in (".yaml", ".yml") and path.name not in names:
            raise RegisterError(
                f"{path} is the file of no codebook; call it one of {', '.join(sorted(names))}"
            )


# --- classes ----------------------------------------------------------------------------------------------


def _names(entry: Entry, key: str) -> tuple[str, ...]:
    values = _keys(entry, entry.row, (key,)).get(key)
    if not isinstance(values, list) or not all(isinstance(value, str) and value for value in values):
        raise _fault(entry, key, f"needs a list of words for {key!r}, not {shown(values)}")
    return tuple(values)


@cache
def classes() -> Classes:
    """The classes of parties. Raises `RegisterError` where a file cannot be used."""
    found: dict[str, dict[str, Entry]] = {section: {} for section in CLASSES.sections}
    for file in _files("classes", CLASSES):
        for section, entries in file.items():
            found[section] |= {entry.name: entry for entry in entries}
    names = {
        name: _words(entry, _keys(entry, entry.row, ("what",)), "what")
        for name, entry in found["classes"].items()
    }
    groups = {}
    for entry in found["groups"].values():
        groups[entry.name] = frozenset(_names(entry, "classes"))
        for name in sorted(groups[entry.name] - set(names)):
            raise _fault(entry, name, f"has {shown(name)}, which is no class of parties")
    of_states = frozenset(name for entry in found["coalitions"].values() for name in _names(entry, "parties"))
    return Classes(names, groups, of_states)


# --- one codebook -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Layers:
    """The entries of a codebook with the user's own over the shipped ones."""

    about: tuple[Entry, ...]
    columns: Mapping[str, Entry]
    clauses: Mapping[str, Entry]
    tables: Mapping[str, tuple[Entry, ...]]
    own: bool


def _layers(name: str) -> _Layers:
    files = _files(name, FORM)
    about = tuple(entry for file in files for entry in file.get("about", ()))
    columns = {entry.name: entry for file in files for entry in file.get("columns", ())}
    clauses: dict[str, Entry] = {}
    for file in files:
        given = {entry.name: entry for entry in file.get("clauses", ())}
        fresh = {key: entry for key, entry in given.items() if key not in clauses}
        # A clause of one's own stands before the shipped ones, which would else win; a known id keeps its turn.
        clauses = {**fresh, **{key: given.get(key, entry) for key, entry in clauses.items()}}
    tables: dict[str, tuple[Entry, ...]] = {}
    for file in files:
        for entry in file.get("tables", ()):
            tables[entry.name] = (*tables.get(entry.name, ()), entry)
    return _Layers(about, columns, clauses, tables, len(files) > 1)


def loaded(name: str, needs: Needs) -> Codebook:
    """A codebook of the files, checked against what its code needs. Raises `RegisterError` with file, line and way out."""
    layers = _layers(name)
    columns = tuple(_column(entry) for entry in layers.columns.values())
    sets = (*(column.name for column in columns), *needs.extra)
    questions: dict[str, list[Clause]] = {question: [] for question in needs.questions}
    for entry in layers.clauses.values():
        clause = _clause(entry, needs.questions, sets)
        if clause is not None:
            questions[clause.question].append(clause)
    about = _about(layers)
    return Codebook(
        name=name,
        title=about["title"],
        version=about["version"] + ("+own" if layers.own else ""),
        scheme=about["scheme"],
        citation=about["citation"],
        notice=about["notice"],
        columns=columns,
        questions={question: tuple(found) for question, found in questions.items()},
        tables=_tables(layers, needs),
        by_kind={
            (question, kind.name): tuple(
                c for c in found if kind.name in c.conditions.get("kind", (kind.name,))
            )
            for question, found in questions.items()
            for kind in kinds()
        },
    )


def _about(layers: _Layers) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for entry in layers.about:
        for key, value in _keys(entry, entry.row, ABOUT).items():
            if not isinstance(value, str | int) or not str(value).strip():
                raise _fault(entry, key, f"needs words for {key!r}, not {shown(value)}")
            found[key] = str(value)
    return found


def _column(entry: Entry) -> Column:
    row = _keys(entry, entry.row, ("form", "what"))
    form = row.get("form")
    if form not in FORMS:
        raise _fault(entry, "form", f"has the form {shown(form)}; it is one of {', '.join(FORMS)}")
    return Column(entry.name, form, _words(entry, row, "what"))


def _clause(entry: Entry, questions: Sequence[str], sets: Sequence[str]) -> Clause | None:
    """A clause of an entry; None where the user's own file drops it."""
    row = _keys(entry, entry.row, ("question", "when", "set", "refuse", "words", "drop"))
    if row.get("drop") is True:
        return None
    question = _words(entry, row, "question")
    if question not in questions:
        raise _fault(entry, question, f"asks {shown(question)}; the questions are {', '.join(questions)}")
    given = _keys(entry, row.get("set", {}), sets, "sets what ")
    for key, value in given.items():
        if not _plain(value):
            raise _fault(
                entry, key, f"sets {key!r} to {shown(value)}; write words, a number, or a list of words"
            )
    refuses = row.get("refuse", False)
    if not isinstance(refuses, bool) or (refuses and given):
        raise _fault(entry, "refuse", "either refuses (refuse: true) or sets something, not both")
    conditions = _conditions(entry, row.get("when", {}))
    return Clause(entry.name, question, _words(entry, row, "words"), conditions, given, refuses)


def _plain(value: object) -> bool:
    if isinstance(value, list):
        return all(isinstance(each, str) for each in value)
    return isinstance(value, str | int | float | bool)


def _conditions(entry: Entry, raw: object) -> dict[str, frozenset[str] | range]:
    found: dict[str, frozenset[str] | range] = {}
    for name, wanted in _keys(entry, raw, tuple(FACTS), "asks for a fact that ").items():
        if not isinstance(wanted, list) or not wanted:
            raise _fault(entry, name, f"needs a list for {name!r}, such as [unknown], not {shown(wanted)}")
        found[name] = _range(entry, wanted) if name == "days" else _values(entry, name, wanted)
    return found


def _range(entry: Entry, wanted: Sequence[object]) -> range:
    least, most = wanted if len(wanted) == 2 else (None, None)
    top = LONGEST if most is None else most
    if type(least) is not int or type(top) is not int or not 0 < least <= top:
        raise _fault(
            entry, "days", f"needs two numbers for 'days', such as [2, 6] or [32, null], not {shown(wanted)}"
        )
    return range(least, top + 1)


def _values(entry: Entry, name: str, wanted: Sequence[object]) -> frozenset[str]:
    known = classes()
    if name == "kind":
        allowed: tuple[str, ...] = tuple(kind.name for kind in kinds())
    else:
        allowed = VALUES.get(name) or (*known.names, *known.groups, "none")
    for value in wanted:
        if value not in allowed:
            raise _fault(
                entry,
                str(value),
                f"asks whether {name!r} is {shown(value)}; it is one of {', '.join(allowed)}",
            )
    parts = [
        known.groups.get(str(value), frozenset({str(value)}))
        if name not in VALUES
        else frozenset({str(value)})
        for value in wanted
    ]
    return frozenset().union(*parts)


def _tables(layers: _Layers, needs: Needs) -> Mapping[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for name, entries in layers.tables.items():
        if name not in needs.tables:
            raise _fault(
                entries[-1], None, f"is no table of this codebook; its tables are {', '.join(needs.tables)}"
            )
        rows: dict[str, Any] = {}
        for entry in entries:
            rows |= {
                str(key): _row(entry, str(key), row, needs.tables[name]) for key, row in entry.row.items()
            }
        found[name] = rows
    missing = [name for name in needs.tables if name not in found]
    if missing:
        raise RegisterError(f"the table {missing[0]!r} of a codebook is missing; install tarikh again")
    return found


def _row(entry: Entry, key: str, row: object, known: Sequence[str]) -> Any:
    if known:
        return _keys(entry, row, known, f"has for {shown(key)} what ")
    if isinstance(row, dict):
        raise _fault(entry, key, f"has for {shown(key)} a mapping; write a number or words")
    return row
