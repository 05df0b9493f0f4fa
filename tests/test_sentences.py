"""Where a report is cut into sentences, and that no cut ever loses, changes or doubles a character of it."""

from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarikh.extract.sentences import Sentence, paragraphs, split
from tarikh.model import Report


def cut(text: str, title: str = "") -> list[Sentence]:
    return split(Report("r", title, text, "en"))


def texts(text: str, title: str = "") -> list[str]:
    return [s.text for s in cut(text, title)]


# --- what ends a sentence -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A mine went off. Nobody was hurt.", ["A mine went off.", "Nobody was hurt."]),
        ("Who fired? The mayor does not know!", ["Who fired?", "The mayor does not know!"]),
        ("The line went dead… Then a blast came.", ["The line went dead…", "Then a blast came."]),
        ("Shots rang out.\nThe market emptied", ["Shots rang out.", "The market emptied"]),
        ("First paragraph without a stop\n\nSecond one", ["First paragraph without a stop", "Second one"]),
        ("The raid began at dawn. 12 huts burned.", ["The raid began at dawn.", "12 huts burned."]),
        ("Il est parti. Élu hier, il se tait.", ["Il est parti.", "Élu hier, il se tait."]),
        ("The convoy stopped.  \t Two trucks turned.", ["The convoy stopped.", "Two trucks turned."]),
        ("They left. (Reporting by two desks.)", ["They left.", "(Reporting by two desks.)"]),
        ("They left. — The mayor stayed.", ["They left.", "The mayor stayed."]),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, expected: list[str]) -> None:
    assert texts(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Gen. Adama Sow and Col. Issa Diop left on Sunday.",
        "Mr. Bah met Dr. Sy and Prof. Ka.",
        "The U.N. Mission counted four dead.",
        "J. K. Doe saw the raid.",
        "He crossed St. Louis on Jan. 4 with No. 3 Company.",
        "The U.S. Army hit a depot (Lt. Roe said).",
        "Troops left at 6 a.m. Sunday.",
        "A toll of 3.5 percent was paid, e.g. Traders paid it.",
        "The toll rose to 1.250 people in the north.",
        "The patrol … then turned back.",
    ],
)
def test_abbreviations_initials_and_numbers_end_nothing(text: str) -> None:
    assert texts(text) == [text]


def test_a_word_that_only_ends_like_an_abbreviation_ends_its_sentence() -> None:
    assert texts("Rebels hold the Kasaco. They left the fort.") == [
        "Rebels hold the Kasaco.",
        "They left the fort.",
    ]
    assert texts("He gave me the map. Mines lay on it.") == ["He gave me the map.", "Mines lay on it."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"We ran. They shot at us." The witness wept.', ['"We ran', "They shot at us", "The witness wept"]),
        ("“We ran.” “They shot.”", ["“We ran", "“They shot"]),
        ("He said: «They fired.» Then he left.", ["He said: «They fired", "Then he left"]),
        ("“Stop!” he cried.", ["“Stop!” he cried"]),
    ],
)
def test_closing_quotes_never_open_the_next_sentence(text: str, expected: list[str]) -> None:
    assert [t.rstrip('."”»') for t in texts(text)] == expected


# --- datelines ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NIAMEY (Wire) — Gunmen raided a post.", "Gunmen raided a post."),
        ("GOMA, DR Congo - A shell fell.", "A shell fell."),
        ("PORT SUDAN – A drone came.", "A drone came."),
        ("N'DJAMENA, 4 May -- Soldiers left.", "Soldiers left."),
        ("NAIROBI/MOGADISHU — A blast hit a hotel.", "A blast hit a hotel."),
        ("SÉGOU — Police made arrests.", "Police made arrests."),
    ],
)
def test_a_dateline_is_no_part_of_its_sentence(text: str, expected: str) -> None:
    (sentence,) = cut(text)
    assert sentence.text == expected
    assert text[sentence.start : sentence.end] == expected


@pytest.mark.parametrize(
    "text",
    [
        "Gunmen - six of them - raided a post.",
        "M23 - the rebels of the east - took a hill.",
        "Fighting went on in Goma — the third day.",
    ],
)
def test_a_dash_alone_makes_no_dateline(text: str) -> None:
    assert texts(text) == [text]


