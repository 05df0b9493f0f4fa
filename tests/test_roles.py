"""Who attacked and who was hit, as phrases of the text: by voice, noun, clause, pronoun, place lost, crowd and count."""

from __future__ import annotations

import pytest

from tarikh.extract.counts import Toll
from tarikh.extract.parties import PartyHit
from tarikh.extract.roles import Side, Sides, hit_class
from tarikh.model import Count, Mention
from test_triggers import report, told


def only(text: str) -> Mention:
    (mention,) = told(text)
    return mention


def sides(text: str) -> tuple[list[str], list[str]]:
    mention = only(text)
    attackers, targets = ([p.text for p in mention.phrases[side]] for side in ("attackers", "targets"))
    return attackers, targets


# --- voice, noun, clause ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Nigerien soldiers killed four JNIM fighters near Téra on Sunday.",
        "Four JNIM fighters were killed by Nigerien soldiers near Téra on Sunday.",
        "Nigerien soldiers shot dead four JNIM fighters near Téra on Sunday.",
        "The killing of four JNIM fighters by Nigerien soldiers near Téra on Sunday caused anger.",
        "Nigerien soldiers who killed four JNIM fighters near Téra on Sunday were praised.",
        "Four JNIM fighters who were killed by Nigerien soldiers near Téra on Sunday were buried.",
    ],
)
def test_the_sides_are_the_same_however_it_is_told(text: str) -> None:
    attackers, targets = sides(text)
    assert (attackers, [t.lower() for t in targets]) == (["Nigerien soldiers"], ["four jnim fighters"])


@pytest.mark.parametrize(
    ("text", "attackers", "targets"),
    [
        (
            "The Malian army carried out a raid on a JNIM camp near Gao on Sunday.",
            ["The Malian army"],
            ["a JNIM camp"],
        ),
        (
            "An army convoy suffered an attack by JNIM fighters near Gao on Sunday.",
            ["JNIM fighters"],
            ["An army convoy"],
        ),
        (
            "Boko Haram's attack on the village of Bare on Sunday left six dead.",
            ["Boko Haram"],
            ["the village"],
        ),
        ("The village of Bare was attacked by Boko Haram on Sunday.", ["Boko Haram"], ["The village"]),
        (
            "The bandits who abducted four villagers near Kaduna on Sunday want money.",
            ["The bandits"],
            ["four villagers"],
        ),
        ("Houses were burned by militiamen in Bunia on Sunday.", ["militiamen"], ["Houses"]),
    ],
)
def test_light_verbs_possessives_and_passives(text: str, attackers: list[str], targets: list[str]) -> None:
    assert sides(text) == (attackers, targets)


@pytest.mark.parametrize(
    ("text", "attackers", "targets"),
    [
        (
            "Malian soldiers and Wagner fighters killed six herders near Gao on Sunday.",
            ["Malian soldiers", "Wagner fighters"],
            ["six herders"],
        ),
        (
            "Gunmen killed a policeman and a soldier near Gao on Sunday.",
            ["Gunmen"],
            ["a policeman", "a soldier"],
        ),
    ],
)
def test_parties_in_a_list(text: str, attackers: list[str], targets: list[str]) -> None:
    assert sides(text) == (attackers, targets)


@pytest.mark.parametrize(
    ("text", "attackers", "targets"),
    [
        ("The army and the RSF fought near El Fasher on Sunday.", ["The army"], ["the RSF"]),
        ("The RSF and the army exchanged fire near El Fasher on Sunday.", ["The RSF"], ["the army"]),
        (
            "Clashes between the army and the RSF in El Fasher on Sunday left nine dead.",
            ["the army"],
            ["the RSF"],
        ),
        ("M23 rebels clashed with the army near Masisi on Sunday.", ["M23 rebels"], ["the army"]),
    ],
)
def test_where_nobody_began_the_party_named_first_is_the_attacker(
    text: str, attackers: list[str], targets: list[str]
) -> None:
    assert sides(text) == (attackers, targets)


