"""Queries of the ACLED-shaped endpoint: what is read of them, what of them goes to the store, and what is remembered."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from tarikh.codebooks import codebook
from tarikh.compat import acled_filter, rows
from tarikh.compat.acled_query import read
from tarikh.errors import UsageError


def test_sums_of_an_earlier_state_are_not_kept() -> None:
    memory = rows.Memory()
    for state in range(3):
        memory.put((state, "full", "sums"), ["much"])
        memory.put((state, "full", 7), rows.Start("a"))
    assert memory.get((1, "full", "sums")) is None
    assert memory.get((2, "full", "sums")) == ["much"]
    assert len(memory._found) == 2


# ---- what goes to the store --------------------------------------------------------------------------------

COLUMNS = [column.name for column in codebook("acled").columns]
_words = st.text(st.sampled_from("abMal|i%=:OR20-4>< é\x00"), max_size=20)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([*COLUMNS, *(f"{c}_where" for c in COLUMNS), "limit", "page"]), _words),
        max_size=4,
    )
)
def test_no_query_breaks_the_reader(pairs: list[tuple[str, str]]) -> None:
    try:
        query = read(pairs, codebook("acled").columns)
    except UsageError:
        return
    wanted, possible = acled_filter.pushed(query)
    assert possible or wanted.countries == ()


def test_a_filter_is_pushed_to_the_store() -> None:
    pairs = [
        ("country", "Mali|Niger"),
        ("event_type", "Protests"),
        ("event_date", "2024-01-01|2024-02-01"),
        ("event_date_where", "BETWEEN"),
    ]
    wanted, possible = acled_filter.pushed(read(pairs, codebook("acled").columns))
    assert possible
    assert wanted.countries == ("MLI", "NER")
    assert wanted.kinds == ("excessive_force", "peaceful_protest", "protest_with_intervention")
    assert (wanted.since, wanted.until) == (date(2024, 1, 1), date(2024, 2, 1))
