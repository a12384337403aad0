"""Settings: environment variables `PENUMBRA_*`, each with a default that works on one machine."""

import ipaddress
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

RoleName = Literal["reader", "marketing", "it", "auditor", "admin"]


@dataclass(frozen=True)
class Told:
    """One setting as it may be shown.

    Attributes:
        variable: what it is called in the environment.
        value: in force; for a secret only whether there is one.
        given: somebody has set it; else this is the default.
        secret: the value is kept to itself.
    """

    variable: str
    value: str
    given: bool
    secret: bool


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
    attest_days: Annotated[int, Field(ge=1, le=3650)] = 180
    """So long an owner's word holds; who does not give it again in time owns the tool no longer."""
    privacy: Literal["off", "pseudonyms"] = Field(
        default="off", description="`pseudonyms` hides the names of people whom the directories show."
    )
    privacy_names: Annotated[frozenset[RoleName], NoDecode] = Field(
        default=frozenset({"admin"}),
        description="Roles that see names all the same, separated by commas; empty: none does.",
    )
    privacy_fewest: Annotated[int, Field(ge=2, le=1000)] = 5
    """With pseudonyms, smaller counts of people by department are shown as fewer than this."""
    privacy_round: Annotated[int, Field(ge=1, le=10**6)] = 1
    """Counted up, everybody gets another pseudonym."""
    may_revoke: bool = Field(
        default=False,
        description="Let joint decisions end access at vendors, through sources that were allowed to.",
    )
    secure_cookies: bool = Field(
        default=False, description="Send the session cookie over https only; set it behind a TLS proxy."
    )
    session_idle_minutes: Annotated[int, Field(ge=1, le=12 * 60)] = 30
    """So long without a page, and a login ends; it ends after 12 hours in any case."""
    public_url: str = Field(
        default="",
        description="The address at which people reach Penumbra, such as https://penumbra.acme.com.",
    )
    oidc_client_id: str = Field(default="", description="Penumbra's client id at the OpenID provider.")
    oidc_client_secret: SecretStr | None = Field(
        default=None, description="Its secret; empty: none, PKCE only."
    )
    oidc_scopes: str = Field(default="openid profile email", description="What is asked for at a login.")
    oidc_groups_claim: str = Field(default="groups", description="Which claim lists somebody's groups.")
    oidc_roles: Annotated[dict[str, list[RoleName]], NoDecode] = Field(
        default={},
        description="JSON: which group has which roles. Empty: roles are given in Penumbra, not by groups.",
    )
    oidc_default_role: Literal["", "reader"] = Field(
        default="", description="What somebody in no listed group may do; empty: they are refused."
    )
    oidc_hosts: Annotated[frozenset[str], NoDecode] = Field(
        default=frozenset(),
        description="Hosts beside the issuer's that the provider's own description may lead to.",
    )
    # After what it needs, so that its check can see them.
    oidc_issuer: str = Field(default="", description="The OpenID provider; empty: people log in by token.")

    webhook_hosts: str = Field(
        default="",
        description="Hosts that webhooks may be sent to, separated by commas; `*.acme.com` for all below.",
    )
    local_receivers: str = Field(
        default="",
        description="`host:port` of receivers on this machine that may be sent to, separated by commas.",
    )

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value.startswith("postgres://"):
            value = "postgresql://" + value.removeprefix("postgres://")
        if value and not value.startswith(("sqlite:", "postgresql:", "postgresql+psycopg:")):
            raise ValueError("use a sqlite:/// or postgresql:// address")
        return value

    @field_validator("public_url", "oidc_issuer")
    @classmethod
    def _an_address(cls, value: str, info: ValidationInfo) -> str:
        if not value:
            return value
        value = value if info.field_name == "oidc_issuer" else value.rstrip("/")
        parts = urlsplit(value)
        if not parts.hostname or parts.query or parts.fragment or parts.username:
            raise ValueError("write it as https://host")
        if info.field_name == "public_url" and (parts.path or parts.scheme not in {"http", "https"}):
            raise ValueError("write it as https://host, without a path")
        if info.field_name == "oidc_issuer" and parts.scheme != "https" and not _loopback(value):
            raise ValueError("an OpenID provider must be reached over https")
        return value

    @field_validator("oidc_issuer")
    @classmethod
    def _with_what_it_needs(cls, value: str, info: ValidationInfo) -> str:
        missing = [name for name in ("public_url", "oidc_client_id") if not info.data.get(name, True)]
        if value and missing:
            raise ValueError(f"needs PENUMBRA_{missing[0].upper()} too")
        return value

    @field_validator("oidc_roles", mode="before")
    @classmethod
    def _from_json(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value or "{}")
        except ValueError as error:
            raise ValueError('write it as JSON: {"a group": ["marketing"]}') from error

    @field_validator("oidc_hosts", mode="before")
    @classmethod
    def _from_list(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        hosts = frozenset(part.strip().lower() for part in value.split(",") if part.strip())
        if any("/" in host for host in hosts):
            raise ValueError("write hosts only, separated by commas: oauth2.googleapis.com")
        return hosts

    @field_validator("privacy_names", mode="before")
    @classmethod
    def _roles(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        found = frozenset(part.strip().lower() for part in value.split(",") if part.strip())
        if unknown := sorted(found - set(get_args(RoleName))):
            raise ValueError(f"{unknown[0]!r} is no role; use {', '.join(get_args(RoleName))}")
        return found

    @property
    def cookies_are_secure(self) -> bool:
        """Whether cookies go over https only."""
        return self.secure_cookies or self.public_url.startswith("https:")

    @property
    def files_folder(self) -> Path:
        """The one folder whose files sources made over the API may read."""
        return (self.files_dir or self.data_dir / "imports").absolute()

    @property
    def url(self) -> str:
        """The database address in force."""
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'penumbra.sqlite3'}"

    @property
    def home_url(self) -> str:
        """Where people reach Penumbra, without a slash at the end."""
        return self.public_url or f"http://{self.host}:{self.port}"

    def told(self) -> list["Told"]:
        """Every setting as it may be shown: never a secret, nor a password inside an address."""
        return [
            Told(
                variable=f"PENUMBRA_{name.upper()}",
                value=_shown(getattr(self, name), self.url if name == "database_url" else None),
                given=name in self.model_fields_set,
                secret=SecretStr in get_args(field.annotation),
            )
            for name, field in type(self).model_fields.items()
        ]

    @staticmethod
    def words(value: str) -> tuple[str, ...]:
        """The parts of a setting that holds several, separated by commas; in lower case."""
        return tuple(part for part in (p.strip().lower() for p in value.split(",")) if part)


def _shown(value: Any, address: str | None) -> str:
    """A setting's value in a line; of a database's address nothing that could be a password."""
    if address is not None:
        parts = urlsplit(address)
        host = (parts.hostname or "") + (f":{parts.port}" if parts.port else "")
        return f"{parts.scheme}://{host}{parts.path}"
    if value is None or isinstance(value, SecretStr):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(sorted(str(part) for part in value))
    return str(value)


def _loopback(address: str) -> bool:
    """Whether an address is this machine's own."""
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
