"""Windows of the reader: words keep their place, labels are not seen, nothing is lost."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from tarikh import reference
from tarikh.extract.windows import MOST_TOKENS, Window, neutral, windows


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(reference.data_path("reader", "tokens.json")))


def words_of(title: str, text: str, found: list[Window]) -> list[str]:
    full = f"{title}\n{text}"
    return [full[a:b] for window in found for a, b in window.words]


def test_words_keep_their_code_points(tokenizer: Tokenizer) -> None:
    title, text = (
        "Attaque à Ménaka",
        "Des hommes armés ont tué l’instituteur d'Inékar. Il avait 1 200 élèves.",
    )
    found = windows(title, text, tokenizer)
    assert words_of(title, text, found)[:4] == ["Attaque", "à", "Ménaka", "Des"]
    assert "instituteur" in words_of(title, text, found)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (
            "JNIM terrorists stormed Ouenkoro.",
            "Islamic State in the Greater Sahara fighters stormed Ouenkoro.",
        ),
        ("Boko Haram killed five.", "Ansaru killed five."),
        ("Des terroristes ont pillé le village.", "Des combattants ont pillé le village."),
        ("Los terroristas mataron a dos.", "Los combatientes mataron a dos."),
        ("The FARDC bombed the camp.", "The FAMa bombed the camp."),
    ],
)
def test_a_label_is_not_seen(tokenizer: Tokenizer, left: str, right: str) -> None:
    language = tongue(left)
    seen = [[w.ids for w in windows("", text, tokenizer, None, language)] for text in (left, right)]
    assert seen[0] == seen[1]


def tongue(text: str) -> str:
    return "fr" if text.startswith("Des ") else "es" if text.startswith("Los ") else "en"


def test_no_word_of_a_long_text_is_in_no_window(tokenizer: Tokenizer) -> None:
    for text in ("Gunmen killed two. " * 300, "word " * 900, "1 killed, 2 hurt; " * 200):
        found = windows("T", text, tokenizer)
        covered = {word for window in found for word in window.words}
        assert max(end for _, end in covered) >= len(text.rstrip()) - 1
        assert all(len(window.ids) <= MOST_TOKENS for window in found)


def test_a_word_is_loaded_once_in_its_language() -> None:
    raw = yaml.safe_load(reference.data_path("reader", "neutral.yaml").read_text(encoding="utf-8"))
    for language, table in raw["loaded"].items():
        words = [word for loaded in table.values() for word in loaded]
        assert len(words) == len(set(words)), language


def test_a_name_keeps_its_own_words_for_the_record(tokenizer: Tokenizer) -> None:
    text = "Fighters of Boko Haram burned Kaga."
    assert "Boko Haram" in words_of("", text, windows("", text, tokenizer))
    assert [text[a:b] for a, b, _ in neutral(text)] == ["Boko Haram"]


def test_an_unarmed_organization_is_seen(tokenizer: Tokenizer) -> None:
    assert neutral("The United Nations and Amnesty International protested.") == []


def test_a_long_text_has_several_windows_each_under_its_title(tokenizer: Tokenizer) -> None:
    text = " ".join(f"On day {n} the gunmen came back to the village of Tam." for n in range(200))
    found = windows("A long siege", text, tokenizer)
    assert len(found) > 3
    assert all(len(window.ids) <= MOST_TOKENS for window in found)
    assert [window.opening for window in found] == [True] + [False] * (len(found) - 1)
    body = [word for window in found for word in window.words if word[0] > len("A long siege")]
    assert len(body) == len(set(body))
    assert len(body) == len(text.replace(".", " .").split())


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200), st.text(max_size=2000))
def test_any_text_gives_words_in_order(tokenizer: Tokenizer, title: str, text: str) -> None:
    full = f"{title}\n{text}"
    for window in windows(title, text, tokenizer):
        assert len(window.words) == len(window.first)
        assert all(0 <= start < end <= len(full) for start, end in window.words)
        assert list(window.first) == sorted(window.first)
        assert max(window.first, default=0) < len(window.ids) <= MOST_TOKENS


@pytest.mark.parametrize(
    "text", ["Ten fighters", "They fled from the gunmen", "Armed men", "fled with armed men"]
)
def test_a_label_at_the_end_of_a_text(tokenizer: Tokenizer, text: str) -> None:
    assert words_of("", text, windows("", text, tokenizer))[-1] in text.split()[-1] + " Armed men armed men"
