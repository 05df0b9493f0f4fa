"""Reading: dates as printed, languages declared and recognized, and what is refused with which words."""

from __future__ import annotations

import time
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tarikh import reading
from tarikh.model import Document, Problem, Report
from tarikh.reference import data_path

TODAY = date(2025, 6, 10)
ENGLISH = "Gunmen attacked a village near the lake and burned the market, a local official said."
FRENCH = "Des hommes armés ont attaqué un village près du lac et brûlé le marché, selon un élu de la commune."


def made(text: str = ENGLISH, **fields: Any) -> Report:
    result = reading.report(Document("a.txt", text, **fields), TODAY)
    assert isinstance(result, Report), result
    return result


def refused(document: Document, **options: object) -> Problem:
    result = reading.report(document, TODAY, **options)  # type: ignore[arg-type]
    assert isinstance(result, Problem), result
    assert result.stage == "reading"
    return result


def test_a_report_carries_its_document() -> None:
    document = Document(
        "n.csv:3", ENGLISH, 3, "k9", "Raid", "2025-05-01", "Lake Post", "en", "https://lake.example/1"
    )
    report = reading.report(document, TODAY)
    assert isinstance(report, Report)
    assert (report.title, report.text, report.language, report.published) == (
        "Raid",
        ENGLISH,
        "en",
        date(2025, 5, 1),
    )
    assert (report.source, report.url, report.given_id, report.origin) == (
        "Lake Post", "https://lake.example/1", "k9", "n.csv:3",
    )  # fmt: skip


def test_the_id_depends_on_source_address_title_text_and_day_alone() -> None:
    assert made().id == made(id="x", line=7).id
    ids = {
        made().id,
        made(published="2025-01-01").id,
        made(title="T").id,
        made(source="S").id,
        made(url="U").id,
        made(ENGLISH + ".").id,
    }
    assert len(ids) == 6


def test_control_characters_stay_because_spans_count_them() -> None:
    text = ENGLISH + "\0\x07\r\n\x0b" + ENGLISH
    assert made(text).text == text


@pytest.mark.parametrize(
    "printed",
    [
        "2023-09-14",
        "2023-09-14T23:30:00-11:00",
        "2023-09-14 01:00:00.000+14:00",
        "2023-09-14T10:00:00Z",
        "20230914",
        "20230914T101500Z",
        "2023/9/14",
        "2023.09.14",
        "Thu, 14 Sep 2023 10:00:00 GMT",
        "14 Sep 2023 10:00 +0300",
        "Thursday, 14-Sep-23 10:00:00 GMT",
        "Thu Sep 14 10:00:00 2023",
        "14 September 2023",
        "14th of September 2023",
        "Thursday 14 September 2023, 10:15",
        "Sept. 14, 2023",
        "September 14th, 2023 at 10 a.m.",
        "jeudi 14 septembre 2023",
        "14 de septiembre de 2023",
        "14. September 2023",
        "14/09/2023",
        "14.09.2023 10:00",
        "9/14/2023",
        "  2023-09-14\n",
    ],
)
def test_dates_are_read_as_printed(printed: str) -> None:
    assert reading.day(printed) == date(2023, 9, 14)


@pytest.mark.parametrize(
    "printed",
    ["04/09/2023", "4.9.2023", "2023-02-30", "31 June 2023", "2023-09", "September 2023", "2023", "yesterday", "14 Foo 2023",
     "2023-09-144", "20230914123", "14/09/23", "1694685600", "x" * 10_000],
)  # fmt: skip
def test_what_is_ambiguous_or_unreadable_is_unknown(printed: str) -> None:
    assert reading.day(printed) is None
    assert made(published=printed).published is None


@pytest.mark.parametrize("printed", ["yesterday", "32/13/2024", "04/09/2023", "1e+30", "x" * 10_000])
def test_a_day_that_cannot_be_read_is_a_problem_and_the_report_stays(printed: str) -> None:
    document = Document("a.csv:7", ENGLISH, 7, "id7", published=printed)
    report = reading.report(document, TODAY)
    assert isinstance(report, Report)
    problem = reading.unread_day(document, report)
    assert problem is not None
    assert (problem.origin, problem.line, problem.report_id) == ("a.csv:7", 7, report.id)
    assert printed[:20] in problem.reason
    assert "read as undated; write it as 2025-03-14" in problem.reason
    assert len(problem.reason) < 300