@pytest.mark.parametrize(
    ("text", "took", "lost"),
    [
        ("The RSF took the town of Nyala from the army on Sunday.", ["The RSF"], ["the army"]),
        ("The army lost the town of Nyala to the RSF on Sunday.", ["the RSF"], ["The army"]),
        ("The town of Nyala fell to the RSF on Sunday.", ["the RSF"], []),
        ("RSF fighters captured the town of Nyala on Sunday.", ["RSF fighters"], []),
    ],
)
def test_who_took_a_place_and_who_lost_it(text: str, took: list[str], lost: list[str]) -> None:
    assert only(text).kind == "territory_taken"
    assert sides(text)[0] == took
    assert sides(text)[1][: len(lost)] == lost


# --- nobody, things, pronouns -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "A bomb went off in the market of Kano on Sunday.",
        "A truck hit a mine near Mopti on Sunday, killing four traders.",
        "A roadside bomb hit a convoy of Malian soldiers near Gao on Sunday.",
        "An air strike hit a school in Kutum on Sunday.",
        "Four traders were killed in an attack near Mopti on Sunday.",
        "Four men were arrested in Pemba on Sunday.",
    ],
)
def test_nobody_told_is_nobody(text: str) -> None:
    assert sides(text)[0] == []


def test_a_weapon_did_it_only_where_it_says_whose_it_is() -> None:
    assert sides("A drone of the Sudanese army hit a market in Kutum on Sunday.")[0] == [
        "A drone of the Sudanese army"
    ]
    assert sides("A drone hit a market in Kutum on Sunday.")[0] == []


def test_victims_of_a_blast_are_those_who_were_counted() -> None:
    assert sides("A truck hit a mine near Mopti on Sunday, killing four traders.")[1] == ["traders"]


@pytest.mark.parametrize(
    "text",
    [
        "JNIM attacked a village near Gao on Sunday. Its fighters killed four farmers.",
        "JNIM attacked a village near Gao on Sunday. They killed four farmers.",
    ],
)
def test_a_pronoun_is_the_party_told_before(text: str) -> None:
    mention = only(text)
    assert [p.text for p in mention.phrases["attackers"]] == ["JNIM"]
    assert mention.harm["killed"] == Count(4, 4, 4)


def test_a_pronoun_alone_is_nobody() -> None:
    assert sides("They attacked a village near Gao on Sunday.")[0] == []


# --- crowds, states, kinds without targets ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "attackers", "targets"),
    [
        ("Teachers marched through Lagos on Sunday.", ["Teachers"], []),
        ("Police shot dead two protesters in Nairobi on Sunday.", ["Police"], ["two protesters"]),
        ("Soldiers overthrew the president in Bissau on Sunday.", ["Soldiers"], ["the president"]),
        ("Police arrested four men in Pemba on Sunday.", ["Police"], ["four men"]),
        ("Kenyan troops withdrew from Kismayo on Sunday.", ["Kenyan troops"], []),
        ("Rwandan soldiers opened a base in Mueda on Sunday.", ["Rwandan soldiers"], []),
        ("Chadian soldiers arrived in Bol on Sunday.", ["Chadian soldiers"], []),
        (
            "The government and FARC dissidents signed a ceasefire in Bogotá on Sunday.",
            ["The government"],
            ["FARC dissidents"],
        ),
    ],
)
def test_the_kind_says_who_can_be_on_which_side(text: str, attackers: list[str], targets: list[str]) -> None:
    assert sides(text) == (attackers, targets)


def test_demonstrators_are_the_attackers_of_a_protest_and_the_police_its_targets() -> None:
    mention = only("Kenyan police fired tear gas at demonstrators in Nairobi on Sunday.")
    (marchers,), (forces,) = mention.phrases["attackers"], mention.phrases["targets"]
    assert (marchers.role, forces.text) == ("protesters", "Kenyan police")


