"""The main event of an article: its candidates, the choosing among them, and the sorts of violation."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tarikh.evaluation.main_event import MainEvent, days, main_event, places, violations
from tarikh.evaluation.main_event.article import Article, read
from tarikh.evaluation.main_event.models import Models, chosen, fitting
from tarikh.gazetteer import Gazetteer, Place, building, open_index
from tarikh.gazetteer.packaged import Entry
from tarikh.model import Evidence, Mention, Report, Span, When, Where

PUBLISHED = date(2021, 6, 10)
TOWNS = (
    ("Gao", (16.27, -0.04), "MLI", 86_000),
    ("Bamako", (12.65, -8.0), "MLI", 2_500_000),
    ("Geneva", (46.2, 6.15), "CHE", 180_000),
)
NATIONS = (("Mali", "MLI"), ("Switzerland", "CHE"))


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Gazetteer:
    path: Path = tmp_path_factory.mktemp("index") / "gazetteer.sqlite3"
    towns = [
        Entry(Place(n, name, *point, "town", code, None, None, people), (name,))
        for n, (name, point, code, people) in enumerate(TOWNS, 1)
    ]
    nations = [
        Entry(Place(50 + n, name, 10.0 + n, 5.0, "country", code), (name,))
        for n, (name, code) in enumerate(NATIONS)
    ]
    building.write(path, [*towns, *nations], {})
    return open_index(path)


def report(text: str, title: str = "", language: str = "en") -> Report:
    return Report("r1", title, text, language, PUBLISHED)


def article(index: Gazetteer, text: str, title: str = "", mentions: tuple[Mention, ...] = ()) -> Article:
    return read(report(text, title), mentions, index)


# ---- days --------------------------------------------------------------------------------------------------


def test_every_phrase_of_time_is_a_candidate_and_so_is_publication(index: Gazetteer) -> None:
    text = "Police arrested a printer in March 2019. He had left his village in 1998. On 4 May 2020 he was beaten."
    found = days.candidates(article(index, text))
    assert [(c.year, c.month, c.day) for c in found] == [
        (2019, 3, None),
        (1998, None, None),
        (2020, 5, 4),
        (2021, 6, 10),
    ]


def test_a_time_of_day_is_no_candidate(index: Gazetteer) -> None:
    assert len(days.candidates(article(index, "They knocked at 7am and left in the evening."))) == 1


def test_the_words_near_a_day_speak_for_it(index: Gazetteer) -> None:
    found = days.candidates(article(index, "He was abducted in March 2019. The union was founded in 1998."))
    assert "near.kidnap.year" in found[0].features
    assert "near.kidnap.year" not in found[1].features
    assert found[1].features["earliest"] == 1.0


def test_a_coded_event_speaks_for_its_day(index: Gazetteer) -> None:
    text = "He was abducted in March 2019."
    start = text.index("in March")
    evidence = {"date": Evidence((Span("text", start, start + 13),))}
    coded = Mention("m", "r1", "c", "abduction", when=When(date(2019, 3, 1)), evidence=evidence)
    with_it, without = (days.candidates(article(index, text, mentions=m))[0] for m in ((coded,), ()))
    assert with_it.features["coded.new"] == 1.0
    assert "coded" not in without.features


# ---- places ------------------------------------------------------------------------------------------------


def names(index: Gazetteer, text: str, title: str = "") -> list[str]:
    return [c.name for c in places.towns(article(index, text, title))]


def test_towns_are_given_as_written_and_countries_are_none(index: Gazetteer) -> None:
    assert names(index, "Soldiers seized a teacher in Gao, a town of Mali. A court in GENEVA heard it.") == [
        "Gao",
        "GENEVA",
    ]


def test_a_village_that_no_gazetteer_holds_is_a_candidate_after_a_cue(index: Gazetteer) -> None:
    assert "Tibirdou" in names(index, "Gunmen stormed the school in Tibirdou in the early hours.")


def test_a_large_town_is_found_inside_the_name_of_a_works(index: Gazetteer) -> None:
    text = "Workers in Mali said that guards of the Bamako Cotton Works had beaten a delegate in Gao."
    assert "Bamako" in names(index, text)


def test_months_are_no_towns(index: Gazetteer) -> None:
    assert names(index, "He was arrested in March and freed in April 2020.") == []


def test_a_coded_event_speaks_for_its_country(index: Gazetteer) -> None:
    coded = Mention("m", "r1", "c", "arrest", where=Where("MLI", place="Gao", precision="exact"))
    found = {
        c.name: c.features
        for c in places.countries(
            article(index, "Switzerland asked Mali for news of him.", mentions=(coded,))
        )
    }
    assert found["MLI"]["coded"] == 1.0
    assert found["CHE"]["coded"] == 0.0


# ---- choosing ----------------------------------------------------------------------------------------------


def test_weak_candidates_of_one_value_outweigh_a_strong_one_of_another() -> None:
    weights = {"a": 1.0, "b": 1.5}
    rows = [(2019, {"a": 1.0}), (2019, {"a": 1.0}), (2020, {"b": 1.0})]
    assert chosen(rows, weights) == 2019
    assert chosen(rows[1:], weights) == 2020
    assert chosen([], weights) is None


def test_the_likeliest_label_is_given_where_none_is_likely() -> None:
    known = Models({}, {"killing": {"": -1.0, "x": 3.0}, "other": {"": -0.9}}, 0.5)
    assert fitting({"x": 1.0}, known) == ("killing",)
    assert fitting({}, known) == ("other",)


def test_word_classes_are_told_apart_by_where_they_stand(index: Gazetteer) -> None:
    found = violations.features(article(index, "A clerk was tortured.", "Union leader abducted"))
    assert found["title.kidnap"] == found["any.torture"] == found["lead.torture"] == 1.0
    assert "any.kidnap" not in found


# ---- the whole ---------------------------------------------------------------------------------------------


def test_an_article_without_coded_events_has_a_main_event(index: Gazetteer) -> None:
    text = (
        "BAMAKO — A trade unionist was abducted by armed men in Gao, Mali, on 4 May 2021, his wife said.\n"
        "The kidnapped man had received threats. His captors demanded a ransom.\n"
        "A spokesman in Geneva called for his release on Tuesday."
    )
    made = main_event(report(text, "Kidnapped unionist still missing in Mali"), (), index)
    assert (made.country, made.year, made.month, made.day) == ("MLI", 2021, 5, 4)
    assert made.town in ("Gao", "BAMAKO")
    assert "kidnapping" in made.violations
    assert "torture" not in made.violations


def test_a_language_without_models_and_an_empty_text_claim_nothing(index: Gazetteer) -> None:
    assert main_event(report("Des hommes armés l'ont enlevé à Gao.", language="fr"), (), index) == MainEvent()
    assert main_event(report(""), (), index).country is None
