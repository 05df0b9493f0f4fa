"""Articles on incidents that a key tells apart: are those of one incident put together, and are its figures right?

Invariant: every article is one element, the same for us and for each baseline; one that gives no mention stands alone.
The articles are of ordinary crime, so they are coded with the scope any_violence.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise as neighbors
from typing import Any

from tarikh import pipeline
from tarikh.evaluation.clusters import b_cubed, pairwise
from tarikh.evaluation.coding import Uncoded
from tarikh.model import Document, Incident, Mention
from tarikh.pipeline import Rules

Row = Mapping[str, Any]
NEAR_DAYS = 3
"""Days between two articles of one city that the first baseline takes for one incident."""
_ACTS = frozenset(("attack_on_civilians", "armed_clash", "mob_violence", "excessive_force"))
_WORD = re.compile(r"[a-z]{3,}")
_COMMON = 0.5
"""Share of articles from which on a word says nothing."""
_HOT = 200
"""A word of more articles is not looked up: too many pairs, and it weighs little."""
THRESHOLDS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6)
"""Cosines at which TF-IDF single link is tried; the best for it is told."""


def score(rows: Sequence[Row], rules: Rules, workers: int, uncoded: Uncoded) -> dict[str, Any]:
    """Pairwise and B-cubed scores over articles, of ours and of baselines, and shares of right fields of found incidents.

    `rows` are articles (`doc_id`, `incident_id`, `dct`, `title`, `text`) and the key (`incident_uri`, `date`, `num_killed`,
    `num_injured`).
    """
    articles = [row for row in rows if "doc_id" in row]
    key = {str(row["incident_uri"]): row for row in rows if "incident_uri" in row}
    coded = _coded(articles, replace(rules, scope="any_violence"), workers, uncoded)
    incidents, _ = pipeline.incidents([mention for told in coded.values() for mention in told])
    home = {member: incident for incident in incidents for member in incident.members}
    main = {doc: _main(told) for doc, told in coded.items()}
    gold = {str(row["doc_id"]): str(row["incident_id"]) for row in articles}
    ours = {doc: home[told.id].id if told is not None else doc for doc, told in main.items()}
    result: dict[str, Any] = {
        "articles": len(articles),
        "with a mention": sum(told is not None for told in main.values()),
        "ours": _clustering(gold, ours),
        f"same city within {NEAR_DAYS} days": _clustering(gold, _by_city(main)),
        "alone": _clustering(gold, {doc: doc for doc in gold}),
    }
    links = list(_alike(articles))
    tried = [(_clustering(gold, _joined(gold, links, least)), least) for least in THRESHOLDS]
    best, least = max(tried, key=lambda row: float(row[0]["pairwise"]["f1"]))
    result["TF-IDF, single link"] = best | {"threshold": least}
    return result | {"fields": _fields(gold, main, home, key)}


def _coded(
    articles: Sequence[Row], rules: Rules, workers: int, uncoded: Uncoded
) -> dict[str, tuple[Mention, ...]]:
    documents = (
        Document(
            "key", str(row["text"]), id=str(row["doc_id"]), title=str(row["title"]), published=str(row["dct"])
        )
        for row in articles
    )
    found: dict[str, tuple[Mention, ...]] = {str(row["doc_id"]): () for row in articles}
    for outcome in pipeline.code_all(pipeline.read(documents, rules), rules, workers):
        if outcome.problem is not None:
            uncoded[str(outcome.id)] = outcome.problem.reason
        found[str(outcome.id)] = outcome.mentions or ()
    return found


def _main(told: Sequence[Mention]) -> Mention | None:
    """The act that an article is about: the first violent new one with somebody hurt, else the first of what is left."""

    def weight(mention: Mention) -> tuple[bool, bool, bool]:
        counts = (mention.harm.get(name) for name in ("killed", "injured"))
        hurt = any((count.best or 0) > 0 for count in counts if count is not None)
        return mention.kind in _ACTS, mention.aspect == "new", hurt

    return max(told, key=weight, default=None)


def _clustering(gold: Mapping[str, str], found: Mapping[str, str]) -> dict[str, Any]:
    links = [(gold[doc], found[doc]) for doc in gold]
    return {"pairwise": pairwise(links), "b_cubed": b_cubed(links)}


# ---- baselines -------------------------------------------------------------------------------------------


def _by_city(main: Mapping[str, Mention | None]) -> dict[str, str]:
    towns: dict[tuple[str | None, ...], list[tuple[date, str]]] = defaultdict(list)
    for doc, told in main.items():
        if told is not None and told.when.start is not None and told.where.precision in ("exact", "near"):
            towns[told.where.country, told.where.admin1, told.where.place].append((told.when.start, doc))
    links = []
    for days in towns.values():
        days.sort()
        links += [
            (1.0, one, two)
            for (first, one), (second, two) in neighbors(days)
            if (second - first).days <= NEAR_DAYS
        ]
    return _joined(main, links, 1.0)


def _joined(docs: Iterable[str], links: Iterable[tuple[float, str, str]], least: float) -> dict[str, str]:
    """Single link: whatever hangs together by links of at least this weight."""
    parent = {doc: doc for doc in docs}

    def root(doc: str) -> str:
        while parent[doc] != doc:
            parent[doc] = parent[parent[doc]]
            doc = parent[doc]
        return doc

    for weight, one, two in links:
        if weight >= least:
            parent[root(one)] = root(two)
    return {doc: root(doc) for doc in parent}


def _alike(articles: Sequence[Row]) -> Iterator[tuple[float, str, str]]:
    """Cosines of TF-IDF vectors (log term frequency, log inverse document frequency) of articles that share a rarer word."""
    counts = [Counter(_WORD.findall(f"{row['title']} {row['text']}".lower())) for row in articles]
    spread = Counter(word for words in counts for word in words)
    total = len(articles)
    index: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for number, words in enumerate(counts):
        weights = {
            word: (1 + math.log(n)) * math.log(total / spread[word])
            for word, n in words.items()
            if spread[word] < total * _COMMON
        }
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        for word, weight in weights.items():
            index[word].append((number, weight / length))
    cosines: Counter[tuple[int, int]] = Counter()
    for found in index.values():
        if len(found) <= _HOT:
            for at, (one, left) in enumerate(found):
                for two, right in found[:at]:
                    cosines[two, one] += left * right  # type: ignore[assignment]
    for (one, two), cosine in cosines.items():
        if cosine >= THRESHOLDS[0]:
            yield float(cosine), str(articles[one]["doc_id"]), str(articles[two]["doc_id"])


# ---- fields ----------------------------------------------------------------------------------------------


def _fields(
    gold: Mapping[str, str],
    main: Mapping[str, Mention | None],
    home: Mapping[str, Incident],
    key: Mapping[str, Row],
) -> dict[str, Any]:
    """Shares of key incidents with a mention of which killed, injured and day are right, by the incident of ours that holds
    most of their articles; a figure that is not stated counts as none."""
    held: dict[str, Counter[str]] = defaultdict(Counter)
    known: dict[str, Incident] = {}
    for doc, told in main.items():
        if told is not None and gold[doc] in key:
            incident = home[told.id]
            known[incident.id] = incident
            held[gold[doc]][incident.id] += 1
    right: Counter[str] = Counter()
    for name, found in held.items():
        incident, truth = known[found.most_common(1)[0][0]], key[name]
        day = datetime.strptime(str(truth["date"]), "%B %d, %Y").date()
        right["killed"] += _figure(incident, "killed") == truth["num_killed"]
        right["injured"] += _figure(incident, "injured") == truth["num_injured"]
        right["date"] += incident.when.start == day and incident.when.end in (day, None)
    total = len(held)
    shares = {name: right[name] / total if total else 0.0 for name in ("killed", "injured", "date")}
    return {"incidents": len(key), "found": total, **shares}


def _figure(incident: Incident, harm: str) -> int:
    count = incident.harm.get(harm)
    return (count.best or 0) if count is not None else 0
