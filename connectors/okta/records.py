"""Okta's records as observations: users, apps, assignments and grants.

Okta's specification calls many fields required or non-null that are null in real orgs, so that
records are read as plain objects and only an id (and a name for an app) is insisted on. Enums are
open: a value nobody has seen yet is never a reason to drop a record.
"""

import re
from collections.abc import Collection
from datetime import datetime
from typing import Any

from connectors.identifiers import APP_NAME, DOMAIN, OKTA_APP_ID, OKTA_APP_KEY, Identifier
from connectors.observations import (
    AppSeen,
    AssignmentSeen,
    Consent,
    GrantSeen,
    PersonKind,
    PersonSeen,
    SignOn,
)
from connectors.okta.naming import Record, inner, is_catalogue_key, link_hosts, maker_hosts, org_names, text
from connectors.pagination import required

SIGN_ON = {
    "SAML_1_1": SignOn.SAML,
    "SAML_2_0": SignOn.SAML,
    "OPENID_CONNECT": SignOn.OIDC,
    "WS_FEDERATION": SignOn.WS_FEDERATION,
    "AUTO_LOGIN": SignOn.PASSWORD,
    "BASIC_AUTH": SignOn.PASSWORD,
    "BROWSER_PLUGIN": SignOn.PASSWORD,
    "SECURE_PASSWORD_STORE": SignOn.PASSWORD,
    "BOOKMARK": SignOn.BOOKMARK,
}
PROVISIONING = frozenset(
    {
        "PUSH_NEW_USERS",
        "PUSH_NEW_USERS_WITHOUT_PASSWORD",
        "PUSH_NEW_USERS_WITH_HASHED_PASSWORD",
        "PUSH_PENDING_USERS",
        "PUSH_USER_DEACTIVATION",
        "SCIM_PROVISIONING",
    }
)
"""Features by which Okta makes or removes accounts in the app; imports into Okta are none of them."""
OWN_APPS = frozenset(
    {
        "saasure",
        "okta_enduser",
        "okta_browser_plugin",
        "okta_flow_sso",
        "okta_iga_reviewer",
        "okta_access_requests_resource_catalog",
        "okta_atspoke_sso",
        "okta_oin_submission_tester_app",
    }
)
"""Catalogue keys of Okta's own consoles, which every org lists among its apps."""
OWN_APP_LABELS = frozenset(
    {
        "Okta Admin Console",
        "Okta Dashboard",
        "Okta Browser Plugin",
        "Okta Workflows",
        "Okta Workflows OAuth",
        "Okta Access Certification Reviews",
        "Okta Access Requests",
        "Okta Identity Governance",
        "Okta OIN Submission Tester",
    }
)
"""The same as the System Log names them: it shows labels, not keys, and theirs cannot be changed."""
KINDS = {
    "contractor": PersonKind.CONTRACTOR,
    "contingent": PersonKind.CONTRACTOR,
    "contingent worker": PersonKind.CONTRACTOR,
    "external": PersonKind.CONTRACTOR,
    "freelancer": PersonKind.CONTRACTOR,
    "guest": PersonKind.GUEST,
    "partner": PersonKind.GUEST,
    "service": PersonKind.SERVICE,
    "service account": PersonKind.SERVICE,
    "bot": PersonKind.SERVICE,
}
UNASSIGNED = frozenset({"UNASSIGNED", "IMPORTED", "DEPROVISIONED"})
"""Statuses of app users that only exist in an import, or whose access was taken away."""


def moment(value: Any) -> datetime | None:
    """An aware datetime from Okta's ISO 8601 text; None where it is missing or unreadable."""
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return at if at.tzinfo else None


def email(value: Any) -> str | None:
    """An address, lower-cased; None for logins that are no address."""
    found = text(value)
    return found.lower() if found and found.count("@") == 1 and " " not in found else None


def person(user: Record) -> PersonSeen:
    """A user as a person.

    Everybody who is not DEPROVISIONED counts as active: a suspended or locked-out person is still
    with the company, and Okta knows statuses (ACTIVATING) that its own schema does not list.

    Raises:
        SkipRecord: the user has no id.
    """
    ref = required(user, "id", "a user without id")
    profile = inner(user, "profile")
    address, login = email(profile.get("email")), email(profile.get("login"))
    names = (text(profile.get("firstName")), text(profile.get("lastName")))
    # managerId and manager are free text: whoever maintains the directory decides what is in them.
    boss = [text(profile.get("managerId")), text(profile.get("manager"))]
    return PersonSeen(
        ref=ref,
        email=address or login,
        other_emails=(login,) if login and address and login != address else (),
        name=text(profile.get("displayName")) or " ".join(n for n in names if n) or None,
        department=text(profile.get("department")) or text(profile.get("division")),
        title=text(profile.get("title")),
        manager_email=next((e for e in map(email, boss) if e), None),
        manager_ref=next((b for b in boss if b and re.fullmatch(r"00u[A-Za-z0-9]{17}", b)), None),
        active=user.get("status") != "DEPROVISIONED",
        kind=KINDS.get((text(profile.get("userType")) or "").lower(), PersonKind.EMPLOYEE),
    )


