"""What the two audit logs say: sign-ins, and consents given or taken back.

Only fields that are needed are decoded. Shapes: learn.microsoft.com/graph/api/resources/signin and
…/directoryaudit; the modified properties of consents are not documented and were taken from records
that people have published.
"""

import re
from datetime import datetime, timedelta

import msgspec

from connectors.entra.records import DEFAULT_ROLE, MICROSOFT_TENANTS
from connectors.entra.windows import Log
from connectors.errors import SkipRecord
from connectors.observations import Consent, ConsentEvent


class Status(msgspec.Struct, rename="camel"):
    """The outcome of a sign-in; 0 is success."""

    error_code: int | None = None


class SignIn(msgspec.Struct, rename="camel"):
    """microsoft.graph.signIn."""

    id: str
    created_date_time: datetime | None = None
    user_id: str | None = None
    user_principal_name: str | None = None
    user_display_name: str | None = None
    app_id: str | None = None
    app_display_name: str | None = None
    app_owner_tenant_id: str | None = None
    status: Status | None = None


class Property(msgspec.Struct, rename="camel"):
    """A changed property; the values are JSON in a string."""

    display_name: str | None = None
    old_value: str | None = None
    new_value: str | None = None


class Target(msgspec.Struct, rename="camel"):
    """What an audited action was done to."""

    id: str | None = None
    display_name: str | None = None
    modified_properties: list[Property] | None = None


class Actor(msgspec.Struct, rename="camel"):
    """The user who acted; `displayName` may name a Microsoft service instead, and is not read."""

    id: str | None = None
    user_principal_name: str | None = None


class Initiator(msgspec.Struct):
    """Who acted; `user` is null when an application did."""

    user: Actor | None = None


class Audit(msgspec.Struct, rename="camel"):
    """microsoft.graph.directoryAudit."""

    id: str
    activity_date_time: datetime | None = None
    activity_display_name: str | None = None
    result: str | None = None
    initiated_by: Initiator | None = None
    target_resources: list[Target] | None = None


# $select is refused by the sign-in log, and gt and lt by both filters.
SIGN_INS = Log(
    path="/v1.0/auditLogs/signIns",
    time="createdDateTime",
    shape=SignIn,
    size=timedelta(hours=1),
    largest=timedelta(hours=6),
)
AUDITS = Log(
    path="/v1.0/auditLogs/directoryAudits",
    time="activityDateTime",
    shape=Audit,
    also="category eq 'ApplicationManagement' and ",
    size=timedelta(days=1),
    largest=timedelta(days=4),
    smallest=timedelta(hours=1),
)

CONSENT = "Consent to application"
ADD_GRANT = "Add delegated permission grant"
REMOVE_GRANT = "Remove delegated permission grant"
ADD_ROLE = "Add app role assignment to service principal"
REMOVE_ROLE = "Remove app role assignment from service principal"
ACTIVITIES = frozenset({CONSENT, ADD_GRANT, REMOVE_GRANT, ADD_ROLE, REMOVE_ROLE})

_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ENTRY = re.compile(r"PrincipalId:\s*([^,\]]*),.*?ConsentType:\s*([^,\]]*),\s*Scope:\s*([^,\]]*)")


class AppNamed(msgspec.Struct, frozen=True):
    """What a log record tells of an application: its object id, and its name and app id where known."""

    ref: str
    name: str | None = None
    app_id: str | None = None


def is_usable(record: SignIn) -> bool:
    """True for a successful sign-in of a person to somebody's application; the rest is ignored."""
    return (
        (record.status is None or not record.status.error_code)
        and record.user_id != DEFAULT_ROLE
        and (record.app_owner_tenant_id or "").casefold() not in MICROSOFT_TENANTS
    )


def unwrap(value: str | None) -> str:
    """A modified property's value without its wrapping: `"\\"True\\""` is `True`.

    Some values are a JSON string inside the string, some a JSON list, some plain text.
    """
    if value is None:
        return ""
    try:
        inner = msgspec.json.decode(value)
    except msgspec.DecodeError:
        return value.strip().strip('"').strip()
    if isinstance(inner, list):
        return " ".join(str(item) for item in inner)
    return inner.strip() if isinstance(inner, str) else "" if inner is None else value.strip()


