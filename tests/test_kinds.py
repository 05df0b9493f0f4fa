"""The kind of an event: for each kind a report that has it and one that looks like it, and the order of precedence."""

from __future__ import annotations

import pytest

from tarikh import reference
from tarikh.extract.acts import FAMILIES, HARM_ONLY, TABLE, family
from tarikh.extract.kinds import ACTS_OF_KIND, ARMED, ASSAULTS, NO_TARGETS, RULES, Picture, decide
from tarikh.extract.lexicon import events
from test_triggers import kinds, told

pytestmark = pytest.mark.usefixtures("rules_alone")

# --- short reports ------------------------------------------------------------------------------------------

CASES = {
    "chemical_attack": (
        "A gas attack on a village near Saraqib killed four people on Tuesday.",
        "Shells filled with chlorine hit a street in Saraqib on Tuesday.",
        "Sarin gas killed nine residents of Saraqib on Tuesday.",
    ),
    "suicide_bombing": (
        "A suicide bomber attacked a mosque in Maiduguri on Tuesday, killing five worshippers.",
        "A woman blew herself up at a checkpoint in Maiduguri on Tuesday.",
        "A bomber detonated his vest in a market in Maiduguri on Tuesday.",
        "A suicide bomber blew up his car at a base in Mogadishu on Tuesday, and gunmen stormed the gate.",
    ),
    "air_strike": (
        "An air strike hit a school in Lashkar Gah on Tuesday, killing four pupils.",
        "Drones struck a fuel depot in Port Sudan on Tuesday.",
        "A warplane bombed a market in Kutum on Tuesday, killing six traders.",
    ),
    "shelling": (
        "Artillery shells hit a hospital in El Fasher on Tuesday, killing two nurses.",
        "RSF fighters shelled a market in Omdurman on Tuesday.",
        "A missile hit a port in Odesa on Tuesday.",
    ),
    "bombing": (
        "A roadside bomb killed three soldiers near Djibo on Tuesday.",
        "A landmine exploded under a bus near Mopti on Tuesday, killing seven passengers.",
        "A parcel bomb wounded a journalist in Quito on Tuesday.",
    ),
    "grenade": (
        "An unknown man threw a grenade into a bar in Bujumbura on Tuesday, wounding four people.",
        "A grenade attack on a bar in Bujumbura wounded four people on Tuesday.",
    ),
    "territory_taken": (
        "M23 rebels captured the town of Masisi on Tuesday.",
        "The town of Masisi fell to M23 rebels on Tuesday.",
        "Rebels drove the army out of Masisi on Tuesday.",
    ),
    "armed_clash": (
        "M23 rebels clashed with the army near Masisi on Tuesday.",
        "Gunmen ambushed a patrol of soldiers near Tillabéri on Tuesday, killing three soldiers.",
        "Gunmen shot dead a policeman in Kano on Tuesday.",
        "An army patrol came under fire near Masisi on Tuesday.",
    ),
    "sexual_violence": (
        "Soldiers raped three women near Nyala on Tuesday.",
        "Two girls were raped by militiamen near Goma on Tuesday.",
    ),
    "abduction": (
        "Gunmen kidnapped twelve pupils from a school in Kaduna on Tuesday.",
        "Armed men took twelve passengers hostage near Kaduna on Tuesday.",
    ),
    "attack_on_civilians": (
        "Gunmen attacked a village near Bankass on Tuesday, killing six farmers.",
        "A priest was assassinated in Jos on Tuesday.",
        "Militiamen tortured two traders in Bria on Tuesday.",
        "A massacre in the village of Solhan on Tuesday left ninety dead.",
    ),
    "looting_or_arson": (
        "Militiamen burned forty houses near Bunia on Tuesday.",
        "Armed men looted a food depot of an aid agency in El Geneina on Tuesday.",
        "Bandits rustled three hundred cattle near Pibor on Tuesday.",
    ),
    "excessive_force": (
        "Soldiers shot dead three demonstrators in Conakry on Tuesday.",
        "Police opened fire on a crowd of protesters in Conakry on Tuesday, killing two protesters.",
    ),
    "mob_violence": (
        "A mob lynched a suspected thief in Kano on Tuesday.",
        "A crowd beat two traders to death in Kano on Tuesday.",
    ),
    "riot": (
        "Demonstrators threw stones at the police in Nairobi on Tuesday.",
        "Protesters burned a police station in Nairobi on Tuesday.",
        "Rioters looted shops in Nairobi on Tuesday.",
    ),
    "protest_with_intervention": (
        "Police fired tear gas at demonstrators in Conakry on Tuesday.",
        "Police arrested ten demonstrators during a protest in Tunis on Tuesday.",
    ),
    "peaceful_protest": (
        "Thousands of people marched through Tbilisi on Tuesday.",
        "Students held a sit-in in Khartoum on Tuesday.",
    ),
    "coup": (
        "Soldiers overthrew the president in Bissau on Tuesday.",
        "A coup attempt failed in Bissau on Tuesday.",
        "Soldiers fired shots in Bissau on Tuesday and seized power.",
    ),
    "arrest": (
        "Police arrested three suspected rebels in Pemba on Tuesday.",
        "Police arrested two men and seized weapons in Pemba on Tuesday.",
    ),
    "weapons_seized": (
        "Soldiers defused a roadside bomb near Djibo on Tuesday.",
        "Police seized 40 rifles in a house in Bamako on Tuesday.",
    ),
    "agreement": (
        "The government and the rebels signed a peace agreement in Juba on Tuesday.",
        "The army and the rebels exchanged prisoners near Taiz on Tuesday.",
    ),
    "base_established": (
        "Soldiers set up a base in Mueda on Tuesday.",
        "Russian troops established a base in Bangui on Tuesday.",
    ),
    "withdrawal": (
        "Rebels withdrew from the town of Masisi on Tuesday.",
        "Troops pulled out of Kidal on Tuesday.",
    ),
    "movement": (
        "The army deployed troops in Gao on Tuesday.",
        "Three hundred Chadian soldiers arrived in Bol on Tuesday.",
    ),
}

