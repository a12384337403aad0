"""Users and OAuth grants as Google's Directory API writes them, and what they become.

Google's own description types most nested fields of a user as "any"; they are read with care and a
field of an unexpected shape counts as absent.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from connectors.errors import SkipRecord
from connectors.google_workspace.first_party import is_first_party
from connectors.identifiers import APP_NAME, GOOGLE_CLIENT_ID, Identifier
from connectors.observations import AppSeen, Consent, GrantSeen, PersonKind, PersonSeen, SignOn
from connectors.pagination import required

USER_FIELDS = (
    "nextPageToken,users(id,customerId,primaryEmail,aliases,nonEditableAliases,name/fullName,suspended,"
    "archived,isGuestUser,deletionTime,organizations,relations)"
)
"""What is asked of a user, and so all that leaves Google: no phones, addresses, ids or log-in times."""
KEY_FIELDS = "nextPageToken,users(id,primaryEmail,suspended,archived)"
TOKEN_FIELDS = "items(clientId,displayText,scopes,anonymous,nativeApp)"

TEST_DOMAIN = ".test-google-a.com"
"""Google gives every account an address below this suffix; nobody writes to it."""
CONTRACTORS = frozenset({"contractor", "contingent worker", "external", "freelancer", "temporary worker"})


class UserPage(msgspec.Struct):
    """A page of users.list; an empty list has no `users` at all."""

    users: list[Any] | None = None
    nextPageToken: str | None = None  # noqa: N815 - Google's spelling


class Standing(msgspec.Struct):
    """Who a user is and whether they can sign in."""

    id: str | int | None = None
    customerId: str | None = None  # noqa: N815 - Google's spelling
    primaryEmail: str | None = None  # noqa: N815
    suspended: bool | None = None
    archived: bool | None = None
    isAdmin: bool | None = None  # noqa: N815

    @property
    def active(self) -> bool:
        """Neither suspended nor archived."""
        return not (self.suspended or self.archived)


class StandingPage(msgspec.Struct):
    """A page of users.list of which only the standing is asked."""

    users: list[Standing] | None = None
    nextPageToken: str | None = None  # noqa: N815


class Token(msgspec.Struct):
    """One OAuth grant of one user. Google says neither when it was given nor when it was last used."""

    clientId: str | None = None  # noqa: N815 - Google's spelling
    displayText: str | None = None  # noqa: N815
    scopes: list[str] | None = None
    anonymous: bool | None = None
    nativeApp: bool | None = None  # noqa: N815


class TokenList(msgspec.Struct):
    """The answer of tokens.list; without grants it may lack `items`."""

    items: list[msgspec.Raw] | None = None


def person(record: Any, *, deleted: bool) -> PersonSeen:
    """A directory user as a person; suspended, archived and deleted ones are not active.

    Raises:
        SkipRecord: the record has no id.
    """
    if not isinstance(record, dict):
        raise SkipRecord("the user is not an object", ref="user")
    email = _address(record.get("primaryEmail"))
    ref = str(required(record, "id", ref=f"user {email or 'without id'}"))
    organization = primary(record.get("organizations"))
    gone = deleted or bool(record.get("deletionTime"))
    name = record.get("name")
    return PersonSeen(
        ref=ref,
        email=email,
        other_emails=_aliases(record, email),
        name=_text(name.get("fullName")) if isinstance(name, dict) else None,
        department=_text(organization.get("department")),
        title=_text(organization.get("title")),
        manager_email=_manager(record.get("relations")),
        active=not (gone or record.get("suspended") or record.get("archived")),
        kind=_kind(record, organization),
    )


def primary(entries: Any) -> dict[str, Any]:
    """The primary entry of a list such as `organizations`, else its first, else nothing."""
    if not isinstance(entries, list):
        return {}
    objects = [e for e in entries if isinstance(e, dict)]
    return next((e for e in objects if e.get("primary") is True), objects[0] if objects else {})


def _kind(record: dict[str, Any], organization: dict[str, Any]) -> PersonKind:
    if record.get("isGuestUser"):
        return PersonKind.GUEST
    # The Admin console's "Type of employee" is kept in the organization's description.
    told = _text(organization.get("description"))
    return PersonKind.CONTRACTOR if told and told.lower() in CONTRACTORS else PersonKind.EMPLOYEE


def _manager(relations: Any) -> str | None:
    for relation in relations if isinstance(relations, list) else ():
        if isinstance(relation, dict) and relation.get("type") == "manager":
            address = _address(relation.get("value"))
            if address:
                return address
    return None


def _aliases(record: dict[str, Any], email: str | None) -> tuple[str, ...]:
    # `emails` is left alone: people keep private addresses there.
    found: dict[str, None] = {}
    for field in ("aliases", "nonEditableAliases"):
        values = record.get(field)
        for value in values if isinstance(values, list) else ():
            address = _address(value)
            if address and address != email and not address.endswith(TEST_DOMAIN):
                found[address] = None
    return tuple(found)


def _text(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _address(value: Any) -> str | None:
    text = _text(value)
    return text.lower() if text and "@" in text else None


_token = msgspec.json.Decoder(Token)


def client_of(raw: msgspec.Raw) -> str | None:
    """The client id of an entry of tokens.list, if it names one."""
    try:
        return _token.decode(raw).clientId
    except msgspec.MsgspecError:
        return None


def grant(raw: msgspec.Raw, user: str, trusted: frozenset[str]) -> tuple[AppSeen, GrantSeen] | None:
    """One grant with its app, or None for Google's own clients.

    Args:
        raw: an entry of tokens.list.
        user: id of the user who gave it.
        trusted: client ids on the company's own list.

    Raises:
        SkipRecord: no client id, or a field of another type.
    """
    try:
        token = _token.decode(raw)
    except msgspec.MsgspecError as error:
        raise SkipRecord(f"a grant has another shape: {error}", ref=f"user {user}") from None
    if not token.clientId:
        raise SkipRecord("the field clientId is missing", ref=f"user {user}")
    scopes = tuple(dict.fromkeys(token.scopes or ()))
    # An anonymous client has no registered name: Google repeats its id where the name would be.
    name = (token.displayText or "").strip()
    named = bool(name) and not token.anonymous and name != token.clientId
    if is_first_party(token.clientId, name, scopes):
        return None
    facts: dict[str, Any] = {}
    if not named:
        facts["unregistered"] = True
    if token.nativeApp:
        facts["native"] = True
    seen = app(token.clientId, name if named else None, trusted, facts=facts)
    return seen, GrantSeen(
        ref=f"{user}:{token.clientId}",
        app_ref=seen.ref,
        scopes=scopes,
        person_ref=user,
        # What IT put on its list it allowed for everybody; the person only took it up.
        consent=Consent.ADMIN if seen.ref in trusted else Consent.USER,
    )


def app(
    client_id: str,
    name: str | None,
    trusted: frozenset[str],
    *,
    facts: dict[str, Any] | None = None,
    mention: bool = False,
) -> AppSeen:
    """An OAuth client as an app; without a registered name its id is shown as what it is."""
    known = dict(facts or {})
    if client_id in trusted:
        known["on_it_list"] = True
    identifiers = [Identifier(GOOGLE_CLIENT_ID, client_id)]
    if name:
        identifiers.append(Identifier(APP_NAME, name))
    return AppSeen(
        ref=client_id,
        name=name or client_id,
        identifiers=tuple(identifiers),
        sign_on=SignOn.CONSENT,
        facts=known,
        mention=mention,
    )


def merged(grants: Iterable[GrantSeen]) -> list[GrantSeen]:
    """Grants with every ref once: a client listed twice for a user holds the scopes of both."""
    found: dict[str, GrantSeen] = {}
    for one in grants:
        before = found.get(one.ref)
        if before is not None:
            scopes = tuple(dict.fromkeys((*before.scopes, *one.scopes)))
            one = msgspec.structs.replace(before, scopes=scopes)  # noqa: PLW2901 - the merged one
        found[one.ref] = one
    return list(found.values())
