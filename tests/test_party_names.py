"""What phrases are called where the place, the speaker or the state decides; every state's forces in each language."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tarikh import reference
from tarikh.extract.parties import coordinated
from tarikh.model import Mention, Phrase, Report, Span, Where
from tarikh.resolve.parties import PartyContext, context, parties, party_names

FORCES = {
    "en": [("{} soldiers", "Military of {}", 0), ("the {} police", "Police of {}", 0), ("the {} government", "Government of {}", 0)],
    "fr": [("l'armée {}", "Military of {}", 1), ("la police {}", "Police of {}", 1), ("le gouvernement {}", "Government of {}", 0)],
    "es": [("el ejército {}", "Military of {}", 0), ("la policía {}", "Police of {}", 1), ("el gobierno {}", "Government of {}", 0)],
}  # fmt: skip
"""Phrase, name, and which form of the adjective it takes: the masculine stands first, the feminine second."""


def named(
    words: str,
    country: str | None,
    language: str = "en",
    told: PartyContext | None = None,
    day: date | None = None,
) -> tuple[str, ...]:
    phrases = tuple(Phrase(h.text, (), h.head, h.role, h.nationality) for h in coordinated(words, language))
    return party_names(phrases, country, day, told or PartyContext(language))


@pytest.mark.parametrize("language", sorted(FORCES))
def test_every_state_has_its_forces(language: str) -> None:
    wrong = []
    states = [c for c in reference.countries() if c.adjectives.get(language)]
    for state in states:
        forms = state.adjectives[language]
        for phrase, name, form in FORCES[language]:
            words = phrase.format(forms[form] if language != "en" and len(forms) > form else forms[0])
            if named(words, state.iso3, language) != (name.format(state.name),):
                wrong.append(words)
    assert wrong == []
    assert len(states) >= 190


def test_a_capital_stands_for_its_government() -> None:
    assert named("Le Caire", "EGY", "fr") == ("Government of Egypt",)
    assert named("Varsovia", None, "es") == ("Government of Poland",)


def report(source: str, title: str = "Statement") -> Report:
    return Report("r", title, "Our forces took the town.", "en", source=source)


def test_our_forces_are_those_of_who_speaks() -> None:
    speaks = context(report("RSF communiqué"))
    assert named("our forces", "SDN", told=speaks) == ("RSF",)
    assert named("our villages", "SDN", told=speaks) == ("Civilians (Sudan)",)
    assert named("the forces", "SDN", told=speaks) == ("Military of Sudan",)
    titled = context(report("paramilitary statement", "RSF: Statement to the people"))
    assert named("our artillery", "SDN", told=titled) == ("RSF",)
    paper = context(report("The Morning Paper", "How RSF took the town: a report"))
    assert named("our forces", "SDN", told=paper) == ("Military of Sudan",)
    agency = context(report("United Nations news"))
    assert named("our forces", "SDN", told=agency) == ("Military of Sudan",)


@pytest.mark.parametrize(
    ("words", "country", "party"),
    [
        ("a Frelimo office", "MOZ", "FRELIMO"),
        ("Houthi authorities", "YEM", "Houthis"),
        ("the ministry", "YEM", "Government of Yemen"),
        ("an army picket", "TCD", "Military of Chad"),
        ("a picket", "TCD", "Protesters (Chad)"),
        ("ISIS fighters", "MLI", "IS Sahel Province"),
    ],
)
def test_a_phrase_has_one_name(words: str, country: str, party: str) -> None:
    assert named(words, country, day=date(2023, 5, 1)) == (party,)


def test_a_name_out_of_its_time_leaves_the_generic_form() -> None:
    assert named("LTTE rebels", "LKA", day=date(2008, 5, 1)) == ("LTTE",)
    assert named("LTTE rebels", "LKA", day=date(2015, 5, 1)) == ("Unidentified armed group (Sri Lanka)",)
    assert named("Ansar Dine fighters", "MLI", day=date(2019, 5, 1)) == ("JNIM",)


def _both(kind: str, attackers: str, targets: str, country: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The sides of an act whose words are these two phrases, each at its own place of the text."""

    def phrases(words: str, at: int) -> tuple[Phrase, ...]:
        return tuple(
            Phrase(h.text, (Span("text", at + h.start, at + h.end),), h.head, h.role, h.nationality)
            for h in coordinated(words, "en")
        )

    told = Mention(
        "m", "r", "test", kind, phrases={"attackers": phrases(attackers, 0), "targets": phrases(targets, 100)}
    )
    found = parties(replace(told, where=Where(country=country)), PartyContext("en"))
    return found.attackers, found.targets


