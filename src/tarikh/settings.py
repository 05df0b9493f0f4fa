"""What a user may set in the environment (`TARIKH_…`); checked once at the door."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_data_path
from pydantic import Field, PositiveFloat, PositiveInt
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Paths and limits. Sizes are in characters unless the name says bytes; times are seconds. An empty variable is none."""

    model_config = SettingsConfigDict(env_prefix="TARIKH_", env_ignore_empty=True, extra="ignore")

    home: Path = user_data_path("tarikh", appauthor=False)
    database: Path | None = None
    gazetteer: Path | None = None
    parties: Path | None = None
    contested: Path | None = None
    codebooks: Path | None = None
    compat: bool = False
    scope: Literal["conflict", "any_violence"] = "conflict"
    user: str | None = None
    disclosure: Literal["public", "partner", "full"] = "public"
    license: str | None = None
    fresh_hours: Annotated[int, Field(ge=0, le=87_600)] | None = None
    max_text: PositiveInt = 200_000
    max_file_bytes: PositiveInt = 500_000_000
    fetch_timeout: PositiveFloat = 20.0
    fetch_max_bytes: PositiveInt = 10_000_000
    geonames: str = "https://download.geonames.org/export/dump"
    user_agent: str = "tarikh/0.1 (news reader for humanitarian analysis)"

    def database_path(self) -> Path:
        """The database file that commands use when none is named."""
        return self.database or self.home / "tarikh.db"

    def gazetteer_path(self) -> Path:
        """The gazetteer index that commands use when none is named."""
        return self.gazetteer or self.home / "gazetteer.sqlite"
