"""Articles on incidents that a key tells apart: are those of one incident put together, and are its figures right?

Invariant: every article is one element, the same for us and for each baseline; one that gives no mention stands alone.
The articles are of ordinary crime, so they are coded with the scope any_violence.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from tarikh import pipeline
from tarikh.evaluation.article_baselines import NEAR_DAYS, THRESHOLDS, alike, by_city, joined
from tarikh.evaluation.clusters import b_cubed, pairwise
from tarikh.evaluation.coding import Uncoded
from tarikh.model import Document, Incident, Mention
from tarikh.pipeline import Rules

Row = Mapping[str, Any]
_ACTS = frozenset(("attack_on_civilians", "armed_clash", "mob_violence", "excessive_force"))


def score(rows: Sequence[Row], rules: Rules, workers: int, uncoded: Uncoded) -> dict[str, Any]:
    """Pairwise and B-cubed scores over articles, of ours and of baselines, and shares of right fields of found incidents.

    `rows` are articles (`doc_id`, `incident_id`, `dct`, `title`, `text`) and the key (`incident_uri`, `date`, `num_killed`,
    `num_injured`).
    """
    articles = [row for row in rows if "doc_id" in row]
    key = {str(row["incident_uri"]): row for row in rows if "incident_uri" in row}
    told = coded(articles, rules, workers, uncoded)
    mentions = [mention for each in told.values() for mention in each]
    incidents, _ = pipeline.incidents(mentions)
    home = {member: incident for incident in incidents for member in incident.members}
    ids = {member: incident.id for member, incident in home.items()}
    gold = {str(row["doc_id"]): str(row["incident_id"]) for row in articles}
    main = about(told, ids)
    first = {doc: max(each, key=_weight, default=None) for doc, each in told.items()}
    result: dict[str, Any] = {
        "articles": len(articles),
        "with a mention": sum(bool(each) for each in told.values()),
        "ours": clustering(gold, clusters(main, ids)),
        "ours, gravest act alone": clustering(gold, clusters(first, ids)),
        f"same city within {NEAR_DAYS} days": clustering(gold, by_article(told, by_city(mentions))),
        "TF-IDF, single link": by_text(articles, gold),
        "alone": clustering(gold, {doc: doc for doc in gold}),
    }
    return result | {"fields": _fields(gold, main, home, key)}


def by_text(articles: Sequence[Row], gold: Mapping[str, str]) -> dict[str, Any]:
    """TF-IDF single link at the `threshold` at which its pairs are best, with its best B-cubed F1 at any (`best_b_cubed`)."""
    links = list(alike(articles))
    tried = [(clustering(gold, joined(gold, links, least)), least) for least in THRESHOLDS]
    best, least = max(tried, key=lambda row: float(row[0]["pairwise"]["f1"]))
    return best | {"threshold": least, "best_b_cubed": max(float(row["b_cubed"]["f1"]) for row, _ in tried)}


def coded(
    articles: Sequence[Row], rules: Rules, workers: int, uncoded: Uncoded
) -> dict[str, tuple[Mention, ...]]:
    """The mentions of each article, by its `doc_id`, coded with the scope any_violence."""
    rules = replace(rules, scope="any_violence")
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


# ---- what an article is about -------------------------------------------------------------------------------


def about(told: Mapping[str, Sequence[Mention]], home: Mapping[str, str]) -> dict[str, Mention | None]:
    """The mention that each article stands for, `home` being the cluster of each mention.

    An article tells of several acts, or of one in several pieces: it stands for the one that most articles tell of, and
    among those that no other tells of for the gravest. What the key says is not looked at.
    """
    articles: dict[str, set[str]] = defaultdict(set)
    for doc, each in told.items():
        for mention in each:
            articles[home[mention.id]].add(doc)

    def weight(mention: Mention) -> tuple[int, tuple[bool, bool, bool]]:
        return len(articles[home[mention.id]]), _weight(mention)

    return {doc: max(each, key=weight, default=None) for doc, each in told.items()}


def _weight(mention: Mention) -> tuple[bool, bool, bool]:
    """Sort key of gravity: violence, somebody hurt, news."""
    counts = (mention.harm.get(name) for name in ("killed", "injured"))
    hurt = any((count.best or 0) > 0 for count in counts if count is not None)
    return mention.kind in _ACTS, hurt, mention.aspect == "new"


def clusters(main: Mapping[str, Mention | None], home: Mapping[str, str]) -> dict[str, str]:
    """The cluster of each article; one without a mention is alone."""
    return {doc: doc if told is None else home[told.id] for doc, told in main.items()}


def by_article(told: Mapping[str, Sequence[Mention]], home: Mapping[str, str]) -> dict[str, str]:
    """The cluster of each article out of the clusters of mentions."""
    return clusters(about(told, home), home)


def clustering(gold: Mapping[str, str], found: Mapping[str, str]) -> dict[str, Any]:
    """Pairwise and B-cubed scores of articles."""
    links = [(gold[doc], found[doc]) for doc in gold]
    return {"pairwise": pairwise(links), "b_cubed": b_cubed(links)}


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