LOOK_ALIKES = (
    (
        "chemical_attack",
        "A chlorine leak in a water plant in Saraqib on Tuesday left nine workers ill.",
        None,
    ),
    ("suicide_bombing", "A car bomb exploded at the gate of a base in Mogadishu on Tuesday.", "bombing"),
    ("air_strike", "Soldiers shot down a drone over Port Sudan on Tuesday.", "weapons_seized"),
    ("shelling", "Artillery was shown at a parade in Minsk on Tuesday.", None),
    ("bombing", "Deminers found a mine near Mopti on Tuesday.", "weapons_seized"),
    ("grenade", "Police found a grenade in a bar in Bujumbura on Tuesday.", "weapons_seized"),
    ("territory_taken", "Rebels attacked an army base near Kidal on Tuesday.", "armed_clash"),
    ("armed_clash", "Gunmen shot dead a teacher in Kano on Tuesday.", "attack_on_civilians"),
    ("sexual_violence", "Soldiers killed three women near Nyala on Tuesday.", "attack_on_civilians"),
    ("abduction", "Soldiers arrested twelve suspects in Kaduna on Tuesday.", "arrest"),
    ("attack_on_civilians", "A man beat his rivals in a race in Kano on Tuesday.", None),
    ("looting_or_arson", "Lightning burned forty houses in Bunia on Tuesday.", None),
    ("excessive_force", "Police shot dead three gunmen in Conakry on Tuesday.", "armed_clash"),
    ("mob_violence", "Soldiers beat a journalist in Kano on Tuesday.", "attack_on_civilians"),
    ("riot", "Protesters waved flags and marched in Nairobi on Tuesday.", "peaceful_protest"),
    ("protest_with_intervention", "The police banned a march in Tunis on Tuesday.", None),
    ("peaceful_protest", "Students plan to march in Tunis on Tuesday.", None),
    ("coup", "The opposition won power in Accra on Tuesday.", None),
    ("arrest", "Police looked for two suspected insurgents in Pemba on Tuesday.", None),
    ("weapons_seized", "An old mine was displayed in a museum in Sarajevo on Tuesday.", None),
    ("agreement", "The government and a bank signed a loan in Juba on Tuesday.", None),
    ("base_established", "Rebels attacked a base in Bangui on Tuesday.", "armed_clash"),
    ("withdrawal", "The company withdrew its offer in Gao on Tuesday.", None),
    ("movement", "Tourists arrived in Bol on Tuesday.", None),
)


@pytest.mark.parametrize(("kind", "text"), [(k, t) for k, texts in CASES.items() for t in texts])
def test_case(kind: str, text: str) -> None:
    assert kinds(text) == [kind]


@pytest.mark.parametrize(("kind", "text", "coded"), LOOK_ALIKES)
def test_look_alike(kind: str, text: str, coded: str | None) -> None:
    assert kind != coded
    assert kinds(text) == ([coded] if coded else [])


def test_every_kind_has_its_case_and_its_look_alike() -> None:
    names = [k.name for k in reference.kinds()]
    assert len(names) == 24
    assert set(CASES) == {kind for kind, _, _ in LOOK_ALIKES} == set(names)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (
            "Gunmen killed ten villagers and abducted two others near Kaduna on Tuesday.",
            "attack_on_civilians",
        ),
        ("Gunmen killed two villagers and abducted ten others near Kaduna on Tuesday.", "abduction"),
    ],
)
def test_killed_and_taken_is_coded_by_the_greater_number(text: str, kind: str) -> None:
    assert kinds(text) == [kind]


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("a village", "attack_on_civilians"),
        ("a school", "attack_on_civilians"),
        ("farmers", "attack_on_civilians"),
        ("an army post", "armed_clash"),
        ("a patrol of soldiers", "armed_clash"),
        ("a police station", "armed_clash"),
    ],
)
def test_the_target_decides_between_a_clash_and_an_attack_on_civilians(target: str, kind: str) -> None:
    assert kinds(f"Gunmen attacked {target} near Gao on Tuesday.") == [kind]