def test_demonstrators_who_burn_are_rioters() -> None:
    (rioters,) = only("Protesters burned a police station in Nairobi on Sunday.").phrases["attackers"]
    assert (rioters.text, rioters.role) == ("Protesters", "rioters")


def test_phrases_are_the_words_of_the_report() -> None:
    text = "Soldiers patrol. Nigerien soldiers killed four JNIM fighters near Téra on Sunday."
    given = report(text)
    for side in ("attackers", "targets"):
        for phrase in only(text).phrases[side]:
            assert [given.words(span) for span in phrase.spans] == [phrase.text]


# --- whose dead ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        (
            "Gunmen ambushed soldiers near Gao on Sunday, killing six soldiers.",
            {"killed": 6, "killed_targets": 6},
        ),
        (
            "Gunmen attacked a village near Gao on Sunday, killing four farmers.",
            {"killed": 4, "killed_targets": 4, "killed_civilians": 4},
        ),
        ("Clashes between the army and the RSF in El Fasher on Sunday left nine dead.", {"killed": 9}),
    ],
)
def test_the_dead_are_counted_to_their_side(text: str, counts: dict[str, int]) -> None:
    killed = {name: c.best for name, c in only(text).harm.items() if name.startswith("killed")}
    assert killed == counts


@pytest.mark.parametrize(
    ("agents", "patients", "victims", "side"),
    [
        ({"armed"}, {"forces"}, "six soldiers", "targets"),
        ({"forces"}, {"armed"}, "six soldiers", "attackers"),
        ({"armed"}, {"forces"}, "six gunmen", "attackers"),
        ({"armed"}, {"forces"}, "six traders", "civilians"),
        ({"armed"}, {"people"}, "", "civilians"),
        ({"armed"}, {"forces"}, "", "targets"),
        ({"armed"}, {"forces", "people"}, "", None),
        ({"armed"}, set(), "", None),
    ],
)
def test_side_of_a_count(agents: set[str], patients: set[str], victims: str, side: Side) -> None:
    toll = Toll("killed", Count(6, 6, 6), 0, (), 0, victims=victims)
    assert Sides(agent_classes=agents, patient_classes=patients).side_of(toll) == side


@pytest.mark.parametrize(
    ("role", "name", "expected"),
    [
        ("military", None, "forces"),
        ("peacekeepers", None, "forces"),
        ("armed", None, "armed"),
        (None, "M23", "armed"),
        ("civilians", None, "people"),
        ("government", None, "people"),
        ("rioters", None, "protesters"),
        ("thing", None, None),
        (None, None, None),
    ],
)
def test_class_of_a_party(role: str | None, name: str | None, expected: str | None) -> None:
    assert hit_class(PartyHit(0, 1, "x", "x", role, None, name)) == expected


# --- French -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Des rebelles du M23 ont tué quatre villageois dimanche à Rutshuru.",
        "Quatre villageois ont été tués par des rebelles du M23 dimanche à Rutshuru.",
        "Quatre villageois ont été tués dimanche à Rutshuru par des rebelles du M23.",
        "Des rebelles du M23 ont abattu quatre villageois dimanche à Rutshuru.",
    ],
)
def test_french_sides_are_the_same_however_it_is_told(text: str) -> None:
    (mention,) = told(text, language="fr")
    assert mention.kind == "attack_on_civilians"
    assert "M23" in mention.phrases["attackers"][0].text
    assert "villageois" in mention.phrases["targets"][0].text.lower()


def test_who_did_it_in_a_french_accusation_is_who_is_accused() -> None:
    (mention,) = told("Les rebelles accusent l'armée d'avoir tué trois éleveurs mardi à Gao.", language="fr")
    assert [p.text for p in mention.phrases["attackers"]] == ["l'armée"]
    assert mention.status == "alleged"


def test_who_took_and_who_lost_a_french_town() -> None:
    (mention,) = told("La ville de Rutshuru est tombée mardi aux mains du M23.", language="fr")
    assert mention.kind == "territory_taken"
    assert "M23" in mention.phrases["attackers"][0].text
