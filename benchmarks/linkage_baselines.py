#!/usr/bin/env python3
"""Puts articles together by incident: ours beside three baselines that anybody could run, in one table.

Invariant: all see the same articles and the same coded mentions, and an article stands for the act that most articles tell
of, whoever puts them together; only scores are printed, never words of the articles.
Usage: benchmarks/linkage_baselines.py DOCS.jsonl INCIDENTS.jsonl [--workers 2]
Splink is no part of Tarikh: without it (pip install "splink>=5") its row is left out, and the run says so. Coding takes most of the time.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

from tarikh import pipeline
from tarikh.evaluation import read_rows
from tarikh.evaluation.article_baselines import NEAR_DAYS, by_city
from tarikh.evaluation.incident_articles import Row, by_article, by_text, clustering, coded
from tarikh.model import Mention
from tarikh.pipeline import Rules
from tarikh.settings import Settings

PROBABILITIES = (0.5, 0.8, 0.9, 0.95, 0.99)
"""Match probabilities at which Splink's pairs are put together; the best for it is told."""
MOST_PAIRS = 1e6
Told = Mapping[str, tuple[Mention, ...]]


def _records(told: Told, titles: Mapping[str, str]) -> list[dict[str, Any]]:
    """A row a mention: what a table of events would hold."""

    def figure(mention: Mention, harm: str) -> str | None:
        count = mention.harm.get(harm)
        return None if count is None or count.best is None else str(count.best)

    return [
        {
            "unique_id": mention.id,
            "day": mention.when.start.isoformat() if mention.when.start else None,
            "city": mention.where.place if mention.where.precision in ("exact", "near") else None,
            "state": mention.where.admin1,
            "killed": figure(mention, "killed"),
            "injured": figure(mention, "injured"),
            "title": titles[doc],
        }
        for doc, each in told.items()
        for mention in each
    ]


def _trained(records: Sequence[Mapping[str, Any]]) -> Any:
    """A Splink linker with the settings of its tutorials, trained without labels."""
    import pandas as pd
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.DateOfBirthComparison(
                "day", input_is_string=True, datetime_thresholds=[1, 7, 31], datetime_metrics=["day"] * 3
            ),
            cl.ExactMatch("city").configure(term_frequency_adjustments=True),
            cl.ExactMatch("state").configure(term_frequency_adjustments=True),
            cl.ExactMatch("killed"),
            cl.ExactMatch("injured"),
            cl.JaroWinklerAtThresholds("title", [0.9, 0.8, 0.7]),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("city"),
            block_on("day"),
            block_on("state", "killed", "injured"),
        ],
    )
    linker = Linker(DuckDBAPI().register(pd.DataFrame(records)), settings)
    linker.training.estimate_probability_two_random_records_match([block_on("city", "day")], recall=0.5)
    linker.training.estimate_u_using_random_sampling(max_pairs=MOST_PAIRS)
    for rule in (block_on("city"), block_on("day")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    return linker


def by_splink(told: Told, titles: Mapping[str, str], gold: Mapping[str, str]) -> dict[str, Any] | None:
    """Splink at the probability (`threshold`) that is best for its pairs, None where it is not installed."""
    try:
        import splink  # noqa: F401
    except ImportError:
        print('Splink is not installed, its row is left out: pip install "splink>=5"', file=sys.stderr)
        return None
    linker = _trained(_records(told, titles))
    pairs = linker.inference.predict(threshold_match_probability=0.01)
    tried = []
    for least in PROBABILITIES:
        made = linker.clustering.cluster_pairwise_predictions_at_threshold(
            pairs, threshold_match_probability=least
        ).as_pandas_dataframe()
        home = dict(zip(made.unique_id, map(str, made.cluster_id), strict=True))
        alone = {mention.id: mention.id for mention in chain.from_iterable(told.values())}
        scores = clustering(gold, by_article(told, alone | home))
        tried.append(scores | {"threshold": least})
    return max(tried, key=lambda row: float(row["pairwise"]["f1"]))


def compared(told: Told, articles: Sequence[Row]) -> dict[str, dict[str, Any]]:
    """The scores of each way to put the articles together, by its name."""
    gold = {str(row["doc_id"]): str(row["incident_id"]) for row in articles}
    titles = {str(row["doc_id"]): str(row["title"]) for row in articles}
    mentions = list(chain.from_iterable(told.values()))
    incidents, _ = pipeline.incidents(mentions)
    home = {member: incident.id for incident in incidents for member in incident.members}
    rows = {
        "Tarikh": clustering(gold, by_article(told, home)),
        f"same city within {NEAR_DAYS} days": clustering(gold, by_article(told, by_city(mentions))),
        "TF-IDF, single link": by_text(articles, gold),
    }
    splink = by_splink(told, titles, gold)
    if splink is not None:
        rows["Splink"] = splink
    return rows | {"each alone": clustering(gold, {doc: doc for doc in gold})}


def table(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """Precision, recall and F1 of pairs and B-cubed, a line a way."""
    lines = [f"{'':30} pairs P      R     F1   B-cubed P      R     F1"]
    for name, row in rows.items():
        told = f"{name} at {row['threshold']}" if "threshold" in row else name
        pairs, elements = row["pairwise"], row["b_cubed"]
        shown = [
            f"{part[score]:6.3f}" for part in (pairs, elements) for score in ("precision", "recall", "f1")
        ]
        lines.append(f"{told:30}  {' '.join(shown[:3])}      {' '.join(shown[3:])}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("docs", type=Path)
    parser.add_argument("incidents", type=Path)
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    rows = [*read_rows(given.docs), *read_rows(given.incidents)]
    articles = [row for row in rows if "doc_id" in row]
    rules = Rules(Settings().gazetteer_path(), date(2026, 1, 1))
    uncoded: dict[str, str] = {}
    told = coded(articles, rules, given.workers, uncoded)
    print(f"{len(articles)} articles, {len(uncoded)} could not be coded", file=sys.stderr)
    print(table(compared(told, articles)))


if __name__ == "__main__":
    main()
