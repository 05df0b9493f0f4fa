"""Tarikh: a chronicle of incidents read from news reports on armed conflict.

`code` codes a text, `open` opens a chronicle; see docs/python.md. Importing it loads nothing else: each name brings its part
when it is first used.
"""

TYPE_CHECKING = False  # not from `typing`, which takes longer to load than the rest of this

if TYPE_CHECKING:
    from tarikh.chronicle import Chronicle as Chronicle
    from tarikh.chronicle import Coded as Coded
    from tarikh.chronicle import Incidents as Incidents
    from tarikh.chronicle import code as code
    from tarikh.chronicle import open as open
    from tarikh.errors import TarikhError as TarikhError
    from tarikh.model import Count as Count
    from tarikh.model import Incident as Incident
    from tarikh.model import Mention as Mention
    from tarikh.model import Report as Report
    from tarikh.model import When as When
    from tarikh.model import Where as Where

__version__ = "0.1.0"

_HOME = {
    **dict.fromkeys(("Chronicle", "Coded", "Incidents", "code", "open"), "tarikh.chronicle"),
    **dict.fromkeys(("Count", "Incident", "Mention", "Report", "When", "Where"), "tarikh.model"),
    "TarikhError": "tarikh.errors",
}
__all__ = [
    "Chronicle",
    "Coded",
    "Count",
    "Incident",
    "Incidents",
    "Mention",
    "Report",
    "TarikhError",
    "When",
    "Where",
    "__version__",
    "code",
    "open",
]


if not TYPE_CHECKING:  # else a checker would take every name for one of ours

    def __getattr__(name: str) -> object:
        if name in _HOME:
            from importlib import import_module

            return getattr(import_module(_HOME[name]), name)
        raise AttributeError(f"module 'tarikh' has no attribute {name!r}; it has {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
