"""What a simulated Okta org holds, and builders of records shaped as Okta's API gives them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Record = dict[str, Any]

NAMESPACE = uuid.UUID("6f0d6f6b-7461-4c6f-8a67-6f6b74616c67")
BROWSER = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/141.0.0.0 Safari/537.36"
)


@dataclass
class OktaWorld:
    """One org: records exactly as the API returns them.

    Attributes:
        org_host: such as `acme.okta.com`; next links carry the host that was asked, not this one.
        users: all users, those with the status DEPROVISIONED among them.
        apps: as `/api/v1/apps` lists them, Okta's own consoles among them.
        app_users: app users by app id.
        app_groups: group assignments by app id.
        user_grants: consent grants by user id.
        integrations: API service integrations (vendors that may call Okta itself).
        log: System Log events in the order of storing; `published` may go back.
    """

    org_host: str
    users: list[Record] = field(default_factory=list)
    apps: list[Record] = field(default_factory=list)
    app_users: dict[str, list[Record]] = field(default_factory=dict)
    app_groups: dict[str, list[Record]] = field(default_factory=dict)
    user_grants: dict[str, list[Record]] = field(default_factory=dict)
    log: list[Record] = field(default_factory=list)
    integrations: list[Record] = field(default_factory=list)


def okta_id(prefix: str, number: int) -> str:
    """An id as Okta makes them: three characters for the kind and seventeen more."""
    return f"{prefix}{number:0>13}d697"


def stamp(at: datetime) -> str:
    """Okta's spelling of a time: UTC with milliseconds and a Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def user_record(
    ref: str,
    address: str,
    first: str,
    last: str,
    *,
    at: datetime,
    status: str = "ACTIVE",
    **profile: Any,
) -> Record:
    """A user; further profile fields (`department`, `title`, `managerId`) by keyword."""
    return {
        "id": ref,
        "status": status,
        "created": stamp(at),
        "activated": stamp(at),
        "statusChanged": stamp(at),
        "lastLogin": None,
        "lastUpdated": stamp(at),
        "passwordChanged": None,
        "type": {"id": okta_id("oty", 1)},
        "profile": {
            "firstName": first,
            "lastName": last,
            "mobilePhone": None,
            "secondEmail": None,
            "login": address,
            "email": address,
            **profile,
        },
        "_links": {"self": {"href": f"https://acme.okta.com/api/v1/users/{ref}"}},
    }


def app_record(
    ref: str,
    key: str,
    label: str,
    mode: str,
    *,
    at: datetime,
    host: str = "acme.okta.com",
    features: Sequence[str] = (),
    self_service: bool = False,
    status: str = "ACTIVE",
    app: Record | None = None,
    sign_on: Record | None = None,
    client: Record | None = None,
) -> Record:
    """An app instance; `app`, `sign_on` and `client` fill the parts of its settings."""
    settings: Record = {"app": app or {}, "notifications": {"vpn": {"network": {"connection": "DISABLED"}}}}
    if sign_on is not None:
        settings["signOn"] = sign_on
    if client is not None:
        settings["oauthClient"] = client
    return {
        "id": ref,
        "name": key,
        "orn": f"orn:okta:idp:00o1n8sbwArJ7OQRw406:apps:{key}:{ref}",
        "label": label,
        "status": status,
        "created": stamp(at),
        "lastUpdated": stamp(at),
        # Null here breaks Okta's own schema, and is what real orgs send.
        "accessibility": {"selfService": self_service, "errorRedirectUrl": None, "loginRedirectUrl": None},
        "visibility": {
            "autoSubmitToolbar": False,
            "hide": {"iOS": False, "web": False},
            "appLinks": {"login": True},
        },
        "features": list(features),
        "signOnMode": mode,
        "credentials": {"userNameTemplate": {"template": "${source.login}", "type": "BUILT_IN"}},
        "settings": settings,
        "_links": {
            "users": {"href": f"https://{host}/api/v1/apps/{ref}/users"},
            "groups": {"href": f"https://{host}/api/v1/apps/{ref}/groups"},
        },
    }


def app_user_record(user: Record, *, at: datetime, scope: str = "USER", status: str = "ACTIVE") -> Record:
    """An assignment of an app to `user`, directly (`USER`) or through a group (`GROUP`)."""
    return {
        "id": user["id"],
        "externalId": None,
        "created": stamp(at),
        "lastUpdated": stamp(at),
        "scope": scope,
        "status": status,
        "statusChanged": stamp(at),
        "passwordChanged": None,
        "syncState": "DISABLED",
        "credentials": {"userName": user["profile"]["login"]},
        "profile": {},
        "_links": {"user": {"href": f"https://acme.okta.com/api/v1/users/{user['id']}"}},
    }


def app_group_record(ref: str, name: str, *, at: datetime) -> Record:
    """An assignment of an app to a group; the simulator embeds the name when asked to."""
    return {
        "id": ref,
        "priority": 0,
        "lastUpdated": stamp(at),
        "profile": {},
        "_links": {"group": {"href": f"https://acme.okta.com/api/v1/groups/{ref}"}},
        "_embedded": {"group": {"id": ref, "type": "OKTA_GROUP", "profile": {"name": name}}},
    }


