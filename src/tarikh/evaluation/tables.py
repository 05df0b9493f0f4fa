"""Figures as text for the terminal and for `docs/accuracy.md`.

Invariant: only formats; every number comes from a scorer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any


def _prf(name: str, row: Mapping[str, float]) -> str:
    return f"{name:22}P {row['precision']:.3f}  R {row['recall']:.3f}  F1 {row['f1']:.3f}"


def gold_text(result: Mapping[str, Any]) -> str:
    """All figures of kind `gold`."""
    lines = []
    for name, scores in result.items():
        if name == "errors":
            lines += ["", *(json.dumps(e, ensure_ascii=False) for e in scores)]
            continue
        lines.append(
            f"== {name}: {scores['reports']} reports, {scores['gold_mentions']} gold mentions, {scores['predicted_mentions']} predicted"
        )
        keys = (
            "mention",
            "family",
            "record",
            "linking_of_found",
            "singletons_of_found",
            "pairs_of_found",
            "linking_end_to_end",
            "pairs_end_to_end",
        )
        lines += [_prf(key, scores[key]) for key in keys]
        lines.append(f"{'fields':22}" + "  ".join(f"{k} {v:.3f}" for k, v in scores["fields"].items()))
        lines.append(
            f"{'recall by class':22}"
            + "  ".join(f"{k} {v:.3f}" for k, v in scores["recall_by_class"].items())
        )
        lines.append(
            f"{'false alarms':22}{scores['false_alarms_per_empty_report']:.3f} an empty report,"
            f" {scores['empty_reports_with_false_alarm']:.3f} of them hit"
        )
    return "\n".join(lines)


def hrdsattack_text(result: Mapping[str, Any]) -> str:
    """All figures of kind `hrdsattack`."""
    scores = result["all"]
    lines = [
        f"{slot:10}{row['right']} of {row['of']}  {row['share'] or 0:.3f}"
        for slot, row in scores["slots"].items()
    ]
    lines.append(_prf("violation types", scores["violation_types"]))
    lines += [json.dumps(e, ensure_ascii=False) for e in result.get("errors", ())]
    return "\n".join(lines)


def muc4_text(result: Mapping[str, Any]) -> str:
    """All figures of kind `muc4`."""
    scores = result["all"]
    lines = [
        f"{slot:10}R {row['recall']:.3f} ({row['right']} of {row['wanted']})"
        f"  P {row['precision']:.3f} ({row['right']} of {row['given']})"
        for slot, row in scores["slots"].items()
    ]
    lines += [json.dumps(e, ensure_ascii=False) for e in result.get("errors", ())]
    return "\n".join(lines)


def swap_text(result: Mapping[str, Any]) -> str:
    """Flip rates of kind `swap`, and every flip."""
    lines = []
    for name in ("all", "label", "name", "army"):
        row = result[name]
        lines.append(
            f"== {name}: {row['swaps']} swaps, {row['mentions']} mentions, {row['flipped']} flipped, flip rate {row['rate']:.4f}"
        )
        lines.append("  ".join(f"{field} {rate:.4f}" for field, rate in row["fields"].items()))
    lines += [json.dumps(flip, ensure_ascii=False) for flip in result["flips"]]
    return "\n".join(lines)


def dates_text(result: Mapping[str, Any]) -> str:
    """All figures of kind `dates`."""
    lines = []
    for name, row in result.get("timex3", {}).items():
        lines.append(
            f"{name:22}words P {row['precision']:.3f}  R {row['recall']:.3f}  relaxed F {row['relaxed_f']:.3f}"
            f"  values right {row['value_accuracy']:.3f}  value F {row['value_f']:.3f}"
        )
    if "gold" in result:
        lines.append(
            "given of gold: kind, aspect and trigger of each event, and its words of time; never its days"
        )
    for name, row in result.get("gold", {}).items():
        lines.append(f"{name:22}{row['words']} words  found {row['found']:.3f}  right {row['right']:.3f}")
        lines += [
            f"  {sort:20}{c['right']} of {c['words']}  {c['right'] / c['words']:.3f}"
            for sort, c in row["sorts"].items()
        ]
    lines += [json.dumps(e, ensure_ascii=False) for e in result.get("errors", ())]
    return "\n".join(lines)


def places_text(result: Mapping[str, Any]) -> str:
    """All figures of kind `places`."""
    lines = []
    if (row := result.get("names")) is not None:
        lines += [
            f"names   {row['keys']:.0f} in {row['texts']} texts  tagging P {row['precision']:.3f}  R {row['recall']:.3f}  F1 {row['f1']:.3f}",
            f"        within 161 km {row['near']:.3f}  an oracle {row['ceiling']:.3f}  share of it {row['of_ceiling']:.3f}"
            f"  mean {row['mean_km']:.0f} km  AUC {row['auc']:.3f}",
        ]
    if (row := result.get("acts")) is not None:
        lines.append(
            f"acts    {row['sentences']} sentences, {row['acts']:.3f} with an act  words of their places P {row['precision']:.3f}"
            f"  R {row['recall']:.3f}  F1 {row['f1']:.3f}  R of all {row['recall_of_all']:.3f}"
        )
    lines += [json.dumps(e, ensure_ascii=False) for e in result.get("errors", ())]
    return "\n".join(lines)


_CLUSTERINGS = (
    "ours",
    "ours, gravest act alone",
    "same city within 3 days",
    "TF-IDF, single link",
    "alone",
)


def _clusterings(result: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """Name and the six scores of each clustering of articles."""
    made = []
    for name in _CLUSTERINGS:
        rows = (result[name]["pairwise"], result[name]["b_cubed"])
        scores = [f"{row[part]:.3f}" for row in rows for part in ("precision", "recall", "f1")]
        told = f"{name} at {result[name]['threshold']}" if "threshold" in result[name] else name
        made.append((told, scores))
    return made


def incidents_text(result: Mapping[str, Any]) -> str:
    """All figures of kind `incidents`."""
    lines = [
        f"articles {result['articles']}, {result['with a mention']} with a mention",
        f"{'':28}pairs P      R     F1  B-cubed P      R     F1",
    ]
    lines += [
        f"{name:28}  " + "  ".join(scores[:3]) + "      " + "  ".join(scores[3:])
        for name, scores in _clusterings(result)
    ]
    row = result["fields"]
    lines.append(
        f"of {row['found']} incidents found ({row['incidents']} in the key): killed {row['killed']:.3f}"
        f"  injured {row['injured']:.3f}  date {row['date']:.3f}"
    )
    return "\n".join(lines)


TEXTS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "gold": gold_text,
    "hrdsattack": hrdsattack_text,
    "muc4": muc4_text,
    "swap": swap_text,
    "dates": dates_text,
    "places": places_text,
    "incidents": incidents_text,
}


# ---- docs/accuracy.md ----------------------------------------------------------------------------------------

_PUBLISHED = {
    "country": ".74 (66 of 89)",
    "region": ".25 (3 of 12)",
    "city": ".51 (23 of 45)",
    "year": ".63 (50 of 80)",
    "month": ".69 (33 of 48)",
    "day": ".40 (14 of 35)",
    "violation types": "F1 .714",
}
"""Ran et al. 2023, of non-null gold of the test split; country exact there, folded here."""
_CEILING = "an independent careful reader with the codebook agrees at mention F1 .98, record F1 .84"
_BY_HAND = "<!-- by hand -->"
_HEAD = """# How accurate is it?