@pytest.mark.parametrize("printed", [None, "", "n/a", "2024-03-02", "2 March 2024"])
def test_a_day_that_is_read_or_not_given_is_no_problem(printed: str | None) -> None:
    document = Document("a", ENGLISH, published=printed)
    report = reading.report(document, TODAY)
    assert isinstance(report, Report)
    assert reading.unread_day(document, report) is None


def test_the_day_of_a_dateline_is_told_where_it_is_used_instead() -> None:
    document = Document("a", f"LAGOS, 12 Jan 2024 (AFP) -- {ENGLISH}", published="yesterday")
    report = reading.report(document, TODAY)
    assert isinstance(report, Report)
    told = reading.unread_day(document, report)
    assert told is not None
    assert "the day of its dateline, 2024-01-12, is used" in told.reason


def test_the_same_day_and_month_are_not_ambiguous() -> None:
    assert reading.day("05/05/2024") == date(2024, 5, 5)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_every_day_survives_the_usual_forms(day: date) -> None:
    for form in ("%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%a, %d %b %Y 00:00:00 +0000", "%Y%m%d"):
        assert reading.day(day.strftime(form)) == day


@given(st.text(max_size=100))
def test_no_date_string_raises(text: str) -> None:
    reading.day(text)


@pytest.mark.parametrize("nothing", [None, "", " ", "n/a", "NaN", "None", "unknown", "-"])
def test_the_default_dates_only_what_has_no_date(nothing: str | None) -> None:
    default = date(2024, 1, 2)
    undated = reading.report(Document("a", ENGLISH, published=nothing), TODAY, default)
    unreadable = reading.report(Document("a", ENGLISH, published="04/09/2023"), TODAY, default)
    assert isinstance(undated, Report)
    assert isinstance(unreadable, Report)
    assert (undated.published, unreadable.published) == (default, None)


def test_without_default_a_report_without_date_is_undated_not_of_today() -> None:
    assert made().published is None


@pytest.mark.parametrize("absurd", ["2091-03-01", "1823-03-01", "2025-06-13", "0001-01-01"])
def test_absurd_dates_are_named(absurd: str) -> None:
    assert absurd in refused(Document("a", ENGLISH, published=absurd)).reason


def test_a_date_two_days_ahead_is_a_time_zone() -> None:
    assert made(published="2025-06-12").published == date(2025, 6, 12)


@pytest.mark.parametrize("text", ["", "  \n\t "])
def test_empty_text(text: str) -> None:
    problem = refused(Document("a.csv:7", text, 7, "id7"))
    assert (problem.reason, problem.origin, problem.line, problem.report_id) == (
        "has no text",
        "a.csv:7",
        7,
        "id7",
    )
    assert "title" in refused(Document("a", text, title="Raid")).reason


def test_a_long_text_is_refused_with_its_length_and_the_limit() -> None:
    problem = refused(Document("a", "a" * 101, title="b" * 50), max_text=150)
    assert "151" in problem.reason
    assert "150" in problem.reason


def test_a_text_of_fifty_megabytes_is_refused_at_once() -> None:
    text = "word " * 10_000_000
    started = time.process_time()
    problem = refused(Document("a", text))
    assert time.process_time() - started < 1
    assert "50,000,000" in problem.reason


@pytest.mark.parametrize(
    ("hint", "code"),
    [("en", "en"), ("en-US", "en"), ("EN_gb", "en"), ("English", "en"), ("eng", "en"), ("Français", "fr"), ("fra", "fr"),
     ("fr-FR, fr", "fr"), ("sw", "sw"), ("العربية", "ar"), (" pt-br ", "pt")],
)  # fmt: skip
def test_a_declared_language_wins(hint: str, code: str) -> None:
    assert reading.language(FRENCH if code == "en" else ENGLISH, hint) == code


