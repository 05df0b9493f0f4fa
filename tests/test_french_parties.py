"""French noun phrases for parties: heads before their adjectives, agreement, elision, and the names that they come to."""

from __future__ import annotations

from datetime import date

import pytest

from tarikh.extract import parties as words
from tarikh.model import Phrase
from tarikh.resolve import parties
from tarikh.resolve.parties import PartyContext


def names(text: str, country: str | None, kind: str = "armed_clash", side: str = "targets") -> list[str]:
    hits = words.coordinated(text, "fr")
    phrases = [Phrase(h.text, (), h.head, h.role, h.nationality) for h in hits]
    found = parties.party_names(
        phrases,
        country,
        date(2024, 5, 10),
        PartyContext("fr"),
        side=side,  # type: ignore[arg-type]
        kind=kind,
    )
    return list(found)


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("des soldats maliens", "MLI", ["Military of Mali"]),
        ("l'armée nigérienne", "NER", ["Military of Niger"]),
        ("l’armée nigériane", "NGA", ["Military of Nigeria"]),
        ("deux gendarmes", "BFA", ["Police of Burkina Faso"]),
        ("des éléments de la Garde nationale", "MLI", ["Police of Mali"]),
        ("un convoi de ravitaillement de l'armée", "TCD", ["Military of Chad"]),
        ("des combattants du GSIM", "BFA", ["JNIM"]),
        ("un groupe affilié à Al-Qaïda", "MLI", ["JNIM"]),
        ("des jihadistes de l'EIAO", "NGA", ["ISWAP"]),
        ("les rebelles du M23", "COD", ["M23"]),
        ("des miliciens wazalendo", "COD", ["Wazalendo"]),
        ("des hommes lourdement armés", "NER", ["Unidentified armed group (Niger)"]),
        ("des assaillants non identifiés", "CMR", ["Unidentified armed group (Cameroon)"]),
        ("une vingtaine de villageoises", "TGO", ["Civilians (Togo)"]),
        ("des éleveurs peuls", "MLI", ["Civilians (Mali)"]),
        ("l'ambassade du Bénin", "NER", ["Government of Benin"]),
        ("des Casques bleus", "CAF", ["Peacekeepers (MINUSCA)"]),
        ("des militaires maliens et burkinabè", "MLI", ["Military of Mali", "Military of Burkina Faso"]),
        ("l'armée, appuyée par des VDP", "BFA", ["Military of Burkina Faso", "VDP"]),
        ("l'armée accompagnée de VDP", "BFA", ["Military of Burkina Faso", "VDP"]),
        ("d'anciens combattants", "COL", ["Civilians (Colombia)"]),
    ],
)
def test_phrases_become_codebook_names(text: str, country: str, expected: list[str]) -> None:
    assert names(text, country) == expected


def test_a_label_changes_nothing() -> None:
    labels = ("des terroristes", "des combattants", "des jihadistes", "des bandits", "des hommes armés")
    assert {tuple(names(label, "MLI", side="attackers")) for label in labels} == {
        ("Unidentified armed group (Mali)",)
    }


def test_an_adjective_alone_is_no_party_and_a_capital_makes_it_people() -> None:
    assert words.find("Le territoire malien est vaste.", "fr") == ()
    hit = words.find("Les Maliens ont voté.", "fr")[0]
    assert (hit.role, hit.nationality) == ("civilians", "MLI")


@pytest.mark.parametrize("text", ["policière", "policières", "policiers", "policier"])
def test_all_forms_of_a_noun_are_known(text: str) -> None:
    hit = words.classify(f"une {text}", "fr")
    assert hit is not None
    assert (hit.role, hit.head) == ("police", "policier")
