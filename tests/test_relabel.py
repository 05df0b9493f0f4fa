"""Swaps change a label and the grammar around it, and nothing that another label would change by right."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tarikh import reference
from tarikh.evaluation import swap
from tarikh.evaluation.relabel import Swap, army_edits, article, label_edits, swaps
from tarikh.evaluation.swap import compare, same_side
from tarikh.model import Count, Mention, Report, When, Where

DAY = date(2025, 3, 13)
MALI = Where("MLI", "Mopti", None, "Bandiagara", 14.3, -3.6, "exact")
MENTION = Mention(
    "m",
    "r",
    "c",
    "armed_clash",
    attackers=("JNIM",),
    targets=("Military of Mali",),
    when=When(DAY, DAY, "day"),
    where=MALI,
    harm={"killed": Count(3, 3, 3)},
)


def applied(text: str, edits: object) -> str:
    for start, end, new in sorted(edits, reverse=True):  # type: ignore[call-overload]
        text = text[:start] + new + text[end:]
    return text


def labeled(text: str, language: str, old: str, new: str, *countries: str) -> str:
    words = reference.lexicon(language, "swaps")
    return applied(text, label_edits(text, words, words["labels"][old], new, countries))


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("en", "Terrorists fled. The terrorists hid.", "Fighters fled. The fighters hid."),
        ("en", "TERRORISTS FLEE", "FIGHTERS FLEE"),
        ("en", "A terrorist attack by bandits, ex-militants", "A terrorist attack by fighters, ex-militants"),
        ("fr", "Les terroristes ont fui", "Les combattants ont fui"),
        (
            "fr",
            "une attaque d'insurgés contre des bandits",
            "une attaque de combattants contre des combattants",
        ),
        ("fr", "des attaques terroristes", "des attaques terroristes"),
        ("fr", "douze jihadistes et 5 bandits", "douze combattants et 5 combattants"),
        ("es", "los ataques terroristas de los terroristas", "los ataques terroristas de los combatientes"),
    ],
)
def test_loaded_words_become_neutral(language: str, text: str, wanted: str) -> None:
    new = reference.lexicon(language, "swaps")["labels"]["neutral"][0]
    assert labeled(text, language, "loaded", new) == wanted


def test_a_preposition_is_elided_before_a_vowel() -> None:
    assert labeled("par de combattants", "fr", "neutral", "insurgés") == "par d'insurgés"
    assert labeled("De combattants", "fr", "neutral", "insurgés") == "D'insurgés"
    assert labeled("par de combattants", "fr", "neutral", "bandits") == "par de bandits"


def test_a_label_that_is_part_of_a_name_stays() -> None:
    text = "Separatist fighters and other fighters"
    assert labeled(text, "en", "neutral", "bandits", "CMR") == "Separatist fighters and other bandits"


@pytest.mark.parametrize(
    ("language", "name", "wanted"),
    [
        ("en", "JNIM", ""),
        ("en", "RSF", "the"),
        ("en", "Allied Democratic Forces", "the (plural)"),
        ("en", "Azawad Liberation Front", "the"),
        ("en", "Anglophone separatists", "people"),
        ("en", "the 444", None),
        ("fr", "Front de libération de l'Azawad", "le"),
        ("fr", "ADF", "les"),
        ("fr", "Boko Haram", ""),
        ("fr", "Quelque Chose", None),
    ],
)
def test_the_article_of_a_name(language: str, name: str, wanted: str | None) -> None:
    assert article(name, reference.lexicon(language, "swaps")) == wanted


def _made(text: str, sort: str, *mentions: Mention, language: str = "en") -> list[Swap]:
    report = Report("r", "", text, language, DAY)
    return [s for s in swaps(report, mentions or (MENTION,)) if s.sort == sort]


def test_a_name_becomes_another_of_the_same_country_and_sort() -> None:
    made = _made("JNIM attacked the army. GSIM said so, and JNIM fighters fled.", "name")
    assert made
    for one in made:
        other = reference.party(one.new)
        assert other is not None
        assert "MLI" in other.countries
        assert other.category == "rebel"
        assert not {n.text for n in reference.named(one.report.text)} & {"JNIM", "GSIM"}
        assert one.renamed == {"JNIM": one.new}


def test_a_name_is_not_swapped_for_one_that_the_report_tells_of() -> None:
    text = "JNIM fought IS Sahel Province and Ansaroul Islam."
    assert not {s.new for s in _made(text, "name")} & {"IS Sahel Province", "Ansaroul Islam"}


def test_a_name_that_means_two_parties_in_one_report_is_not_swapped() -> None:
    there = replace(MENTION, attackers=("IS Sahel Province",))
    elsewhere = replace(
        MENTION, attackers=("Boko Haram",), where=replace(MALI, country="NGA", admin1="Borno")
    )
    assert _made("Islamic State attacked here and there.", "name", there, elsewhere) == []


def test_a_name_is_not_swapped_for_one_of_another_time() -> None:
    assert "Ansar Dine" not in {s.new for s in _made("JNIM attacked.", "name")}


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        (
            "en",
            "Malian soldiers and the Malian army in Mali",
            "Chadian soldiers and the Chadian army in Mali",
        ),
        (
            "fr",
            "l'armée malienne, des soldats maliens au Mali",
            "l'armée tchadienne, des soldats tchadiens au Mali",
        ),
        (
            "fr",
            "un soldat malien, les forces armées maliennes, Mali",
            "un soldat tchadien, les forces armées tchadiennes, Mali",
        ),
    ],
)
def test_an_army_becomes_another_with_its_adjective(language: str, text: str, wanted: str) -> None:
    (one,) = _made(text, "army", language=language)
    assert one.report.text == wanted
    assert one.renamed == {"Military of Mali": "Military of Chad"}


def test_an_army_is_swapped_only_where_the_country_is_named() -> None:
    assert _made("Malian soldiers were ambushed at Bandiagara.", "army") == []


def test_an_army_is_swapped_for_one_that_the_report_does_not_tell_of() -> None:
    (one,) = _made("Malian soldiers, not Chadian ones, fought in Mali.", "army")
    assert one.new == "Military of Kenya"


def test_an_article_fits_the_new_adjective() -> None:
    there = replace(MENTION, targets=("Military of Iraq",), where=replace(MALI, country="IRQ"))
    (one,) = _made("An Iraqi soldier in Iraq", "army", there)
    assert one.report.text.split()[1][0] in "AEIOU"


def test_the_adjective_of_others_is_left_alone() -> None:
    words = reference.lexicon("en", "swaps")
    text = "Malian officials met Malian soldiers"
    assert (
        applied(text, army_edits(text, words, ("Malian",) * 4, ("Chadian",) * 4))
        == "Malian officials met Chadian soldiers"
    )


# ---- comparing ---------------------------------------------------------------------------------------------

LABEL = Swap("label", "terrorists", "fighters", Report("r", "", "", "en"))
NAME = replace(LABEL, sort="name", renamed={"JNIM": "Ansaroul Islam"})
ARMY = replace(LABEL, sort="army", renamed={"Military of Mali": "Military of Chad"}, partly=True)


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({}, []),
        ({"kind": "shelling"}, ["kind"]),
        ({"status": "claimed"}, ["status"]),
        ({"harm": {}}, ["harm"]),
        ({"when": When()}, ["date"]),
        ({"where": replace(MALI, precision="near")}, ["place"]),
        ({"attackers": ()}, ["attackers"]),
        ({"attackers": ("Military of Mali",), "targets": ("JNIM",)}, ["attackers", "targets"]),
    ],
)
def test_what_moved_is_told(change: dict[str, object], fields: list[str]) -> None:
    (flips,) = compare([MENTION], [replace(MENTION, **change)], LABEL, "x")  # type: ignore[arg-type]
    assert [flip.field for flip in flips] == fields


def test_a_mention_that_is_lost_or_comes_up_is_a_flip() -> None:
    assert [[f.field for f in one] for one in compare([MENTION], [], LABEL, "x")] == [["mention"]]
    assert [[f.field for f in one] for one in compare([MENTION], [MENTION, MENTION], LABEL, "x")] == [
        [],
        ["mention"],
    ]
    assert compare([], [], LABEL, "x") == []


@pytest.mark.parametrize(
    ("before", "after", "one", "same"),
    [
        (("JNIM",), ("JNIM",), LABEL, True),
        (("JNIM",), ("Ansaroul Islam",), LABEL, False),
        (("JNIM",), ("Ansaroul Islam",), NAME, True),
        (("JNIM",), ("JNIM",), NAME, False),
        (("Military of Mali",), ("Military of Chad",), ARMY, True),
        (("Military of Mali",), ("Military of Chad", "Military of Mali"), ARMY, True),
        (("Military of Mali",), ("Police of Mali",), ARMY, False),
        (("Military of Mali",), ("Military of Niger",), ARMY, False),
        ((), (), ARMY, True),
    ],
)
def test_sides_under_the_new_names(
    before: tuple[str, ...], after: tuple[str, ...], one: Swap, same: bool
) -> None:
    assert same_side(before, after, one) is same


def test_rates_by_hand() -> None:
    flipped = compare([MENTION, MENTION], [MENTION, replace(MENTION, kind="shelling")], LABEL, "x")
    rates = swap._rates([(LABEL, flipped), (NAME, [[]])])
    assert (rates["swaps"], rates["mentions"], rates["flipped"]) == (2, 3, 1)
    assert rates["rate"] == pytest.approx(1 / 3)
    assert rates["fields"]["kind"] == pytest.approx(1 / 3)
    assert rates["fields"]["date"] == 0
    assert swap._rates([])["rate"] == 0
