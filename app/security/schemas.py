"""What crosses the edge of `security`: roles, callers, tokens."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What a token may do. `reader` < `marketing` and `it` (neither holds the other) < `admin`."""

    READER = "reader"
    MARKETING = "marketing"
    IT = "it"
    ADMIN = "admin"

    def covers(self, needed: "Role") -> bool:
        """True if this role may do what `needed` may."""
        return self is needed or needed is Role.READER or self is Role.ADMIN


@dataclass(frozen=True)
class Caller:
    """Who is asking: the token's id and name, its role, and when it ends."""

    token_id: int
    name: str
    role: Role
    expires_at: datetime

    @property
    def actor(self) -> str:
        """How the audit trail names this caller."""
        return f"token:{self.name}"


@dataclass(frozen=True)
class Token:
    """A token as it may be shown: never its text."""

    id: int
    name: str
    role: Role
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