def grant_record(
    number: int,
    user_ref: str,
    app: Record,
    scope: str,
    *,
    at: datetime,
    source: str = "END_USER",
    status: str = "ACTIVE",
    client_id: str | None = None,
) -> Record:
    """A consent of one user to one scope of an app."""
    client = client_id or app["id"]
    host = "https://acme.okta.com"
    return {
        "id": okta_id("oag", number),
        "status": status,
        "created": stamp(at),
        "createdBy": {"id": user_ref, "type": "User"},
        "lastUpdated": stamp(at),
        "issuer": host,
        "clientId": client,
        "userId": user_ref,
        "scopeId": scope,
        "source": source,
        "_links": {
            "app": {"href": f"{host}/api/v1/apps/{app['id']}", "title": app["label"]},
            "client": {"href": f"{host}/oauth2/v1/clients/{client}", "title": app["label"]},
        },
    }


def integration_record(ref: str, key: str, name: str, scopes: Sequence[str], *, at: datetime) -> Record:
    """A vendor's service that an administrator let call Okta itself."""
    return {
        "id": ref,
        "type": key,
        "name": name,
        "createdAt": stamp(at),
        "createdBy": okta_id("00u", 1),
        "configGuideUrl": f"https://docs.example/{key}",
        "grantedScopes": list(scopes),
        "_links": {"client": {"href": f"https://acme.okta.com/oauth2/v1/clients/{ref}"}},
    }


def actor(user: Record) -> Record:
    """A user as the log names who acted, and whom it happened to."""
    profile = user["profile"]
    return {
        "id": user["id"],
        "type": "User",
        "alternateId": profile["login"],
        "displayName": f"{profile['firstName']} {profile['lastName']}",
        "detailEntry": None,
    }


def app_targets(app: Record, user: Record) -> list[Record]:
    """The targets of a single sign-on: the app, and the person's account in it."""
    login = user["profile"]["login"]
    return [
        {
            "id": app["id"],
            "type": "AppInstance",
            "alternateId": app["label"],
            "displayName": app["label"],
            "detailEntry": {
                "signOnModeType": app["signOnMode"],
                "signOnModeEvaluationResult": "AUTHENTICATED",
            },
        },
        {
            "id": "0ua" + user["id"][3:],
            "type": "AppUser",
            "alternateId": login,
            "displayName": f"{user['profile']['firstName']} {user['profile']['lastName']}",
            "detailEntry": None,
        },
    ]


def log_event(
    number: int,
    kind: str,
    at: datetime,
    who: Record,
    targets: list[Record] | None,
    *,
    result: str = "SUCCESS",
) -> Record:
    """An event of the System Log, as large as real ones and with their nulls and odd types."""
    # A whole number where Okta's schema says text, as in its own example.
    place = {
        "city": "Hamburg",
        "state": "Hamburg",
        "country": "Germany",
        "postalCode": 20095,
        "geolocation": {"lat": 53.5507, "lon": 9.9930},
    }
    request = f"aRh7c0ffee{number:022d}"
    session = f"idx{number:022d}"
    path = "/app/office365/exk1a2b3c4d5e6f7g8h9/sso/wsfed/passive"
    behaviours = ", ".join(
        f"{name}=NEGATIVE" for name in ("New Geo-Location", "New Device", "New IP", "New State", "Velocity")
    )
    return {
        "actor": who,
        "client": {
            "userAgent": {"rawUserAgent": BROWSER, "os": "Mac OS X", "browser": "CHROME"},
            "zone": "null",
            "device": "Computer",
            "id": None,
            "ipAddress": "203.0.113.17",
            "geographicalContext": place,
        },
        "device": None,
        "authenticationContext": {
            "authenticationProvider": None,
            "credentialProvider": None,
            "credentialType": None,
            "issuer": None,
            "interface": None,
            "authenticationStep": 0,
            "rootSessionId": session,
            "externalSessionId": session,
        },
        "displayMessage": "User single sign on to app" if kind.endswith(".sso") else kind,
        "eventType": kind,
        "outcome": {"result": result, "reason": None},
        "published": stamp(at),
        "securityContext": {
            "asNumber": 3320,
            "asOrg": "example isp",
            "isp": "example",
            "domain": "example.net",
            "isProxy": False,
        },
        "severity": "INFO",
        "debugContext": {
            "debugData": {
                "authMethodFirstEnrollment": "okta_password",
                "authMethodFirstVerificationTime": stamp(at),
                "behaviors": "{" + behaviours + "}",
                "deviceFingerprint": "5f2b7c1de0a94e7f8b6d3c2a1f0e9d8c",
                "dtHash": "9c56cc51b374c3ba189210d5b6d4bf57790d351c96c47c02190ecf1e430635ab",
                "initiationType": "IDP_INITIATED",
                "logOnlySecurityData": '{"risk":{"level":"LOW"},"behaviors":{' + behaviours + "}}",
                "promptingPolicyTypes": "APP_SIGN_ON",
                "requestId": request,
                "requestUri": path,
                "risk": "{level=LOW}",
                "signOnMode": "WS-Federation",
                "threatSuspected": "false",
                "url": f"{path}?client-request-id={request}&wctx=LoginOptions%3D3%26estsredirect%3D2",
            }
        },
        "legacyEventType": "app.auth.sso" if kind.endswith(".sso") else None,
        "transaction": {"type": "WEB", "id": request, "detail": {}},
        "uuid": str(uuid.uuid5(NAMESPACE, str(number))),
        "version": "0",
        "request": {
            "ipChain": [
                {"ip": "203.0.113.17", "geographicalContext": place, "version": "V4", "source": None},
                {"ip": "198.51.100.9", "geographicalContext": place, "version": "V4", "source": None},
            ]
        },
        "target": targets,
    }
