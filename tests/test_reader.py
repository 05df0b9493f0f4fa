"""The learned reader and its fusion with the rules, with the shipped weights, on invented reports."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tarikh.extract import fusion, reader, telling
from tarikh.extract.reader import ROLES, Read, Told, Words
from tarikh.model import Evidence, Mention, Report, Span

EN = Report(
    id="r1",
    title="Market attacked near Tera, at least eleven traders killed",
    text=(
        "NIAMEY - Gunmen on motorbikes stormed the weekly market of Bankilare on Tuesday and opened fire on traders, killing "
        "eleven people, the mayor and two residents said.\n\n"
        "The attackers came from the north at about nine, when the market was at its fullest, and set fire to a dozen stalls "
        "before they left towards the border. Seven wounded people were taken to the hospital of Tera.\n\n"
        "Nobody has claimed the attack. The mayor asked the government for more schools and a new road."
    ),
    language="en",
    source="Radio Liptako",
)
FR = Report(
    id="r2",
    title="Un convoi de l'armée pris pour cible",
    text=(
        "Un convoi militaire est tombé mercredi dans une embuscade près de Djibo, faisant sept morts parmi les soldats, "
        "selon l'état-major. Le marché de Ouagadougou a rouvert."
    ),
    language="fr",
)
ES = Report(
    id="r3",
    title="Secuestro en el Cauca",
    text="Hombres armados secuestraron el lunes a dos funcionarios en Corinto, informó la alcaldía.",
    language="es",
)


def surest(report: Report) -> Told:
    return max(reader.read(report).acts, key=lambda act: act.probability)


@pytest.mark.parametrize(
    ("report", "kind", "place", "date"),
    [
        (EN, "attack_on_civilians", "Bankilare", "Tuesday"),
        (FR, "armed_clash", "Djibo", "mercredi"),
        (ES, "abduction", "Corinto", "lunes"),
    ],
)
def test_an_act_and_its_words(report: Report, kind: str, place: str, date: str) -> None:
    act = surest(report)
    assert act.probability > 0.2
    assert act.kind == kind
    for role, word in (("place", place), ("date", date)):
        span = act.roles[role].span
        assert span is not None
        assert word in report.words(span)


def test_what_is_no_act_is_cold() -> None:
    read = reader.read(EN)
    calm = EN.text.index("The mayor asked")
    assert read.hottest("text", calm, len(EN.text)) < read.hottest("text", 0, calm)


def test_a_text_of_very_many_sentences_is_looked_at_once_for_each_window() -> None:
    # One look for each sentence and window took a quarter of a minute.
    starts = np.arange(60) * 2000
    rulers = [reader.Ruler(0, s + np.arange(1000) * 2, s + np.arange(1000) * 2 + 1) for s in starts]
    heat = np.linspace(0, 1, 1000, dtype=np.float32)
    read = reader.Read((), tuple((ruler, heat) for ruler in rulers))
    began = time.process_time()
    found = read.heats([("text", at - 1, at) for at in range(0, 120_000, 2)])
    assert time.process_time() - began < 4
    assert found[:1000] == found[-1000:] == [float(value) for value in heat]
    assert read.heats([("title", 5, 5)]) == [0.0]


@pytest.mark.parametrize("label", ["Terrorists", "Bandits", "Militants", "Jihadists"])
def test_a_label_changes_nothing(label: str) -> None:
    other = Report(
        id="x", title=EN.title, text=EN.text.replace("Gunmen", label), language="en", source=EN.source
    )
    left, right = surest(EN), surest(other)
    assert left.kinds == right.kinds
    assert left.statuses == right.statuses


def test_chances_are_chances() -> None:
    for act in reader.read(FR).acts:
        assert sum(act.kinds.values()) == pytest.approx(1, abs=1e-3)
        assert sum(act.statuses.values()) == pytest.approx(1, abs=1e-3)
        for role in ROLES:
            assert 0 <= act.roles[role].probability <= 1.001
            assert act.chances[role].sum() == pytest.approx(1, abs=1e-3)


def test_a_language_that_is_not_read() -> None:
    assert not reader.reads("fi")
    with pytest.raises(KeyError):
        reader.read(Report(id="x", title="", text="Moi.", language="fi"))


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=80), st.text(max_size=600))
def test_any_text_is_read_and_spans_hold(title: str, text: str) -> None:
    report = Report(id="x", title=title, text=text, language="en")
    for act in reader.read(report, 0.01).acts:
        for span in (act.trigger, *(w.span for w in act.roles.values() if w.span is not None)):
            part = title if span.part == "title" else text
            assert 0 <= span.start < span.end <= len(part)


# --- fusion -----------------------------------------------------------------------------------------------


def told(probability: float, kinds: dict[str, float], trigger: Span) -> Told:
    import numpy as np

    ruler = reader.Ruler(0, np.array([1, 11]), np.array([10, 20]))
    silence = {role: np.array([0.1, 0.1, 0.8], np.float32) for role in ROLES}
    nothing = {role: Words(None, 0.8) for role in ROLES}
    return Told(
        trigger, probability, kinds, {"reported": 0.9, "claimed": 0.1}, {"new": 0.9, "background": 0.1},
        nothing, {"attackers": {}, "targets": {}}, silence, ruler,
    )  # fmt: skip


def mention(kind: str, span: Span) -> Mention:
    evidence = {name: Evidence((span,), ("x",), 0.6) for name in ("kind", "status", "aspect")}
    return Mention("m1", "r", "c", kind, evidence=evidence)


TEXT = Report(
    id="r", title="", text="They shot. Then calm. " + "Nothing more was heard. " * 40, language="en"
)
SPAN = Span("text", 5, 9)


def fused(acts: tuple[Told, ...], rules: list[Mention], **weights: float) -> fusion.Fused:
    found = telling.Found(TEXT, (), (), ())
    return fusion.fused(found, Read(acts), rules, "c", fusion.Weights(**weights))


def test_an_act_of_both_is_kept_and_takes_the_likelier_kind() -> None:
    act = told(0.9, {"armed_clash": 0.05, "attack_on_civilians": 0.95}, SPAN)
    assert [m.kind for m in fused((act,), [mention("armed_clash", SPAN)], kind=0).mentions] == [
        "attack_on_civilians"
    ]
    assert [m.kind for m in fused((act,), [mention("armed_clash", SPAN)], kind=9).mentions] == ["armed_clash"]


def test_a_mention_of_the_rules_that_leaves_the_reader_cold_is_dropped_and_told() -> None:
    both = fused((), [mention("riot", SPAN)], unread=0.03, whole=0)
    assert both.mentions == ()
    assert both.dropped == {"m1": 0.0}
    assert len(fused((), [mention("riot", SPAN)], unread=0, whole=0).mentions) == 1


def test_an_act_of_the_reader_alone_must_be_likelier() -> None:
    weak, strong = told(0.55, {"riot": 1.0}, SPAN), told(0.99, {"riot": 1.0}, SPAN)
    assert fused((weak,), [], unseen=-1).mentions == ()
    assert fused((weak,), [], unseen=-1).acts == ((weak, None),)
    assert [m.kind for m in fused((strong,), [], unseen=-1).mentions] == ["riot"]


def test_a_flash_is_coded_by_its_rules_however_cold_the_reader() -> None:
    flash = Report(id="r", title="", text="They shot.", language="en")
    found = telling.Found(flash, (), (), ())
    assert len(fusion.fused(found, Read(()), [mention("riot", SPAN)], "c").mentions) == 1
