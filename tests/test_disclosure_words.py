"""Names of persons in quoted words and among parties: what is taken out, and what is known to be none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarikh.disclosure import MARK
from tarikh.disclosure.masking import cased, known_party, masked


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("a doctor, Moussa Traoré, said", f"a doctor, {MARK}, said"),
        ("Iyad ag Tamboura", MARK),
        ("the village head Oumar Ould Sidi el Kounti", f"the village head {MARK}"),
        ("d'Aminata Sow et de ses fils", f"{MARK} et de ses fils"),
        ("l'Armée malienne", "l'Armée malienne"),
        ("Nigerien soldiers in Burkina Faso", "Nigerien soldiers in Burkina Faso"),
        ("the Rapid Support Forces", "the Rapid Support Forces"),
        ("on Tuesday 4 March", "on Tuesday 4 March"),
        ("Seventeen soldiers", "Seventeen soldiers"),
        ("Soldiers of Mali", "Soldiers of Mali"),
        ("Chief Bello", MARK),
        ("call 0022376123456 or x@example.org", f"call {MARK} or {MARK}"),
        ("call +223 76 12 34 56 today", f"call {MARK} today"),
        ("tél. 76.12.34.56", f"tél. {MARK}"),
        ("in 2023-2024, on 2024-03-12, 14 000 people", "in 2023-2024, on 2024-03-12, 14 000 people"),
        ("張 says", f"{MARK} says"),
        ("Israel Adesanya", MARK),
        ("JNIM's Jafar Dicko", MARK),
        ("le nommé Moussa dit « Le Borgne »", f"le nommé {MARK} dit « {MARK} »"),
        ("张伟 said", f"{MARK} said"),
        ("قال محمد", MARK),
        ("JEAN PIERRE DIED", MARK),
        ("Bamako", MARK),
        ("", ""),
        ("   ", "   "),
        (MARK, MARK),
    ],
)
def test_names_are_taken_out_of_words(words: str, shown: str) -> None:
    assert masked(words) == shown


def test_a_text_without_capitals_is_withheld_whole() -> None:
    assert not cased(["moussa traoré was killed in the village"])
    assert not cased(["MOUSSA TRAORÉ WAS KILLED"])
    assert not cased(["张伟被杀"])
    assert cased(["Moussa was killed."])
    assert masked("killing moussa", by_case=False) == MARK


@given(st.text(max_size=60))
def test_masking_never_raises_and_lets_no_unknown_capital_through(text: str) -> None:
    got = masked(f"{text} Zouérou Xylo")
    assert "Xylo" not in got


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("JNIM", True),
        ("Military of Mali", True),
        ("Civilians (Niger)", True),
        ("Militia of Fulani (Mali)", True),
        ("Moussa Traoré", False),
        ("Military of Moussa", False),
        ("Civilians (Moussa Traoré)", False),
        ("Militia of Moussa Traoré (Mali)", False),
        ("", False),
    ],
)
def test_only_parties_of_the_register_and_generic_forms_are_shown(name: str, known: bool) -> None:
    assert known_party(name) == known
