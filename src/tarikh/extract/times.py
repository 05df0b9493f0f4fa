"""Words of time in a report, each with a form that is free of language: "on the night of 5 to 6 May", "since Monday".

Invariant: all words and word orders stand in the lexicon's `dates.yaml`; matching walks a tree over tokens, so
it is linear in the text; spans never overlap and are code points of the title or text as given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache, lru_cache
from typing import Any

from tarikh import reference
from tarikh.errors import MissingError
from tarikh.model import Part, Phrase, Report, Span
from tarikh.text import straight

# --- what a phrase means ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Form:
    """What words of time say, before it is known from which day they count.

    `kind`: `date` (any of `year`, `month`, `day`, also with `year_shift`/`month_shift` from the day of
    publication), `weekday` (ISO number; `shift` last, this, next; same, before, after an event told; or
    `week_shift`), `offset` (`amount` of `unit` hour to year from `anchor`; `whole` means the calendar unit),
    `span` (`first` to `second`), `night` (of that day into the next), `since` and `until` (`first`), `season`,
    `feast`, `nth_week` and `nth_weekday` (`amount`, of `first` or `month`), `tail` (the last `amount` days of
    `first`), `part` (a time of day alone), `duration`, `vague`.
    `anchor`: `published`, `previous` (the event told before), `first`, `event` (the one that the next words
    name), `fact` (the report's own). `portion` narrows a month: early, mid, late; start, middle, end do not.
    """

    kind: str
    year: int | None = None
    month: int | None = None
    day: int | None = None
    last_day: int | None = None
    year_shift: int | None = None
    month_shift: int | None = None
    week_shift: int | None = None
    weekday: int | None = None
    shift: str | None = None
    amount: int | None = None
    unit: str | None = None
    anchor: str | None = None
    whole: bool = False
    portion: str | None = None
    part: str | None = None
    season: str | None = None
    feast: str | None = None
    first: Form | None = None
    second: Form | None = None


@dataclass(frozen=True, slots=True)
class TimePhrase:
    """Words of time: the phrase (its `role` is the form's kind), what it means, and how it is used.

    `future`: of a day to come; `ahead`: the verb says so just before ("will meet on Friday"). `dateline`: it stands in the report's dateline. `clock`: a time of day alone.
    `general`: an aggregate or background span ("since January", "in 2012", "over the past two years").
    """

    phrase: Phrase
    form: Form
    future: bool = False
    ahead: bool = False
    dateline: bool = False
    clock: bool = False
    general: bool = False


_FIELDS = frozenset(f.name for f in fields(Form))
_FLAGS = frozenset(("future", "general"))
_SIGNED = frozenset(("amount", "year_shift"))


# --- tokens -----------------------------------------------------------------------------------------------

_TOKEN = re.compile(r"\d{1,4}(?:[.,:/-]\d{1,4}){0,3}(?!\d)[^\W\d_]{0,4}|\d+|[^\W\d_]+|\n|[^\w\s]")
_NUMBER = re.compile(r"(\d{1,4})([^\W\d_]*)\Z")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})\Z")
_NUMERIC = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})\Z")
_CLOCK = re.compile(r"\d{1,2}[.:]\d{2}([^\W\d_]*)\Z")
_DAYS = re.compile(r"(\d{1,2})-(\d{1,2})\Z")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")
_EARLIEST, _LATEST = 1700, 2100


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    key: str
    classes: Mapping[str, Any]


# --- the lexicon as a tree --------------------------------------------------------------------------------


@dataclass(slots=True)
class _Rule:
    fixed: Mapping[str, Any]
    result: str
    guard: str
    sign: int


@dataclass(slots=True)
class _Node:
    words: dict[str, _Node] = field(default_factory=dict)
    slots: dict[tuple[str, str], _Node] = field(default_factory=dict)
    rule: _Rule | None = None


@dataclass(frozen=True, slots=True)
class _Lexicon:
    classes: Mapping[str, Mapping[str, Any]]
    capital: frozenset[str]
    barred: frozenset[str]
    joining: frozenset[str]
    future: frozenset[str]
    ahead: frozenset[str]
    clause: frozenset[str]
    ordinals: frozenset[str]
    clocks: frozenset[str]
    dotted: frozenset[str]
    numeric_month_first: bool
    layers: tuple[_Node, ...]
    heads: frozenset[str]


_SYNTAX = re.compile(r"\[|\]|\(|\)|\||<[a-z_]+(?::[a-z_]+)?>|[^\s\[\]()|<>]+")


def _sequences(pattern: str) -> list[tuple[str, ...]]:
    """Every sequence of items that a pattern allows: `[x]` is optional, `(a|b)` a choice, `<class:field>` a slot."""
    items = _SYNTAX.findall(pattern)
    at = 0

    def choices(closing: str) -> list[tuple[str, ...]]:
        nonlocal at
        found: list[tuple[str, ...]] = []
        current: list[tuple[str, ...]] = [()]
        while at < len(items):
            item = items[at]
            at += 1
            if item == closing:
                return [*found, *current]
            if item == "|":
                found, current = [*found, *current], [()]
                continue
            if item in "[(":
                inner = choices("]" if item == "[" else ")")
                options = [(), *inner] if item == "[" else inner
            elif item in "])":
                raise MissingError(f"dates.yaml: unbalanced {item!r} in the pattern {pattern!r}")
            else:
                options = [tuple(_items(item))]
            current = [head + tail for head in current for tail in options]
        if closing:
            raise MissingError(f"dates.yaml: {closing!r} is missing in the pattern {pattern!r}")
        return [*found, *current]

    return choices("")


def _items(item: str) -> list[str]:
    return [item] if item.startswith("<") else [m.group().lower() for m in _TOKEN.finditer(item)]


def _plant(root: _Node, sequence: Sequence[str], rule: _Rule) -> None:
    node = root
    for item in sequence:
        if item.startswith("<"):
            name, _, target = item[1:-1].partition(":")
            node = node.slots.setdefault((name, target or name), _Node())
        else:
            node = node.words.setdefault(item, _Node())
    node.rule = node.rule or rule  # the first rule of the file that fits wins


def _rule(row: Mapping[str, Any]) -> _Rule:
    fixed = {k: v for k, v in row.items() if k not in ("words", "as", "guard", "sign")}
    for key in fixed:
        if key not in _FIELDS and key not in _FLAGS:
            raise MissingError(f"dates.yaml: the pattern {row['words']!r} has an unknown field {key!r}")
    return _Rule(fixed, str(row.get("as", "point")), str(row.get("guard", "")), int(row.get("sign", 1)))


def _layer(rows: Sequence[Mapping[str, Any]]) -> _Node:
    root = _Node()
    for row in rows:
        for pattern in [row["words"]] if isinstance(row["words"], str) else row["words"]:
            for sequence in _sequences(str(pattern)):
                if sequence:
                    _plant(root, sequence, _rule(row))
    return root


@cache
def _lexicon(language: str) -> _Lexicon:
    raw = reference.lexicon(language, "dates")
    classes: dict[str, dict[str, Any]] = {}
    for name, words in raw["classes"].items():
        entries = words.items() if isinstance(words, Mapping) else ((word, word) for word in words)
        for word, value in entries:
            classes.setdefault(str(word).lower(), {})[str(name)] = value

    def listed(name: str) -> frozenset[str]:
        return frozenset(str(word).lower() for word in raw.get(name, ()))

    layers = tuple(_layer(rows) for rows in raw["layers"])
    return _Lexicon(
        classes,
        listed("capital"),
        listed("barred"),
        listed("joining"),
        listed("future"),
        listed("ahead"),
        listed("clause"),
        listed("ordinal_endings"),
        listed("clock_endings"),
        listed("dotted"),
        bool(raw.get("numeric_month_first", False)),
        layers,
        frozenset(word for layer in layers for word in layer.words),
    )


# --- reading tokens ---------------------------------------------------------------------------------------


def _calendar(year: int, month: int, day: int) -> Mapping[str, Any]:
    if _EARLIEST <= year <= _LATEST and 1 <= month <= 12 and 1 <= day <= 31:
        return {"full": Form("date", year=year, month=month, day=day)}
    return {}


def _digits(word: str, lexicon: _Lexicon) -> Mapping[str, Any]:
    """The classes of a token that starts with a digit."""
    if (match := _NUMBER.match(word)) is not None:
        value, ending = int(match[1]), match[2].lower()
        found: dict[str, Any] = {}
        if not ending:
            found = {"n": value} if 0 < value < 1000 else {}
            if _EARLIEST <= value <= _LATEST and len(match[1]) == 4:
                found["year"] = value
        elif ending in lexicon.ordinals:
            found = {"dayth": value, "nth": value} if 1 <= value <= 31 else {}
        elif ending in lexicon.clocks:
            found = {"clock": "clock"}
        if 1 <= value <= 31 and (not ending or ending in lexicon.ordinals):
            found["day"] = value
        return found
    if (match := _ISO.match(word)) is not None:
        return _calendar(int(match[1]), int(match[2]), int(match[3]))
    if (match := _NUMERIC.match(word)) is not None:
        day, month = int(match[1]), int(match[2])
        if lexicon.numeric_month_first or month > 12:
            day, month = month, day
        return _calendar(int(match[3]), month, day)
    if (match := _CLOCK.match(word)) is not None and (not match[1] or match[1].lower() in lexicon.clocks):
        return {"clock": "clock"}
    if (match := _DAYS.match(word)) is not None and 1 <= int(match[1]) < int(match[2]) <= 31:
        return {"days": (int(match[1]), int(match[2]))}
    return {}


@lru_cache(maxsize=20_000)
def _classes(word: str, language: str) -> Mapping[str, Any]:
    lexicon = _lexicon(language)
    if word[0].isdigit():
        return _digits(word, lexicon)
    key = word.lower()
    if key in lexicon.capital and not word[0].isupper():
        return {}
    return lexicon.classes.get(key, {})


def _tokens(text: str, language: str) -> list[_Token]:
    plain = straight(text).translate(_DASHES)
    dotted = _lexicon(language).dotted
    tokens: list[_Token] = []
    for match in _TOKEN.finditer(plain):
        word = match.group()
        if word == "." and tokens and tokens[-1].key in dotted and tokens[-1].end == match.start():
            last = tokens[-1]
            tokens[-1] = _Token(last.start, match.end(), last.key, last.classes)
            continue
        tokens.append(_Token(match.start(), match.end(), word.lower(), _classes(word, language)))
    return tokens


# --- matching ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Atom:
    end: int
    form: Form
    result: str = "point"
    future: bool = False
    general: bool = False


class _Matcher:
    """Walks the layers' trees over the tokens; each layer sees the atoms of those before it as `<point>`."""

    def __init__(self, tokens: Sequence[_Token], lexicon: _Lexicon) -> None:
        self.tokens, self.lexicon = tokens, lexicon
        self.atoms: dict[tuple[int, str], _Atom] = {}
        self.starts: set[int] = set()
        self.live = [at for at, token in enumerate(tokens) if token.classes or token.key in lexicon.heads]

    def run(self) -> Mapping[tuple[int, str], _Atom]:
        for root in self.lexicon.layers:
            found: dict[tuple[int, str], _Atom] = {}
            wanted = {name for name, _ in root.slots}
            for at in self.live:
                token = self.tokens[at]
                if token.key not in root.words and at not in self.starts and wanted.isdisjoint(token.classes):
                    continue
                for end, rule, values in self._walk(root, at, ()):
                    atom = self._atom(at, end, rule, values)
                    old = found.get((at, rule.result))
                    if atom is not None and (old is None or atom.end > old.end):
                        found[(at, rule.result)] = atom
            for key, atom in found.items():
                if key not in self.atoms or atom.end > self.atoms[key].end:
                    self.atoms[key] = atom
                    self.starts.add(key[0])
        return self.atoms

    def _walk(
        self, node: _Node, at: int, values: tuple[tuple[str, Any], ...]
    ) -> Iterator[tuple[int, _Rule, tuple[tuple[str, Any], ...]]]:
        if node.rule is not None:
            yield at, node.rule, values
        if at >= len(self.tokens):
            return
        token = self.tokens[at]
        following = node.words.get(token.key)
        if following is not None:
            yield from self._walk(following, at + 1, values)
        for (name, target), child in node.slots.items():
            if name in token.classes or (name == "word" and token.key.isalpha()):
                yield from self._walk(child, at + 1, (*values, (target, token.classes.get(name))))
            elif (atom := self.atoms.get((at, name))) is not None:
                yield from self._walk(child, atom.end, (*values, (target, atom)))

    def _atom(self, start: int, end: int, rule: _Rule, values: tuple[tuple[str, Any], ...]) -> _Atom | None:
        if end == start or (rule.guard and self._barred(rule.guard, end)):
            return None
        flags = {key: bool(rule.fixed.get(key, False)) for key in _FLAGS}
        given: dict[str, Any] = {k: v for k, v in rule.fixed.items() if k not in _FLAGS}
        base: Form | None = None
        for name, value in values:
            if isinstance(value, _Atom):
                flags = {
                    "future": flags["future"] or value.future,
                    "general": flags["general"] or value.general,
                }
                value = value.form
            if name == "part" and isinstance(value, Form):
                value = value.part
            if name == "same":
                base = value
            elif name == "year_words":
                given |= {k: v for k in ("year", "year_shift") if (v := getattr(value, k)) is not None}
            elif name == "days":
                given |= {"day": value[0], "last_day": value[1]}
            elif name in _FIELDS:
                given[name] = value * rule.sign if name in _SIGNED else value
        if given.get("anchor") == "next":
            given["anchor"] = "event" if self._goes_on(end) else "previous"
        form = _form(base, given)
        return None if form is None else _Atom(end, form, rule.result, **flags)

    def _barred(self, guard: str, at: int) -> bool:
        """Whether the word that follows makes it no time: one of `barred`, or any word at all where it must be closed."""
        if at >= len(self.tokens):
            return False
        key = self.tokens[at].key
        if guard == "closed":
            return key.isalnum()
        if key in self.lexicon.joining:  # "the 3rd and 4th brigades", and not "on the 3rd and was"
            return at + 1 < len(self.tokens) and bool({"n", "nth"} & self.tokens[at + 1].classes.keys())
        return key in self.lexicon.barred

    def _goes_on(self, at: int) -> bool:
        """Whether a word follows: "two days after the raid", and not "two days after, the army …"."""
        return at < len(self.tokens) and self.tokens[at].key[0].isalnum()


def _form(base: Form | None, given: Mapping[str, Any]) -> Form | None:
    """The form of a match: a narrowed earlier one where the pattern says `<point:same>`, else a new one."""
    if base is not None:
        return replace(base, **{k: v for k, v in given.items() if k != "kind"})
    form = Form(**{"kind": "date", **given})
    if form.kind == "date" and form.last_day is not None and form.day is not None:
        if form.last_day <= form.day:
            return None
        day = replace(form, last_day=None, weekday=None)
        return Form("span", first=day, second=replace(day, day=form.last_day))
    if form.kind == "pair":
        return _pair(form)
    return form


def _pair(form: Form) -> Form | None:
    """ "Monday and Tuesday", "6 and 7 December" are one stretch; "Monday and Friday" is two days and no single form."""
    first, second = form.first, form.second
    if first is None or second is None or first.kind != second.kind:
        return None
    if (
        first.kind == "weekday"
        and first.weekday
        and second.weekday
        and (second.weekday - first.weekday) % 7 == 1
    ):
        return replace(form, kind="span")
    if first.day is not None and second.day == first.day + 1 and first.month in (None, second.month):
        return replace(form, kind="span") if first.kind == "date" else None
    return None


# --- the door ---------------------------------------------------------------------------------------------

_SENTENCE_END = frozenset((".", "!", "?", ";", "\n"))
_DATELINE_REACH = 120
_FUTURE_REACH = 15
_AHEAD_REACH = 3


def find(report: Report, language: str) -> tuple[TimePhrase, ...]:
    """The time phrases of a report's title and text, in that order, the longest where they overlap.

    Raises `MissingError` where the language has no lexicon of dates, or a faulty one.
    """
    return (*_in_part("title", report.title, language), *_in_part("text", report.text, language))


def _in_part(part: Part, text: str, language: str) -> Iterator[TimePhrase]:
    lexicon = _lexicon(language)
    tokens = _tokens(text, language)
    atoms = _Matcher(tokens, lexicon).run()
    at, cue, verb = 0, -_FUTURE_REACH, -_FUTURE_REACH
    head = _dateline_end(text) if part == "text" else 0
    while at < len(tokens):
        key = tokens[at].key
        if key in _SENTENCE_END:
            cue = verb = -_FUTURE_REACH
        elif key in lexicon.future:
            cue = at
        if key in lexicon.clause:
            verb = -_FUTURE_REACH
        elif key in lexicon.ahead:
            verb = at
        atom = atoms.get((at, "point"))
        if atom is None or atom.form.kind == "none":
            at = at + 1 if atom is None else atom.end
            continue
        start, end = tokens[at].start, tokens[atom.end - 1].end
        form = atom.form
        yield TimePhrase(
            Phrase(text[start:end], (Span(part, start, end),), role=form.kind),
            form,
            future=atom.future or at - cue < _FUTURE_REACH,
            ahead=at - verb <= _AHEAD_REACH,
            dateline=end <= head,
            clock=form.kind == "part",
            general=atom.general or _is_general(form),
        )
        at = atom.end


def _is_general(form: Form) -> bool:
    """A whole year, or anything since a month or year: no event has such a time of its own."""
    if form.kind in ("since", "span") and form.first is not None:
        first = form.first
        coarse = (first.kind == "date" and first.day is None) or first.unit in ("month", "year")
        return coarse if form.kind == "since" else _is_general(first)
    return form.kind == "date" and form.month is None and form.day is None


_DATELINE = re.compile(r"\s*([^\W\d_a-z][^\n]{1,100}?)\s*(?:[—–]|--|\s-\s)")


def _dateline_end(text: str) -> int:
    """Where the dateline ends ("MAIDUGURI, 5 March (NAN) —"), 0 where there is none."""
    match = _DATELINE.match(text[:_DATELINE_REACH])
    if match is None:
        return 0
    place = re.split(r"[,(]", match[1], maxsplit=1)[0].split()
    upper = [word for word in place if word.isupper()]
    return match.end() if upper and len(upper) * 2 >= len(place) else 0
