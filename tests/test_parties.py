"""Party phrases found in text, and what they are called at a place on a day."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tarikh.extract.parties import PartyHit, classify, coordinated, find
from tarikh.model import Mention, Phrase, Report, Span, When, Where
from tarikh.resolve.parties import PartyContext, context, is_register_party, parties, party_names


def hit(words: str) -> PartyHit:
    found = classify(words, "en")
    assert found is not None
    return found


def phrases(words: str, at: int | None = None) -> tuple[Phrase, ...]:
    spans = () if at is None else (Span("text", at, at + len(words)),)
    return tuple(Phrase(h.text, spans, h.head, h.role, h.nationality) for h in coordinated(words, "en"))


def named(
    words: str, country: str | None = "MLI", day: date = date(2024, 3, 1), **kwargs: str
) -> tuple[str, ...]:
    return party_names(phrases(words), country, day, PartyContext(), **kwargs)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "role", "nationality", "name"),
    [
        ("Nigerien soldiers", "military", "NER", None),
        ("Nigerian policemen", "police", "NGA", None),
        ("the army of Chad", "military", "TCD", None),
        ("Chad's army", "military", "TCD", None),
        ("an army convoy", "military", None, None),
        ("soldiers of the 9th regiment", "military", None, None),
        ("the army's checkpoint", "military", None, None),
        ("Turkish TB2 drones", "thing", "TUR", None),
        ("suspected JNIM fighters", "armed", None, "JNIM"),
        ("members of the Allied Democratic Forces", "armed", None, "ADF"),
        ("the Rwanda-backed M23", None, None, "M23"),
        ("IS-linked gunmen", "armed", None, "Islamic State"),
        ("a lorry of the VDP", "thing", None, "VDP"),
        ("hostages of Boko Haram", "civilians", None, None),
        ("armed youths", "armed", None, None),
        ("masked men", "armed", None, None),
        ("a group of about forty youths", "civilians", None, None),
        ("dozens of gunmen", "armed", None, None),
        ("groups of bandits", "armed", None, None),
        ("hundreds", "civilians", None, None),
        ("former rebels", "civilians", None, None),
        ("Kuki militants", "militia", None, None),
        ("the town hall", "government", None, None),
        ("a UN base", "peacekeepers", None, None),
        ("Ghanaian peacekeepers", "peacekeepers", "GHA", None),
        ("a relief convoy", "aid_workers", None, None),
        ("mutinous soldiers", "faction", None, None),
        ("Captain Musa of the 444 Brigade", "military", None, None),
        ("UPDF troops", "military", "UGA", None),
        ("Niger Delta militants", "armed", None, None),
        ("Sudan's RSF", None, "SDN", "RSF"),
    ],
)
def test_a_noun_phrase_has_one_reading(
    words: str, role: str | None, nationality: str | None, name: str | None
) -> None:
    found = hit(words)
    if words.startswith("Captain"):
        assert found.name == "444 Brigade"
        return
    assert (found.role, found.nationality, found.name) == (role, nationality, name)


def test_words_without_a_party_have_none() -> None:
    assert classify("a sunny afternoon", "en") is None
    assert classify("", "en") is None
    assert classify("turkey and chad as common words", "en") is None


def test_find_merges_nested_phrases_and_keeps_offsets() -> None:
    text = "On Monday two members of the Malian army were shot by men of JNIM (GSIM) near a bridge, residents said."
    found = find(text, "en")
    assert [h.text for h in found] == ["two members of the Malian army", "men of JNIM (GSIM)", "residents"]
    assert [text[h.start : h.end] for h in found] == [h.text for h in found]
    assert [h.role for h in found] == ["military", "armed", "civilians"]
    assert found[1].name == "JNIM"


def test_find_leaves_bare_countries_and_unowned_things_alone() -> None:
    assert find("They crossed the bridge from Mali to Niger on a motorbike.", "en") == ()


def test_country_words_need_their_capitals() -> None:
    assert hit("US soldiers").nationality == "USA"
    assert hit("us soldiers").nationality is None


def test_lists_give_each_party() -> None:
    assert [h.role for h in coordinated("soldiers, gendarmes and villagers", "en")] == [
        "military",
        "police",
        "civilians",
    ]
    assert [(h.role, h.nationality) for h in coordinated("Malian and French soldiers", "en")] == [
        ("military", "MLI"),
        ("military", "FRA"),
    ]


PIECES = [*"aeS .,'\"-()\n", "the ", "army ", "of ", "JNIM ", "Malian ", "men ", "and ", "é", "İ"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_hits_are_in_order_and_exact_on_any_text(text: str) -> None:
    last = 0
    for found in find(text, "en"):
        assert found.start >= last
        assert found.end > found.start
        assert text[found.start : found.end] == found.text
        last = found.end


@pytest.mark.parametrize(
    "word", ["the ", "army of ", "army's ", "JNIM (", "hundreds of ", "Xyz ", "U.S. ", '"', "Islamic "]
)
def test_hostile_text_takes_linear_time(word: str) -> None:
    find(word, "en")
    began = time.process_time()
    find(word * 20_000, "en")
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("words", "country", "names"),
    [
        ("soldiers", "MLI", ("Military of Mali",)),
        ("French soldiers", "MLI", ("Military of France",)),
        ("gendarmes", "BFA", ("Police of Burkina Faso",)),
        ("the national guard", "NER", ("Police of Niger",)),
        ("security forces", "KEN", ("Police of Kenya",)),
        ("the junta", "NER", ("Government of Niger",)),
        ("villagers", "CIV", ("Civilians (Ivory Coast)",)),
        ("two Swiss tourists", "NER", ("Civilians (Switzerland)",)),
        ("gunmen", "COD", ("Unidentified armed group (DR Congo)",)),
        ("Kuki militants", "IND", ("Militia of Kuki (India)",)),
        ("UN peacekeepers", "LBN", ("Peacekeepers (UNIFIL)",)),
        ("MONUSCO", "COD", ("Peacekeepers (MONUSCO)",)),
        ("a hospital", "SDN", ("Civilians (Sudan)",)),
        ("eight houses", "SDN", ("Civilians (Sudan)",)),
        ("a bridge", "SDN", ()),
        ("an army helicopter", "SDN", ("Military of Sudan",)),
        ("Ukrainian drones", "RUS", ("Military of Ukraine",)),
        ("the army", "PSE", ("Military of Israel",)),
        ("mutinous soldiers", "GNB", ("Military faction (Guinea-Bissau)",)),
        ("volunteers", "BFA", ("Civilians (Burkina Faso)",)),
        ("militiamen", "BFA", ("Unidentified armed group (Burkina Faso)",)),
        ("rebels", "SEN", ("Unidentified armed group (Senegal)",)),
        ("dissidents", "COL", ("Unidentified armed group (Colombia)",)),
        ("volunteers", "FRA", ("Civilians (France)",)),
        ("Islamic State fighters", "AFG", ("ISKP",)),
        ("an affiliate of al-Qaeda", "BFA", ("JNIM",)),
        ("fighters of the al-Qaeda-linked JNIM", "BFA", ("JNIM",)),
        ("Congolese soldiers", "COG", ("Military of Republic of the Congo",)),
        ("Congolese soldiers", "UGA", ("Military of DR Congo",)),
        ("former fighters", "COL", ("Civilians (Colombia)",)),
        ("soldiers and army auxiliaries", "BFA", ("Military of Burkina Faso", "VDP")),
        ("soldiers", None, ()),
    ],
)
def test_names_are_the_codebooks(words: str, country: str | None, names: tuple[str, ...]) -> None:
    assert named(words, country) == names


def test_peacekeepers_follow_the_day() -> None:
    assert named("African Union troops", "SOM", date(2010, 1, 1)) == ("Peacekeepers (AMISOM)",)
    assert named("African Union troops", "SOM", date(2023, 1, 1)) == ("Peacekeepers (ATMIS)",)


@pytest.mark.parametrize(
    "word", ["fighters", "terrorists", "jihadists", "militants", "insurgents", "bandits", "gunmen", "rebels"]
)
def test_loaded_words_never_change_the_coding(word: str) -> None:
    assert named(word, "BFA", kind="armed_clash", side="attackers") == (
        "Unidentified armed group (Burkina Faso)",
    )
    assert named(f"Boko Haram {word}", "NGA") == ("Boko Haram",)


@pytest.mark.parametrize(
    ("words", "kind", "side", "names"),
    [
        ("women", "peaceful_protest", "attackers", ("Protesters (Mali)",)),
        ("students", "riot", "attackers", ("Rioters (Mali)",)),
        ("students", "excessive_force", "targets", ("Protesters (Mali)",)),
        ("three men", "attack_on_civilians", "attackers", ("Unidentified armed group (Mali)",)),
        ("three men", "attack_on_civilians", "targets", ("Civilians (Mali)",)),
        ("Moscow", "air_strike", "attackers", ("Military of Russia",)),
        ("Moscow", "agreement", "attackers", ("Government of Russia",)),
        ("soldiers", "coup", "attackers", ("Military faction (Mali)",)),
        ("the authorities", "arrest", "attackers", ("Police of Mali",)),
        ("a crowd", "air_strike", "targets", ("Civilians (Mali)",)),
    ],
)
def test_the_kind_tells_what_plain_people_are(
    words: str, kind: str, side: str, names: tuple[str, ...]
) -> None:
    assert named(words, kind=kind, side=side) == names


TEXT = "JNIM claimed the raid. The army fled. The insurgents burnt the post. JNIM said its fighters had left."


def test_a_definite_description_means_the_party_named_before() -> None:
    told = context(Report("r", "A raid", TEXT, "en"))
    assert party_names(phrases("The insurgents", TEXT.index("The insurgents")), "MLI", None, told) == (
        "JNIM",
    )
    assert party_names(phrases("its fighters"), "MLI", None, told) == ("JNIM",)
    assert party_names(phrases("insurgents"), "MLI", None, told) == ("Unidentified armed group (Mali)",)
    assert party_names(phrases("The attackers"), "MLI", None, told) == ("Unidentified armed group (Mali)",)
    assert party_names(phrases("The insurgents"), "COL", None, told) == (
        "Unidentified armed group (Colombia)",
    )


@pytest.mark.parametrize(
    ("words", "before", "name"),
    [
        ("three volunteers", "The VDP said that ", "VDP"),
        ("volunteers", "Volunteers for the Defense of the Homeland fled. Two ", "VDP"),
        ("Burkinabe militiamen", "The VDP said that ", "VDP"),
        ("Red Cross volunteers", "The VDP said that ", "Aid workers (Burkina Faso)"),
        ("volunteers", "The VDP said that Oxfam ", "Civilians (Burkina Faso)"),
        ("volunteers", "The VDP said that on 12 June ", "VDP"),
        ("volunteers of the Red Cross", "The VDP said that ", "Civilians (Burkina Faso)"),
        ("militiamen", "JNIM said that ", "Unidentified armed group (Burkina Faso)"),
    ],
)
def test_a_common_noun_is_a_party_that_the_report_names(words: str, before: str, name: str) -> None:
    told = context(Report("r", "", f"{before}{words} were shot.", "en"))
    assert party_names(phrases(words, len(before)), "BFA", date(2024, 3, 1), told) == (name,)


@pytest.mark.parametrize(
    ("words", "before", "country", "name"),
    [
        ("paramilitaries", "The RSF said that ", "SDN", "RSF"),
        ("paramilitaries", "The army said that ", "SDN", "Unidentified armed group (Sudan)"),
        ("separatists", "The TPNPB said that ", "IDN", "TPNPB"),
        ("separatists", "The army said that ", "IDN", "Unidentified armed group (Indonesia)"),
        ("separatists", "The army said that ", "CMR", "Ambazonia insurgents"),
    ],
)
def test_a_common_noun_of_many_groups_is_nobodys_unless_told(
    words: str, before: str, country: str, name: str
) -> None:
    told = context(Report("r", "", f"{before}{words} were shot.", "en"))
    assert party_names(phrases(words, len(before)), country, date(2024, 3, 1), told) == (name,)


def test_a_mention_gets_both_sides_with_their_words() -> None:
    text = "Islamic State gunmen shot four farmers."
    sides = {"attackers": phrases("Islamic State gunmen", 0), "targets": phrases("four farmers", 26)}
    mention = Mention(
        "m",
        "r",
        "test@1",
        "attack_on_civilians",
        phrases=sides,
        where=Where(country="NER", admin1="Diffa"),
        when=When(date(2024, 1, 2)),
    )
    found = parties(mention, context(Report("r", "", text, "en")))
    assert found.attackers == ("ISWAP",)
    assert found.targets == ("Civilians (Niger)",)
    assert found.evidence["attackers"].words == ("Islamic State gunmen",)
    assert found.evidence["targets"].spans == (Span("text", 26, 38),)
    assert found.kind == mention.kind
    assert is_register_party(found.attackers[0])
    assert not is_register_party(found.targets[0])


def sides(
    kind: str, attackers: str, targets: str, before: tuple[Mention, ...] = (), text: str = ""
) -> Mention:
    said = {"attackers": phrases(attackers), "targets": phrases(targets)}
    where = Where(country="MLI", precision="country")
    told = Mention(
        "m1", "r", "c", kind, phrases=said, where=where, when=When(date(2024, 3, 1), date(2024, 3, 1))
    )
    return parties(told, context(Report(id="r", title="", text=text, language="en")), before)


def test_a_coup_strikes_the_government_whoever_else_is_named() -> None:
    assert sides("coup", "mutinous soldiers", "soldiers").targets == (
        "Government of Mali",
        "Military of Mali",
    )
    assert sides("coup", "", "").targets == ()


def test_an_agreement_has_two_sides_told_in_one_breath_or_as_both_sides() -> None:
    once = sides("agreement", "the FLA and JNIM", "")
    assert (once.attackers, once.targets) == (("FLA",), ("JNIM",))
    both = sides("agreement", "the two sides", "prisoners", text="JNIM met officials. JNIM left.")
    assert (both.attackers, both.targets) == (("Government of Mali",), ("JNIM",))


def test_the_same_gunmen_are_those_of_the_incident_before() -> None:
    first = sides("armed_clash", "JNIM fighters", "soldiers")
    then = sides("attack_on_civilians", "the same armed men", "villagers", (first,))
    assert then.attackers == ("JNIM",)
    assert sides("attack_on_civilians", "the same armed men", "villagers").attackers == (
        "Unidentified armed group (Mali)",
    )
    two = replace(first, attackers=("JNIM", "FLA"))
    assert sides("attack_on_civilians", "the same armed men", "villagers", (two,)).attackers == (
        "Unidentified armed group (Mali)",
    )


def test_the_wounded_beside_soldiers_are_no_party_of_their_own() -> None:
    assert sides("bombing", "", "four soldiers and seven wounded").targets == ("Military of Mali",)
    assert sides("bombing", "", "four soldiers and seven villagers").targets == (
        "Military of Mali",
        "Civilians (Mali)",
    )


def test_settlers_who_loot_are_a_crowd() -> None:
    assert named("settlers", "PSE", side="attackers", kind="looting_or_arson") == ("Rioters (Israel)",)


def test_people_at_a_place_that_nobody_knows_are_of_the_country_that_the_report_is_about() -> None:
    about = PartyContext(countries=("TCD", "CMR"))
    assert party_names(phrases("fishermen"), None, None, about) == ("Civilians (Chad)",)
    assert party_names(phrases("fishermen"), None, None, PartyContext()) == ()


def test_an_undescribed_side_stays_empty() -> None:
    mention = Mention("m", "r", "test@1", "bombing", where=Where(country="SOM"))
    found = parties(mention, PartyContext())
    assert found.attackers == found.targets == ()
