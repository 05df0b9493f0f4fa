"""The dependency parse: one spaCy pipeline a language, without its entity recognizer.

Invariant: a parsed sentence has the report's characters one by one (an apostrophe may be made straight), so token offsets
map to spans by adding the start.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from tarikh import parsers, reference
from tarikh.errors import MissingError, ReportError
from tarikh.extract.sentences import Sentence
from tarikh.extract.windows import groups, loaded_words
from tarikh.text import straight

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc


def cannot_be_coded(language: str, why: str) -> str:
    """What is told of a report whose language has no parser here."""
    return f"is in a language ({language}) that cannot be coded here: {why}"


@cache
def pipeline(language: str) -> Language:
    """The language's parser, loaded once a process.

    Raises `MissingError` where the model is not installed, `ReportError` where it is the user's choice and cannot be used.
    """
    import spacy  # slow to import (a second), so only when there is something to parse

    from tarikh.extract import attribute_rules

    name = parsers.model_name(language)
    try:
        with warnings.catch_warnings():
            # A model of another spaCy version, put there by the user: the tests and figures are of that pair.
            warnings.filterwarnings("ignore", message=r"\[W095\]")
            # Packaged models call places persons (40 % of Sahel towns), so names are looked up, not recognized.
            loaded = spacy.load(name, exclude=["ner", "senter"])
    except Exception as error:
        if parsers.chosen(language):  # whatever a module or folder that is no model makes spaCy raise
            raise ReportError(cannot_be_coded(language, parsers.wrong_choice(language))) from error
        if not isinstance(error, OSError):
            raise
        raise MissingError(
            f"the parser {name} for {language!r} is not installed; type: pip install {name}"
        ) from error
    attribute_rules.remember(loaded)
    _look_alike(loaded, language)
    return loaded


_LOOKS = ("norm_", "lower_", "prefix_", "suffix_", "shape_")
"""What the parser knows of a word."""
_LONGEST = 120
"""Characters of the longest name that looks like any other."""


def _look_alike(loaded: Language, language: str) -> None:
    """Makes the words that stand for names look the same to the parser, of whatever length, and each loaded word ("terrorists")
    like the plain one ("fighters"): which label a text uses must not decide how its sentence is read. Not so at the head of a
    sentence: of "Gunmen raid village" the parser makes more than of "Fighters raid village"."""
    pairs = [(_alike(length), _NAME) for length in range(1, _LONGEST)]
    for loaded_word, plain in loaded_words(language).items():
        if " " not in loaded_word:
            pairs.append((loaded_word, plain))
    for word, model in pairs:
        lexeme, other = loaded.vocab[word], loaded.vocab[model]
        for look in _LOOKS:
            setattr(lexeme, look, getattr(other, look))


def _alike(length: int) -> str:
    return _NAME[:length] + _NAME[-1] * (length - len(_NAME))


def parse(sentences: Iterable[Sentence], language: str) -> Iterator[tuple[Sentence, Doc]]:
    """Each sentence with its parse, in order."""
    known = straight if reference.lexicon(language, "events").get("straight_apostrophes") else str
    pairs = ((_named_alike(known(sentence.text)), sentence) for sentence in sentences)
    for doc, sentence in pipeline(language).pipe(pairs, as_tuples=True, batch_size=64):
        yield sentence, doc


def _named_alike(text: str) -> str:
    """The text with one proper name of like length for every armed group's: a parser takes the "IS" of "IS Sahel" for a
    verb, and a name must not decide how its sentence is read."""
    for start, end in groups(text):
        text = text[:start] + _alike(end - start) + text[end:]
    return text


_NAME = "Naama"