The tables of this page are written by `make eval DATA=…`, the text below them by people. Figures are of the packaged parser and the
default gazetteer. A *record* is right when kind, date, place (within 10 km), both party lists and the number killed are all right.
Synthetic gold: reports invented for the project in the manner of real ones; HRDsAttack: real articles. For comparison, {ceiling}.
"""


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}".removeprefix("0")


def _gold_rows(results: Sequence[tuple[Any, Mapping[str, Any]]]) -> list[str]:
    lines = [
        "| set | reports | mention P | R | F1 | record F1 | false alarms an empty report | links found F1 | links end to end F1 | B-cubed found F1 | all alone |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    fields = ["| set | " + " | ".join(FIELD_NAMES.values()) + " |", "|---|" + "---|" * len(FIELD_NAMES)]
    classes = [
        "| set | alleged | claimed | disputed | reported | background | new |",
        "|---|---|---|---|---|---|---|",
    ]
    for labelled, result in results:
        if labelled.kind != "gold":
            continue
        parts = [name for name in result if name != "errors"]
        for part in parts if len(parts) > 1 else ["all"]:
            s = result[part]
            name = labelled.name if part == "all" else f"{labelled.name}, {part}"
            m = s["mention"]
            lines.append(
                f"| {name} | {s['reports']} | {_share(m['precision'])} | {_share(m['recall'])} | {_share(m['f1'])} | {_share(s['record']['f1'])}"
                f" | {_share(s['false_alarms_per_empty_report'])} | {_share(s['pairs_of_found']['f1'])} | {_share(s['pairs_end_to_end']['f1'])}"
                f" | {_share(s['linking_of_found']['f1'])} | {_share(s['singletons_of_found']['f1'])} |"
            )
            fields.append(f"| {name} | " + " | ".join(_share(s["fields"][f]) for f in FIELD_NAMES) + " |")
            row = s["recall_by_class"]
            names = ("alleged", "claimed", "disputed", "reported", "background", "new")
            classes.append(f"| {name} | " + " | ".join(_share(row.get(c)) for c in names) + " |")
    head = [
        "## Reports coded by the codebook",
        "",
        *lines,
        "",
        "Share right of matched mentions:",
        "",
        *fields,
    ]
    return [*head, "", "Recall by status and aspect, of matched mentions:", "", *classes, ""]


FIELD_NAMES: Mapping[str, str] = {
    "date": "date",
    "place10": "place 10 km",
    "precision": "precision",
    "country": "country",
    "attackers": "attackers",
    "targets": "targets",
    "killed_best": "killed",
    "killed_interval": "killed interval",
    "injured_best": "injured",
    "status": "status",
    "aspect": "aspect",
}


def _hrdsattack_rows(results: Sequence[tuple[Any, Mapping[str, Any]]]) -> list[str]:
    chosen = [(labelled, result["all"]) for labelled, result in results if labelled.kind == "hrdsattack"]
    if not chosen:
        return []
    names = [labelled.name for labelled, _ in chosen]
    lines = [
        "## HRDsAttack",
        "",
        f"| right of non-null gold | {' | '.join(names)} | published (test split) |",
        "|---|" + "---|" * (len(names) + 1),
    ]
    for slot in ("country", "region", "city", "year", "month", "day"):
        cells = [
            f"{_share(s['slots'][slot]['share'])} ({s['slots'][slot]['right']} of {s['slots'][slot]['of']})"
            for _, s in chosen
        ]
        lines.append(f"| {slot} | {' | '.join(cells)} | {_PUBLISHED[slot]} |")
    cells = [f"F1 {_share(s['violation_types']['f1'])}" for _, s in chosen]
    return [*lines, f"| violation types | {' | '.join(cells)} | {_PUBLISHED['violation types']} |", ""]


_MUC4_PUBLISHED = {"type": ".83 / .69", "date": ".66 / .54", "location": ".65 / .54"}
"""The best system of 1992 on the test sets of the conference."""


def _muc4_rows(results: Sequence[tuple[Any, Mapping[str, Any]]]) -> list[str]:
    chosen = [(labelled, result["all"]) for labelled, result in results if labelled.kind == "muc4"]
    if not chosen:
        return []
    lines = [
        "## MUC-4",
        "",
        f"| recall / precision | {' | '.join(labelled.name for labelled, _ in chosen)} | best of 1992 (test sets) |",
        "|---|" + "---|" * (len(chosen) + 1),
    ]
    for slot, published in _MUC4_PUBLISHED.items():
        rows = [scores["slots"][slot] for _, scores in chosen]
        cells = [f"{_share(row['recall'])} / {_share(row['precision'])}" for row in rows]
        lines.append(f"| {slot} | {' | '.join(cells)} | {published} |")
    return [*lines, ""]


_SWAP_FIELDS = ("mention", "kind", "harm", "date", "place", "attackers", "targets", "status", "aspect")


def _swap_rows(swaps: Sequence[tuple[Any, Mapping[str, Any]]]) -> list[str]:
    if not swaps:
        return []
    lines = [
        "## Label swap: flip rate",
        "",
        "Each report coded again with other words for armed people (“terrorists”, “fighters”), with another group of the same country, with",
        "another state's army. Share of mentions of which anything moved that must not, and of each field:",
        "",
        f"| set | swaps | mentions | label | name | army | all | {' | '.join(_SWAP_FIELDS)} |",
        "|---|" + "---|" * (len(_SWAP_FIELDS) + 6),
    ]
    for labelled, result in swaps:
        row = result["all"]
        rates = [_rate(result[sort]) for sort in ("label", "name", "army", "all")]
        fields = [f"{100 * row['fields'][name]:.1f} %" for name in _SWAP_FIELDS]
        lines.append(
            f"| {labelled.name} | {row['swaps']} | {row['mentions']} | {' | '.join([*rates, *fields])} |"
        )
    return [*lines, ""]


_DATES_PUBLISHED = "HeidelTime .776, NavyTime .710, SUTime .674 on TempEval-3's news"


def _dates_rows(times: Sequence[tuple[Any, Mapping[str, Any]]]) -> list[str]:
    lines: list[str] = []
    coded = [(labelled, result["gold"]) for labelled, result in times if "gold" in result]
    if coded:
        lines = [
            "## Words of time",
            "",
            "The words that the labels name, resolved, whoever finds the event; share whose span of days and precision are right:",
            "",
            "| set | words | found | right |",
            "|---|---|---|---|",
        ]
        for labelled, result in coded:
            parts = [name for name in result if name != "all"] or ["all"]
            for part in parts:
                row, name = result[part], labelled.name if part == "all" else f"{labelled.name}, {part}"
                if not row["words"]:  # a file without the words of its fields
                    continue
                lines.append(f"| {name} | {row['words']} | {_share(row['found'])} | {_share(row['right'])} |")
        lines.append("")
    for labelled, result in times:
        if "timex3" in result:
            lines += [
                f"| {labelled.name} | words P | R | relaxed F | values right | value F |",
                "|---|---|---|---|---|---|",
            ]
            for name, row in result["timex3"].items():
                keys = ("precision", "recall", "relaxed_f", "value_accuracy", "value_f")
                lines.append(f"| {name} | " + " | ".join(_share(row[k]) for k in keys) + " |")
            lines += ["", f"Value F published: {_DATES_PUBLISHED}.", ""]
    return lines


def _places_rows(results: Sequence[tuple[Any, Mapping[str, Any]]]) -> list[str]:
    """Names of places alone, and which place is that of which act."""
    named = [(labelled, result["names"]) for labelled, result in results if "names" in result]
    told = [(labelled, result["acts"]) for labelled, result in results if "acts" in result]
    lines: list[str] = []
    if named:
        lines = [
            "## Names of places",
            "",
            "Tagging by exact span; then the names of the key resolved: share within 161 km, the share that an oracle choosing among the",
            "same gazetteer's candidates would reach, and the first in parts of the second:",
            "",
            "| set | names | tagging P | R | F1 | within 161 km | oracle | share of it | mean km |",
            "|---|---|---|---|---|---|---|---|---|",
        ]
        for labelled, row in named:
            keys = ("precision", "recall", "f1", "near", "ceiling", "of_ceiling")
            shares = " | ".join(_share(row[k]) for k in keys)
            lines.append(f"| {labelled.name} | {row['keys']:.0f} | {shares} | {row['mean_km']:.0f} |")
        lines.append("")
    if told:
        lines += [
            "The place of the act that a given verb tells of, by words, where the verb is an act to the coder; and recall where the places",
            "of all other verbs count as missed (published, Halterman 2019, of all: P and R over .83):",
            "",
            "| set | sentences | an act | P | R | F1 | R of all |",
            "|---|---|---|---|---|---|---|",
        ]
        for labelled, row in told:
            parts = ("acts", "precision", "recall", "f1", "recall_of_all")
            shares = " | ".join(_share(row[k]) for k in parts)
            lines.append(f"| {labelled.name} | {row['sentences']} | {shares} |")
        lines.append("")
    return lines


def _incidents_rows(results: Sequence[tuple[Any, Mapping[str, Any]]]) -> list[str]:
    """Articles of incidents put together, beside baselines."""
    lines: list[str] = []
    for labelled, result in results:
        row = result["fields"]
        lines += [
            f"## Incidents from many articles: {labelled.name}",
            "",
            f"{result['articles']} articles of ordinary crime, coded with the scope `any_violence`; {result['with a mention']} give a"
            " mention, the others stand alone. An article stands for the act that most articles tell of (also for the baseline of"
            " cities), of those that no other tells of for the gravest; in the second row for the gravest alone. TF-IDF is at the"
            f" threshold that is best for its pairs here; its B-cubed F1 is {result['TF-IDF, single link']['best_b_cubed']:.3f} at best.",
            "",
            "| | pairs P | R | F1 | B-cubed P | R | F1 |",
            "|---|---|---|---|---|---|---|",
            *(f"| {name} | " + " | ".join(scores) + " |" for name, scores in _clusterings(result)),
            "",
            f"Of the {row['found']} incidents found, right after consolidation: killed {_share(row['killed'])}, injured"
            f" {_share(row['injured'])}, date {_share(row['date'])}.",
            "",
        ]
    return lines


def _rate(row: Mapping[str, Any]) -> str:
    return f"{100 * row['rate']:.1f} %" if row["mentions"] else "–"


def accuracy_page(
    results: Sequence[tuple[Any, Mapping[str, Any]]],
    before: str,
    swaps: Sequence[tuple[Any, Mapping[str, Any]]] = (),
    times: Sequence[tuple[Any, Mapping[str, Any]]] = (),
    spots: Sequence[tuple[Any, Mapping[str, Any]]] = (),
    many: Sequence[tuple[Any, Mapping[str, Any]]] = (),
) -> str:
    """The page: tables of this run, then what was written by hand before."""
    notes = [
        "## The sets",
        "",
        *(f"- **{labelled.name}**: {labelled.note}" for labelled, _ in (*results, *spots, *many)),
        "",
    ]
    by_hand = before.partition(_BY_HAND)[2] or "\n\n## What is wrong and why\n"
    tables = [
        *_gold_rows(results),
        *_hrdsattack_rows(results),
        *_muc4_rows(results),
        *_dates_rows(times),
        *_places_rows(spots),
        *_incidents_rows(many),
        *_swap_rows(swaps),
    ]
    made = [_HEAD.format(ceiling=_CEILING), *tables, *notes]
    return "\n".join(made) + "\n" + _BY_HAND + by_hand
