"""Pages and feeds: text, title, date and language out of HTML, RSS and Atom, and what hostile markup comes to."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources_sample import ATOM, ENTITIES, PAGE, RSS, items, one, problem
from tarikh.model import Document, Problem
from tarikh.sources import feed, html

# ---- HTML --------------------------------------------------------------------------------------------------


def test_a_page_gives_text_title_date_language_and_site() -> None:
    found = one(PAGE.format(charset="utf-8"), "html")
    assert found.text.startswith("Gunmen attacked") or "\nGunmen attacked" in found.text
    assert "residents" in found.text
    assert "script" not in found.text
    assert (found.title, found.published, found.language, found.source) == (
        "Raid near the lake", "2025-03-04", "en-GB", "Lake Post",
    )  # fmt: skip


def test_a_page_is_read_in_the_encoding_it_declares() -> None:
    assert "Ménaka" in one(PAGE.format(charset="iso-8859-1").encode("cp1252"), "html").text
    assert (
        "0xe9"
        in problem(PAGE.format(charset="utf-8").encode("cp1252").replace(b"Raid", b"\xe9" * 9), "html").reason
    )


def test_latin_1_means_windows_1252_as_in_browsers() -> None:
    page = PAGE.format(charset="iso-8859-1").replace("residents", "residents’ words").encode("cp1252")
    assert "residents’ words" in one(page, "html").text


def test_a_date_is_not_guessed_from_a_footer() -> None:
    undated = PAGE.format(charset="utf-8").replace('content="2025-03-04T05:06:07Z"', "")
    assert one(undated, "html").published is None


@pytest.mark.parametrize("markup", ["<html><body></body></html>", "<html>", "", "<div>" * 200_000])
def test_html_without_text(markup: str) -> None:
    assert "HTML" in problem(markup, "html").reason


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>Two <b>men</b> &amp; a boy</p>\n<p>fled.</p>", "Two men & a boy\nfled."),
        ("one<br>two<script>no</script><!-- no -->three", "one\ntwothree"),
        ("<ul><li>a<li>b</ul>", "a\nb"),
        ("plain &lt;text&gt;", "plain <text>"),
        ("<style>p {}</style>", ""),
        ("", ""),
    ],
)
def test_fragments(markup: str, text: str) -> None:
    assert html.fragment(markup) == text


@settings(deadline=None)
@given(st.text(alphabet="<>&;/!-pbr\"' =a\0", max_size=80))
def test_no_fragment_breaks(markup: str) -> None:
    assert "\ue000" not in html.fragment(markup)


# ---- feeds -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252"])
def test_rss(encoding: str) -> None:
    first, second = items(RSS.format(encoding=encoding).encode(encoding))
    assert first == Document(
        "-: entry 1", "Gunmen burned a market in Ménaka.", None, "g1", "Raid & fire", "Tue, 04 Mar 2025 05:06:07 GMT",
        "Lake Post", "en", "https://lake.example/1",
    )  # fmt: skip
    assert isinstance(second, Problem)
    assert "https://lake.example/2" in second.reason


def test_named_entities_of_html_are_no_damage() -> None:
    first, _ = items(RSS.format(encoding="utf-8").replace("Raid &amp; fire", "Raid&nbsp;and fire"))
    assert isinstance(first, Document)
    assert (first.title, first.text) == ("Raid and fire", "Gunmen burned a market in Ménaka.")
    assert len(items(RSS.format(encoding="utf-8").replace("Raid &amp; fire", "Raid&nbsp;and fire"))) == 2


def test_atom_takes_the_content_before_the_summary() -> None:
    found = one(ATOM)
    assert (found.text, found.id, found.published) == (
        "Gunmen came.\nThey left.",
        "e1",
        "2025-03-04T05:06:07Z",
    )


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("this is no feed", "not XML"),
        ('{"items": []}', "not XML"),
        ("", "not XML"),
        ("<html><body><p>No feed</p></body></html>", "neither RSS nor Atom"),
        (RSS.split("<item>")[0].format(encoding="utf-8") + "</channel></rss>", "no entries"),
        (ENTITIES, "entities"),
        ("<?x?><!-- <rss> -->" + ENTITIES, "entities"),
        ("<rss>" + "<" * 2_000_000, "too large to be repaired"),
    ],
)
def test_what_is_no_feed(markup: str, words: str) -> None:
    assert words in problem(markup, "feed").reason


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-7"])
def test_entities_do_not_hide_in_another_encoding(encoding: str) -> None:
    data = f'<?xml version="1.0" encoding="{encoding}"?>'.encode("ascii" if encoding == "utf-7" else encoding)
    hidden = ENTITIES.replace("<", "+ADw-") if encoding == "utf-7" else ENTITIES
    tail = hidden.encode("ascii" if encoding == "utf-7" else f"{encoding}-le")
    assert "entities" in problem(data + tail, "feed").reason


def test_a_document_type_without_entities_is_harmless() -> None:
    assert not feed.declares_entities(
        '<!DOCTYPE rss PUBLIC "-//N//DTD RSS 0.91//EN" "http://n.example/r.dtd"><rss/>'
    )
    assert not feed.declares_entities("<rss><![CDATA[<!DOCTYPE a [<!ENTITY x 'y'>]>]]></rss>")


def test_a_cut_feed_gives_its_entries_and_says_that_it_is_cut() -> None:
    cut = RSS.format(encoding="utf-8").partition("<item><title>Only")[0]
    first, told = items(cut, "feed")
    assert isinstance(first, Document)
    assert isinstance(told, Problem)
    assert "damaged" in told.reason
