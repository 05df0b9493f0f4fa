"""Codebook section 5: what words of time mean in days, and what stays unknown."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date as Day

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarikh.extract.times import Form, TimePhrase, find
from tarikh.model import Evidence, Mention, Report, Span, When
from tarikh.resolve import calendar, dates, feasts

FRIDAY = Day(2024, 5, 10)


def read(words: str, published: Day | None = FRIDAY, previous: When | None = None) -> tuple[str, str, str]:
    found = find(Report("r", "", words, "en", published), "en")
    assert found, words
    when = dates.when(found[0].form, published, previous)
    return str(when.start), str(when.end), when.precision


@pytest.mark.parametrize(
    ("words", "start", "end", "precision"),
    [
        ("on Thursday", "2024-05-09", "2024-05-09", "day"),
        ("on Friday", "2024-05-10", "2024-05-10", "day"),
        ("last Friday", "2024-05-03", "2024-05-03", "day"),
        ("on Saturday", "2024-05-04", "2024-05-04", "day"),
        ("on Tuesday of last week", "2024-04-30", "2024-04-30", "day"),
        ("in the early hours of Tuesday", "2024-05-07", "2024-05-07", "day"),
        ("on Wednesday night", "2024-05-08", "2024-05-08", "day"),
        ("in the night of Wednesday to Thursday", "2024-05-08", "2024-05-09", "day"),
        ("overnight", "2024-05-09", "2024-05-10", "day"),
        ("overnight into Monday", "2024-05-05", "2024-05-06", "day"),
        ("yesterday", "2024-05-09", "2024-05-09", "day"),
        ("this morning", "2024-05-10", "2024-05-10", "day"),
        ("five days ago", "2024-05-05", "2024-05-05", "day"),
        ("a week ago", "2024-05-03", "2024-05-03", "day"),
        ("two weeks ago", "2024-04-22", "2024-04-28", "week"),
        ("a month ago", "2024-04-01", "2024-04-30", "month"),
        ("last week", "2024-04-29", "2024-05-05", "week"),
        ("this week", "2024-05-06", "2024-05-10", "week"),
        ("at the weekend", "2024-05-04", "2024-05-05", "day"),
        ("last month", "2024-04-01", "2024-04-30", "month"),
        ("last year", "2023-01-01", "2023-12-31", "year"),
        ("on 8 June", "2023-06-08", "2023-06-08", "day"),
        ("on 2 May", "2024-05-02", "2024-05-02", "day"),
        ("on the 12th", "2024-04-12", "2024-04-12", "day"),
        ("on the 31st", "2024-03-31", "2024-03-31", "day"),
        ("in March", "2024-03-01", "2024-03-31", "month"),
        ("in November", "2023-11-01", "2023-11-30", "month"),
        ("in June of last year", "2023-06-01", "2023-06-30", "month"),
        ("early April", "2024-04-01", "2024-04-10", "week"),
        ("mid-April", "2024-04-11", "2024-04-20", "week"),
        ("late February 2024", "2024-02-21", "2024-02-29", "week"),
        ("at the end of April", "2024-04-01", "2024-04-30", "month"),
        ("in 2019", "2019-01-01", "2019-12-31", "year"),
        ("in the second week of April", "2024-04-08", "2024-04-14", "week"),
        ("in the spring of 2022", "2022-03-01", "2022-05-31", "month"),
        ("last winter", "2023-12-01", "2024-02-29", "month"),
        ("between 28 April and 2 May", "2024-04-28", "2024-05-02", "day"),
        ("from 5 to 8 May 2023", "2023-05-05", "2023-05-08", "day"),
        ("since Monday", "2024-05-06", "2024-05-10", "day"),
        ("between Sunday and Wednesday", "2024-05-05", "2024-05-08", "day"),
        ("on Christmas Day", "2023-12-25", "2023-12-25", "day"),
        ("on Easter Monday", "2024-04-01", "2024-04-01", "day"),
        ("on Eid al-Fitr", "2024-04-10", "2024-04-10", "day"),
        ("on the last Friday of April", "2024-04-26", "2024-04-26", "day"),
    ],
)
def test_words_mean_days(words: str, start: str, end: str, precision: str) -> None:
    assert read(words) == (start, end, precision)


@pytest.mark.parametrize(
    "words", ["on Thursday", "yesterday", "overnight", "last week", "on 8 June", "in March", "since Monday"]
)
def test_without_a_day_of_publication_nothing_is_guessed(words: str) -> None:
    assert read(words, None) == ("None", "None", "unknown")


@pytest.mark.parametrize("words", ["recently", "for three days", "in recent months"])
def test_vague_words_are_unknown(words: str) -> None:
    assert read(words)[2] == "unknown"


PREVIOUS = When(Day(2024, 3, 5), Day(2024, 3, 5), "day")


@pytest.mark.parametrize(
    ("words", "start", "end"),
    [
        ("the next day", "2024-03-06", "2024-03-06"),
        ("the same day", "2024-03-05", "2024-03-05"),
        ("two days earlier", "2024-03-03", "2024-03-03"),
        ("a week later", "2024-03-12", "2024-03-12"),
        ("the night before", "2024-03-04", "2024-03-05"),
        ("that night", "2024-03-05", "2024-03-06"),
        ("the Sunday before", "2024-03-03", "2024-03-03"),
        ("the following Friday", "2024-03-08", "2024-03-08"),
        ("at dawn", "2024-03-05", "2024-03-05"),
    ],
)
def test_counted_from_the_event_told_before(words: str, start: str, end: str) -> None:
    assert read(words, FRIDAY, PREVIOUS)[:2] == (start, end)
    assert read(words, None, PREVIOUS)[:2] == (start, end)


def test_new_year_is_crossed() -> None:
    january = Day(2023, 1, 5)
    assert read("on 30 December", january)[0] == "2022-12-30"
    assert read("between 30 December and 2 January", january)[:2] == ("2022-12-30", "2023-01-02")


def mention(
    text: str, trigger: str, words: str, published: Day | None = FRIDAY, **more: object
) -> tuple[Mention, dates.DateContext]:
    report = Report("r", "", text, "en", published)
    found = find(report, "en")
    at = text.index(trigger)
    own = tuple(t.phrase for t in found if words and words in t.phrase.text)
    kind = Evidence((Span("text", at, at + len(trigger)),), (trigger,))
    made = Mention(
        "m",
        "r",
        "c",
        str(more.get("kind", "armed_clash")),
        trigger=trigger,
        evidence={"kind": kind},
        phrases={"date": own},
    )
    return made, dates.context(report, found)


def resolved(text: str, trigger: str, words: str, published: Day | None = FRIDAY, **more: object) -> Mention:
    made, context = mention(text, trigger, words, published, **more)
    return dates.date(made, context)


def test_a_mention_carries_its_words_and_reason() -> None:
    done = resolved("Rebels raided Boma on Tuesday.", "raided", "Tuesday")
    assert (done.when.start, done.when.precision) == (Day(2024, 5, 7), "day")
    evidence = done.evidence["date"]
    assert evidence.words == ("on Tuesday",)
    assert "weekday" in evidence.reason
    assert "kind" in done.evidence


def test_since_is_one_day_for_what_happens_once_and_a_stretch_for_fighting() -> None:
    text = "Rebels have held Boma since Monday."
    assert resolved(text, "held", "Monday", kind="territory_taken").when.end == Day(2024, 5, 6)
    assert resolved(text, "held", "Monday", kind="armed_clash").when.end == FRIDAY


def test_the_event_that_the_words_name_is_counted_back() -> None:
    text = "The army left on Thursday, three days after rebels stormed the post."
    assert resolved(text, "stormed", "three days after").when.start == Day(2024, 5, 6)


def test_a_trigger_may_have_the_words_of_time_in_it() -> None:
    text = "On Thursday the town buried its dead, three days after the raid on its market."
    assert resolved(text, "dead, three days after the raid", "three days after").when.start == Day(2024, 5, 6)


def test_a_day_of_its_own_is_surer_than_one_counted_from_another_event() -> None:
    text = "A bomb went off on Tuesday, a week after the truce of 1 April."
    made, context = mention(text, "went off", "")
    both = {"date": tuple(t.phrase for t in context.times[:2])}
    assert dates.date(replace(made, phrases=both), context).when.start == Day(2024, 5, 7)


def test_what_is_told_lies_before_the_report_whatever_it_counts_from() -> None:
    text = "On 20 April a bridge fell. On 6 May men came. They burned the mill nine days after that."
    made, context = mention(text, "burned", "nine days after")
    assert dates.date(made, context, When(Day(2024, 5, 6), Day(2024, 5, 6), "day")).when.start == Day(
        2024, 4, 29
    )


def test_what_would_be_after_the_report_is_counted_back() -> None:
    text = (
        "On Thursday the group opened an office. Nine days after what its spokesman, in a speech to the notables,"
        " called its entry into the town the shops are open."
    )
    assert resolved(text, "entry", "Nine days after").when.start == Day(2024, 5, 1)


def test_an_event_counted_on_from_the_one_that_is_named() -> None:
    text = "An ambush on 1 May killed nine. Three days after the ambush, jets struck a camp."
    assert resolved(text, "struck", "Three days after").when.start == Day(2024, 5, 4)


def test_the_day_named_in_the_same_sentence_wins_over_the_event_before() -> None:
    made, context = mention(
        "On 2 April a bridge fell. A monitor said on Sunday that gunmen had raided a farm the day before.",
        "raided",
        "the day before",
    )
    assert dates.date(made, context, When(Day(2024, 4, 2), Day(2024, 4, 2), "day")).when.start == Day(
        2024, 5, 4
    )


def test_without_words_the_paragraph_tells_the_day_and_a_background_event_stays_unknown() -> None:
    text = "Calm returned on 3 May.\nOn Tuesday men came to Boma. They burned a shop."
    made, context = mention(text, "burned", "")
    assert dates.date(made, context).when.start == Day(2024, 5, 7)
    recalled = Mention("m", "r", "c", "looting_or_arson", aspect="background", evidence=made.evidence)
    assert dates.date(recalled, context).when == When()


def test_a_weekly_review_never_means_the_day_it_came_out() -> None:
    monday = Day(2024, 5, 13)
    text = "The week of 6 to 12 May. Gunmen raided Boma on Monday."
    assert resolved(text, "raided", "Monday", monday).when.start == Day(2024, 5, 6)
    assert resolved("Gunmen raided Boma on Monday.", "raided", "Monday", monday).when.start == monday


def test_a_full_date_in_the_text_anchors_the_others() -> None:
    text = "On 4 September 2021 a town fell. The next day men fled. On 9 October shells fell."
    assert resolved(text, "fled", "next day", None).when.start == Day(2021, 9, 5)
    assert resolved(text, "shells", "9 October", None).when.start == Day(2021, 10, 9)


def test_today_is_never_used() -> None:
    assert resolved("Gunmen raided Boma.", "raided", "", None).when == When()


FORMS = st.builds(
    Form,
    kind=st.sampled_from(sorted(calendar._KINDS)),
    year=st.none() | st.integers(1, 9999),
    month=st.none() | st.integers(1, 12),
    day=st.none() | st.integers(1, 31),
    year_shift=st.none() | st.integers(-3000, 3000),
    weekday=st.none() | st.integers(1, 7),
    shift=st.none() | st.sampled_from(["last", "this", "next", "same", "before", "after"]),
    amount=st.none() | st.integers(-(10**6), 10**6),
    unit=st.none() | st.sampled_from(["hour", "day", "week", "fortnight", "weekend", "month", "year"]),
    anchor=st.none() | st.sampled_from(["published", "previous", "event"]),
    whole=st.booleans(),
    season=st.none() | st.sampled_from(["spring", "winter"]),
    feast=st.none() | st.sampled_from(["easter", "ramadan", "christmas"]),
)


@given(FORMS, st.none() | FORMS, st.none() | st.dates(), st.none() | st.dates())
def test_any_form_gives_ordered_days_or_unknown(
    form: Form, first: Form | None, published: Day | None, told: Day | None
) -> None:
    previous = When(told, told, "day") if told else None
    found = dates.when(replace(form, first=first, second=first), published, previous)
    if found.start is None:
        assert (found.end, found.precision) == (None, "unknown")
    else:
        assert found.end is not None
        assert found.start <= found.end
        assert found.precision != "unknown"


@given(st.dates(Day(1990, 1, 1), Day(2090, 1, 1)), st.integers(1, 7))
def test_a_bare_weekday_is_within_the_last_seven_days(published: Day, number: int) -> None:
    found = dates.when(Form("weekday", weekday=number), published)
    assert found.start is not None
    assert 0 <= (published - found.start).days <= 6
    assert found.start.isoweekday() == number


@pytest.mark.parametrize(
    ("words", "start", "end", "precision"),
    [
        ("on 31 February 2025", "2025-02-01", "2025-02-28", "month"),
        ("on the ninth of October", "2023-10-09", "2023-10-09", "day"),
        ("in the first days of April", "2024-04-01", "2024-04-10", "week"),
        ("in the second half of April", "2024-04-16", "2024-04-30", "week"),
        ("in the last week of April", "2024-04-24", "2024-04-30", "week"),
        ("on the weekend of 4 May", "2024-05-04", "2024-05-05", "day"),
        ("on Monday 6 and Tuesday 7 May", "2024-05-06", "2024-05-07", "day"),
        ("between Saturday 4 May and Tuesday", "2024-05-04", "2024-05-07", "day"),
        ("in the night to Thursday", "2024-05-08", "2024-05-09", "day"),
        ("during the night", "2024-05-09", "2024-05-10", "day"),
        ("the day before", "2024-05-09", "2024-05-09", "day"),
        ("on the eve of the Assumption", "2023-08-14", "2023-08-14", "day"),
        ("on Orthodox Easter", "2024-05-05", "2024-05-05", "day"),
        ("on Nigeria's Independence Day", "2023-10-01", "2023-10-01", "day"),
        ("on Eid al-Fitr in 2023", "2023-04-21", "2023-04-21", "day"),
        ("on Ashura in 2024", "2024-07-16", "2024-07-18", "week"),
    ],
)
def test_more_words_mean_days(words: str, start: str, end: str, precision: str) -> None:
    assert read(words) == (start, end, precision)


def test_a_number_of_days_that_no_one_means_is_unknown() -> None:
    assert read("999999999 days ago")[2] == "unknown"


@pytest.mark.parametrize(
    ("language", "text", "words", "day"),
    [
        ("en", "In May it took Boma, on the 2nd, and held it.", "2nd", "2024-05-02"),
        ("en", "In November 2019, on the 28th, men came.", "28th", "2019-11-28"),
        ("en", "On 3 March it rained. On the 7th of that month men came.", "7th", "2024-03-07"),
        ("en", "Rebels came on Tuesday 23 April. They left on the Friday.", "Friday", "2024-04-26"),
        ("en", "Leaders will meet on Friday.", "Friday", "2024-05-17"),
        ("en", "Shells fell on Wednesday evening. At dawn men fled.", "dawn", "2024-05-09"),
        ("fr", "En 2019, le 1er mai, deux touristes ont été enlevés.", "1er", "2019-05-01"),
        ("fr", "Le 22 mars, la ville est tombée. Le 30, elle brûlait.", "30", "2024-03-30"),
        ("es", "En junio, el 7, cayó la ciudad.", "7", "2023-06-07"),
    ],
)
def test_the_text_before_gives_month_year_and_week(language: str, text: str, words: str, day: str) -> None:
    report = Report("r", "", text, language, FRIDAY)
    context = dates.context(report, find(report, language))
    found = [
        w
        for t, w in zip(context.times, context.resolved, strict=True)
        if words in report.words(t.phrase.spans[0])
    ]
    assert str(found[-1].start) == day


def test_easter_and_the_islamic_year_are_computed() -> None:
    assert (feasts.easter(2024), feasts.orthodox_easter(2024)) == (Day(2024, 3, 31), Day(2024, 5, 5))
    for name in ("eid_al_fitr", "eid_al_adha", "mawlid", "ramadan"):
        row = feasts.anchor_data()["feasts"][name]
        for year, days in row["days"].items():
            for day in days if isinstance(days, list) else [days]:
                assert min(abs((d - day).days) for d in feasts._islamic_days(*row["islamic"], year)) <= 1


@pytest.mark.parametrize(
    ("words", "published", "start", "end"),
    [
        ("on Ashura", Day(2009, 12, 28), "2009-12-26", "2009-12-28"),
        ("on Ashura", Day(2009, 6, 1), "2009-01-06", "2009-01-08"),
        ("on Mawlid", Day(2015, 12, 26), "2015-12-24", "2015-12-24"),
        ("on Mawlid", Day(2015, 2, 1), "2015-01-03", "2015-01-03"),
    ],
)
def test_a_feast_that_falls_twice_in_a_year(words: str, published: Day, start: str, end: str) -> None:
    assert read(words, published)[:2] == (start, end)


@pytest.mark.parametrize(
    ("language", "words", "start", "end"),
    [
        ("en", "Men came 48 hours ago.", "2024-05-08", "2024-05-08"),
        ("en", "Men came 24 hours ago.", "2024-05-09", "2024-05-09"),
        ("en", "Men came 36 hours ago.", "2024-05-08", "2024-05-09"),
        ("en", "Men came 40 minutes ago.", "2024-05-10", "2024-05-10"),
        ("fr", "Ils sont venus il y a 72 heures.", "2024-05-07", "2024-05-07"),
        ("es", "Llegaron hace 48 horas.", "2024-05-08", "2024-05-08"),
    ],
)
def test_hours_are_counted(language: str, words: str, start: str, end: str) -> None:
    (found,) = dates.context(*found_in(words, language, FRIDAY)).resolved
    assert (str(found.start), str(found.end)) == (start, end)


def found_in(text: str, language: str, published: Day | None) -> tuple[Report, list[TimePhrase]]:
    report = Report("r", "", text, language, published)
    return report, list(find(report, language))


def test_a_long_report_is_dated_in_linear_time() -> None:
    text = " ".join(f"Men raided farm {n} on 3 May 2023, two days after the ambush." for n in range(400))
    report, found = found_in(text, "en", FRIDAY)
    context = dates.context(report, found)
    made = [
        Mention("m", "r", "c", "armed_clash", trigger="raided", phrases={"date": (one.phrase,)})
        for one in found
    ]
    began = time.process_time()
    earlier: list[Mention] = []
    for mention in made:
        earlier.append(dates.date(mention, context, None, earlier[-5:]))
    assert time.process_time() - began < 4