def test_mortars_of_an_assault_on_foot_do_not_make_it_shelling() -> None:
    text = "Rebels fired mortars at an army base near Kidal on Tuesday and then stormed it, killing five soldiers."
    assert kinds(text) == ["armed_clash"]


def test_air_support_called_in_does_not_change_the_kind() -> None:
    text = "Rebels stormed an army post near Kidal on Tuesday, killing six soldiers. Helicopters fired on the attackers."
    assert kinds(text) == ["armed_clash"]


def test_the_reason_is_kept_with_the_kind() -> None:
    (mention,) = told("Gunmen kidnapped twelve pupils in Kaduna on Tuesday.")
    evidence = mention.evidence["kind"]
    assert evidence.words == ("kidnapped",)
    assert evidence.reason == "people taken, at least as many as killed"


# --- the table ----------------------------------------------------------------------------------------------


def picture(acts: str = "", means: str = "", agents: str = "", patients: str = "", **rest: int) -> Picture:
    sets = (frozenset(words.split()) for words in (acts, means, agents, patients))
    return Picture(*sets, **rest)  # type: ignore[arg-type]


def kind_of(seen: Picture) -> str | None:
    decided = decide(seen)
    return decided[0] if decided else None


@pytest.mark.parametrize(
    ("seen", "kind"),
    [
        (picture("attack kill", "gas suicide air"), "chemical_attack"),
        (picture("blast raid", "suicide blast", "armed", "forces"), "suicide_bombing"),
        (picture("strike", "air shell"), "air_strike"),
        (picture("strike", "shell blast"), "shelling"),
        (picture("throw", "blast grenade"), "bombing"),
        (picture("throw", "grenade", "armed", "forces"), "grenade"),
        (picture("take clash", "", "armed", "forces"), "territory_taken"),
        (picture("rape abduct kill", "", "armed", "people"), "sexual_violence"),
        (picture("kill abduct", "", "armed", "people", killed=3, abducted=2), "attack_on_civilians"),
        (picture("kill abduct", "", "armed", "people", killed=2, abducted=2), "abduction"),
        (picture("attack", "", "armed", "forces"), "armed_clash"),
        (picture("attack", "", "armed", "people"), "attack_on_civilians"),
        (picture("attack burn loot", "", "armed", "people"), "attack_on_civilians"),
        (picture("burn", "", "armed", ""), "looting_or_arson"),
        (picture("fire", "", "forces", "protesters"), "excessive_force"),
        (picture("fire disperse", "", "forces", "people", protest_near=True), "excessive_force"),
        (picture("protest", "", "people", ""), "peaceful_protest"),
        (picture("protest arrest", "", "forces", "protesters"), "protest_with_intervention"),
        (picture("protest burn", "", "protesters", ""), "riot"),
        (picture("coup kill fire", "", "forces", "forces"), "coup"),
        (picture("arrest find", "", "forces", "armed"), "arrest"),
        (picture("find", "", "forces", ""), "weapons_seized"),
        (picture("withdraw_weak", "", "forces", ""), "withdrawal"),
        (picture("withdraw_weak", "", "people", ""), None),
        (picture("move_weak", "", "people", ""), None),
        (picture("toll", "", "", ""), None),
        (picture("release", "", "people", "people"), None),
        (picture(), None),
    ],
)
def test_precedence(seen: Picture, kind: str | None) -> None:
    assert kind_of(seen) == kind


def test_a_crowd_that_lynches_is_no_armed_party() -> None:
    assert kind_of(picture("lynch", "", "people", "people", crowd_agent=True)) == "mob_violence"
    assert kind_of(picture("kill", "", "protesters", "people", crowd_agent=True)) == "mob_violence"


@pytest.mark.parametrize("act", sorted(ASSAULTS - {"wound", "die"}))
def test_armed_targets_make_any_assault_a_clash(act: str) -> None:
    for side in sorted(ARMED):
        assert kind_of(picture(act, "", "armed", side)) == "armed_clash"


def test_the_table_speaks_of_kinds_of_the_codebook_only() -> None:
    names = {k.name for k in reference.kinds()}
    assert {kind for kind, _, _ in RULES} == names
    assert set(ACTS_OF_KIND) <= names
    assert set(NO_TARGETS) <= names


