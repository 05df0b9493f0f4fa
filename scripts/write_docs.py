#!/usr/bin/env python3
"""Writes the parts of the documentation that follow from code and data: commands, settings, kinds, exports, levels, models.

Invariant: only what stands between a `begin generated` and its `end generated` mark is touched; the same code gives the same bytes.
Usage: scripts/write_docs.py [--check]  (with --check nothing is written; exit 1 and the pages' names where one is stale)
"""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import typer
import yaml

from tarikh import accounts, codebooks, disclosure, errors, reference
from tarikh.cli import app
from tarikh.exports import FORMATS
from tarikh.exports.record import COLUMNS
from tarikh.settings import Settings
from tarikh.sources import FIELDS, FORMS, form

ROOT = Path(__file__).resolve().parent.parent
_MARK = re.compile(r"(<!-- begin generated: (\w+) -->\n)(.*?)(<!-- end generated -->)", re.DOTALL)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; bars and line breaks inside cells are made harmless."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(_cell(c) for c in line) + " |\n" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _code(text: object) -> str:
    return f"`{text}`"


# ---- commands ----------------------------------------------------------------------------------------------


def commands() -> Iterator[tuple[str, Any]]:
    """Every command of the app by its full name, in the order of the app; groups stand before their commands."""
    yield from _below("tarikh", typer.main.get_command(app))


