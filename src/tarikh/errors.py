"""What can go wrong, as one tree, caught once at each door.

TarikhError                 anything below; its text is a sentence a person can act on
├── UsageError              the command line, a filter or a setting is wrong           exit 2
├── RegisterError           a file of parties or contested places cannot be used       exit 2
├── SourceError             a file, address or stream cannot be read                   → Problem
├── ReportError             a document is no codable report (empty, too long, …)       → Problem
├── MissingError            a part of ours is not installed or built (index, model)    exit 1
├── GazetteerError          a source of places cannot be used, or its index built   exit 1
│   └── RefusedError        one file is at fault: it is damaged, or none of ours
├── ModelError              a language model gives no answer that can be used           → Problem
│   └── EndpointError       its address, name or key is wrong: no report can be asked   exit 1
├── StoreError              the database cannot be opened, read or written             exit 1
├── StaleError              what a person acts on has changed since it was looked at   exit 1, HTTP 409
├── UnknownIdError          an id that the store does not hold                         exit 1
├── NotLoggedInError        who asks has not shown who he is                   exit 1, HTTP 401
│   ├── ClosedAccountError  the session or token is of a user disabled or removed
│   └── TooManyAttemptsError  wrong passwords too often; says how long to wait            HTTP 429
└── ForbiddenError          the role of who asks does not allow it            exit 1, HTTP 403
"""

from __future__ import annotations


class TarikhError(Exception):
    """Base of all errors of Tarikh. `exit_code` is what the command line returns for it."""

    exit_code = 1


class UsageError(TarikhError):
    """The caller asked for something that does not exist or contradicts itself."""

    exit_code = 2


class RegisterError(TarikhError):
    """A file of parties or of contested places has a fault."""

    exit_code = 2


class SourceError(TarikhError):
    """A source cannot be read; becomes a `Problem` of stage `sources`."""


class ReportError(TarikhError):
    """A document cannot become a report; becomes a `Problem` of stage `reading`."""


class MissingError(TarikhError):
    """A part that the work needs is not installed or not built."""


class GazetteerError(TarikhError):
    """A source of places cannot be used, or the index cannot be built from it."""


class RefusedError(GazetteerError):
    """A file that was given as a source of places is damaged or is none."""


class ModelError(TarikhError):
    """A language model gives no answer that can be used; becomes a `Problem` of stage `llm`, and the rules code the report."""


class EndpointError(ModelError):
    """The address, the name or the key of the language model is wrong: every report would fail alike."""


class StoreError(TarikhError):
    """The database cannot be opened, read or written."""


class UnknownIdError(TarikhError):
    """No row has this id."""


class StaleError(TarikhError):
    """What a person acts on has changed since it was looked at; nothing of the act is kept.

    `incident` is the id that was seen, `now` where it leads now (None: nowhere), `changes` what came since, in words.
    """

    def __init__(self, sentence: str, incident: str, now: str | None, changes: tuple[str, ...]) -> None:
        super().__init__(sentence)
        self.incident, self.now, self.changes = incident, now, changes


class NotLoggedInError(TarikhError):
    """A session, token or password does not say who asks."""


class ClosedAccountError(NotLoggedInError):
    """The account behind a session or token was disabled or removed."""


class TooManyAttemptsError(NotLoggedInError):
    """Too many wrong passwords for a name or from an address; `seconds` is how long to wait."""

    def __init__(self, sentence: str, seconds: int) -> None:
        super().__init__(sentence)
        self.seconds = seconds


class ForbiddenError(TarikhError):
    """The role of a user does not allow what was asked."""
