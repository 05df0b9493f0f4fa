"""Reports without a day of publication: what a well-known event dates, and what it does not (codebook section 5)."""

from __future__ import annotations

import re
import time
from datetime import date as Day

import pytest

from tarikh.extract.times import TimePhrase, find
from tarikh.model import Evidence, Mention, Report, Span, When
from tarikh.resolve import dates, feasts


def _found(text: str, language: str, published: Day | None) -> tuple[Report, list[TimePhrase]]:
    report = Report("r", "", text, language, published)
    return report, list(find(report, language))


def resolved(text: str, trigger: str, words: str, published: Day | None = None) -> Mention:
    report, found = _found(text, "en", published)
    at = text.index(trigger)
    own = tuple(t.phrase for t in found if words and words in t.phrase.text)
    kind = Evidence((Span("text", at, at + len(trigger)),), (trigger,))
    made = Mention(
        "m", "r", "c", "armed_clash", trigger=trigger, evidence={"kind": kind}, phrases={"date": own}
    )
    return dates.date(made, dates.context(report, found))


@pytest.mark.parametrize(
    ("text", "words", "day"),
    [
        ("Two days after the Chibok abduction men raided a farm.", "Two days after", "2014-04-16"),
        ("On 16 April, amid outrage at the Chibok abduction, men raided a farm.", "16 April", "2014-04-16"),
        ("Last week's Chibok abduction angered many; men raided a farm.", "Last week", "2014-04-14"),
    ],
)
def test_a_well_known_event_dates_what_hangs_on_it_or_stands_beside_it(
    text: str, words: str, day: str
) -> None:
    done = resolved(text, "raided", words, None)
    assert str(done.when.start) == day
    assert done.when.basis.startswith("anchor")
    assert done.evidence["date"].confidence == 0.6


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Men raided Boma on Tuesday. It is the war that began with the September 11 attacks.", "Tuesday"),
        ("Men raided Boma on Tuesday, amid fear after the September 11 attacks.", "Tuesday"),
        ("Men raided Boma in March, the worst since the Chibok abduction.", "March"),
        ("Men raided Boma in March, amid anger at the Chibok abduction.", "March"),
        ("Men raided Boma on 3 March. Many recall the Chibok abduction.", "3 March"),
        ("Men raided Boma on 3 March, the worst day since the Chibok abduction.", "3 March"),
        ("Men raided Boma on 14 April, the anniversary of the Chibok abduction.", "14 April"),
        ("The October 7 attack shocked all. Men raided Boma in March.", "March"),
        ("The October 7 attack shocked all. Men raided Boma.", ""),
        ("Two days after the Chibok abduction aid came. Men raided Boma in March.", "March"),
        ("Soldiers in Niger fired after last week's coup. Men raided Boma in March.", "March"),
        ("Men raided Boma on 3 March, four years after the Chibok abduction.", "3 March"),
    ],
)
def test_a_well_known_event_that_is_only_named_dates_nothing(text: str, words: str) -> None:
    assert resolved(text, "raided", words, None).when.start is None


GENERIC = re.compile(
    r"(?:(?:attacks?|bombings?) (?:on|of|in) |fall of (?:the )?"
    r"|(?:attaques?|attentats?|chute|prise|séisme|accords?) (?:de |d'|du |des |de paix de |de paix d')"
    r"|(?:ataques?|atentados?|caída|terremoto|acuerdos?) (?:de |del |en )(?:El )?)[\w-]+"
    r"|[\w-]+ (?:attacks?|bombings?|earthquakes?|agreement)|(?:January|August|September|October) \d{4} coup attempt"
)
ONE_ALONE = frozenset(
    [
        "Lockerbie",
        "Omagh",
        "AMIA",
        "Srebrenica",
        "Bataclan",
        "Westgate",
        "DusitD2",
        "Naivasha",
        "Assad",
        "11-S",
        "11-M",
        "7-J",
    ]
)
"""Places that have one such event alone."""