@pytest.mark.parametrize(
    ("kind", "attackers", "targets", "country", "found"),
    [
        ("air_strike", "an army drone", "a military position", "SDN", (("Military of Sudan",), ())),
        ("armed_clash", "the army", "a military post", "SDN", ((), ("Military of Sudan",))),
        ("shelling", "the Russian army", "soldiers", "RUS", (("Military of Russia",), ())),
        ("armed_clash", "soldiers", "Malian soldiers", "MLI", ((), ("Military of Mali",))),
        ("attack_on_civilians", "RSF fighters", "the RSF", "SDN", (("RSF",), ())),
        ("arrest", "the army", "soldiers", "SDN", (("Military of Sudan",), ("Military of Sudan",))),
        ("agreement", "the RSF", "the RSF and JEM", "SDN", (("RSF",), ("JEM",))),
    ],
)
def test_nobody_attacks_themselves(
    kind: str, attackers: str, targets: str, country: str, found: tuple[tuple[str, ...], tuple[str, ...]]
) -> None:
    assert _both(kind, attackers, targets, country) == found


def test_the_unnamed_beside_the_named_are_the_named() -> None:
    assert _both("bombing", "gunmen and JNIM fighters", "traders", "MLI")[0] == ("JNIM",)
    assert _both("bombing", "gunmen", "traders", "MLI")[0] == ("Unidentified armed group (Mali)",)


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        ("Russia said on Tuesday that its troops had shelled the town.", "Military of Russia"),
        ("Moscow said that its troops had shelled the town.", "Military of Russia"),
        ("Russia denied it. Then its troops shelled the town.", "Military of Ukraine"),
        ("The governor said that its troops had shelled the town.", "Military of Ukraine"),
    ],
)
def test_its_troops_are_those_of_the_state_named_before(text: str, owner: str) -> None:
    at = text.index("its troops")
    phrase = Phrase("its troops", (Span("text", at, at + 10),), "troop", "military")
    told = context(Report("r", "", text, "en"))
    assert party_names((phrase,), "UKR", None, told, side="attackers", kind="shelling") == (owner,)


@pytest.mark.parametrize(
    ("text", "country", "owner"),
    [
        ("South Sudan said that its troops had shelled it.", "UGA", "South Sudan"),
        ("Equatorial Guinea said its troops had shelled it.", "GAB", "Equatorial Guinea"),
        ("Papua New Guinea said its troops had shelled it.", "SLB", "Papua New Guinea"),
        ("North Korea said that its troops had shelled it.", "KOR", "North Korea"),
        ("The United States said its troops had shelled it.", "SYR", "United States"),
        ("The U.S. said its troops had shelled it.", "SYR", "United States"),
        ("Saudi Arabia said its troops had shelled it.", "YEM", "Saudi Arabia"),
        ("Burkina Faso said its troops had shelled it.", "MLI", "Burkina Faso"),
        ("Uganda sent men to Congo, and its troops killed ten.", "COD", "Uganda"),
        ("Uganda sent men to northern Congo, and its troops killed ten.", "COD", "Uganda"),
        ("In northern Mali, Niger said its troops had shelled it.", "MLI", "Niger"),
        ("Russia attacked Ukraine and its troops took a town.", "UKR", "Russia"),
        ("Ukraine said Russia had moved and its troops took a town.", "UKR", "Russia"),
        ("In Yemen, Saudi Arabia said its troops had shelled it.", "YEM", "Saudi Arabia"),
        ("The army of Uganda said its troops had shelled it.", "COD", "Uganda"),
        ("The Congolese army said its troops had shelled it.", "COG", "Republic of the Congo"),
        ("The turkey and the chad said its troops had shelled it.", "SYR", "Syria"),
        ("Sudan bombed it. The governor said its troops had left.", "MLI", "Mali"),
        ("South Sudan" + " and many others" * 9 + " said its troops had left.", "MLI", "Mali"),
    ],
)
def test_its_troops_are_those_of_the_subject(text: str, country: str, owner: str) -> None:
    assert _own_troops(text, "its troops", country, "en") == f"Military of {owner}"


@pytest.mark.parametrize(
    ("text", "words", "language", "country", "owner"),
    [
        ("La Guinée équatoriale a dit que ses troupes avaient tiré.", "ses troupes", "fr", "GAB", "Equatorial Guinea"),
        ("L'Ouganda a envoyé des hommes en RDC et ses troupes ont tiré.", "ses troupes", "fr", "COD", "Uganda"),
        ("Corea del Norte dijo que sus tropas dispararon.", "sus tropas", "es", "KOR", "North Korea"),
        ("Colombia envió hombres a Venezuela y sus tropas dispararon.", "sus tropas", "es", "VEN", "Colombia"),
    ],
)  # fmt: skip
def test_its_troops_in_each_language(text: str, words: str, language: str, country: str, owner: str) -> None:
    assert _own_troops(text, words, country, language) == f"Military of {owner}"