def app_of(record: Audit) -> AppNamed:
    """The application that a consent is about.

    In `Consent to application` it is the target. In the four others the target is the API whose
    permission is given, and the application stands among the modified properties.

    Raises:
        SkipRecord: the record does not say.
    """
    for target in record.target_resources or ():
        values = _values(target)
        if record.activity_display_name == CONSENT:
            ref = target.id
            known = _GUID.search(values.get("TargetId.ServicePrincipalNames", ("", ""))[1])
            named = AppNamed(ref or "", target.display_name, known[0] if known else None)
        else:
            ref = _either(values, "ServicePrincipal.ObjectID")
            name, app_id = (
                _either(values, "ServicePrincipal.DisplayName"),
                _either(values, "ServicePrincipal.AppId"),
            )
            named = AppNamed(ref, name or None, app_id or None)
        if ref:
            return named
    raise SkipRecord("the audit record does not name the application", ref=record.id)


def consent_event(record: Audit) -> ConsentEvent | None:
    """A grant given or taken away; None for anything else, failures, and changes that change nothing.

    One click writes several records. `Consent to application` shows what a first consent gives, but
    shows a later widening as no change; the widening is in `Add delegated permission grant`, which a
    grant made without a consent screen writes alone. A `Remove delegated permission grant` that
    stands beside it is half of the same update and takes nothing away.

    Raises:
        SkipRecord: the record lacks its time or its application.
    """
    activity = record.activity_display_name
    if activity not in ACTIVITIES or (record.result or "success").casefold() != "success":
        return None
    if record.activity_date_time is None:
        raise SkipRecord("the audit record has no time", ref=record.id)
    application = app_of(record)
    values: dict[str, tuple[str, str]] = {}
    for target in record.target_resources or ():
        values.update(_values(target))
    granted = activity in {CONSENT, ADD_GRANT, ADD_ROLE}
    everybody, principal = True, ""
    if activity in {ADD_ROLE, REMOVE_ROLE}:
        role = _either(values, "AppRole.Value")
        scopes = [role] if role else []
    elif activity == CONSENT:
        scopes, everybody, principal = _consented(values)
    else:
        old, new = (side.split() for side in values.get("DelegatedPermissionGrant.Scope", ("", "")))
        everybody = _either(values, "DelegatedPermissionGrant.ConsentType") == "AllPrincipals"
        principal = _either(values, "DelegatedPermissionGrant.PrincipalId")
        if granted:
            scopes = _without(new, old)
        elif not old or not new:
            scopes = old or new
        else:
            scopes = [] if _without(new, old) else _without(old, new)
    if not scopes:
        return None
    actor = record.initiated_by.user if record.initiated_by else None
    acted = actor.id if actor and actor.id != DEFAULT_ROLE else None
    return ConsentEvent(
        event_id=record.id,
        app_ref=application.ref,
        at=record.activity_date_time,
        granted=granted,
        person_ref=(None if everybody else principal or None) or acted or None,
        scopes=tuple(dict.fromkeys(scopes)),
        consent=Consent.ADMIN if everybody else Consent.USER,
    )


def _consented(values: dict[str, tuple[str, str]]) -> tuple[list[str], bool, str]:
    """New scopes, whether for everybody, and for whom, out of a consent's properties.

    `IsAdminConsent` only says that an administrator clicked; `OnBehalfOfAll` says for whom.
    """
    before, arrow, after = values.get("ConsentAction.Permissions", ("", ""))[1].partition("=>")
    if not arrow:
        before, after = "", before
    entries = _ENTRY.findall(after)
    new = [s for entry in entries for s in entry[2].split()] if entries or arrow else after.split()
    old = [s for entry in _ENTRY.findall(before) for s in entry[2].split()]
    everybody = values.get("ConsentContext.OnBehalfOfAll", ("", ""))[1].casefold() == "true"
    everybody = everybody or any(entry[1].strip() == "AllPrincipals" for entry in entries)
    principals = [entry[0].strip() for entry in entries if entry[0].strip()]
    return _without(new, old), everybody, principals[0] if principals else ""


def _values(target: Target) -> dict[str, tuple[str, str]]:
    return {
        p.display_name: (unwrap(p.old_value), unwrap(p.new_value))
        for p in target.modified_properties or ()
        if p.display_name
    }


def _either(values: dict[str, tuple[str, str]], name: str) -> str:
    old, new = values.get(name, ("", ""))
    return new or old


def _without(scopes: list[str], others: list[str]) -> list[str]:
    return [s for s in scopes if s not in others]