def _below(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    for child in getattr(command, "commands", {}).values():
        full = f"{name} {child.name}"
        yield full, child
        yield from _below(full, child)


def commands_text() -> str:
    """One section a command: what it does, how it is written, its arguments and options."""
    return "\n".join(_section(name, command) for name, command in commands())


def _section(name: str, command: Any) -> str:
    lines = [f"### {name}\n"]
    examples = []
    for paragraph in re.split(r"\n\s*\n", command.help or ""):
        before, mark, example = paragraph.strip().partition("Example:")
        if before.strip():
            lines.append(f"{' '.join(before.split())}\n")
        if mark:
            examples.append(example.strip())
    if hasattr(command, "commands"):
        names = ", ".join(f"[`{name} {n}`](#{name.replace(' ', '-')}-{n})" for n in command.commands)
        lines.append(f"Its commands: {names}.\n")
        if not command.invoke_without_command:
            return "\n".join(lines)
    lines.append(f"```text\n{_usage(name, command)}\n```\n")
    if examples:
        lines.append("Example:\n\n```sh\n" + "\n".join(examples) + "\n```\n")
    rows = [_parameter(p) for p in command.params if not p.hidden]
    return "\n".join([*lines, table(["argument or option", "what", "default"], rows)])


def _usage(name: str, command: Any) -> str:
    parts = [name]
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            word = parameter.name.upper() + ("…" if parameter.nargs == -1 else "")
            parts.append(word if parameter.required else f"[{word}]")
    if any(p.param_type_name == "option" for p in command.params):
        parts.append("[OPTIONS]")
    return " ".join(parts)


def _parameter(parameter: Any) -> list[str]:
    if parameter.param_type_name == "argument":
        written = _code(parameter.name.upper())
    else:
        value = "" if parameter.is_flag else f" {parameter.metavar or parameter.name.upper()}"
        written = ", ".join(_code(option + value) for option in parameter.opts)
    default = parameter.default
    shown = "" if default in (None, False, (), []) else _code(default)
    return [written, parameter.help or "", "required" if parameter.required else shown]


def exit_codes() -> str:
    """Exit codes, those of errors by the tree in `errors.py`."""
    by_code: dict[int, list[str]] = {}
    for error in errors.TarikhError.__subclasses__():
        said = (error.__doc__ or "").strip().split("\n")[0]
        if "becomes a" not in said and "cannot become" not in said:
            by_code.setdefault(error.exit_code, []).append(said[0].lower() + said[1:].rstrip("."))
    rows = [
        ["0", "done; single problems may have been told on the way"],
        [
            "1",
            "; ".join(
                ["nothing at all could be read or coded", "what was asked for was not found", *by_code[1]]
            ),
        ],
        ["2", "; ".join([*by_code[2], "an option or argument is missing or unknown"])],
        ["130", "stopped by Ctrl-C; what was coded is kept"],
    ]
    return table(["exit code", "when"], rows)


_SETTINGS = {
    "home": "folder of the database and the gazetteer index",
    "database": "the database file",
    "gazetteer": "the gazetteer index",
    "parties": "a file or folder with parties of your own ([form](parties.md))",
    "trained": "the folder of parts that `tarikh train` fitted ([models](models.md#your-own-reports)); `off`: the shipped ones code",
    "contested": "a file or folder with contested places of your own ([form](gazetteers.md#contested-places))",
    "codebooks": "a folder with codebook files of your own ([form](codebooks.md#changing-a-codebook))",
    "compat": "whether `tarikh serve` answers programs written for ACLED's and UCDP's services ([compat](compat.md))",
    "scope": "what is coded: `conflict`, the incidents of the codebook, or `any_violence`, ordinary crime as well (by the rules alone); a database has one scope, changed by `tarikh recode`",
    "user": "the name under which what you judge and correct is kept",
    "disclosure": "level at which exports are written: `public`, `partner` or `full` ([policy](disclosure.md))",
    "license": "under which license your data may be used, as every export says it: an SPDX name, an address or words",
    "fresh_hours": "hours in which an incident is fresh, and its place coarser for the public ([policy](disclosure.md))",
    "max_text": "longest report, in characters",
    "max_file_bytes": "largest file that is read in one piece, in bytes (JSON lines and tables have no such limit)",
    "fetch_timeout": "seconds to wait for an answer",
    "fetch_max_bytes": "largest page or feed, in bytes",
    "geonames": "address of the folder with GeoNames dumps, for a mirror of it",
    "llm_address": "address of a [language model](language-model.md): a server that speaks OpenAI's chat completions",
    "llm_model": "the name of the model there",
    "llm_key": "the key for it; `TARIKH_LLM_KEY_FILE` keeps it out of the environment",
    "llm_key_file": "a file that holds the key",
    "llm_json": "how answers in JSON are asked for first: `json_schema`, `json_object` or `plain`",
    "llm_timeout": "seconds to wait for one answer",
    "llm_in_flight": "questions that are put at once",
    "llm_per_minute": "questions a minute at most",
    "llm_tries": "tries of one question where the server fails",
    "llm_answer_tokens": "longest answer, in tokens",
    "llm_answer_bytes": "longest answer, in bytes",
    "llm_budget_tokens": "tokens that one run may take; the reports behind are coded by the rules",
    "llm_budget_money": "money that one run may take, by the prices below",
    "llm_price_in": "price of a million tokens that are sent",
    "llm_price_out": "price of a million tokens of answers",
    "user_agent": "how Tarikh names itself to servers",
}
_DEFAULTS = {
    "home": "the user's data folder",
    "database": "`tarikh.db` in the home folder",
    "gazetteer": "`gazetteer.sqlite` in the home folder",
    "parties": "`parties/` in the home folder, where there is one",
    "trained": "`trained/` in the home folder, where there is one",
    "contested": "`contested/` in the home folder, where there is one",
    "codebooks": "`codebooks/` in the home folder, where there is one",
    "user": "the name of the system's user",
    "license": "none stated",
    **dict.fromkeys(("llm_address", "llm_model"), "none: the rules code alone"),
    **dict.fromkeys(("llm_key", "llm_key_file", "llm_price_in", "llm_price_out"), "none"),
    **dict.fromkeys(("llm_per_minute", "llm_budget_tokens", "llm_budget_money"), "no limit"),
    "fresh_hours": "what the policy says: `0`, never",
}


def settings() -> str:
    """Every setting; one that is not described here is an error, so that none is forgotten."""
    rows = []
    for name, field in Settings.model_fields.items():
        if name not in _SETTINGS:
            raise SystemExit(f"scripts/write_docs.py: describe the new setting {name!r} in _SETTINGS")
        shown = _DEFAULTS.get(name) or _code(field.default)
        rows.append([_code(f"TARIKH_{name.upper()}"), _SETTINGS[name], shown])
    return table(["variable", "what", "default"], rows)


# ---- kinds, exports, sources -------------------------------------------------------------------------------


def kinds() -> str:
    """The kinds in their order of precedence, each with an example and a counter-example."""
    raw = yaml.safe_load(reference.data_path("codebook.yaml").read_text(encoding="utf-8"))["kinds"]
    rows = []
    for number, (name, entry) in enumerate(raw.items(), 1):
        other = entry["counter_kind"]
        instead = "no incident" if other == "none" else _code(other)
        rows.append(
            [
                str(number),
                _code(name),
                entry["family"],
                entry["what"],
                entry["example"],
                f"{entry['counter_example']} → {instead}",
            ]
        )
    return table(["", "kind", "family", "what happened", "one", "looks alike → is coded as"], rows)


def formats() -> str:
    """Forms of export by the registry, and the page, which has a writer of its own."""
    rows = [[_code(n), _code(export.suffix), export.what, export.opens] for n, export in FORMATS.items()]
    page = ["`html`", "`.html`", "one page with map, timeline and evidence, for reading", "any browser"]
    return table(["format", "suffix", "what", "opens in"], [*rows, page])


_FORMS = {
    "text": "text",
    "list": "list of texts; in CSV joined by `; `",
    "day": "ISO date",
    "count": "whole number",
    "degrees": "decimal degrees",
    "share": "number from 0 to 1",
}


def columns() -> str:
    """The columns that the flat exports share."""
    rows = ([_code(c.name), _FORMS[c.form], c.what, _code(c.tag) if c.tag else ""] for c in COLUMNS)
    return table(["column", "form", "what", "HXL"], rows)


def forms() -> str:
    """Forms of input with the suffixes by which they are known."""
    suffixes: dict[str, list[str]] = {name: [] for name in FORMS}
    for suffix, name in form._SUFFIXES.items():
        suffixes[name].append(_code(suffix))
    return table(["form", "suffixes"], ([_code(name), " ".join(found)] for name, found in suffixes.items()))


_FIELDS = {
    "id": "your own id of the report; a number is taken as well",
    "title": "the headline",
    "text": "the body; the one field that must be there",
    "published": "day of publication, e.g. `2025-03-14`, `14 March 2025` or an e-mail date",
    "source": "name of the newspaper, agency or organization",
    "language": "code or name, e.g. `en`; recognized where it is not told",
    "url": "address of the report",
}


def fields() -> str:
    """The fields that a record may carry."""
    return table(["field", "what"], ([_code(name), _FIELDS[name]] for name in FIELDS))


# ---- levels and models -------------------------------------------------------------------------------------


def _layering() -> ModuleType:
    path = ROOT / "tests" / "test_layering.py"
    spec = importlib.util.spec_from_file_location("layering", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_LEVEL_NAMES = {
    0: "the words of the trade",
    1: "what is kept, what is known",
    2: "stages",
    3: "use cases",
    4: "ways out, and measuring",
    5: "doors",
}


def levels() -> str:
    """The rooms by level, and the imports allowed on one level, as the layering test has them."""
    layering = _layering()
    rows = []
    for level in sorted(layering.LEVELS, reverse=True):
        rooms = " · ".join(_code(room) for room in layering.LEVELS[level])
        rows.append([str(level), _LEVEL_NAMES.get(level, ""), rooms])
    pairs = ", ".join(f"`{left}` → `{right}`" for left, right in sorted(layering.SAME_LEVEL))
    return table(["level", "what", "rooms"], rows) + f"\nImports allowed on one level: {pairs}.\n"


def _locked(package: str) -> str:
    """The version of a package in the lock file."""
    name = package.replace("_", "-").lower()
    for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{name}=="):
            return line.removeprefix(f"{name}==").split()[0].rstrip("\\")
    raise SystemExit(f"scripts/write_docs.py: {package} is not in requirements.lock")


def models() -> str:
    """The parser of each language as its lexicon names it, with the version in the lock."""
    rows = []
    for language in reference.languages():
        lexicon = reference.lexicon(language, "events")
        model, source = str(lexicon["model"]), lexicon.get("model_from")
        version = f"left to you: {_code(source)}" if source else _locked(model)
        rows.append([_code(language), _code(model), version, _code(f"TARIKH_MODEL_{language.upper()}")])
    return table(["language", "model", "locked version", "variable for another model"], rows)


# ---- accounts and disclosure -------------------------------------------------------------------------------


def roles() -> str:
    """What each role may do, as `accounts.MAY` has it."""
    rows = [
        [_code(name), what, *("yes" if accounts.may(role, name) else "" for role in accounts.ROLES)]
        for name, (_, what) in accounts.MAY.items()
    ]
    return table(["permission", "what", *accounts.ROLES], rows)


_RULES = {
    "persons": "names among the parties that may be persons'",
    "words": "words quoted from reports, and who says it",
    "texts": "texts of reports",
    "titles": "headlines (withheld in any case where the place is coarser)",
    "addresses": "addresses of reports",
    "reviewers": "who judged and corrected; their notes are withheld below `full`",
    "sites": "places of hospitals, schools, camps of displaced people, aid offices",
    "survivors": "places and words of survivors, detainees, abductees",
    "fresh": "places of fresh incidents, where there is a delay",
}


def disclosure_rules() -> str:
    """Every rule of the policy with what it does at each level; one that is not described here is an error."""
    rows = []
    for rule, done in disclosure.policy().rules.items():
        if rule not in _RULES:
            raise SystemExit(f"scripts/write_docs.py: describe the new rule {rule!r} in _RULES")
        rows.append([_code(rule), _RULES[rule], *(done[level] for level in disclosure.LEVELS)])
    return table(["rule", "what", *disclosure.LEVELS], rows)


def disclosure_roles() -> str:
    """At which level roles and ways out show records."""
    chosen = disclosure.policy()
    rows = [[f"role {_code(role)}", _code(level)] for role, level in chosen.roles.items()]
    rows += [
        [
            "`tarikh export`, `snapshot`",
            f"{_code(chosen.exports)}, or what `TARIKH_DISCLOSURE` or `--disclosure` says",
        ]
    ]
    return table(["who, what", "level"], [*rows, ["`tarikh list`, `show`, `demo`", "`full`"]])


# ---- codebooks ---------------------------------------------------------------------------------------------


def codebooks_listed() -> str:
    """Every codebook with its scheme and citation."""
    books = [codebooks.codebook(name) for name in codebooks.CODEBOOKS]
    rows = [[_code(b.name), b.title, b.version, b.scheme, b.citation] for b in books]
    return table(["`--codebook`", "what", "version", "scheme", "cite for the scheme"], rows)


def codebook_facts() -> str:
    """What clauses may ask."""
    return table(["fact", "what"], ([_code(name), what] for name, what in codebooks.FACTS.items()))


def codebook_classes() -> str:
    """The classes of parties, with the groups that they are in."""
    known = codebooks.classes()
    rows = [
        [_code(name), what, ", ".join(_code(group) for group, names in known.groups.items() if name in names)]
        for name, what in known.names.items()
    ]
    return table(["class", "who", "groups"], rows)


def codebook_columns(name: str) -> str:
    """The columns of a codebook."""
    book = codebooks.codebook(name)
    return table(["column", "form", "what"], ([_code(c.name), c.form, c.what] for c in book.columns))


def codebook_clauses(name: str) -> str:
    """The clauses of a codebook, by question, in their order."""
    found = [clause for clauses in codebooks.codebook(name).questions.values() for clause in clauses]
    return table(
        ["clause", "when", "then", "why"], ([_code(c.id), _when(c), _then(c), c.words] for c in found)
    )


def _when(clause: codebooks.Clause) -> str:
    told = []
    for fact, wanted in clause.conditions.items():
        if isinstance(wanted, range):
            most = "" if wanted.stop > codebooks.LONGEST else wanted.stop - 1
            told.append(f"{fact}: {wanted.start}–{most}")
        else:
            told.append(f"{fact}: {_group(wanted)}")
    return "; ".join(told) or "else"


def _group(wanted: frozenset[str]) -> str:
    """The values in the order of the classes or kinds, a whole group by its name."""
    left, words = set(wanted), []
    for group, names in codebooks.classes().groups.items():
        if names <= left and len(names) > 1:
            words.append(group)
            left -= names
    kinds = [kind.name for kind in reference.kinds()]
    order = [*kinds, *codebooks.classes().names]
    return ", ".join([*words, *sorted(left, key=lambda v: (order.index(v) if v in order else -1, v))])


def _then(clause: codebooks.Clause) -> str:
    if clause.refuses:
        return "refused"
    sets = ((k, ", ".join(v) if isinstance(v, list) else v) for k, v in clause.sets.items())
    return "; ".join(f"{_code(key)} {value}" for key, value in sets)


BLOCKS: dict[str, Callable[[], str]] = {
    "codebook_classes": codebook_classes,
    "codebook_facts": codebook_facts,
    "codebooks": codebooks_listed,
    "columns": columns,
    "disclosure": disclosure_rules,
    "disclosure_roles": disclosure_roles,
    "roles": roles,
    "commands": commands_text,
    "exits": exit_codes,
    "fields": fields,
    "formats": formats,
    "forms": forms,
    "kinds": kinds,
    "levels": levels,
    "models": models,
    "settings": settings,
    **{f"{name}_columns": partial(codebook_columns, name) for name in codebooks.CODEBOOKS},
    **{f"{name}_clauses": partial(codebook_clauses, name) for name in codebooks.CODEBOOKS},
}
"""Every generated part by the name in its mark."""


def filled(page: str) -> str:
    """A page with its generated parts written anew. Exits where a mark names no part."""

    def fresh(match: re.Match[str]) -> str:
        if match[2] not in BLOCKS:
            raise SystemExit(f"scripts/write_docs.py: there is no generated part {match[2]!r}")
        return f"{match[1]}\n{BLOCKS[match[2]]().rstrip()}\n\n{match[4]}"

    return _MARK.sub(fresh, page)


def main(arguments: Sequence[str]) -> int:
    """Writes, or with `--check` compares, every page below `docs/` and the README."""
    check = "--check" in arguments
    stale = []
    for path in sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")]):
        old = path.read_text(encoding="utf-8")
        new = filled(old)
        if new != old:
            stale.append(path.relative_to(ROOT).as_posix())
            if not check:
                path.write_text(new, encoding="utf-8")
    verb = "stale" if check else "written"
    print(f"{verb}: {', '.join(stale)}" if stale else "all pages are up to date", file=sys.stderr)
    if check and stale:
        print("type: .venv/bin/python scripts/write_docs.py", file=sys.stderr)
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