def _own_troops(text: str, words: str, country: str, language: str) -> str:
    at = text.index(words)
    phrase = Phrase(words, (Span("text", at, at + len(words)),), words.split()[1], "military")
    told = context(Report("r", "", text, language))
    (name,) = party_names((phrase,), country, None, told, side="attackers", kind="shelling")
    return name


def test_the_longest_name_of_a_country_is_told() -> None:
    text = "South Sudan, Papua New Guinea and the US, but neither turkey nor us; Nigerien, Soudan du Sud."
    found = [(text[t.start : t.end], [c.iso3 for c in t.countries]) for t in reference.told_countries(text)]
    assert found == [
        ("South Sudan", ["SSD"]),
        ("Papua New Guinea", ["PNG"]),
        ("US", ["USA"]),
        ("Nigerien", ["NER"]),
        ("Soudan du Sud", ["SSD"]),
    ]


@pytest.mark.parametrize(
    ("words", "country", "day", "party"),
    [
        ("Islamic State Central Africa Province fighters", "MOZ", "2021-03-24", "IS Mozambique"),
        ("Islamic State Central Africa Province fighters", "COD", "2021-03-24", "ADF"),
        ("ISWAP fighters", "MLI", "2020-03-24", "IS Sahel Province"),
        ("Islamic State West Africa Province fighters", "MLI", "2020-03-24", "IS Sahel Province"),
        ("ISWAP fighters", "NGA", "2020-03-24", "ISWAP"),
        ("the SADC mission", "MOZ", "2022-03-24", "Peacekeepers (SAMIM)"),
        ("the SADC mission", "COD", "2024-03-24", "Peacekeepers (SAMIDRC)"),
        ("UN peacekeepers", "HTI", "2024-08-01", "United Nations"),
        ("UN peacekeepers", "CAF", "2012-08-01", "United Nations"),
        ("peacekeepers", "CAF", "2012-08-01", "Peacekeepers (FOMAC)"),
        ("the SDF", "JPN", "2024-08-01", "Military of Japan"),
        ("the SDF", "SYR", "2024-08-01", "SDF"),
        ("Ansar al-Sunna fighters", "IRQ", "2005-08-01", "Ansar al-Islam"),
        ("Ansar al-Sunna fighters", "MOZ", "2019-08-01", "IS Mozambique"),
        ("MONUA", "AGO", "1998-08-01", "Peacekeepers (MONUA)"),
        ("UN peacekeepers", "AGO", "1996-08-01", "Peacekeepers (UNAVEM)"),
        ("Russian instructors", "BFA", "2024-06-01", "Africa Corps"),
        ("Russian soldiers", "NER", "2024-06-01", "Africa Corps"),
        ("Russian soldiers", "NER", "2024-03-01", "Military of Russia"),
        ("Russian soldiers", "MLI", "2020-06-01", "Military of Russia"),
        ("Russian soldiers", "MLI", "2023-06-01", "Wagner Group"),
        ("HTS fighters", "SYR", "2024-12-01", "HTS"),
        ("HTS fighters", "SYR", "2016-12-01", "Unidentified armed group (Syria)"),
        ("HTS fighters", "SYR", "2025-01-29", "HTS"),
        ("HTS fighters", "SYR", "2025-01-30", "Military of Syria"),
        ("Jabhat Fateh al-Sham fighters", "SYR", "2025-06-01", "Military of Syria"),
        ("HTS fighters", "LBN", "2025-06-01", "Unidentified armed group (Lebanon)"),
        ("MUJAO fighters", "MLI", "2013-06-01", "MUJAO"),
        ("MUJAO fighters", "MLI", "2014-06-01", "Al-Mourabitoun"),
        ("MNLA fighters", "MLI", "2012-06-01", "MNLA"),
    ],
)
def test_a_name_means_who_bore_it_there_and_then(words: str, country: str, day: str, party: str) -> None:
    assert named(words, country, day=date.fromisoformat(day)) == (party,)


def test_a_name_may_hold_in_one_unit_only() -> None:
    (use,) = reference.named("ISWAP")
    day = date(2020, 3, 24)
    assert reference.meaning(use.uses, "NER", day, "Tillabéri") == "IS Sahel Province"
    assert reference.meaning(use.uses, "NER", day, "Diffa") == "ISWAP"


def test_a_slogan_is_a_coalition_only_where_it_acts() -> None:
    (name,) = reference.named("Vivre ensemble")
    assert reference.meaning(name.uses, "HTI", date(2024, 5, 1)) == "Viv Ansanm"
    assert reference.meaning(name.uses, "FRA", date(2024, 5, 1)) is None


def test_ids_of_other_organizations_are_no_partys() -> None:
    ids = {party.ucdp for party in reference.parties()}
    assert not ids & {231, 4163}
