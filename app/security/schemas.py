"""What crosses the edge of `security`: roles, callers, users, tokens, the audit trail."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from app.api.paging import Day, PageQuery, Query, Text
from app.api.schemas import In, Out, Whole


class Role(StrEnum):
    """What somebody may do. Everybody reads; `admin` may do what the others may, but turns no key.

    `marketing` and `it` are the two sides of the table, and neither holds the other. An `auditor` reads
    everything, the audit trail too, and changes nothing.
    """

    READER = "reader"
    MARKETING = "marketing"
    IT = "it"
    AUDITOR = "auditor"
    ADMIN = "admin"

    def covers(self, needed: "Role") -> bool:
        """True if this role may do what `needed` may."""
        # Compared as words: the pages name a role by its word.
        return self == needed or needed == Role.READER or self is Role.ADMIN

    def lends(self, wanted: "Role") -> bool:
        """True if a person of this role may have a token of `wanted`.

        Whoever holds a token of a side sits there: an administrator covers both sides, and sits with neither.
        """
        return self.covers(wanted) and (self is wanted or wanted not in {Role.MARKETING, Role.IT})


class Side(StrEnum):
    """The two sides of the table."""

    IT = "it"
    MARKETING = "marketing"

    @property
    def other(self) -> "Side":
        """Who sits across."""
        return Side.MARKETING if self is Side.IT else Side.IT

    @property
    def words(self) -> str:
        """The side as it is written in a sentence."""
        return "IT" if self is Side.IT else "marketing"


@dataclass(frozen=True)
class Caller:
    """Who is asking.

    Attributes:
        name: of the token, or of the user.
        roles: what they may do.
        expires_at: when this login or token ends.
        token_id: the token, if one was sent.
        user_id: the user, if it is a person; None for a service.
        person_id: who that is in the directories, if anybody.
    """

    name: str
    roles: frozenset[Role]
    expires_at: datetime
    token_id: int | None = None
    user_id: int | None = None
    person_id: int | None = None

    @property
    def actor(self) -> str:
        """How the audit trail names this caller: `user:7` for a person, `token:name` for a service."""
        return f"user:{self.user_id}" if self.user_id is not None else f"token:{self.name}"

    def may(self, *needed: Role) -> bool:
        """True if one of the caller's roles covers one of `needed`."""
        return any(role.covers(n) for role in self.roles for n in needed)

    def sits_with(self, side: Side) -> bool:
        """True if the caller is a person of this side; being an administrator is not enough."""
        return self.user_id is not None and Role(side.value) in self.roles

    @property
    def roles_in_words(self) -> str:
        """The roles as a list for a sentence."""
        return ", ".join(sorted(role.value for role in self.roles))


@dataclass(frozen=True)
class Token:
    """A token as it may be shown: never its text."""

    id: int
    name: str
    role: Role
    user_id: int | None
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True)
class Session:
    """One browser's login, as a page needs it.

    Attributes:
        id: of its row.
        form_secret: what every form of this login carries.
        caller: who is logged in.
        ends_at: when it is over, however busy.
    """

    id: int
    form_secret: str
    caller: Caller
    ends_at: datetime


class SessionKind(StrEnum):
    """How somebody logged in."""

    OPENID = "openid"
    TOKEN = "token"
    LINK = "link"


class SessionOut(Out):
    """One open login to the pages."""

    id: int
    kind: SessionKind = Field(description="By the company's login, by a token, or by the first day's link.")
    created_at: datetime
    last_seen_at: datetime = Field(description="Noted once a minute at most.")
    ends_at: datetime
    address: str | None = Field(description="From where the login came.")
    user_agent: str | None = Field(description="What the browser called itself.")


class Ended(Out):
    """How many sessions were ended."""

    ended: int


class TokenOut(Out):
    """A token as it may be shown: never its text."""

    id: int
    name: str
    role: Role
    user_id: int | None = Field(description="Whose it is; null: a service's.")
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class TokenMade(TokenOut):
    """A token that was just made."""

    token: str = Field(description="Its text, shown this once; only its digest is kept.")


class TokenIn(In):
    """A token to make."""

    name: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[!-~]([ -~]*[!-~])?$")]
    role: Annotated[Role, Field(strict=False, description="What it may do; no more than who makes it.")]
    days: Annotated[int, Field(ge=1, le=366, description="When it ends, in days."), Whole] = 90


class UserOut(Out):
    """Somebody who may log in."""

    id: int
    email: str
    name: str
    roles: list[Role]
    active: bool = Field(description="False: may no longer log in, and their tokens are refused.")
    person_id: int | None = Field(
        description="Who that is in the directories, if anybody; null to whoever does not see names."
    )
    created_at: datetime
    last_login_at: datetime | None


AnyRole = Annotated[Role, Field(strict=False)]
"""A role as it is written in JSON."""


class UserIn(In):
    """Somebody who shall be able to log in."""

    email: Annotated[str, Field(min_length=3, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    roles: Annotated[list[AnyRole], Field(max_length=5)]


class UserChange(In):
    """What may be changed about a user; what is left out stays."""

    name: Annotated[str | None, Field(min_length=1, max_length=200)] = None
    roles: Annotated[list[AnyRole] | None, Field(max_length=5)] = None
    active: bool | None = None
    person_id: Annotated[
        int | None,
        Field(ge=1, le=2**53 - 1, description="Who that is in the directories; null: nobody in them."),
        Whole,
    ] = None


class Me(Out):
    """Who is asking."""

    name: str
    roles: list[Role]
    user_id: int | None = Field(description="None: a service's token.")
    expires_at: datetime


def role_values(roles: Iterable[Role]) -> list[str]:
    """Roles as they are stored: sorted, each once."""
    return sorted({role.value for role in roles})


class AuditFilter(Query):
    """Which lines of the audit trail."""

    object: Text | None = Field(default=None, examples=["tool:12"])
    actor: list[Text] = Field(default=[], max_length=50, examples=[["user:7"]])
    action: list[Text] = Field(
        default=[],
        max_length=20,
        description="`source.create`; or `source.*` for all that was done to sources.",
        examples=[["source.create"]],
    )
    since: Day | None = Field(default=None, description="Not before this day, in UTC.")
    until: Day | None = Field(default=None, description="Before this day, in UTC.")


class AuditQuery(AuditFilter, PageQuery):
    """A page of the audit trail."""


class AuditOut(Out):
    """One line of the audit trail."""

    seq: int
    at: datetime
    actor: str
    action: str
    object: str
    origin: str | None = Field(description="From where: an address, or the command line.")
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    detail: dict[str, Any]
    hash: str = Field(description="Covers this line and the hash of the line before it.")


class ChainQuery(Query):
    """What to look for in the chain."""

    head: Annotated[
        str | None,
        Field(pattern=r"^[0-9a-f]{64}$", description="A hash noted earlier; it must still be there."),
    ] = None


class ChainOut(Out):
    """What looking through the audit trail's chain found."""

    whole: bool
    lines: int
    head: str = Field(description="The last line's hash: noted elsewhere, it proves later what was here.")
    faults: tuple[str, ...] = Field(description="A sentence for each place where the chain does not hold.")
