"""Candidates for the country and town of an article's main event: every place that it names.

Invariant: a town is given as the article writes it; a country by its ISO alpha-3 code.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from math import log1p, log10

from tarikh import reference
from tarikh.evaluation.main_event.article import ACTS, Article, Features, classes, words
from tarikh.evaluation.main_event.town_names import CUE, INSIDE, by_name, is_city_state, opening_words
from tarikh.model import Mention, Phrase, Span, Where
from tarikh.resolve import places
from tarikh.resolve.place_signs import CAPITAL
from tarikh.text import fold

_NEAR = 80
_CLEAR = 0.4
"""Weight from which a name speaks for a country rather than for one of several."""
_WITHIN = frozenset(("in", "near", "dateline", "admin2"))


@dataclass(frozen=True, slots=True)
class PlaceCandidate:
    """A country's code or a town's name, the country that it lies in, and what speaks for it."""

    name: str
    country: str | None
    features: Features


def countries(article: Article) -> list[PlaceCandidate]:
    """The countries that an article speaks of."""
    support = article.places.support(None)
    spans: dict[str, list[Span]] = defaultdict(list)
    for sign in article.places.signs:
        if sign.span is not None and sign.weight >= _CLEAR:
            spans[sign.country].append(sign.span)
    coded = {m.where.country for m in article.mentions if m.where.country is not None}
    found = []
    ways = _ways(article)
    ranked = sorted({*support, *coded}, key=lambda code: (-support.get(code, 0.0), code))
    for rank, code in enumerate(ranked):
        features: Features = {"support": support.get(code, 0.0), f"rank.{min(rank, 3)}": 1.0}
        features |= _of_spans(article, spans[code]) | ways[code]
        features |= _of_mentions(article, [m for m in article.mentions if m.where.country == code])
        found.append(PlaceCandidate(code, code, features))
    return found


def _ways(article: Article) -> dict[str, Features]:
    """By what sort of words each country is named: as itself, by a town, by its people; and which comes first."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    firsts: set[str] = set()
    read: dict[tuple[str, str | None], str | None] = {}
    for phrase in sorted(article.toponyms, key=lambda p: (p.spans[0].part == "title", p.spans[0].start)):
        key = fold(phrase.text), phrase.role
        if key not in read:
            read[key] = phrase.nationality or _where([phrase], article).country
        code = read[key]
        if code is None:
            continue
        way = phrase.role if phrase.role in ("demonym", "metonym", "dateline", "in") else "other"
        if way not in firsts and phrase.spans[0].part == "text":
            counts[code][f"first.{way}"] += 1
            firsts.add(way)
        counts[code][f"by.{way}"] += 1
        if phrase.spans[0].part == "title":
            counts[code][f"title.{way}"] += 1
    made: dict[str, Features] = defaultdict(dict)
    for code, ways in counts.items():
        made[code] = {name: log1p(count) for name, count in ways.items()}
    return made


def towns(article: Article) -> list[PlaceCandidate]:
    """The towns that an article names, and names that the gazetteer lacks; units only by names of their own."""
    named = by_name(article)
    support = article.places.support(None)
    leader = max(support, key=lambda code: (support[code], code), default=None)
    read = {key: _where(phrases, article) for key, phrases in named.items()}
    kept = {
        key: phrases
        for key, phrases in named.items()
        if read[key].precision != "country" or is_city_state(phrases[0])
    }
    order = sorted(kept, key=lambda key: (-len(kept[key]), kept[key][0].spans[0].start))
    found = []
    for number, (key, phrases) in enumerate(kept.items()):
        where = read[key]
        features: Features = {f"level.{where.precision}": 1.0, f"order.{min(number, 4)}": 1.0}
        features[f"often.{min(order.index(key), 4)}"] = 1.0
        features |= _of_country(where.country, leader, support)
        features |= {f"role.{p.role}": 1.0 for p in phrases}
        features["bare"] = float(all(p.role is None for p in phrases))
        features["in.share"] = sum(p.role in _WITHIN for p in phrases) / len(phrases)
        features["capital"] = float(_is_capital(where))
        features |= _of_size(where, article)
        features |= _of_neighbors(article, phrases[0].text)
        features |= _of_spans(article, [p.spans[0] for p in phrases])
        features |= _of_mentions(article, [m for m in article.mentions if key in _names(m)])
        found.append(PlaceCandidate(_written(phrases[0], where), where.country, features))
    _mark_acts(found)
    return found


def _mark_acts(found: Sequence[PlaceCandidate]) -> None:
    """The first town that is told with an act, and the one that is so most often."""
    told = [c for c in found if c.features.get("acts")]
    if told:
        told[0].features["acts.first"] = 1.0
        max(told, key=lambda c: c.features["acts"]).features["acts.most"] = 1.0