# --- a bombing without a weapon, families of acts --------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("The army bombed a rebel camp near Kutum on Tuesday.", "air_strike"),
        ("Insurgents bombed a rail line near Kaduna on Tuesday.", "bombing"),
        ("A mosque in Kandahar was bombed on Tuesday.", "bombing"),
    ],
)
def test_a_bombing_without_a_weapon_is_an_incident(text: str, kind: str) -> None:
    assert kinds(text) == [kind]


def _acts_of(language: str) -> set[str]:
    lexicon = events(language)
    single = {
        act for table in (lexicon.verbs, lexicon.nouns) for acts in table.values() for act in acts.values()
    }
    multiple = {
        p.act for table in (lexicon.phrases, lexicon.noun_phrases) for rows in table.values() for p in rows
    }
    return (single | multiple) - {"none", "taken"}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_act_of_a_lexicon_stands_in_the_table(language: str) -> None:
    assert _acts_of(language) <= set(TABLE)


def test_every_act_has_known_families_and_every_family_an_act() -> None:
    assert {name for families in TABLE.values() for name in families.split()} == set(FAMILIES)
    assert all(family(name) for name in FAMILIES)
    with pytest.raises(KeyError):
        family("unheard of")


@pytest.mark.parametrize("act", sorted(set(TABLE) - HARM_ONLY))
def test_every_act_but_harm_can_be_an_incident(act: str) -> None:
    """By somebody armed, on somebody armed or not, one of the rules must take it, or its reports are lost."""
    pictures = [
        Picture(frozenset([act]), frozenset(), frozenset(["armed"]), frozenset([patients]))
        for patients in ("armed", "people", "protesters")
    ]
    assert any(decide(picture) for picture in pictures)


# --- French -------------------------------------------------------------------------------------------------

FRENCH = {
    "chemical_attack": ("Des obus chargés de chlore ont touché une école de Saraqib mardi.",),
    "suicide_bombing": (
        "Un kamikaze s'est fait exploser mardi devant une mosquée de Maiduguri, tuant cinq fidèles.",
        "Un attentat-suicide a fait six morts mardi à Maiduguri.",
    ),
    "air_strike": (
        "Une frappe de drone a tué quatre élèves mardi à Kutum.",
        "L'aviation a bombardé un marché de Kutum mardi.",
    ),
    "shelling": ("Des tirs d'obus ont fait trois morts mardi à Goma.",),
    "bombing": (
        "Un engin explosif improvisé a tué trois soldats mardi près de Djibo.",
        "Un bus a sauté sur une mine mardi près de Mopti.",
    ),
    "grenade": ("Une attaque à la grenade a blessé quatre personnes mardi à Bujumbura.",),
    "territory_taken": (
        "Les rebelles du M23 ont pris le contrôle de Masisi mardi.",
        "Les rebelles du M23 se sont emparés de la ville de Masisi mardi.",
    ),
    "armed_clash": (
        "Des hommes armés ont tendu une embuscade à une patrouille de l'armée mardi près de Tillabéri.",
        "De violents combats ont opposé l'armée au M23 mardi à Masisi.",
    ),
    "sexual_violence": ("Trois femmes ont été violées par des miliciens mardi à Nyala.",),
    "abduction": (
        "Des hommes armés ont enlevé douze élèves mardi à Kaduna.",
        "Le rapt de deux infirmiers mardi à Kaduna a été confirmé.",
    ),
    "attack_on_civilians": ("Des jihadistes ont égorgé six paysans mardi près de Mora.",),
    "looting_or_arson": ("Des bandits ont incendié des cases et emporté du bétail mardi à Mora.",),
    "mob_violence": ("La foule a lynché un voleur mardi à Bangui.",),
    "peaceful_protest": ("Des milliers de personnes ont défilé mardi à Bamako.",),
    "protest_with_intervention": ("La police a dispersé la marche à coups de gaz lacrymogène mardi à Lomé.",),
    "coup": ("Des militaires ont tenté un coup d'État mardi à Libreville.",),
    "arrest": ("La gendarmerie a interpellé quatre suspects mardi à Ouagadougou.",),
    "weapons_seized": ("Les douaniers ont saisi douze fusils mardi à Agadez.",),
    "agreement": ("Le gouvernement et les rebelles ont signé un accord de cessez-le-feu mardi à Doha.",),
    "base_established": ("L'armée a inauguré une base mardi à Gao.",),
    "withdrawal": ("Les soldats français ont quitté leur base mardi à Gao.",),
    "movement": ("L'armée a déployé deux bataillons mardi à Gao.",),
}


@pytest.mark.parametrize(("kind", "text"), [(k, t) for k, texts in FRENCH.items() for t in texts])
def test_french_kinds(kind: str, text: str) -> None:
    assert kinds(text, language="fr") == [kind]
