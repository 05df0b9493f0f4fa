"""Words of time are found with their spans and given a form free of language; words come from the lexicon alone."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tarikh import reference
from tarikh.errors import MissingError
from tarikh.extract import times
from tarikh.extract.times import Form, TimePhrase, find
from tarikh.model import Report


def report(text: str, title: str = "") -> Report:
    return Report("r", title, text, "en", date(2024, 5, 10))


def phrases(text: str) -> list[TimePhrase]:
    return list(find(report(text), "en"))


def one(text: str) -> TimePhrase:
    found = phrases(text)
    assert len(found) == 1, [t.phrase.text for t in found]
    return found[0]


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Shots rang out on Tuesday.", Form("weekday", weekday=2)),
        ("A convoy burned last Thursday.", Form("weekday", weekday=4, shift="last")),
        ("It blew up on 8 June.", Form("date", month=6, day=8)),
        ("It blew up on June 8, 2021, at a bridge.", Form("date", year=2021, month=6, day=8)),
        ("It blew up on 2021-06-08 there.", Form("date", year=2021, month=6, day=8)),
        ("It blew up on 8.6.2021 there.", Form("date", year=2021, month=6, day=8)),
        ("They came in March.", Form("date", month=3)),
        ("They came in mid-August of last year.", Form("date", month=8, portion="mid", year_shift=-1)),
        ("They came three weeks ago.", Form("offset", amount=-3, unit="week", anchor="published")),
        ("They came yesterday.", Form("offset", amount=-1, unit="day", anchor="published")),
        ("They came last week.", Form("offset", amount=-1, unit="week", anchor="published", whole=True)),
        ("They came overnight.", Form("night", amount=-1, anchor="published")),
        ("They left the next day.", Form("offset", amount=1, unit="day", anchor="previous")),
        ("They left two days earlier.", Form("offset", amount=-2, unit="day", anchor="previous")),
        ("They left two days after the raid.", Form("offset", amount=2, unit="day", anchor="event")),
        ("Two days after, they left.", Form("offset", amount=2, unit="day", anchor="previous")),
        ("They left on Christmas Eve.", Form("feast", feast="christmas_eve")),
    ],
)
def test_words_become_a_form(text: str, form: Form) -> None:
    assert one(text).form == form


def test_two_ends_of_a_stretch() -> None:
    form = one("Guns fired from Monday evening until late on Wednesday.").form
    assert form.kind == "span"
    assert form.first is not None
    assert form.second is not None
    assert (form.first.weekday, form.second.weekday) == (1, 3)
    assert one("Guns fired on 14 and 15 August.").form == Form(
        "span", first=Form("date", month=8, day=14), second=Form("date", month=8, day=15)
    )


def test_neighboring_days_are_one_stretch_and_distant_ones_two_times() -> None:
    assert one("Raids on Monday and Tuesday failed.").form.kind == "span"
    assert [t.form.weekday for t in phrases("Raids on Monday and Friday failed.")] == [1, 5]


def test_a_night_between_two_days_is_a_stretch_and_a_friday_night_is_friday() -> None:
    assert one("A post fell in the night of Friday to Saturday.").form.kind == "span"
    night = one("A post fell on Friday night.").form
    assert (night.kind, night.weekday, night.part) == ("weekday", 5, "night")


def test_spans_are_the_words_as_given() -> None:
    text = "🔥 Près de l’école — “on the night of 17–18 May”, a blast. Oct. 3 was calm."
    found = phrases(text)
    assert [t.phrase.text for t in found] == ["on the night of 17–18 May", "Oct. 3"]
    for item in found:
        span = item.phrase.spans[0]
        assert text[span.start : span.end] == item.phrase.text


def test_title_comes_before_text() -> None:
    found = find(report("It was on Sunday.", "Blast on Friday"), "en")
    assert [t.phrase.spans[0].part for t in found] == ["title", "text"]


@pytest.mark.parametrize(
    "text",
    [
        "They may march on the capital and sat down in the sun.",
        "The 7th Brigade of the 21st century.",
        "About 2000 men with 12 trucks.",
        "It goes on day after day.",
    ],
)
def test_what_only_looks_like_a_time(text: str) -> None:
    assert phrases(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Killed since January were 90.",
        "In 2012 a war began.",
        "Over the past two years 300 fell.",
        "So far this year 80 died.",
        "Lately it is calm.",
    ],
)
def test_aggregates_and_background_are_flagged(text: str) -> None:
    assert phrases(text)[0].general


def test_a_single_day_is_not_general() -> None:
    assert not one("He fell on 3 May 2024.").general
    assert not one("They hold it since Monday.").general


def test_future_words() -> None:
    assert one("Talks will resume on Friday.").future
    assert one("Talks resume tomorrow.").future
    assert one("Talks resume next week.").future
    assert not one("Nothing will change. Talks failed on Friday.").future


def test_datelines_and_times_of_day() -> None:
    found = phrases("KANO, 5 March (AGENCY) — Men came at dawn on Tuesday.")
    assert [t.dateline for t in found] == [True, False]
    assert one("Men came at about 4 p.m. and left.").clock
    assert not one("Men came at 8:25am on Saturday.").clock


def test_a_month_is_no_day_when_a_number_of_people_follows() -> None:
    assert phrases("In March 12 people died.")[0].form == Form("date", month=3)


def test_a_number_too_long_for_a_day_is_not_cut() -> None:
    assert all(t.form.amount is None for t in phrases("It was 999999999 days ago."))


XX = {
    "ordinal_endings": ["er"],
    "classes": {
        "weekday": {"mardi": 2, "samedi": 6, "dimanche": 7},
        "month": {"juin": 6},
        "n": {"trois": 3},
        "unit": {"jours": "day"},
    },
    "layers": [
        [
            {"kind": "weekday", "words": "<weekday>"},
            {"kind": "weekday", "shift": "last", "words": "<weekday> dernier"},
            {"kind": "date", "words": "le <day> <month>"},
            {"kind": "offset", "anchor": "published", "sign": -1, "words": "il y a <n:amount> <unit>"},
            {"kind": "offset", "anchor": "previous", "unit": "day", "amount": -1, "words": "l'avant-veille"},
        ],
        [{"kind": "span", "words": "dans la nuit de <point:first> à <point:second>"}],
    ],
}


def test_another_language_is_data_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "lexicon", lambda language, section: XX)
    text = "Mardi dernier, puis le 1er juin, il y a trois jours, l’avant-veille, dans la nuit de samedi à dimanche."
    found = [t.form for t in find(report(text), "xx")]
    assert [f.kind for f in found] == ["weekday", "date", "offset", "offset", "span"]
    assert (found[0].shift, found[1].day, found[2].amount) == ("last", 1, -3)


@pytest.mark.parametrize("words", ["on [<weekday>", "(a|b", "a ) b"])
def test_a_faulty_pattern_names_itself(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = {"classes": {}, "layers": [[{"kind": "weekday", "words": words}]]}
    monkeypatch.setattr(reference, "lexicon", lambda language, section: broken)
    times._lexicon.cache_clear()
    with pytest.raises(MissingError, match=r"dates\.yaml"):
        find(report("on"), f"broken{len(words)}")
    times._lexicon.cache_clear()


def test_a_field_that_no_form_has_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = {"classes": {}, "layers": [[{"kind": "weekday", "words": "on", "wekday": 1}]]}
    monkeypatch.setattr(reference, "lexicon", lambda language, section: broken)
    with pytest.raises(MissingError, match="wekday"):
        find(report("on"), "brokenfield")


WORDS = st.sampled_from(
    [
        "on",
        "the",
        "night",
        "of",
        "Monday",
        "5",
        "May",
        "to",
        "and",
        "since",
        "last",
        "week",
        "two",
        "days",
        "after",
        "2024",
        ",",
        ".",
        "-",
        "'",
        "in",
        "early",
        "March",
        "overnight",
        "\n",
        "17th",
        "from",
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(WORDS, max_size=40))
def test_spans_never_overlap_and_fit_the_text(words: list[str]) -> None:
    text = " ".join(words)
    end = 0
    for item in phrases(text):
        span = item.phrase.spans[0]
        assert end <= span.start < span.end <= len(text)
        assert text[span.start : span.end] == item.phrase.text
        end = span.end


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    phrases(text)


@pytest.mark.parametrize(
    "piece", ["from the night of Monday to ", "the day before ", "1 to ", "5 May - ", "'", "9" * 50]
)
def test_hostile_repetition_stays_linear(piece: str) -> None:
    def seconds(repeats: int) -> float:
        begin = time.process_time()
        phrases(piece * repeats)
        return time.process_time() - begin

    seconds(50)
    assert seconds(4000) < 3 + 60 * seconds(400)