def test_a_plain_text_of_another_language_is_not_what_its_feed_declares() -> None:
    text = (
        "Les soldats de la base ont dit que les hommes qui ont pris la ville dans la nuit sont venus par la route du nord et "
        "que les habitants ont fui avec leurs enfants vers le fleuve."
    )
    assert reading.language(text, "en") == "fr"
    assert reading.language(text, "fr") == "fr"


@pytest.mark.parametrize("hint", [None, "", "xx", "klingon", "und", "none"])
def test_an_invalid_declaration_gives_way_to_the_text(hint: str | None) -> None:
    assert reading.language(FRENCH, hint) == "fr"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (ENGLISH, "en"),
        (FRENCH, "fr"),
        (
            "Hombres armados atacaron una aldea cerca del lago y quemaron el mercado, dijo un funcionario.",
            "es",
        ),
        ("Homens armados atacaram uma aldeia perto do lago e queimaram o mercado, disse um oficial.", "pt"),
        ("هاجم مسلحون قرية قرب البحيرة وأحرقوا السوق، كما قال مسؤول محلي في المنطقة", "ar"),
        (
            "Watu wenye silaha walishambulia kijiji karibu na ziwa na kuchoma soko, afisa wa eneo hilo alisema.",
            "sw",
        ),
        (
            "Wasu mahara sun kai hari a wani kauye kusa da tafkin kuma sun kona kasuwa, in ji wani jami'i.",
            "ha",
        ),
        ("Боевики напали на деревню у озера и сожгли рынок, сообщил местный чиновник.", "ru"),
        ("Bewaffnete griffen ein Dorf am See an und brannten den Markt nieder, sagte ein Beamter.", "de"),
    ],
)
def test_languages_are_recognized(text: str, code: str) -> None:
    assert reading.language(text, None) == code


def test_names_alone_do_not_make_a_short_text_some_rare_language() -> None:
    assert reading.language("Gunmen kill 5 in Gao") == "en"


def test_a_text_without_words_has_no_language() -> None:
    assert reading.language("12 345 … !!") == "und"
    assert "cannot be recognized" in refused(Document("a", "12 345 …")).reason


def test_an_unsupported_language_is_named_with_those_that_are_supported() -> None:
    reason = refused(Document("a", FRENCH), languages=("en", "es")).reason
    for words in ("French (fr)", "English (en)", "Spanish (es)", "docs/adding-a-language.md"):
        assert words in reason


def test_recognition_takes_less_than_a_third_of_a_millisecond() -> None:
    text = (ENGLISH + " ") * 2000
    reading.language(text)
    spent = []
    for _ in range(20):
        started = time.process_time()
        reading.language(text)
        spent.append(time.process_time() - started)
    assert min(spent) < 0.0003


def test_no_month_is_two_months_and_no_stopword_is_a_number() -> None:
    rows: dict[str, set[int]] = {}
    raw = yaml.safe_load(data_path("languages.yaml").read_text(encoding="utf-8"))
    for months in raw["months"].values():
        assert len(months) == 12
        for number, names in enumerate(months, 1):
            for name in names:
                rows.setdefault(name, set()).add(number)
    assert {name: numbers for name, numbers in rows.items() if len(numbers) > 1} == {}
    assert all(left < right for left, right in pairwise(raw["names"]))
    assert set(raw["stopwords"]) <= set(raw["names"])


@given(st.text(max_size=300))
def test_any_text_is_a_report_or_a_problem(text: str) -> None:
    result = reading.report(Document("a", text, language="en"), TODAY)
    assert result.text == text if isinstance(result, Report) else not text.strip()


def test_a_letter_under_a_heap_of_accents_is_refused() -> None:
    heap = f"{ENGLISH} e{chr(0x301) * 50_000} {ENGLISH}"
    began = time.process_time()
    assert "more than 30 accents" in refused(Document("a", heap, language="en")).reason
    assert time.process_time() - began < 1
    assert "accents" not in getattr(
        reading.report(Document("a", ENGLISH + " e" + chr(0x301) * 3, language="en"), TODAY), "reason", ""
    )