def test_anchors_are_sound() -> None:
    data = feasts.anchor_data()
    names = [name.casefold() for row in data["events"] for name in row["names"]]
    assert len(names) == len(set(names))
    assert len(data["events"]) >= 150
    for row in data["events"]:
        assert isinstance(row["date"], Day)
        assert len(row["country"]) == 3
        for name in row["names"]:
            generic = GENERIC.fullmatch(name) and not set(re.split(r"[ ']", name)) & ONE_ALONE
            assert not generic, f"{name!r} fits more than one event: give it its year"
        for clue in row.get("clues", ()):
            assert " " in clue, f"{clue!r} is no full name"
    for name in data["feasts"]:
        assert feasts.feast_days(name, 2024), name


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Soldiers in Niger fired after last week's coup."),
        ("en", "In Niger after last week's coup a car hit a pole, a man told us."),
        ("fr", "Au Niger, l'eau manque car des soldats tirent depuis le putsch de la semaine dernière."),
        ("fr", "Au Niger, des soldats ont tiré depuis le putsch de la semaine dernière."),
        ("es", "En Níger hubo disparos tras el golpe de Estado de la semana pasada."),
    ],
)
def test_a_well_known_sort_of_event_bounds_an_undated_report(language: str, text: str) -> None:
    report = Report("r", "", text, language, None)
    (found,) = dates.context(report, find(report, language)).resolved
    assert (str(found.start), str(found.end), found.precision) == ("2023-07-24", "2023-07-30", "week")
    assert found.basis.startswith("anchor: ")


def test_an_event_that_two_fit_bounds_nothing() -> None:
    report = Report("r", "", "Soldiers in Mali fired after last week's coup.", "en", None)
    assert dates.context(report, find(report, "en")).resolved == (When(),)


@pytest.mark.parametrize(
    "text",
    [
        "In Kenya the army fired after last week's vote in parliament.",
        "In Nigeria men fired after last week's election.",
        "In Indonesia last week's earthquake killed nine.",
        "After last week's takeover of El Fasher, Burhan left Sudan.",
        "After last week's coup plot, men fired in Niger State, Nigeria.",
        "In Niger State men fired after last week's coup.",
        "In Equatorial Guinea men fired after last week's coup.",
        "After last week's coup attempt men fired in Niger.",
        "Troops of Benin and Niger fired after last week's coup.",
    ],
)
def test_a_sort_of_event_that_may_be_another_bounds_nothing(text: str) -> None:
    assert dates.context(*_found(text, "en", None)).resolved == (When(),)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("Ousmane Diallo fled Niger after last week's coup.", "2023-07-24"),
        ("Mamadou Tandja was held in Niger after last week's coup.", "2010-02-15"),
        ("Troops of Mali and Niger met after last week's coup. Mohamed Bazoum is held.", "2023-07-24"),
        ("Ibrahim Boubacar Keita left Mali after last week's coup.", "2020-08-17"),
    ],
)
def test_the_coup_is_that_of_the_people_named_in_full_else_the_latest(text: str, start: str) -> None:
    (found,) = dates.context(*_found(text, "en", None)).resolved
    assert str(found.start) == start


def test_the_basis_says_that_the_coup_is_the_latest_known() -> None:
    (found,) = dates.context(*_found("Niger after last week's coup.", "en", None)).resolved
    assert found.basis == "anchor: the latest coup known of NER, July 2023 coup, 2023-07-26"


def test_the_next_day_goes_on_from_what_is_counted_from_a_well_known_event() -> None:
    text = "Two days after the Chibok abduction aid came. The next day men raided a farm."
    assert resolved(text, "raided", "next day", None).when.start == Day(2014, 4, 17)


@pytest.mark.parametrize("words", ["mardi", "en mars", "le 3 mars", ""])
def test_a_full_date_in_the_name_of_an_event_dates_nothing_else(words: str) -> None:
    text = f"Depuis les attentats du 11 septembre 2001 la guerre dure. Des hommes ont tiré {words} à Boma."
    report, found = _found(text, "fr", None)
    at = text.index("tiré")
    own = tuple(t.phrase for t in found if words and t.phrase.spans[0].start > at)
    kind = Evidence((Span("text", at, at + 4),), ("tiré",))
    made = Mention("m", "r", "c", "armed_clash", evidence={"kind": kind}, phrases={"date": own})
    assert dates.date(made, dates.context(report, found)).when.start is None


def test_a_sentence_of_names_without_end_is_read_in_linear_time() -> None:
    text = "two days after the Chibok abduction on 3 May " * 1500
    report, found = _found(text, "en", None)
    began = time.process_time()
    dates.context(report, found)
    assert time.process_time() - began < 4