def _of_country(code: str | None, leader: str | None, support: Mapping[str, float]) -> Features:
    features: Features = {"country": support.get(code or "", 0.0)}
    features["country.leads"] = float(code is not None and code == leader)
    features["country.none"] = float(code is None)
    return features


def _written(phrase: Phrase, where: Where) -> str:
    """The name as the article has it; "the capital" by the name of that town."""
    return where.place if phrase.head == CAPITAL and where.place else phrase.text


_WORDS_AROUND = r"(?:(?P<left>[\w'’.-]+) )?(?<!\w){}(?!\w)(?: (?P<right>[^\W\d_][\w'’-]*)|(?P<comma>,)|(?P<owner>['’]s\b))?"
_MOST = 50
"""Occurrences of a name by whose neighbors it is judged."""


def _of_neighbors(article: Article, name: str) -> Features:
    """Whether the name stands among other capitals wherever it occurs, as a person's or a firm's does, and whether it acts."""
    pattern = re.compile(_WORDS_AROUND.format(re.escape(name)))
    found: Counter[str] = Counter()
    text = f"{article.report.title}\n{article.report.text}"
    for match in islice(pattern.finditer(text), _MOST):
        left, right = match["left"] or "", match["right"] or ""
        found["all"] += 1
        found["before"] += left[:1].isupper() and fold(left) not in opening_words(article.report.language)
        found["after"] += right[:1].isupper()
        found["acts"] += right[:1].islower() and bool(classes(right, article.report.language))
        found["comma"] += match["comma"] is not None
        found["owner"] += match["owner"] is not None
    total = max(1, found.pop("all", 0))
    features = {f"name.{way}": count / total for way, count in found.items()}
    features["person"] = float(found["before"] + found["after"] > 0)
    return features


def _of_size(where: Where, article: Article) -> Features:
    if where.geonameid is None or where.place is None:
        return {"people.unknown": 1.0}
    rows = article.places.gazetteer.find(where.place)
    people = max((p.population or 0 for p in rows if p.geonameid == where.geonameid), default=0)
    return {"people": log10(people + 1) / 7}


def _where(phrases: Sequence[Phrase], article: Article) -> Where:
    """What a name is taken for in this article, by the phrase that says most of it."""
    best = min(phrases, key=lambda p: (p.role is None, p.spans[0].start))
    bare = Mention(
        "",
        article.report.id,
        "",
        "",
        phrases={
            "place": (
                replace(
                    best,
                    role="in" if best.role in (None, INSIDE, CUE, "metonym", "dateline") else best.role,
                ),
            )
        },
    )
    return places.place(bare, article.places).where


def _is_capital(where: Where) -> bool:
    nation = reference.country(where.country) if where.country else None
    return nation is not None and where.place in nation.seats


def _names(mention: Mention) -> set[str]:
    """The place of a coded event, as the gazetteer and as the article names it."""
    evidence = mention.evidence.get("place")
    words = evidence.words if evidence is not None else ()
    return {fold(name) for name in (mention.where.place, *words) if name}


def _of_spans(article: Article, spans: Sequence[Span]) -> Features:
    """Where in the article a name stands, and in what company."""
    features: Features = {"times": log1p(len(spans))}
    if not spans:
        return features
    features["only.once"] = float(len(spans) == 1)
    acts = 0
    for span in spans:
        at = article.sentence_of(span)
        if at is None:
            features["dateline"] = 1.0
            continue
        acts += any(name in ACTS for name, _ in article.found[at])
        sentence = article.sentences[at]
        if sentence.part == "title":
            features["title"] = 1.0
        else:
            features[f"paragraph.{min(5, sentence.paragraph)}"] = 1.0
            shared = words(article.report.title) & words(sentence.text)
            features["title.words"] = max(features.get("title.words", 0.0), min(4, len(shared)) / 4)
        for name, offset in article.found[at]:
            features[f"in.{name}"] = 1.0
            if abs(offset - (span.start - sentence.start)) < _NEAR:
                features[f"near.{name}"] = 1.0
    features["acts"] = log1p(acts)
    features["acts.share"] = acts / len(spans)
    return features


def _of_mentions(article: Article, coded: Sequence[Mention]) -> Features:
    if not article.mentions:
        return {}
    features: Features = {"coded.share": len(coded) / len(article.mentions), "coded": float(bool(coded))}
    for mention in coded:
        features[f"coded.{mention.aspect}"] = 1.0
        features[f"coded.{mention.kind}"] = 1.0
    features["coded.first"] = float(article.mentions[0] in coded)
    return features
