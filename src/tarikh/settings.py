"""What a user may set in the environment (`TARIKH_…`); checked once at the door."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_data_path
from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Paths and limits. Sizes are in characters unless the name says bytes or tokens; times are seconds. An empty variable is none.
    Prices are of a million tokens, in the currency of the budget."""

    model_config = SettingsConfigDict(env_prefix="TARIKH_", env_ignore_empty=True, extra="ignore")

    home: Path = user_data_path("tarikh", appauthor=False)
    database: Path | None = None
    gazetteer: Path | None = None
    parties: Path | None = None
    contested: Path | None = None
    trained: Path | None = None
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
    llm_address: str | None = None
    llm_model: str | None = None
    llm_key: SecretStr | None = None
    llm_key_file: Path | None = None
    llm_json: Literal["json_schema", "json_object", "plain"] = "json_schema"
    llm_timeout: PositiveFloat = 120.0
    llm_in_flight: Annotated[int, Field(ge=1, le=256)] = 8
    llm_per_minute: PositiveInt | None = None
    llm_tries: Annotated[int, Field(ge=1, le=20)] = 5
    llm_answer_tokens: PositiveInt = 4_000
    llm_answer_bytes: PositiveInt = 1_000_000
    llm_budget_tokens: PositiveInt | None = None
    llm_budget_money: PositiveFloat | None = None
    llm_price_in: NonNegativeFloat | None = None
    llm_price_out: NonNegativeFloat | None = None
    user_agent: str = "tarikh/0.1 (news reader for humanitarian analysis)"

    def database_path(self) -> Path:
        """The database file that commands use when none is named."""
        return self.database or self.home / "tarikh.db"

    def gazetteer_path(self) -> Path:
        """The gazetteer index that commands use when none is named."""
        return self.gazetteer or self.home / "gazetteer.sqlite"