def test_capitals_before_a_dash_are_a_dateline_only_at_the_top_of_a_report() -> None:
    line = "ABUJA — Police left."
    assert texts("\n".join([line] * 4)) == ["Police left."] * 3 + [line]


# --- index, paragraph, part ---------------------------------------------------------------------------------


def test_title_is_one_sentence_and_counts_as_paragraph_zero() -> None:
    found = cut("One. Two.\n\n Three.", "Raid. Two dead")
    assert [(s.part, s.index, s.paragraph, s.text) for s in found] == [
        ("title", 0, 0, "Raid. Two dead"),
        ("text", 1, 1, "One."),
        ("text", 2, 1, "Two."),
        ("text", 3, 2, "Three."),
    ]


@pytest.mark.parametrize(("title", "text"), [("", ""), ("  \t", "\n \n\u00a0\n"), ("", " \r\n ")])
def test_blank_reports_have_no_sentences(title: str, text: str) -> None:
    assert cut(text, title) == ()


def test_without_a_title_the_text_begins_at_index_zero() -> None:
    assert [s.index for s in cut("One. Two.")] == [0, 1]


def test_an_endless_sentence_is_cut_so_that_no_parse_is_endless() -> None:
    found = cut("fire " * 900)
    assert len(found) == 3
    assert max(len(s.text) for s in found) <= 1500


def test_span_of_a_sentence_points_into_the_report() -> None:
    report = Report("r", "", "KANO — Calm. Two men died in Kano.", "en")
    last = split(report)[-1]
    at = last.text.index("died")
    assert report.words(last.span(at, at + 4)) == "died"


# --- properties ---------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        "A raid",
        " began",
        ". ",
        ".",
        "? ",
        "… ",
        "\n",
        "\n\n",
        " ",
        "“",
        "”",
        '" ',
        "Gen. ",
        "U.N. ",
        "a.m. ",
        "LAGOS — ",
        "é",
        "Élan ",
        "1.5 ",
        "\u00a0",
        "(",
        ") ",
        "— ",
        "Mali ",
        "e\u0301",
        "𝕏 ",
    ]
)
PROSE = st.one_of(st.lists(PIECES, max_size=60).map("".join), st.text(max_size=300))


@given(title=PROSE, text=PROSE)
def test_every_sentence_is_the_characters_between_its_ends(title: str, text: str) -> None:
    for sentence in cut(text, title):
        whole = title if sentence.part == "title" else text
        assert sentence.text == whole[sentence.start : sentence.end]
        assert sentence.text.strip()
        assert sentence.span(0, len(sentence.text)).end == sentence.end


@given(title=PROSE, text=PROSE)
def test_sentences_stand_in_order_and_never_overlap(title: str, text: str) -> None:
    found = cut(text, title)
    assert [s.index for s in found] == list(range(len(found)))
    body = [s for s in found if s.part == "text"]
    assert all(
        left.end <= right.start and left.paragraph <= right.paragraph
        for left, right in itertools.pairwise(body)
    )
    assert all("\n\n" not in s.text for s in body)


@given(
    text=st.lists(
        st.sampled_from(["Shots fell", ". ", "! ", "\n", " ", "“", "” ", "Dr. ", "é", "9 "]), max_size=60
    ).map("".join)
)
def test_nothing_but_blanks_is_lost_between_sentences(text: str) -> None:
    assert "".join("".join(s.text for s in cut(text)).split()) == "".join(text.split())


@pytest.mark.parametrize(
    "hostile",
    ["A" * 60_000, ". " * 30_000, "A. " * 20_000, "AB/" * 20_000 + "—", '."' * 30_000, "A (" * 20_000],
)
def test_hostile_text_is_cut_in_linear_time(hostile: str) -> None:
    assert sum(len(s.text) for s in cut(hostile)) <= len(hostile)


def test_a_paragraph_of_very_many_lines_costs_no_more_than_its_length() -> None:
    began = time.process_time()
    assert len(paragraphs("word\n" * 400_000)) == 1
    assert time.process_time() - began < 4
