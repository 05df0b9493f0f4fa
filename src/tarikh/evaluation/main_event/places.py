"""Candidates for the country and town of an article's main event: every place that it names.

Invariant: a town is given as the article writes it; a country by its ISO alpha-3 code.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import log1p

from tarikh import reference
from tarikh.evaluation.main_event.article import Article, Features, words
from tarikh.model import Mention, Phrase, Span, Where
from tarikh.resolve import places
from tarikh.text import fold

_NEAR = 80
_LEAD = 3
_CLEAR = 0.4
"""Weight from which a name speaks for a country rather than for one of several."""
_WITHIN = frozenset(("in", "near", "dateline", "admin2"))
_CITY_STATES = frozenset(("HKG", "MAC", "SGP", "MCO", "VAT", "GIB"))
_SILENT = frozenset(("demonym", "metonym", "country"))


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
    ranked = sorted({*support, *coded}, key=lambda code: (-support.get(code, 0.0), code))
    for rank, code in enumerate(ranked):
        features: Features = {"support": support.get(code, 0.0), f"rank.{min(rank, 3)}": 1.0}
        features |= _of_spans(article, spans[code])
        features |= _of_mentions(article, [m for m in article.mentions if m.where.country == code])
        found.append(PlaceCandidate(code, code, features))
    return found


def towns(article: Article) -> list[PlaceCandidate]:
    """The towns that an article names, and names that the gazetteer lacks; units only by names of their own."""
    named = _by_name(article)
    support = article.places.support(None)
    leader = max(support, key=lambda code: (support[code], code), default=None)
    read = {key: _where(phrases, article) for key, phrases in named.items()}
    kept = {
        key: phrases
        for key, phrases in named.items()
        if read[key].precision != "country" or _is_city_state(phrases[0])
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
        features["capital"] = float(_is_capital(where, article))
        features |= _of_spans(article, [p.spans[0] for p in phrases])
        features |= _of_mentions(article, [m for m in article.mentions if key in _names(m)])
        found.append(PlaceCandidate(phrases[0].text, where.country, features))
    return found


def _by_name(article: Article) -> dict[str, list[Phrase]]:
    """The phrases that can name a town, by folded name, in the order of the article's text."""
    named: dict[str, list[Phrase]] = defaultdict(list)
    in_text_first = sorted(article.toponyms, key=lambda p: (p.spans[0].part == "title", p.spans[0].start))
    for phrase in in_text_first:
        if phrase.role not in _SILENT or _is_city_state(phrase):
            named[fold(phrase.text)].append(phrase)
    return named


def _is_city_state(phrase: Phrase) -> bool:
    """Whether the name of a country or territory is that of its one town: Singapore, Hong Kong."""
    nation = reference.country_by_name(phrase.text)
    return nation is not None and (
        nation.iso3 in _CITY_STATES or fold(phrase.text) in map(fold, nation.seats)
    )


def _of_country(code: str | None, leader: str | None, support: Mapping[str, float]) -> Features:
    features: Features = {"country": support.get(code or "", 0.0)}
    features["country.leads"] = float(code is not None and code == leader)
    features["country.none"] = float(code is None)
    return features


def _where(phrases: Sequence[Phrase], article: Article) -> Where:
    """What a name is taken for in this article, by the phrase that says most of it."""
    best = min(phrases, key=lambda p: (p.role is None, p.spans[0].start))
    bare = Mention("", article.report.id, "", "", phrases={"place": (replace(best, role=best.role or "in"),)})
    return places.place(bare, article.places).where


def _is_capital(where: Where, article: Article) -> bool:
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
    for span in spans:
        at = article.sentence_of(span)
        if at is None:
            features["dateline"] = 1.0
            continue
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
