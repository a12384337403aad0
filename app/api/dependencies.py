"""What endpoints ask for: the database, the caller with the role it takes, the version it read.

None of these opens a transaction. An endpoint opens exactly one, around its one call of a service
(`with writing(engine) as connection:`): a dependency that did so would hop threads three times a
request and could hold SQLite's write lock while it waits for a thread.
"""

import re
from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import Depends, Header, Path, Request
from fastapi.security import HTTPBearer
from sqlalchemy.engine import Engine

from app.api.state import AppState, state_of
from app.errors import FieldError, Invalid, PreconditionFailed, PreconditionRequired, Unauthorized
from app.security.schemas import Caller, Role
from app.security.service import require

_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    description="An API token (`pen_…`), made with `penumbra token create`.",
)


async def _state(request: Request) -> AppState:
    return state_of(request)


async def _engine(request: Request) -> Engine:
    return state_of(request).engine


State = Annotated[AppState, Depends(_state)]
Database = Annotated[Engine, Depends(_engine)]


def _allow(*roles: Role) -> Any:
    async def allowed(request: Request) -> Caller:
        caller: Caller | None = request.scope.get("caller")
        if caller is None:
            raise Unauthorized("Send an API token in the header 'Authorization: Bearer pen_…'.")
        require(caller, *roles)
        return caller

    _roles[allowed] = frozenset(roles)
    return allowed


_roles: dict[Any, frozenset[Role]] = {}


def roles_of(dependencies: Iterable[Any]) -> frozenset[Role]:
    """The roles of which an endpoint takes one, by what it depends on; none: it asks for no role.

    The reader's stands for everybody, and an administrator may always.
    """
    return next((_roles[call] for call in dependencies if call in _roles), frozenset())


# `_bearer` only writes the OpenAPI description; the token itself is checked before routing.
Reader = Annotated[Caller, Depends(_allow(Role.READER))]
Marketing = Annotated[Caller, Depends(_allow(Role.MARKETING))]
It = Annotated[Caller, Depends(_allow(Role.IT))]
Teacher = Annotated[Caller, Depends(_allow(Role.MARKETING, Role.IT))]
"""Both sides of the table teach: marketing knows what a tool is, IT where it comes from."""
Admin = Annotated[Caller, Depends(_allow(Role.ADMIN))]
Auditor = Annotated[Caller, Depends(_allow(Role.AUDITOR))]
documents_token = Depends(_bearer)

Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description='The ETag of the version that this changes, such as `"v3"`. Needed.',
        examples=['"v3"'],
    ),
]
_ETAG = re.compile(r'\s*"v(\d{1,9})"\s*')


def etag(version: int) -> str:
    """The ETag of a version."""
    return f'"v{version}"'


def expected_version(if_match: str | None) -> int:
    """The version that a write is meant for.

    Raises:
        PreconditionRequired: no If-Match.
        PreconditionFailed: an If-Match that no version of ours ever had.
    """
    if if_match is None:
        raise PreconditionRequired(
            'Send the ETag that you read in the header If-Match (such as "v3"), to lose nobody\'s change.'
        )
    found = _ETAG.fullmatch(if_match)
    if found is None:
        raise PreconditionFailed('If-Match must be one ETag as it was sent, such as "v3".')
    return int(found[1])


def unexpected(names: set[str], known: set[str]) -> None:
    """Refuse query parameters that an endpoint does not know: a misspelt filter must not pass as none.

    Raises:
        Invalid: names the parameters.
    """
    if extra := sorted(names - known):
        raise Invalid(
            "There is no such filter.",
            fields=[FieldError(name[:100], "is not a parameter of this address") for name in extra],
        )
