"""Options that several commands have, under one name and with one help text.

Invariant: nothing but annotations; it brings no part of Tarikh, so that `tarikh --help` answers at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

By = Annotated[
    str | None, typer.Option("--by", help="who says it (default: TARIKH_USER, else the system's user)")
]
Note = Annotated[str, typer.Option("--note", help="why; kept beside the row")]
Json = Annotated[bool, typer.Option("--json", help="print JSON for programs")]
Database = Annotated[
    Path | None,
    typer.Option("--db", help="the database file (default: TARIKH_DATABASE or the user's data folder)"),
]
Index = Annotated[Path | None, typer.Option("--gazetteer", help="another gazetteer index")]
Disclosed = Annotated[
    str | None,
    typer.Option(
        "--disclosure", help="public, partner or full: what the file may tell (default: TARIKH_DISCLOSURE)"
    ),
]
