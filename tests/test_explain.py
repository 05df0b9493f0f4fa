"""Why a sentence is or is not an incident: every trigger, refusal and unread sentence of a report is told.

Invariant: the reports are invented; explaining never changes what is coded.
"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from conftest import Run, Tarikh
from tarikh import pipeline
from tarikh.extract.explain import Explanation, Told, explain
from tarikh.model import Report
from test_triggers import gazetteer, report

TEXT = (
    "Gunmen killed four herders in an attack near Tera in Niger on Tuesday, residents said. "
    "The army warned that it would bomb the town of Ayorou. "
    "Millet was cheap at the market. "
    "On Wednesday soldiers clashed with jihadists in Banibangou, killing six of them."
)
NEWS_OF_MILLET = "Millet was cheap at the market of Tera this week, and the farmers were glad of the rain."


def told(text: str, title: str = "") -> tuple[Explanation, pipeline.Traced]:
    given = report(text, title)
    found = pipeline.traced(given, gazetteer())
    return explain(given, found.extraction, found.home), found


def sentence(story: Explanation, words: str) -> Told:
    return next(s for s in story.sentences if words in s.text)


def test_each_sentence_is_told_once_in_order() -> None:
    story, _ = told(TEXT, "Herders killed near Tera")
    assert story.sentences[0].text == "Herders killed near Tera"
    assert " ".join(s.text for s in story.sentences[1:]) == TEXT


def test_triggers_lead_to_their_mentions() -> None:
    story, found = told(TEXT)
    first, last = sentence(story, "herders"), sentence(story, "clashed")
    assert [h.words for h in first.triggers] == ["killed", "attack"]
    ids = [m.id for m in found.mentions]
    assert first.mentions == (ids[0],)
    assert last.mentions == (ids[1],)
    assert first.reason == "it tells of an incident"


def test_a_refused_trigger_has_its_reason() -> None:
    story, _ = told(TEXT)
    warned = sentence(story, "warned")
    (bomb,) = [h for h in warned.triggers if h.words.startswith("bomb")]
    assert bomb.mention is None
    assert bomb.act is None
    assert bomb.reason
    assert not warned.mentions
    assert warned.reason.startswith("no incident")


def test_a_sentence_without_a_word_of_conflict_is_not_read() -> None:
    story, _ = told(TEXT)
    millet = sentence(story, "Millet")
    assert (millet.verdict, millet.triggers) == ("no_word", ())
    assert "not read" in millet.reason


def test_a_report_that_the_gate_stops_says_so() -> None:
    story, found = told(NEWS_OF_MILLET)
    assert not found.mentions
    assert not story.passed
    assert "none of its sentences was read" in story.gate
    assert story.sentences


def test_a_mention_that_was_merged_leads_to_the_one_that_stayed() -> None:
    given = report(TEXT)
    found = pipeline.traced(given, gazetteer())
    gone = found.extraction.mentions[0].id
    story = explain(given, found.extraction, dict(found.home) | {gone: "m-other"})
    assert sentence(story, "herders").mentions == ("m-other",)


def test_every_trigger_has_a_mention_or_a_reason() -> None:
    for text in (TEXT, "A bomb was shown in the museum of Gao. Dozens died. Rebels attacked Gao on Monday."):
        story, found = told(text)
        ids = {m.id for m in found.mentions}
        for heard in (h for s in story.sentences for h in s.triggers):
            assert (heard.mention in ids) != bool(heard.reason), heard


def test_coding_is_the_same_with_and_without_the_trace() -> None:
    given = report(TEXT)
    assert pipeline.code(given, gazetteer()) == pipeline.traced(given, gazetteer()).mentions


# ---- the command -------------------------------------------------------------------------------------------


def _code(tarikh: Tarikh, *options: object, row: dict[str, object] | None = None) -> Run:
    given = {"id": "a1", "published": "2025-03-14", "text": TEXT, **(row or {})}
    return tarikh("code", "-", "--form", "jsonl", *options, stdin=json.dumps(given).encode())


def test_explain_for_people(tarikh: Tarikh) -> None:
    done = _code(tarikh, "--explain")
    assert done.code == 0
    for words in (
        "“attack” (attack) → mention 1",
        "not read",
        "no: ",
        "mention 2",
        "2025-03-11",
        "“on Tuesday”",
    ):
        assert words in " ".join(done.out.split()), words


def test_explain_for_programs_is_the_line_and_more(tarikh: Tarikh) -> None:
    (line,) = _code(tarikh, "--explain", "--json").lines()
    (plain,) = _code(tarikh).lines()
    story = line.pop("explanation")
    assert line == plain
    assert story["gate"]["passed"] is True
    assert len(story["fields"]) == len(line["mentions"])
    assert set(story["fields"][0]) >= {"kind", "date", "place", "attackers", "targets"}
    for said in story["sentences"]:
        text = TEXT if said["in"] == "text" else ""
        assert text[said["start"] : said["end"]] == said["text"]
        for heard in said["triggers"]:
            assert text[heard["start"] : heard["end"]] == heard["words"]
            assert (heard["mention"] is None) == bool(heard["reason"])


def test_a_report_that_cannot_be_read_is_a_problem_also_when_explained(tarikh: Tarikh) -> None:
    done = _code(tarikh, "--explain", row={"text": " "})
    assert done.code == 1
    assert "a1" in done.err


def test_words_of_a_report_cannot_steer_the_terminal(tarikh: Tarikh) -> None:
    done = _code(tarikh, "--explain", row={"title": "\x1b[31m[bold]Raid[/]", "text": TEXT + " \x07\u202eend"})
    assert "[bold]Raid[/]" in done.out
    assert not {"\x1b", "\x07", "\u202e"} & set(done.out)


def test_min_confidence_drops_and_says_so(tarikh: Tarikh) -> None:
    done = _code(tarikh, "--min-confidence", "1")
    (line,) = done.lines()
    assert line["mentions"] == []
    assert done.err.count("left out: a1: ") == 2
    (line,) = _code(tarikh, "--min-confidence", "0").lines()
    assert len(line["mentions"]) == 2


@pytest.mark.parametrize("value", ["1.5", "-1", "much"])
def test_a_wrong_min_confidence_is_refused(tarikh: Tarikh, value: str) -> None:
    done = _code(tarikh, "--min-confidence", value)
    assert done.code == 2
    assert done.sentence()


def test_fields_below_the_threshold_are_left_open(tarikh: Tarikh, monkeypatch: pytest.MonkeyPatch) -> None:
    real = pipeline.traced

    def unsure(given: Report, *rest: object) -> pipeline.Traced:
        found = real(given, gazetteer())
        low = tuple(
            replace(
                m,
                evidence={
                    k: replace(e, confidence=0.9 if k == "kind" else 0.1) for k, e in m.evidence.items()
                },
            )
            for m in found.mentions
        )
        return replace(found, mentions=low)

    monkeypatch.setattr(pipeline, "traced", unsure)
    (line,) = _code(tarikh, "--min-confidence", "0.5").lines()
    for mention in line["mentions"]:
        assert (mention["attackers"], mention["targets"], mention["harm"]) == ([], [], {})
        assert (mention["date_start"], mention["date_precision"]) == (None, "unknown")
        assert mention["place_precision"] in ("country", "unknown")
