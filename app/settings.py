"""Settings: environment variables `PENUMBRA_*`, each with a default that works on one machine."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What a running Penumbra may be told from outside.

    Raises:
        pydantic.ValidationError: names the variable that is wrong.
    """

    model_config = SettingsConfigDict(env_prefix="PENUMBRA_", extra="ignore", frozen=True)

    data_dir: Path = Field(
        default=Path("var"), description="Folder for the SQLite database, the key file and uploads."
    )
    database_url: str = Field(
        default="", description="SQLAlchemy URL; empty means SQLite in the data folder."
    )
    secret_key: SecretStr | None = Field(
        default=None, description="Fernet key that seals secrets; empty means a key file in the data folder."
    )
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8400
    files_dir: Path | None = Field(
        default=None,
        description="The one folder whose files sources made over the API may read; empty means `imports` "
        "in the data folder.",
    )
    scans_at_once: Annotated[int, Field(ge=1, le=64)] = 4
    lease_seconds: Annotated[int, Field(ge=2, le=3600)] = 60
    personal_data_days: Annotated[int, Field(ge=30)] = 400
    """Sign-in counts and expenses older than this are deleted."""
    may_revoke: bool = Field(
        default=False,
        description="Let joint decisions end access at vendors, through sources that were allowed to.",
    )
    secure_cookies: bool = Field(
        default=False, description="Send the session cookie over https only; set it behind a TLS proxy."
    )

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value.startswith("postgres://"):
            value = "postgresql://" + value.removeprefix("postgres://")
        if value and not value.startswith(("sqlite:", "postgresql:", "postgresql+psycopg:")):
            raise ValueError("use a sqlite:/// or postgresql:// address")
        return value

    @property
    def files_folder(self) -> Path:
        """The one folder whose files sources made over the API may read."""
        return (self.files_dir or self.data_dir / "imports").absolute()

    @property
    def url(self) -> str:
        """The database address in force."""
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'penumbra.sqlite3'}"
