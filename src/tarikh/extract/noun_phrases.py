"""Noun phrases that can speak of a party: their head, what it belongs to, and what the words around it add.

Invariant: a reading never goes over a word that the lexicon calls a break; its work is bounded by its elements.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tarikh import reference
from tarikh.extract.party_words import Entry, Words
from tarikh.reference import Use


@dataclass(frozen=True, slots=True)
class PartyHit:
    """A party phrase at code points [start, end) of the string searched.

    `role` is a class of codebook section 4 (see `model.Phrase`) or None for a bare name; `nationality` is ISO
    alpha-3 when the words name one; `name` is a canonical register name when the words name such a party.
    """

    start: int
    end: int
    text: str
    head: str
    role: str | None
    nationality: str | None
    name: str | None


@dataclass(slots=True)
class Piece:
    """One element of a noun phrase: tokens [low, high) with what they can be."""

    low: int
    high: int
    entry: Entry
    uses: tuple[Use, ...] = ()
    number: bool = False

    @property
    def heads(self) -> bool:
        return bool(self.uses) or self.entry.role is not None


@dataclass(slots=True)
class Reading:
    """A noun phrase read so far, in tokens, with its owner worked out."""

    low: int
    high: int
    head: int
    lemma: str
    role: str | None
    nationality: str | None = None
    name: str | None = None
    loose: bool = False
    thing: str | None = None
    quantity: bool = False
    owned: bool = False
    bare: bool = False
    retired: bool = False


_DEEPEST = 3
_ADJECTIVES = frozenset(("armed_modifiers", "unarmed_modifiers", "protest_modifiers", "former", "modifiers"))
_LONGEST = 24
"""Elements in one noun phrase at most, so that hostile text stays linear."""


class NounPhrases(Words):
    """A string cut into words, read as noun phrases."""

    def __init__(self, text: str, language: str) -> None:
        super().__init__(text, language)
        self._pieces: dict[int, Piece | None] = {}

    # --- one noun phrase ------------------------------------------------------------------------------------

    def pieces(self, at: int) -> list[Piece]:
        """The elements of the noun phrase that begins at a word, up to its last possible head."""
        found: list[Piece] = []
        token, total = at, len(self.words)
        while token < total and len(found) < _LONGEST and (token == at or self.joined(token)):
            piece = self._piece(token)
            if piece is None:
                if not found or not (self.possessive(token) or self._filler(token, found)):
                    break
                token += 1
                continue
            if self._starts_anew(piece, found):
                break
            found.append(piece)
            token = piece.high
        while found and not self._closes(found):
            if "quantities" in found[-1].entry.marks and self._stands_alone(found[-1]):
                break
            if found[-1].entry.seat:
                break
            found.pop()
        return found

    def _closes(self, found: Sequence[Piece]) -> bool:
        """Whether a phrase may end with its last element: a head, a nation, or an adjective behind its head."""
        last = found[-1]
        if last.heads or last.entry.countries or "community" in last.entry.marks:
            return True
        behind = self.lexicon.head_first and any(piece.heads for piece in found[:-1])
        return behind and bool(last.entry.owner or last.entry.marks & _ADJECTIVES)

    def _filler(self, token: int, found: Sequence[Piece]) -> bool:
        """Whether an unknown word may stand inside the phrase: "two female bombers", "the camp's own guards"."""
        last = found[-1]
        owned = token > last.high and self.possessive(token - 1)
        if not owned and (token - last.high > 1 or any(p.heads for p in found)):
            return False
        known = self.entry(token)
        if known is not None and known[1].marks & {"breaks", "and", "of"}:
            return False
        for at in range(token + 1, min(token + 3, len(self.words))):
            if not self.joined(at):
                return False
            piece = self._piece(at)
            if piece is not None:
                return not self._starts_anew(piece, found) or owned
        return False

    def _starts_anew(self, piece: Piece, found: Sequence[Piece]) -> bool:
        if "determiners" in piece.entry.marks or piece.number:
            return any(p.heads or p.entry.countries for p in found)
        # Where heads come first, a second noun without "of" is another phrase, an adjective is not.
        second = self.lexicon.head_first and piece.entry.role is not None and any(p.heads for p in found)
        return second and not (piece.uses or piece.entry.owner or piece.entry.marks & _ADJECTIVES)

    def _stands_alone(self, piece: Piece) -> bool:
        """Whether a quantity means people by itself: "hundreds gathered", "dozens of them", not "some new"."""
        if self._of(piece.high) is not None:
            return True
        if piece.entry.marks & {"determiners", "breaks"}:
            return False
        if piece.high >= len(self.words) or not self.joined(piece.high):
            return True
        after = self.entry(piece.high)
        return after is not None and "breaks" in after[1].marks

    def _piece(self, token: int) -> Piece | None:
        if token not in self._pieces:
            self._pieces[token] = self._new_piece(token)
        return self._pieces[token]

    def _new_piece(self, token: int) -> Piece | None:
        found = self.entry(token)
        named = self.names.get(token)
        if named is not None and (found is None or found[0] <= named[0]):
            uses = named[1].uses
            if (
                all(use.strict for use in uses)
                and found is not None
                and found[0] == named[0]
                and found[1].role
            ):
                return Piece(
                    token, found[0], found[1]
                )  # a description that means a party only in some places
            if not (all(use.strict for use in uses) and self._described(token, named[0])):
                return Piece(token, named[0], Entry(), uses)
        if self.words[token].isdigit():
            return Piece(token, token + 1, Entry(), number=True)
        if found is None:
            return None
        entry = found[1]
        if entry.role or entry.owner or entry.countries or entry.seat:
            return Piece(token, found[0], entry)
        if entry.marks & {"backed", "linked"} and not self.hyphened(token):
            return None
        if entry.marks - {"of", "and", "breaks", "months"}:
            return Piece(token, found[0], entry)
        return None

    def _described(self, low: int, high: int) -> bool:
        """Whether lexicon words alone make up a name, so that its plain meaning stands where no place is known."""
        token = low
        last: Entry | None = None
        while token < high:
            found = self.entry(token)
            if found is None or found[0] > high:
                return False
            token, last = found
        return last is not None and last.role is not None

    def _of(self, token: int) -> int | None:
        """The word after "of", "belonging to" … at a word, or None."""
        if token >= len(self.words) or not self.joined(token):
            return None
        found = self.entry(token)
        return found[0] if found is not None and "of" in found[1].marks else None

    def reading(self, at: int, depth: int = 0) -> Reading | None:
        """The noun phrase that begins at a word, with what it belongs to."""
        if self._piece(at) is None:
            return None
        pieces = self.pieces(at)
        if not pieces:
            return None
        reading = self._compound(pieces)
        reading.high = self._bracket(reading.high)
        if depth < _DEEPEST:
            self._belongs(reading, depth)
        return reading

    def _compound(self, pieces: Sequence[Piece]) -> Reading:
        at = self._head_at(pieces)
        head, entry = pieces[at], pieces[at].entry
        reading = Reading(
            pieces[0].low,
            pieces[-1].high,
            head.high - 1,
            entry.lemma,
            entry.role,
            loose=entry.loose,
            thing=entry.thing,
        )
        reading.quantity = "quantities" in entry.marks
        if head.uses:
            self._take_name(reading, head.uses)
        elif entry.role is None and entry.countries:
            reading.nationality, reading.bare = entry.countries[0], True
            reading.role = "civilians" if self._are_people(head) else "government"
        elif reading.quantity and entry.role is None:
            reading.role = "civilians"
        elif entry.role is None and entry.seat:
            reading.nationality, reading.bare, reading.role = entry.seat, True, "government"
        elif entry.role is None and "community" in entry.marks:
            reading.role, reading.bare = "civilians", True
        for number in range(at - 1, -1, -1):
            self._modify(reading, pieces[number], pieces[number + 1])
        for piece in pieces[at + 1 :]:
            self._modify(reading, piece, head)
        if reading.role == "armed" and any("community" in p.entry.marks for p in pieces[at + 1 :]):
            reading.role = "militia"
        return reading

    def _head_at(self, pieces: Sequence[Piece]) -> int:
        """Which element is the head: the last, or the first that can be one where heads come first."""
        if self.lexicon.head_first:
            return next((n for n, piece in enumerate(pieces) if piece.heads), len(pieces) - 1)
        return len(pieces) - 1

    def _are_people(self, piece: Piece) -> bool:
        """Whether a word of nationality alone means people: "Malians"; "les Maliens", where the adjective has no capital."""
        if self.lexicon.lower_adjectives and piece.entry.adjective:
            return self.raw(piece.low)[0].isupper()
        return piece.entry.people

    def _modify(self, reading: Reading, piece: Piece, after: Piece) -> None:
        """What an element before the head adds to a reading: nationality, owner, arms."""
        entry, marks = piece.entry, piece.entry.marks
        hyphen = after.low == piece.high and self.hyphened(after.low)
        if hyphen and "backed" in after.entry.marks and "linked" not in after.entry.marks:
            return
        if hyphen and "linked" in after.entry.marks and entry.countries:
            return
        if piece.uses:
            if reading.name is None and self._yields(reading):
                self._take_name(reading, piece.uses)
            return
        # "Niger Delta militants" are no militants of Niger; "Turkish TB2 drones" are Turkey's.
        apart = after.low > piece.high and not self.possessive(piece.high)
        if entry.countries and reading.nationality is None and (entry.adjective or not apart):
            reading.nationality = entry.countries[0]
        if "former" in marks and after.entry.role is not None and after.high == reading.head + 1:
            reading.retired = reading.loose or reading.role in (
                "military",
                "police",
                "armed",
                "faction",
                "militia",
            )
            reading.role = "civilians" if reading.retired else reading.role
        if "armed_modifiers" in marks and reading.role == "civilians" and reading.name is None:
            reading.role = "armed"
        if "protest_modifiers" in marks and reading.role == "civilians" and not entry.role:
            reading.role = "protesters"
        if "community" in marks and reading.role == "armed":
            reading.role = "militia"
        if reading.loose and not reading.owned and reading.name is None:
            role = entry.role if entry.role != "thing" else None
            # "government troops" are soldiers, "the government's leader" is none.
            owner = (role or entry.owner) if reading.role == "civilians" else (entry.owner or role)
            if owner is not None and "determiners" not in marks:
                reading.role, reading.owned = owner, True

    def _yields(self, reading: Reading) -> bool:
        """Whether a phrase can stand for the party that it names ("RSF fighters", not "RSF hostages")."""
        return (
            reading.loose
            or reading.quantity
            or reading.role in (None, "armed", "militia", "military", "police", "thing")
        )

    def _take_name(self, reading: Reading, uses: Sequence[Use]) -> None:
        use_name = reference.meaning(uses)
        use = next((u for u in uses if u.party == use_name), uses[0])
        reading.owned = True
        if use.role is not None:
            reading.nationality = reading.nationality or use.countries[0]
            if reading.loose or reading.role is None:
                reading.role = use.role
            return
        reading.name = use.party
        party = reference.party(use.party)
        category = party.category if party is not None else ""
        if category == "peacekeepers":
            reading.role = "peacekeepers"
        elif reading.role in ("civilians", "military", "police", "government") and category not in (
            "igo",
            "political",
        ):
            reading.role = "armed"

    def _bracket(self, token: int) -> int:
        """The word after an abbreviation in brackets that follows a name: "the Front (FLA)"."""
        if token < len(self.words):
            low, high = self.spans[token]
            gap = self.flat[self.spans[token - 1][1] : low]
            closed = high < len(self.flat) and self.flat[high] == ")"
            if gap.strip() == "(" and closed and len(gap) <= 2 and self.raw(token)[0].isupper():
                return token + 1
        return token

    def _belongs(self, reading: Reading, depth: int) -> None:
        """What follows "of", "belonging to", "loyal to" …: the party that a loose head is of."""
        after = self._of(self._over_name(reading.high))
        if after is None or after >= len(self.words) or not self.joined(after):
            return
        if reading.name is not None or reading.bare or reading.retired:
            return
        inner = self._next(after, depth)
        if inner is None:
            return
        if not self._yields(reading):
            if inner.bare and reading.nationality is None and reading.role in ("civilians", "government"):
                reading.nationality = inner.nationality
            return
        reading.high = inner.high
        if inner.name is not None:
            reading.name, reading.owned = inner.name, True
            plain = reading.quantity or reading.role in (None, "civilians", "military")
            if inner.role == "peacekeepers" or plain:
                reading.role = inner.role or "armed"
        elif reading.quantity and inner.role is not None and not inner.bare:
            reading.role, reading.thing, reading.loose = inner.role, inner.thing, inner.loose
        elif inner.bare and inner.role == "government":
            if reading.thing == "none":
                return  # "the bridge from Mali" is nobody's
            reading.nationality = reading.nationality or inner.nationality
            return
        elif reading.loose and not reading.owned and inner.role not in (None, "thing"):
            reading.role = "armed" if reading.role == "armed" and inner.role == "civilians" else inner.role
        reading.nationality = reading.nationality or inner.nationality
        reading.owned = True

    def _over_name(self, token: int) -> int:
        """The word after a person's name: "Colonel X Y of the brigade"."""
        for skipped in range(4):
            at = token + skipped
            if at >= len(self.words) or not self.joined(at):
                return token
            if self._of(at) is not None:
                return at
            # "la branche locale du mouvement": an adjective may stand behind its head.
            behind = self.lexicon.head_first and skipped < 2 and self.entry(at) is None
            if not self.raw(at)[0].isupper() and not behind:
                return token
        return token

    def _next(self, token: int, depth: int) -> Reading | None:
        """The noun phrase at a word, or after up to three words that the lexicon does not know."""
        for skipped in range(4):
            at = token + skipped
            if at >= len(self.words) or (skipped and not self.joined(at)):
                return None
            reading = self.reading(at, depth + 1)
            if reading is not None:
                return reading
            found = self.entry(at)
            if found is not None and "of" in found[1].marks and skipped and self.lexicon.head_first:
                # "un convoi de ravitaillement de l'armée": the owner comes after what it carries.
                return self._next(found[0], depth + 1) if depth < _DEEPEST else None
            if found is not None and found[1].marks & {"breaks", "and", "of"}:
                return None
        return None

    # --- all of them ----------------------------------------------------------------------------------------

    def readings(self) -> Iterator[Reading]:
        """Noun phrases from left to right, each as long as it reaches."""
        token, floor = 0, 0
        while token < len(self.words):
            reading = self.reading(token)
            if reading is None or (reading.role is None and reading.name is None):
                found = self.entry(token)
                token = found[0] if found is not None and "breaks" in found[1].marks else token + 1
                continue
            reading.low = self._article(reading.low, floor)
            yield reading
            token = floor = reading.high

    def _article(self, low: int, floor: int) -> int:
        """The first word of a phrase: over unknown adjectives to the article or number before them."""
        for token in range(low - 1, max(floor, low - 4) - 1, -1):
            if not self.joined(token + 1):
                return low
            found = self.entry(token)
            if self.words[token].isdigit() or (found is not None and "determiners" in found[1].marks):
                return token
            if found is not None and "breaks" in found[1].marks:
                return low
        return low

    def hit(self, reading: Reading) -> PartyHit:
        """A reading as a hit in code points."""
        low, high = self.spans[reading.low][0], self.spans[reading.high - 1][1]
        closing = self.flat[high : high + 1]
        if closing == '"' and self.flat[low - 1 : low] == '"':
            low, high = low - 1, high + 1
        elif (closing == '"' and self.flat.count('"', low, high) % 2) or (
            closing == ")" and "(" in self.flat[low:high]
        ):
            high += 1
        head = reading.lemma or self.raw(reading.head)
        return PartyHit(low, high, self.text[low:high], head, reading.role, reading.nationality, reading.name)
