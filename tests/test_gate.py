"""The cheap gate: text of other matters stops at it, a report that can be coded never does."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarikh.extract import coder, gate
from tarikh.extract.gate import Gate, may_matter, sentence_may_matter, words_of
from tarikh.extract.sentences import split
from tarikh.gazetteer import Gazetteer
from tarikh.model import Report

TESTS = Path(__file__).resolve().parent
UNRELATED = TESTS.parent / "benchmarks" / "unrelated.jsonl"


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@cache
def gold() -> tuple[dict[str, Any], ...]:
    return tuple(row for name in ("sample", "cases") for row in _rows(TESTS / "gold" / f"{name}.jsonl"))


def report(row: dict[str, Any]) -> Report:
    return Report(row["id"], row["title"], row["text"], row["language"])


def text(words: str, language: str = "en") -> Report:
    return Report("r", "", words, language)


# --- whole reports ------------------------------------------------------------------------------------------


def test_clearly_unrelated_reports_are_stopped() -> None:
    rows = _rows(UNRELATED)
    passed = [row["id"] for row in rows if may_matter(report(row))]
    assert len(rows) == 16
    assert len(passed) <= 1, passed


def test_reports_with_incidents_pass() -> None:
    coded = [row for row in gold() if row["mentions"]]
    stopped = {row["id"] for row in coded if not may_matter(report(row))}
    assert len(coded) > 60
    # g03 is a bishops' letter that names a killing without any other word of conflict.
    assert stopped <= {"g03"}


@pytest.mark.parametrize(
    "words",
    [
        "Gunmen ambushed an army convoy near Gao on Tuesday and killed six soldiers.",
        "A suicide bomber attacked a mosque in Maiduguri.",
        "Rebels and the army signed a ceasefire.",
        "Bandits kidnapped nine pupils.",
        "Artillery shelled a hospital in El Fasher.",
        "A mob lynched two men.",
    ],
)
def test_a_flash_of_one_sentence_passes(words: str) -> None:
    assert may_matter(text(words))


@pytest.mark.parametrize(
    "words",
    [
        "",
        "   \n ",
        "The bakery opens at six and sells rye bread until noon.",
        "The striker scored twice in the derby and shot his team to the top of the league.",
        "Investors sold shares, and the index lost two percent before the bank raised its rate.",
        "12345 67890 !!!",
    ],
)
def test_other_matters_and_nothing_at_all_are_stopped(words: str) -> None:
    assert not may_matter(text(words))


def test_the_title_is_read_as_well() -> None:
    body = "More follows."
    assert not may_matter(Report("r", "", body, "en"))
    assert may_matter(Report("r", "Gunmen kill six soldiers in ambush on army convoy", body, "en"))


def test_a_language_without_a_trained_gate_lets_everything_through() -> None:
    assert may_matter(text("kukkaruukku", "fi"))


def test_without_a_trained_gate_a_plain_look_alike_goes_by() -> None:
    match = "Les Étalons ont pilonné le gardien en première mi-temps du match : deux buts devant les supporters du stade."
    assert not may_matter(text(match, "fr"))
    assert may_matter(
        text("Des hommes armés ont attaqué lundi un stade de la ville et tué deux gardiens.", "fr")
    )


def test_a_digest_with_a_line_of_sport_is_read_without_a_trained_gate() -> None:
    sport = "Le match de samedi a vu le gardien encaisser deux buts."
    news = " ".join(
        f"Dans la ville numéro {word}, des hommes ont attaqué un poste de {word}." for word in _towns()
    )
    assert may_matter(text(f"{news} {sport}", "fr"))


def _towns() -> list[str]:
    """So many different words that three of sport are a small share of them."""
    return [
        f"{first}{last}"
        for first in ("tara", "bora", "kola", "mira")
        for last in ("ville", "bourg", "mont", "fort")
    ] + [
        f"{first}{last}{more}"
        for first in ("ba", "di", "go", "ku", "le")
        for last in ("rama", "tona", "seli", "doro")
        for more in ("kan", "dou", "gui", "bo", "na", "wa")
    ]


def test_a_report_that_is_stopped_is_never_parsed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("parsed")

    monkeypatch.setattr(coder, "split", fail)
    unopened = object.__new__(Gazetteer)
    assert coder.extract(text("The bakery opens at six."), unopened) == coder.Extraction(())
    with pytest.raises(AssertionError, match="parsed"):
        coder.extract(text("Gunmen ambushed an army convoy and killed six soldiers."), unopened)


# --- the model ----------------------------------------------------------------------------------------------

SMALL = Gate(-1.0, 0.0, {"ambush": 6.0, "soldiers": 4.0, "goal": -8.0})


def test_score_is_the_sum_of_the_weights_of_the_distinct_words() -> None:
    assert SMALL.score("nothing here") == pytest.approx(-1.0)
    assert SMALL.score("Ambush! AMBUSH, ambush") == pytest.approx(6 / 20**0.5 - 1)
    assert SMALL.score("ambush soldiers goal") == pytest.approx(2 / 20**0.5 - 1)


def test_long_texts_need_more_words_of_conflict() -> None:
    filler = " ".join("abcdefghij"[n // 10] * 3 + "abcdefghij"[n % 10] * 3 for n in range(80))
    assert SMALL.score(f"ambush {filler}") < SMALL.score("ambush")


@given(st.lists(st.sampled_from(["ambush", "soldiers", "goal", "rain", "Kano"]), max_size=12), st.randoms())
def test_order_and_case_of_words_do_not_matter(words: list[str], random: Any) -> None:
    mixed = [w.upper() for w in words]
    random.shuffle(mixed)
    assert SMALL.score(" ".join(words)) == pytest.approx(SMALL.score(" ".join(mixed)))


def test_words_are_letters_only_and_three_at_least() -> None:
    assert words_of("An IED hit car-park 12, N'Djamena; à Ségou") == {
        "ied",
        "hit",
        "car",
        "park",
        "djamena",
        "ségou",
    }


# --- sentences ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        "Gunmen attacked a village.",
        "Six people were KILLED",
        "Police (arrested) two men.",
        "“Ambush!” he cried.",
        "a drone-strike",
        "The toll rose to six.",
        "Nine lost their lives.",
        "They were kidnapped…",
        "The ceasefire holds.",
    ],
)
def test_a_sentence_with_a_word_of_the_lexicon_is_parsed(words: str) -> None:
    assert sentence_may_matter(words, "en")


@pytest.mark.parametrize("words", ["", "The weather is fine.", "Onions were cheap in the autumn.", "12 %"])
def test_a_sentence_without_any_is_not(words: str) -> None:
    assert not sentence_may_matter(words, "en")


def test_a_word_of_the_lexicon_inside_another_does_not_count() -> None:
    assert sentence_may_matter("A mine.", "en")
    assert not sentence_may_matter("It was undermined.", "en")


def test_every_sentence_of_the_gold_that_holds_a_trigger_is_parsed() -> None:
    lost = [
        (row["id"], s.text)
        for row in gold()
        for s in split(report(row))
        for mention in row["mentions"]
        if mention["trigger"] in s.text and not sentence_may_matter(s.text, "en")
    ]
    assert lost == []


@given(st.text(max_size=200))
def test_any_text_is_judged(words: str) -> None:
    assert isinstance(may_matter(text(words)), bool)
    assert isinstance(sentence_may_matter(words, "en"), bool)


def test_the_gate_reads_to_the_end() -> None:
    assert gate.words_of("rain " * 5_000 + "ambush") == {"rain", "ambush"}


def test_one_incident_in_a_digest_of_other_news_passes() -> None:
    others = (
        "The bank kept its rate at five percent on Tuesday.",
        "The home side won the derby with a late goal.",
        "A mining bill was read in parliament and sent back.",
        "Measles cases fell again, the ministry said.",
    )
    raid = (
        "Four gunmen on motorcycles attacked a gendarmerie post near Djibo on Monday, killing 12 gendarmes."
    )
    long = "\n\n".join((*others, *others, raid, *others, *others))
    assert gate.may_matter(Report("x", "", long, "en"))
    assert not gate.may_matter(Report("x", "", "\n\n".join(others * 5), "en"))