def app(record: Record, hosts: Collection[str]) -> AppSeen | None:
    """An app instance; None for Okta's own consoles and for what was deleted.

    Args:
        record: as `/api/v1/apps` lists it.
        hosts: the org's own host names, which identify nothing.

    Raises:
        SkipRecord: no id, or neither label nor key.
    """
    ref = required(record, "id", "an app without id")
    key = text(record.get("name"))
    if key in OWN_APPS or record.get("status") == "DELETED":
        return None
    label = text(record.get("label")) or required(record, "name", ref)
    # Behind a custom domain the links still carry the org's own subdomain.
    named = org_names({*hosts, *link_hosts(record)})
    catalogue = key if key and is_catalogue_key(key, named) else None
    public, private = maker_hosts(record, named)
    identifiers = [Identifier(OKTA_APP_ID, ref), Identifier(APP_NAME, label)]
    if catalogue:
        identifiers.append(Identifier(OKTA_APP_KEY, catalogue))
    identifiers += [Identifier(DOMAIN, host) for host in public]
    features = [f for f in record.get("features") or () if isinstance(f, str)]
    mode = text(record.get("signOnMode"))
    facts: Record = {"sign_on_mode": mode, "status": text(record.get("status")), "catalogue_key": catalogue}
    facts["features"] = ", ".join(sorted(features)) or None
    facts["hidden"] = inner(record, "visibility", "hide").get("web") is True or None
    facts["application_type"] = text(inner(record, "settings", "oauthClient").get("application_type"))
    return AppSeen(
        ref=ref,
        name=label,
        identifiers=tuple(identifiers),
        sign_on=SIGN_ON.get(mode or "", SignOn.UNKNOWN),
        provisioning=not PROVISIONING.isdisjoint(features),
        self_service=inner(record, "accessibility").get("selfService") is True,
        active=record.get("status") != "INACTIVE",
        # Set up by hand and reachable only inside the company: there is no vendor behind it.
        internal=catalogue is None and private and not public,
        created_at=moment(record.get("created")),
        facts={name: value for name, value in facts.items() if value is not None},
    )


def app_user(record: Record, app_ref: str) -> AssignmentSeen | None:
    """An assignment to a person; None for app users that only an import knows.

    Raises:
        SkipRecord: the record has no id.
    """
    ref = required(record, "id", f"a user of app {app_ref} without id")
    if record.get("status") in UNASSIGNED:
        return None
    return AssignmentSeen(
        app_ref=app_ref,
        person_ref=ref,
        via_group=record.get("scope") == "GROUP",
        assigned_at=moment(record.get("created")),
    )


def app_group(record: Record, app_ref: str) -> AssignmentSeen:
    """An assignment to a group, named where Okta embedded the group.

    Raises:
        SkipRecord: the record has no id.
    """
    ref = required(record, "id", f"a group of app {app_ref} without id")
    name = text(inner(record, "_embedded", "group", "profile").get("name"))
    return AssignmentSeen(
        app_ref=app_ref, group_ref=ref, group_name=name, assigned_at=moment(record.get("lastUpdated"))
    )


def grant(record: Record, person_ref: str) -> tuple[AppSeen, GrantSeen] | None:
    """One scope that one person granted to one client; None for what is revoked or Okta's own.

    Raises:
        SkipRecord: no id, client or scope.
    """
    ref = required(record, "id", f"a grant of user {person_ref} without id")
    client = required(record, "clientId", ref)
    scope = required(record, "scopeId", ref)
    if record.get("status") == "REVOKED" or client.startswith("okta."):
        return None
    app_link = inner(record, "_links", "app")
    # A client id is the app's id in most orgs, but an app may have been given one of its own.
    app_ref = (text(app_link.get("href")) or "").rstrip("/").rpartition("/apps/")[2] or client
    name = text(app_link.get("title")) or text(inner(record, "_links", "client").get("title")) or client
    named = (Identifier(APP_NAME, name),) if name != client else ()
    mention = AppSeen(
        ref=app_ref, name=name, identifiers=(Identifier(OKTA_APP_ID, app_ref), *named), mention=True
    )
    return mention, GrantSeen(
        ref=ref,
        app_ref=app_ref,
        scopes=(scope,),
        person_ref=person_ref,
        consent=Consent.ADMIN if record.get("source") == "ADMIN" else Consent.USER,
        granted_at=moment(record.get("created")),
    )


def integration(record: Record) -> tuple[AppSeen, GrantSeen]:
    """A vendor's service that may call Okta itself, for everybody, since an administrator added it.

    Raises:
        SkipRecord: the record has no id.
    """
    ref = required(record, "id", "an API service integration without id")
    key = text(record.get("type"))
    name = text(record.get("name")) or key or ref
    catalogue = (Identifier(OKTA_APP_KEY, key),) if key else ()
    at = moment(record.get("createdAt"))
    scopes = record.get("grantedScopes") or ()
    seen = AppSeen(
        ref=ref,
        name=name,
        identifiers=(Identifier(OKTA_APP_ID, ref), Identifier(APP_NAME, name), *catalogue),
        created_at=at,
        facts={"kind": "API service integration"},
    )
    given = GrantSeen(
        ref=f"{ref}/everybody",
        app_ref=ref,
        scopes=tuple(sorted(s for s in scopes if isinstance(s, str))),
        consent=Consent.ADMIN,
        granted_at=at,
    )
    return seen, given


def merge(grants: list[GrantSeen]) -> list[GrantSeen]:
    """One person's grants, one for each app and kind of consent.

    Okta keeps a grant for every single scope; people think of what an app may do altogether. The
    merged `ref` is made of person, app and consent, so that it outlives a single scope.
    """
    together: dict[tuple[str, Consent], list[GrantSeen]] = {}
    for one in grants:
        together.setdefault((one.app_ref, one.consent), []).append(one)
    return [
        GrantSeen(
            ref=f"{same[0].person_ref}/{app_ref}/{consent.value}",
            app_ref=app_ref,
            scopes=tuple(sorted({scope for one in same for scope in one.scopes})),
            person_ref=same[0].person_ref,
            consent=consent,
            granted_at=min((one.granted_at for one in same if one.granted_at), default=None),
        )
        for (app_ref, consent), same in sorted(together.items())
    ]
