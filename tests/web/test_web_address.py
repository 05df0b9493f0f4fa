"""The filter is the address: what it says comes back as it was, and what it cannot mean is refused with a reason."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarikh.errors import UsageError
from tarikh.store import Filter
from tarikh.web.address import LARGEST, Asked, read, written

FULL = Filter(
    countries=("MLI", "NER"),
    place="Ménaka",
    bbox=(170.0, -20.0, -170.0, 20.5),
    since=date(2025, 1, 1),
    until=date(2025, 3, 31),
    kinds=("bombing", "armed_clash"),
    parties=("JNIM",),
    sources=("Sahel Post", "a & b"),
    minimum_killed=0,
    status=("claimed",),
    review=("accepted",),
    text="army convoy",
    order="deadliest",
    admin1=("Ménaka", "Gao"),
    areas=((((-6.0, 14.0), (-2.0, 17.0), (1.5, 14.25), (-6.0, 14.0)),),),
    place_precision=("exact", "near"),
    has_toll=True,
)


def _back(asked: Asked) -> Asked:
    return read(parse_qsl(asked.query()))


def test_every_part_of_a_filter_comes_back() -> None:
    asked = Asked(FULL, 20, "2025-03-13~11~i-1")
    assert _back(asked) == asked


def test_every_field_of_the_filter_that_a_page_can_ask_for_is_written() -> None:
    names = {name for name in Filter.__slots__ if getattr(FULL, name) != getattr(Filter(), name)}
    # A point goes with the place that it is of (below); pages turn their own leaves.
    assert set(Filter.__slots__) - names == {"point", "radius_km", "limit", "offset"}


def test_nothing_asked_is_no_query() -> None:
    assert Asked().address() == "/"
    assert read([("text", " "), ("kind", "")]) == Asked()


def test_a_change_of_the_filter_leads_to_its_first_page() -> None:
    asked = Asked(FULL, after="2025-03-13~11~i-1")
    assert read(parse_qsl(asked.query(text=None))).after is None
    assert read(parse_qsl(asked.query(after="x~y~z"))).after == "x~y~z"


@given(
    st.lists(st.sampled_from(["bombing", "riot", "coup"]), unique=True),
    st.none() | st.dates(),
    st.none() | st.integers(0, 10**6),
    st.lists(st.text(st.characters(categories=("L", "N", "P")), min_size=1, max_size=9), max_size=3),
)
def test_read_and_written_are_inverse(
    kinds: list[str], since: date | None, killed: int | None, sources: list[str]
) -> None:
    try:
        wanted = Filter(
            kinds=tuple(kinds), since=since, minimum_killed=killed, sources=tuple(dict.fromkeys(sources))
        )
    except UsageError:
        return  # a source without a letter or digit
    assert read(written(Asked(wanted))).filter == wanted


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("nonsense=1", "no filter 'nonsense'"),
        ("kinds=bombing", "did you mean kind"),
        ("kind=bomb", "did you mean bombing"),
        ("country=Atlantis", "no country is called 'Atlantis'"),
        ("status=true", "no status"),
        ("review=maybe", "no review"),
        ("order=random", "no order"),
        ("since=2025-02-30", "no date"),
        ("since=2025-03-01&until=2025-02-01", "swap the two days"),
        ("since=2025-03-01&since=2025-03-02", "given 2 times"),
        ("bbox=1,2,3", "west,south,east,north"),
        ("bbox=a,b,c,d", "west,south,east,north"),
        ("bbox=0,10,5,-10", "the order is west, south, east, north"),
        ("bbox=0,0,400,10", "no longitude"),
        ("bbox=nan,0,1,1", "no longitude"),
        ("min_killed=-1", "no whole number"),
        ("min_killed=many", "no whole number"),
        ("min_killed=99999999999999999999", "no whole number"),
        ("size=1000000", f"ask for 1 to {LARGEST}"),
        ("size=0", f"ask for 1 to {LARGEST}"),
        ("radius=20", "needs a place"),
        ("radius=wide&place=Gao", "no number of kilometers"),
        ("radius=20&place=Gao", "cannot be looked up here"),
        ("toll=3", "no toll '3'; there are: known, unknown"),
        ("precision=about", "no place precision"),
        ("area=1,2,3", "leaves one over"),
        ("area=a,b", "no list of numbers"),
        ("area=1,2,3,4", "at least three different corners"),
        ("area=1,2,1,2,1,2,1,2", "at least three different corners"),
        ("area=0,0,1,1,2,2", "on one line"),
        ("area=0,0,1,95,2,2", "off the earth; write longitude before latitude"),
        ("area=0,0,nan,5,2,2", "off the earth"),
        ("area=-200,0,200,5,2,2", "further than once around"),
        (
            "area=" + ",".join(f"{n},{n * n % 7}" for n in range(150)) + ";" + "0,0,1,0,1,1;" * 20,
            "200 corners",
        ),
        ("text=!!!", "no letter or digit"),
        ("text=" + "x" * 400, "longer than 300"),
        ("text=" + "x" * 9000, "longer than"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_reason(query: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        read(parse_qsl(query))


def test_an_area_may_cross_the_antimeridian() -> None:
    assert read([("bbox", "170,-20,-170,20")]).filter.bbox == (170.0, -20.0, -170.0, 20.0)


def test_a_radius_is_around_the_place_that_is_named() -> None:
    asked = read(parse_qsl("place=Gao&radius=50.5&country=MLI"), lambda *_: (16.27, -0.04))
    assert (asked.filter.point, asked.filter.radius_km, asked.filter.place) == ((16.27, -0.04), 50.5, "Gao")
    assert asked.query() == "country=MLI&place=Gao&radius=50.5"


def test_an_area_is_short_in_the_address_and_closes_itself() -> None:
    for text in ("-6,14,-2,17,1,14", "-6,14,-2,17,1,14,-6,14"):
        asked = read([("area", text)])
        assert asked.filter.areas == ((((-6.0, 14.0), (-2.0, 17.0), (1.0, 14.0), (-6.0, 14.0)),),)
        assert asked.query() == "area=-6,14,-2,17,1,14"


@pytest.mark.parametrize("turn", [-360, 0, 360])
def test_an_area_over_the_antimeridian_is_cut_in_two(turn: int) -> None:
    asked = read([("area", f"{175 + turn},-20,{187 + turn},-20,{187 + turn},-10,{175 + turn},-10")])
    boxes = {(min(x for x, _ in ring), max(x for x, _ in ring)) for (ring,) in asked.filter.areas}
    assert boxes == {(175.0, 180.0), (-180.0, -173.0)}
    assert read(parse_qsl(asked.query())) == asked


def test_an_area_may_cross_itself() -> None:
    (area,) = read([("area", "0,0,2,2,2,0,0,2")]).filter.areas
    assert len(area[0]) == 5


@given(
    st.lists(
        st.tuples(st.floats(-540, 540, allow_nan=False), st.floats(-90, 90, allow_nan=False)),
        min_size=1,
        max_size=8,
    )
)
def test_what_is_read_of_an_area_is_read_again(corners: list[tuple[float, float]]) -> None:
    try:
        asked = read([("area", ",".join(f"{x},{y}" for x, y in corners))])
    except UsageError:
        return
    assert read(written(asked)) == asked
