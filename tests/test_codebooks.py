"""Codebooks: each kind coded or refused in all five, invariants of each, and that no name changes a code."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tarikh import codebooks, reference
from tarikh.codebooks import CODEBOOKS, Around, Coded, Refused, Row, codebook, coded
from tarikh.codebooks.acled import interaction
from tarikh.codebooks.ucdp import grid
from tarikh.errors import UsageError
from tarikh.model import Count, Incident, Report, When, Where

DAY = date(2024, 3, 19)
TESSIT = Where("MLI", "Gao", "Ansongo", "Tessit", 15.2, 0.3, "exact")
GROUP, ARMY, VILLAGERS = "JNIM", "Military of Mali", "Civilians (Mali)"


def incident(kind: str = "armed_clash", **fields: Any) -> Incident:
    """A record of invented facts: a group attacks an army in a real town, seven die."""
    given = {
        "attackers": (GROUP,),
        "targets": (ARMY,),
        "when": When(DAY, DAY, "day"),
        "where": TESSIT,
        "harm": {"killed": Count(7, 7, 9)},
        "status": "reported",
        "sources": ("Sahel Post", "Radio Gao"),
    } | fields
    return Incident("i-1", "m-1", ("m-1",), kind, **given)


def row(found: Coded | Refused) -> Row:
    assert isinstance(found, Coded), found
    return found.rows[0]


def clause(found: Coded | Refused) -> str:
    assert isinstance(found, Refused), found
    assert found.reason
    return found.clause


# ---- every kind in every codebook --------------------------------------------------------------------------

CIVILIANS = {"targets": (VILLAGERS,)}
CROWD = {"attackers": ("Protesters (Mali)",), "targets": (), "harm": {}}
EXPECTED: Mapping[str, tuple[dict[str, Any], str, str | int, str, str, str | int]] = {
    # kind: fields, ACLED sub-type, UCDP type or refusal, PLOVER event and mode, CAMEO code, GTD attack type or refusal
    "chemical_attack": (CIVILIANS, "Chemical weapon", 3, "ASSAULT unconventional", "2041", 3),
    "suicide_bombing": ({}, "Suicide bomb", 1, "ASSAULT suicide-attack", "1831", 3),
    "air_strike": (
        {"attackers": (ARMY,), "targets": (GROUP,)},
        "Air/drone strike",
        1,
        "ASSAULT aerial",
        "195",
        "gtd.refuse.state",
    ),
    "shelling": (
        {"targets": ("M23",)},
        "Shelling/artillery/missile attack",
        2,
        "ASSAULT heavy-weapons",
        "194",
        3,
    ),
    "bombing": (CIVILIANS, "Remote explosive/landmine/IED", 3, "ASSAULT explosives", "183", 3),
    "grenade": (CIVILIANS, "Grenade", 3, "ASSAULT explosives", "183", 3),
    "territory_taken": ({}, "Non-state actor overtakes territory", 1, "ASSAULT", "192", "gtd.refuse.kind"),
    "armed_clash": ({}, "Armed clash", 1, "ASSAULT", "190", 2),
    "sexual_violence": (
        CIVILIANS | {"harm": {}},
        "Sexual violence",
        "ucdp.refuse.deaths_unknown",
        "ASSAULT sexual",
        "1821",
        8,
    ),
    "abduction": (
        CIVILIANS | {"harm": {"killed": Count(0, 0, 0)}},
        "Abduction/forced disappearance",
        "ucdp.refuse.no_deaths",
        "ASSAULT abduct",
        "181",
        6,
    ),
    "attack_on_civilians": (CIVILIANS, "Attack", 3, "ASSAULT targeted", "1823", 2),
    "looting_or_arson": (
        {"targets": ()},
        "Looting/property destruction",
        "ucdp.refuse.kind",
        "ASSAULT destroy",
        "171",
        7,
    ),
    "excessive_force": (
        {"attackers": ("Police of Mali",), "targets": ("Protesters (Mali)",)},
        "Excessive force against protesters",
        3,
        "ASSAULT firearms",
        "175",
        "gtd.refuse.kind",
    ),
    "mob_violence": (
        {"attackers": ("Rioters (Mali)",), "targets": (VILLAGERS,)},
        "Mob violence",
        "ucdp.refuse.kind",
        "ASSAULT primitive",
        "182",
        "gtd.refuse.kind",
    ),
    "riot": (CROWD, "Violent demonstration", "ucdp.refuse.kind", "PROTEST riot", "145", "gtd.refuse.kind"),
    "protest_with_intervention": (
        CROWD | {"targets": ("Police of Mali",)},
        "Protest with intervention",
        "ucdp.refuse.kind",
        "PROTEST demo",
        "141",
        "gtd.refuse.kind",
    ),
    "peaceful_protest": (
        CROWD,
        "Peaceful protest",
        "ucdp.refuse.kind",
        "PROTEST demo",
        "141",
        "gtd.refuse.kind",
    ),
    "coup": (
        {"attackers": ("Military faction (Mali)",), "targets": ("Government of Mali",), "harm": {}},
        "Other",
        "ucdp.refuse.deaths_unknown",
        "plover.refuse.coup",
        "cameo.refuse.coup",
        "gtd.refuse.kind",
    ),
    "arrest": (
        {"attackers": (ARMY,), "targets": (VILLAGERS,)},
        "Arrests",
        "ucdp.refuse.kind",
        "COERCE arrest",
        "173",
        "gtd.refuse.kind",
    ),
    "weapons_seized": (
        {"attackers": (ARMY,), "targets": ()},
        "Disrupted weapons use",
        "ucdp.refuse.kind",
        "COERCE seize",
        "171",
        "gtd.refuse.kind",
    ),
    "agreement": ({"harm": {}}, "Agreement", "ucdp.refuse.kind", "AGREE", "057", "gtd.refuse.kind"),
    "base_established": (
        {"attackers": (ARMY,), "targets": ()},
        "Headquarters or base established",
        "ucdp.refuse.kind",
        "MOBILIZE troops",
        "150",
        "gtd.refuse.kind",
    ),
    "withdrawal": (
        {"targets": ()},
        "Non-violent transfer of territory",
        "ucdp.refuse.kind",
        "RETREAT withdraw",
        "0874",
        "gtd.refuse.kind",
    ),
    "movement": (
        {"targets": ()},
        "Change to group/activity",
        "ucdp.refuse.kind",
        "MOBILIZE militia",
        "154",
        "gtd.refuse.kind",
    ),
}


def test_every_kind_is_in_the_table() -> None:
    assert list(EXPECTED) == [kind.name for kind in reference.kinds()]


@pytest.mark.parametrize("kind", EXPECTED)
def test_each_kind_is_coded_or_refused_in_all_five(kind: str) -> None:
    fields, *expected = EXPECTED[kind]
    found = [coded(incident(kind, **fields), name) for name in CODEBOOKS]
    said = [
        each.clause if isinstance(each, Refused) else _said(name, each.rows[0])
        for name, each in zip(CODEBOOKS, found, strict=True)
    ]
    assert said == expected
    assert all(each.clauses for each in found if isinstance(each, Coded))


def _said(name: str, given: Row) -> Any:
    if name == "plover":
        return " ".join([*given["event"], *(given["mode"] or [])])  # type: ignore[misc]
    return given[
        {"acled": "sub_event_type", "ucdp": "type_of_violence", "cameo": "code", "gtd": "attacktype1"}[name]
    ]


# ---- what a record lacks -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "fields", "expected"),
    [
        ("acled", {"where": Where("MLI", precision="country")}, "acled.refuse.place"),
        ("acled", {"where": Where()}, "acled.refuse.country"),
        ("acled", {"when": When()}, "acled.refuse.date"),
        ("acled", {"when": When(date(2024, 1, 1), date(2024, 12, 31), "year")}, "acled.refuse.year"),
        ("acled", {"when": When(DAY, DAY + timedelta(days=40), "day")}, "acled.refuse.long"),
        ("ucdp", {"where": Where()}, "ucdp.refuse.country"),
        ("ucdp", {"attackers": ()}, "ucdp.refuse.attackers"),
        ("ucdp", {"targets": ()}, "ucdp.refuse.targets"),
        ("ucdp", {"harm": {"killed": Count(None, None, 9)}}, "ucdp.refuse.no_best"),
        ("ucdp", {"attackers": ("Unidentified armed group (Mali)",)}, "ucdp.refuse.unidentified"),
        ("ucdp", {"attackers": ("The Owls",)}, "ucdp.refuse.unregistered"),
        ("ucdp", {"attackers": ("Police of Mali",)}, "ucdp.refuse.same_state"),
        ("ucdp", {"attackers": ("Peacekeepers (MINUSMA)",), "targets": (GROUP,)}, "ucdp.type.international"),
        ("ucdp", {"attackers": ("Rioters (Mali)",)}, "ucdp.type.unorganized"),
        ("ucdp", {"attackers": ("[withheld]",)}, "ucdp.refuse.withheld"),
        ("plover", {"when": When()}, "plover.refuse.date"),
        ("cameo", {"attackers": (), "targets": ()}, "cameo.refuse.nobody"),
        ("gtd", {"attackers": (ARMY, GROUP)}, "gtd.refuse.state"),
        ("gtd", {"attackers": ("The Owls",)}, "gtd.refuse.unregistered"),
        ("gtd", {"attackers": ()}, "gtd.refuse.state_fought"),
    ],
)
def test_a_refusal_names_its_clause(name: str, fields: dict[str, Any], expected: str) -> None:
    assert clause(coded(incident(**fields), name)) == expected


def test_only_attackers_dead_is_no_one_sided_violence() -> None:
    alone = incident(**CIVILIANS, harm={"killed": Count(1, 1, 1), "killed_attackers": Count(1, 1, 1)})
    assert clause(coded(alone, "ucdp")) == "ucdp.dead.attackers"


def test_an_unknown_codebook_is_refused() -> None:
    with pytest.raises(UsageError, match="there are acled, ucdp"):
        codebook("gdelt")


# ---- ACLED -------------------------------------------------------------------------------------------------


def test_acled_leads_with_the_party_that_the_type_is_about() -> None:
    both = (VILLAGERS, ARMY)
    clash = row(coded(incident(targets=both), "acled"))
    assert (clash["actor2"], clash["assoc_actor_2"], clash["interaction"]) == (
        "Military Forces of Mali",
        "Civilians (Mali)",
        12,
    )
    attack = row(coded(incident("attack_on_civilians", targets=both), "acled"))
    assert (attack["actor2"], attack["inter2"], attack["civilian_targeting"]) == (
        VILLAGERS,
        7,
        "Civilian targeting",
    )


def test_acled_has_no_battle_against_the_unarmed() -> None:
    """A battle has two armed sides: an `armed_clash` whose other side is unarmed alone is violence against civilians."""
    found = row(coded(incident(targets=(VILLAGERS,)), "acled"))
    assert (
        found["event_type"],
        found["sub_event_type"],
        found["interaction"],
        found["civilian_targeting"],
    ) == (
        "Violence against civilians",
        "Attack",
        27,
        "Civilian targeting",
    )
    assert row(coded(incident(targets=()), "acled"))["event_type"] == "Battles"


def test_acled_leads_the_acting_side_with_its_armed() -> None:
    found = row(
        coded(
            incident("attack_on_civilians", attackers=(GROUP, "Rioters (Mali)"), targets=(VILLAGERS,)),
            "acled",
        )
    )
    assert (found["actor1"], found["inter1"]) == (GROUP, 2)


def test_acled_puts_protesters_first_and_foreign_forces_in_their_type() -> None:
    shot = incident("excessive_force", attackers=("Police of Mali",), targets=("Protesters (Mali)",))
    assert row(coded(shot, "acled"))["actor1"] == "Protesters (Mali)"
    abroad = row(coded(incident(attackers=("Military of France",)), "acled"))
    assert (abroad["actor1"], abroad["inter1"], abroad["interaction"]) == ("Military Forces of France", 8, 18)


@pytest.mark.parametrize(
    ("when", "precision", "day"),
    [
        (When(DAY, DAY, "day"), 1, DAY),
        (When(DAY, DAY + timedelta(days=1), "day"), 2, DAY),
        (When(DAY, DAY + timedelta(days=6), "week"), 2, DAY),
        (When(DAY, DAY + timedelta(days=12), "day"), 3, DAY),
        (When(date(2024, 3, 1), date(2024, 3, 31), "month"), 3, date(2024, 3, 15)),
    ],
)
def test_acled_time_precision(when: When, precision: int, day: date) -> None:
    found = row(coded(incident(when=when), "acled"))
    assert (found["time_precision"], found["event_date"]) == (precision, day)


def test_acled_says_the_status_and_the_last_change() -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    found = row(coded(incident(status="claimed"), "acled", Around(changed=at)))
    assert (found["tags"], found["timestamp"]) == ("status=claimed", 1767323045)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [(1, 2, 12), (2, 1, 12), (7, 3, 37), (6, 0, 60), (8, 8, 88), (None, 2, None), (2, None, None)],
)
def test_interaction(first: int | None, second: int | None, expected: int | None) -> None:
    assert interaction(first, second) == expected


# ---- UCDP --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        # of seven, the army's four and one of the villagers among its five are told, the group's are not
        (
            {
                "targets": (ARMY, VILLAGERS),
                "harm": {
                    "killed": Count(7, 7, 9),
                    "killed_targets": Count(5, 5, 5),
                    "killed_civilians": Count(1, 1, 1),
                },
            },
            (4, None, 1, 2, 7, 7, 9),
        ),
        ({"harm": {"killed": Count(7, 7, None)}}, (None, None, None, 7, 7, 7, None)),
        (
            {
                "harm": {
                    "killed": Count(7, 7, 7),
                    "killed_attackers": Count(3, 3, 3),
                    "killed_targets": Count(4, 4, 4),
                    "killed_civilians": Count(0, 0, 0),
                }
            },
            (4, 3, 0, 0, 7, 7, 7),
        ),
        # parts that are more than the whole are not believed
        (
            {"harm": {"killed": Count(7, 7, 7), "killed_targets": Count(9, 9, 9)}},
            (None, None, None, 7, 7, 7, 7),
        ),
        # one-sided: by rule no deaths of A and B; a bomber's own is left out
        (
            {
                "targets": (VILLAGERS,),
                "harm": {
                    "killed": Count(8, 8, 8),
                    "killed_attackers": Count(1, 1, 1),
                    "killed_targets": Count(7, 7, 7),
                },
            },
            (0, 0, 7, 0, 7, 7, 7),
        ),
        ({"targets": (VILLAGERS,), "harm": {"killed": Count(7, 7, 9)}}, (0, 0, None, 7, 7, 7, 9)),
    ],
)
def test_ucdp_deaths(fields: dict[str, Any], expected: tuple[int | None, ...]) -> None:
    found = row(coded(incident(**fields), "ucdp"))
    names = ("deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown", "best", "low", "high")
    assert tuple(found[name] for name in names) == expected


def test_ucdp_sides_and_ids() -> None:
    found = row(coded(incident(attackers=(GROUP,), targets=(ARMY,)), "ucdp"))
    assert (found["side_a"], found["side_a_new_id"], found["gwnoa"]) == ("Government of Mali", 72, 432)
    assert (found["side_b"], found["side_b_new_id"], found["gwnob"]) == ("JNIM", 6716, None)
    assert (found["dyad_name"], found["id"], found["country_id"], found["region"]) == (
        "Government of Mali - JNIM",
        "i-1",
        432,
        "Africa",
    )
    states = row(coded(incident(attackers=("Military of Russia",), targets=("Military of Ukraine",)), "ucdp"))
    assert (states["side_a"], states["side_b"], states["gwnob"]) == (
        "Government of Russia (Soviet Union)",
        "Government of Ukraine",
        369,
    )
    mutiny = row(
        coded(
            incident("coup", attackers=("Military faction (Mali)",), targets=("Government of Mali",)), "ucdp"
        )
    )
    assert (mutiny["type_of_violence"], mutiny["side_b"]) == (1, "Military faction (Mali)")


def test_a_country_without_a_number_has_none() -> None:
    found = row(
        coded(
            incident(
                "bombing",
                where=Where("PSE", "Gaza", None, "Rafah", 31.3, 34.2, "exact"),
                targets=("Civilians (Palestine)",),
            ),
            "ucdp",
        )
    )
    assert (found["country"], found["country_id"], found["region"]) == ("Palestine", None, None)


def test_the_grid_is_that_of_a_known_row() -> None:
    assert grid(13.816667, 24.8) == 149450  # UCDP GED, Sudan
    assert grid(-90, -180) == 1
    assert grid(90, 180) == 360 * 720


@pytest.mark.parametrize(
    ("days", "precision", "expected"),
    [
        (1, "day", (1, 1)),
        (3, "day", (2, 2)),
        (7, "week", (3, 1)),
        (31, "month", (4, 1)),
        (366, "year", (5, 1)),
    ],
)
def test_ucdp_dates(days: int, precision: Any, expected: tuple[int, int]) -> None:
    start = date(2024, 1, 1)
    found = row(coded(incident(when=When(start, start + timedelta(days=days - 1), precision)), "ucdp"))
    assert (found["date_prec"], found["event_clarity"]) == expected
    assert found["date_start"] == "2024-01-01 00:00:00.000"


def test_headlines_are_told_only_where_they_may_be() -> None:
    report = Report("r-1", 'A "secret"; headline', "text", "en", DAY, source="Sahel Post")
    found = row(coded(incident(), "ucdp", Around((report,))))
    assert (found["source_article"], found["source_headline"]) == ('"Sahel Post,2024-03-19"', None)
    full = row(coded(incident(), "ucdp", Around((report,), headlines=True)))
    assert full["source_headline"] == "A 'secret', headline"


# ---- PLOVER, CAMEO, GTD ------------------------------------------------------------------------------------


def test_plover_puts_both_sides_of_a_fight_among_the_actors() -> None:
    fight = row(coded(incident(), "plover"))
    assert [each["code"] + each["sector"] for each in fight["actor"]] == ["MLIREB", "MLIMIL"]  # type: ignore[union-attr,index]
    assert fight["recipient"] is None
    bomb = row(coded(incident("bombing", attackers=(), targets=(), harm={}), "plover"))
    assert (bomb["actor"], bomb["recipient"], bomb["size"]) == (
        [{"sector": "UNK"}],
        [{"sector": "UNK"}],
        None,
    )


def test_cameo_has_a_row_a_pair() -> None:
    found = coded(
        incident(
            attackers=(GROUP, "Peacekeepers (MINUSMA)"), targets=("Military of France", "United Nations")
        ),
        "cameo",
    )
    assert isinstance(found, Coded)
    assert [(each["pair"], each["source_code"], each["target_code"]) for each in found.rows] == [
        (1, "MLIREB", "FRAMIL"),
        (2, "MLIREB", "IGOUNO"),
        (3, "IGOMIL", "FRAMIL"),
        (4, "IGOMIL", "IGOUNO"),
    ]


def test_gtd_uses_zero_only_where_the_scheme_does() -> None:
    month = When(date(2024, 3, 1), date(2024, 3, 31), "month")
    found = row(coded(incident("bombing", attackers=(), targets=(VILLAGERS,), when=month, harm={}), "gtd"))
    assert (found["imonth"], found["iday"], found["gname"], found["nkill"]) == (3, 0, "Unknown", None)
    assert (found["targtype1_txt"], found["country"], found["country_txt"]) == (
        "Private Citizens & Property",
        None,
        "Mali",
    )


def test_gtd_has_no_unit_for_a_city_and_says_who_was_taken() -> None:
    region = Where("MLI", "Gao", None, "Gao", 16.3, 0.1, "admin1")
    found = row(coded(incident("bombing", where=region, harm={"abducted": Count(4, 4, 4)}), "gtd"))
    assert (found["provstate"], found["city"], found["specificity"]) == ("Gao", None, 4)
    assert (found["ishostkid"], found["nhostkid"]) == (1, 4)
    assert row(coded(incident("bombing", where=TESSIT), "gtd"))["city"] == "Tessit"


# ---- invariants --------------------------------------------------------------------------------------------

PARTIES = (
    GROUP, "M23", ARMY, "Military of France", "Police of Mali", "Government of Mali", VILLAGERS, "Aid workers (Mali)",
    "Protesters (Mali)", "Rioters (Mali)", "Unidentified armed group (Mali)", "Militia of Dogon (Mali)", "Wagner Group",
    "Peacekeepers (MINUSMA)", "United Nations", "Military faction (Mali)", "Peshmerga", "Libya Dawn", "US-led coalition",
    "The Owls", "[withheld]",
)  # fmt: skip
_numbers = st.none() | st.integers(0, 60)
_counts = st.builds(Count, _numbers, _numbers, _numbers)
_sides = st.lists(st.sampled_from(PARTIES), max_size=3, unique=True).map(tuple)
_harms = st.dictionaries(
    st.sampled_from(["killed", "killed_attackers", "killed_targets", "killed_civilians", "injured"]), _counts
)
_days = st.integers(0, 400).map(lambda n: DAY + timedelta(days=n))
_whens = st.one_of(
    st.just(When()),
    st.builds(
        lambda start, long, precision: When(start, start + timedelta(days=long), precision),
        _days,
        st.integers(0, 500),
        st.sampled_from(["day", "week", "month", "year"]),
    ),
)
_wheres = st.builds(
    lambda code, precision: Where(code, "Gao", "Ansongo", "Tessit", 15.2, 0.3, precision),
    st.sampled_from([None, "MLI", "PSE", "XKX", "UKR"]),
    st.sampled_from(["exact", "near", "admin2", "admin1", "country", "unknown"]),
)
incidents = st.builds(
    incident,
    st.sampled_from([kind.name for kind in reference.kinds()]),
    attackers=_sides,
    targets=_sides,
    when=_whens,
    where=_wheres,
    harm=_harms,
    status=st.sampled_from(["reported", "claimed", "alleged", "disputed"]),
)


@settings(max_examples=300, deadline=None)
@given(incidents)
def test_every_record_is_coded_whole_or_refused_with_a_reason(given: Incident) -> None:
    for name in CODEBOOKS:
        found = coded(given, name)
        if isinstance(found, Refused):
            assert found.reason
            continue
        columns = [column.name for column in codebook(name).columns]
        assert found.rows
        assert all(list(each) == columns for each in found.rows)
        known = {c.id for clauses in codebook(name).questions.values() for c in clauses}
        assert {each.id for each in found.clauses} <= known


@settings(max_examples=300, deadline=None)
@given(incidents)
def test_ucdp_best_is_the_sum_of_what_is_known(given: Incident) -> None:
    found = coded(given, "ucdp")
    if isinstance(found, Refused):
        return
    made: Mapping[str, Any] = found.rows[0]
    parts = [made[f"deaths_{side}"] for side in ("a", "b", "civilians", "unknown")]
    assert made["best"] == sum(part for part in parts if part is not None)
    assert all(part is None or part >= 0 for part in parts)
    assert made["low"] is None or made["low"] <= made["best"]
    assert made["high"] is None or made["high"] >= made["best"]
    if made["type_of_violence"] == 3:
        assert (made["deaths_a"], made["deaths_b"], made["side_b"]) == (0, 0, "Civilians")
    elif "killed_attackers" not in given.harm and "killed_targets" not in given.harm:
        assert (made["deaths_a"], made["deaths_b"]) == (None, None)


@settings(max_examples=300, deadline=None)
@given(incidents)
def test_no_unknown_becomes_zero(given: Incident) -> None:
    acled, gtd = coded(given, "acled"), coded(given, "gtd")
    if isinstance(acled, Coded):
        made: Mapping[str, Any] = acled.rows[0]
        assert made["fatalities"] == given.harm.get("killed", Count()).best
        assert made["inter2"] != 0 or not given.targets
        assert (made["interaction"] is None) == (made["inter1"] is None or made["inter2"] is None)
        assert made["interaction"] == interaction(made["inter1"], made["inter2"])
        assert made["actor1"] != ""
    if isinstance(gtd, Coded):
        assert gtd.rows[0]["nkill"] == given.harm.get("killed", Count()).best
        assert gtd.rows[0]["nwound"] == given.harm.get("injured", Count()).best


@settings(max_examples=200, deadline=None)
@given(incidents)
def test_a_point_is_never_finer_than_its_words(given: Incident) -> None:
    for name in ("acled", "ucdp", "cameo", "gtd"):
        found = coded(given, name)
        if isinstance(found, Coded) and given.where.precision in ("country", "unknown"):
            assert found.rows[0]["latitude"] is None
            assert found.rows[0].get("priogrid_gid") is None


SWAPS = {
    "JNIM": "RSF",
    "M23": "LRA",
    "Wagner Group": "Redut",
    "Libya Dawn": "Islamic Front (Syria)",
    "The Owls": "The Terrorists of Evil",
}


@settings(max_examples=300, deadline=None)
@given(incidents)
def test_another_name_of_the_same_class_changes_no_code(given: Incident) -> None:
    other = incident(
        given.kind,
        attackers=tuple(SWAPS.get(name, name) for name in given.attackers),
        targets=tuple(SWAPS.get(name, name) for name in given.targets),
        when=given.when,
        where=given.where,
        harm=given.harm,
        status=given.status,
    )
    for name in CODEBOOKS:
        one, two = coded(given, name), coded(other, name)
        if isinstance(one, Refused):
            assert one == two
            continue
        assert isinstance(two, Coded)
        assert one.clauses == two.clauses
        assert [_nameless(each) for each in one.rows] == [_nameless(each) for each in two.rows]


def test_the_swapped_names_are_of_one_class() -> None:
    for one, two in SWAPS.items():
        left, right = reference.party(one), reference.party(two)
        assert (left and left.category) == (right and right.category)


_NAMES = ("actor1", "assoc_actor_1", "actor2", "assoc_actor_2", "side_a", "side_b", "side_a_new_id", "side_b_new_id", "dyad_name",
    "source_name", "target_name", "gname", "gname2", "gname3")  # fmt: skip


def _nameless(given: Row) -> dict[str, Any]:
    kept = {key: value for key, value in given.items() if key not in _NAMES}
    for side in ("actor", "recipient"):
        if isinstance(kept.get(side), list):
            kept[side] = [{k: v for k, v in each.items() if k != "entity_text"} for each in kept[side]]  # type: ignore[union-attr]
    return kept


def test_all_tables_name_classes_and_columns_that_there_are() -> None:
    names = set(codebooks.classes().names)
    for book, table in (
        ("acled", "inter"),
        ("acled", "actors"),
        ("plover", "sectors"),
        ("cameo", "roles"),
        ("gtd", "targets"),
    ):
        assert set(codebook(book).tables[table]) <= names, book
    assert set(codebook("plover").tables["sectors"]) == names == set(codebook("gtd").tables["targets"])
    subtypes = {c.sets["sub_event_type"] for c in codebook("acled").questions["type"]}
    assert subtypes == set(codebook("acled").tables["disorder"])
    for name in codebooks.classes().of_states:
        assert reference.party(name) is not None, name


def test_countries_of_tables_are_ours() -> None:
    known = {country.iso3 for country in reference.countries()}
    for book in ("acled", "ucdp", "gtd"):
        assert set(codebook(book).tables["countries"]) <= known
    regions = codebook("acled").tables["regions"]
    assert {each["region"] for each in codebook("acled").tables["countries"].values()} <= set(regions)
    numbers = [each["gw"] for each in codebook("ucdp").tables["countries"].values()]
    assert len(numbers) == len(set(numbers))
