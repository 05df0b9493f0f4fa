"""Figures as text for the terminal and for `docs/accuracy.md`.

Invariant: only formats; every number comes from a scorer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
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


TEXTS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {"gold": gold_text, "hrdsattack": hrdsattack_text}
