"""Words that mark the text an act is told in: what is kept of them, and what likeness says of one act or two."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from store_sample import mention as row_mention
from store_sample import report as stored_report
from tarikh import link
from tarikh.extract.terms import FEWEST, KEPT, termed, terms, words_of
from tarikh.link.alike import cosine, resemblance
from tarikh.link.compare import compare, contradiction, date_level, where_level
from tarikh.model import Count, Evidence, Mention, Report, Span, When, Where, share_of, word_of
from tarikh.reference import data_path
from tarikh.store import rows

STORY = (
    "A gunman opened fire outside a bakery on Linden Street as customers queued for bread, and a cyclist was hit. "
    "Neighbors dragged the wounded cyclist into a pharmacy whose shutters were half closed. Detectives collected "
    "eleven casings from the pavement and looked for a green scooter that sped toward the railway bridge."
)
AGAIN = (
    "The cyclist wounded outside a Linden Street bakery is in stable condition. A gunman had opened fire on customers "
    "who queued for bread; detectives still look for his green scooter, last seen at the railway bridge."
)
OTHER = (
    "Fishermen found the body of a night watchman in reeds beside the old cannery. The harbor master said that the man "
    "had argued with smugglers over fuel drums, and that a motorboat without lights had left the jetty before dawn."
)


def test_a_text_told_again_is_more_alike_than_another_of_the_same_sort() -> None:
    one, again, other = (terms(text, "en") for text in (STORY, AGAIN, OTHER))
    assert cosine(one, again) == cosine(again, one)
    assert cosine(one, again) > 0.25
    assert cosine(one, other) < 0.1
    assert cosine(one, one) == pytest.approx(1.0, abs=0.02)


def test_no_word_can_be_read_out_of_a_term() -> None:
    found = terms(STORY, "en")
    assert FEWEST <= len(found) <= KEPT
    assert all(isinstance(term, int) and term < 1 << 32 and 1 <= share_of(term) <= 255 for term in found)
    assert list(found) == sorted(found)
    assert "bakery" not in repr(found)


def test_a_brief_of_one_line_and_a_language_without_a_table_have_no_terms() -> None:
    assert terms("Two men were shot dead on Sunday, police said.", "en") == ()
    assert terms(STORY, "xx") == ()
    assert terms("", "fr") == ()


def test_words_are_folded_and_figures_are_none() -> None:
    assert words_of("L’armée, 12 morts à N'Djaména-Est en 2024") == ["armee", "morts", "djamena", "est"]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_table_of_common_words_is_sound(language: str) -> None:
    total, *lines = data_path("background", f"{language}.txt").read_text(encoding="utf-8").splitlines()
    assert int(total) > 1000
    steps = [int(line.split()[0]) for line in lines]
    assert steps == sorted(set(steps))
    known = [word for line in lines for word in line.split()[1:]]
    assert len(known) == len(set(known))
    assert all(words_of(word) == [word] for word in known)


def told(at: int, length: int = 4) -> Mention:
    spans = (Span("text", at, at + length),)
    return Mention(f"m{at}", "r", "c", "attack_on_civilians", evidence={"kind": Evidence(spans, ("x",))})


def test_acts_of_one_story_share_its_terms_and_those_of_a_round_up_have_their_own() -> None:
    text = "\n".join([STORY, OTHER, STORY.replace("bakery", "chapel"), AGAIN, OTHER])
    report = Report("r", "", text, "en", date(2024, 5, 7))
    starts = [text.index(part) for part in (STORY, OTHER)]
    few = termed([told(at) for at in starts], report)
    assert few[0] == few[1] != ()
    places = [0]
    for line in text.split("\n")[:-1]:
        places.append(places[-1] + len(line) + 1)
    many = termed([told(at) for at in places], report)
    assert many[0] != many[1]


MONDAY = date(2024, 5, 6)
HERE = Where("NGA", "Kano", None, "Aroma", 10.0, 5.0, "exact")
THERE = Where("NGA", "Oyo", None, "Belem", 7.5, 3.9, "exact")


def made(key: str, text: str, day: int = 0, where: Where = HERE, **fields: object) -> Mention:
    on = MONDAY + timedelta(day)
    given: dict[str, object] = {
        "when": When(on, on, "day"),
        "where": where,
        "published": MONDAY + timedelta(1),
        "language": "en",
        "terms": terms(text, "en"),
    }
    return Mention(key, f"r-{key}", "c", "attack_on_civilians", **(given | fields))  # type: ignore[arg-type]


def reason(left: Mention, right: Mention) -> str | None:
    return next((r.value.split(":")[0] for r in compare(left, right).reasons if r.feature == "text"), None)


def test_like_words_speak_for_one_act_and_unlike_ones_against_it() -> None:
    one, again, other = made("a", STORY), made("b", AGAIN), made("c", OTHER)
    assert reason(one, again) in ("alike", "much alike")
    assert reason(one, other) == "nothing alike"
    assert (
        compare(one, again).score > compare(replace(one, terms=()), again).score > compare(one, other).score
    )


def test_words_of_two_languages_and_of_a_brief_say_nothing() -> None:
    one = made("a", STORY)
    assert resemblance(one, replace(made("b", OTHER), language="fr")) == (None, 0.0)
    assert reason(one, made("b", "")) is None


def test_little_alike_says_more_of_long_texts() -> None:
    long, other = (
        replace(made(key, ""), terms=tuple(n << 8 | 45 for n in range(at, at + KEPT)))
        for key, at in (("a", 0), ("b", 99))
    )
    assert reason(long, other) == "nothing alike, long"
    assert reason(long, replace(other, terms=other.terms[:-1])) == "nothing alike"


def test_like_words_excuse_a_day_or_a_town_and_never_both() -> None:
    one = made("a", STORY)
    assert date_level(one, made("b", STORY, day=9)) == "apart, told alike"
    assert where_level(one, made("b", STORY, where=THERE))[0] == "far, told alike"
    assert (
        contradiction(one, made("b", STORY, day=9))
        is contradiction(one, made("b", STORY, where=THERE))
        is None
    )
    both = made("b", STORY, day=9, where=THERE)
    assert contradiction(one, both) is not None
    assert compare(one, both).verdict == "different"


def test_another_town_and_another_toll_are_two_acts_however_alike_the_words() -> None:
    def dead(number: int) -> dict[str, Count]:
        return {"killed": Count(number, number, number)}

    one, other = made("a", STORY, harm=dead(3)), made("b", STORY, where=THERE, harm=dead(9))
    assert where_level(one, other)[0] == "far"
    assert contradiction(one, other) == "places apart"
    assert where_level(one, replace(other, harm=dead(3)))[0] == "far, told alike"


def test_accounts_in_like_words_meet_wherever_and_whenever_they_were_put() -> None:
    one, again = made("a", STORY), made("b", STORY, day=9, where=Where("NGA", precision="country"))
    assert [(x.id, y.id) for x, y in link.candidates([one, again])] == [("a", "b")]
    assert not list(link.candidates([replace(one, terms=()), again]))
    rest = [made(f"z{n}", text, day=n, where=THERE) for n, text in enumerate((OTHER, AGAIN, STORY))]
    together = {(j.left, j.right) for j in link.judge([one, again, *rest])}
    later = {(j.left, j.right) for j in link.judge([again, *rest])}
    later |= {(j.left, j.right) for j in link.judge_new([one], [again, *rest])}
    assert together == later


@pytest.mark.parametrize(
    ("details", "words"), [((), ()), ((1, 2), ()), ((), (3, 4)), ((1 << 31, 2), (3, (1 << 32) - 1))]
)
def test_names_and_words_come_back_from_the_database(
    details: tuple[int, ...], words: tuple[int, ...]
) -> None:
    kept = replace(row_mention(stored_report("a")), details=details, terms=words)
    row = rows.mention_row(kept)
    back = rows.mention_of(row)
    assert (back.details, back.terms) == (details, words)


def test_a_row_of_an_earlier_version_holds_names_alone() -> None:
    row = rows.mention_row(row_mention(stored_report("a")))
    back = rows.mention_of({**row, "details": (5).to_bytes(4, "little") + (6).to_bytes(4, "little")})
    assert (back.details, back.terms) == ((5, 6), ())


def test_a_term_is_a_word_and_its_share() -> None:
    assert (word_of(0x123456_7F), share_of(0x123456_7F)) == (0x123456, 0x7F)
