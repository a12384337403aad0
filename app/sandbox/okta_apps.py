"""Okta's apps: what IT set up, what employees added, Okta's own consoles, and who is assigned."""

from datetime import timedelta
from typing import Any

from app.sandbox import ids
from app.sandbox.company import Adoption, Company
from app.sandbox.moments import at_noon, millis
from app.sandbox.people import Person, departments, members
from app.sandbox.tools import Via, consent_traps

Record = dict[str, Any]

ORG_HOST = "larkfield.okta.com"
_OWN_APPS = (
    ("saasure", "Okta Admin Console"),
    ("okta_enduser", "Okta Dashboard"),
    ("okta_browser_plugin", "Okta Browser Plugin"),
)


def person_id(company: Company, person: Person) -> str:
    """A person's Okta id."""
    return ids.okta("00u", company.seed, person.email)


def _app(company: Company, key: str, name: str, label: str, mode: str, days: int, **more: Any) -> Record:
    ref = ids.okta("0oa", company.seed, key)
    created = millis(at_noon(company.as_of - timedelta(days=days)))
    return {
        "id": ref,
        "name": name,
        "label": label,
        "status": more.get("status", "ACTIVE"),
        "lastUpdated": created,
        "created": created,
        "accessibility": {
            "selfService": more.get("self_service", False),
            "errorRedirectUrl": None,
            "loginRedirectUrl": None,
        },
        "visibility": {
            "autoLaunch": False,
            "autoSubmitToolbar": False,
            "hide": {"iOS": False, "web": False},
            "appLinks": {f"{name}_link": True},
        },
        "features": list(more.get("features", ())),
        "signOnMode": mode,
        "credentials": {
            "userNameTemplate": {"template": "${source.login}", "type": "BUILT_IN"},
            "signing": {},
        },
        "settings": {
            "app": more.get("app", {}),
            "signOn": more.get("sign_on", {}),
            **({"oauthClient": more["client"]} if "client" in more else {}),
            "notifications": {
                "vpn": {"network": {"connection": "DISABLED"}, "message": None, "helpUrl": None}
            },
            "manualProvisioning": False,
            "implicitAssignment": False,
            "notes": {"admin": None, "enduser": None},
        },
        "_links": {
            "logo": [
                {
                    "name": "medium",
                    "href": f"https://ok11static.oktacdn.com/fs/bcg/4/gfs{ref[3:]}",
                    "type": "image/png",
                }
            ],
            "users": {"href": f"https://{ORG_HOST}/api/v1/apps/{ref}/users"},
            "groups": {"href": f"https://{ORG_HOST}/api/v1/apps/{ref}/groups"},
        },
    }


def _product_app(company: Company, adoption: Adoption) -> Record:
    """An app of a product: set up by IT, or added from the dashboard by an employee."""
    tool, use = adoption.tool, adoption.use
    days = max(8, round(tool.months * 30.4))
    if use.via is Via.OKTA_LINK:
        swa = use.mode == "AUTO_LOGIN"
        settings = (
            {"url": f"https://{use.host}/login"}
            if swa
            else {"requestIntegration": False, "url": f"https://{use.host}"}
        )
        if swa:
            settings |= {
                "usernameField": "#email",
                "passwordField": "#password",
                "buttonField": "button[type=submit]",
            }
        name = "template_swa" if swa else "bookmark"
        return _app(
            company, f"{tool.key}/link", name, use.name, use.mode, days, self_service=True, app=settings
        )
    if use.mode == "OPENID_CONNECT":
        client = {
            "client_uri": None,
            "logo_uri": None,
            "application_type": "web",
            "grant_types": ["authorization_code"],
            "redirect_uris": [f"https://{use.host}/auth/oidc/callback"],
            "response_types": ["code"],
            "initiate_login_uri": f"https://{use.host}/sso",
        }
        return _app(
            company,
            tool.key,
            use.catalogue_key,
            use.name,
            use.mode,
            days,
            features=use.features,
            client=client,
        )
    # How much of the address an app's settings give away differs from app to app.
    style = ids.number("style", tool.key) % 3
    app: Record = (
        {"siteURL": f"https://{use.host}"} if style == 0 else {"subDomain": use.host.partition(".")[0]}
    )
    sign_on = {
        "defaultRelayState": None,
        "ssoAcsUrlOverride": f"https://{use.host}/saml/acs" if style == 1 else None,
        "audienceOverride": None,
        "recipientOverride": None,
        "destinationOverride": None,
        "attributeStatements": [],
    }
    return _app(
        company,
        tool.key,
        use.catalogue_key,
        use.name,
        use.mode,
        days,
        features=use.features,
        app=app,
        sign_on=sign_on,
    )


def _app_user(company: Company, ref: str, person: Person, scope: str, since: str) -> Record:
    user = person_id(company, person)
    return {
        "id": user,
        "externalId": person.email,
        "created": since,
        "lastUpdated": since,
        "scope": scope,
        "status": "ACTIVE",
        "statusChanged": since,
        "passwordChanged": None,
        "syncState": "DISABLED",
        "credentials": {"userName": person.email},
        "profile": {},
        "_links": {
            "app": {"href": f"https://{ORG_HOST}/api/v1/apps/{ref}"},
            "user": {"href": f"https://{ORG_HOST}/api/v1/users/{user}"},
        },
    }


def _group(company: Company, key: str, since: str) -> Record:
    names = departments()
    name = "Everyone" if key == "all" else f"Dept - {names[key][0]}" if key in names else f"Team - {key}"
    ref = ids.okta("00g", company.seed, key)
    return {
        "id": ref,
        "lastUpdated": since,
        "priority": 0,
        "profile": {},
        "_embedded": {
            "group": {"id": ref, "type": "OKTA_GROUP", "profile": {"name": name, "description": None}}
        },
        "_links": {"group": {"href": f"https://{ORG_HOST}/api/v1/groups/{ref}"}},
    }


def apps(company: Company) -> tuple[list[Record], dict[str, list[Record]], dict[str, list[Record]]]:
    """Every app, and by app id its users and its groups."""
    found = [_app(company, key, key, label, "OPENID_CONNECT", 2400) for key, label in _OWN_APPS]
    users: dict[str, list[Record]] = {app["id"]: [] for app in found}
    groups: dict[str, list[Record]] = {app["id"]: [] for app in found}
    for adoption in (*company.using(Via.OKTA_SSO), *company.using(Via.OKTA_LINK)):
        app = _product_app(company, adoption)
        sso = adoption.use.via is Via.OKTA_SSO
        ref, scope = app["id"], "GROUP" if sso else "USER"
        pairs = zip(adoption.people, adoption.since, strict=True)
        users[ref] = [_app_user(company, ref, p, scope, millis(at_noon(d))) for p, d in pairs]
        groups[ref] = [_group(company, team, app["created"]) for team in adoption.tool.teams] if sso else []
        found.append(app)
    for app, insiders, keys in other_apps(company):
        ref = app["id"]
        users[ref] = [
            _app_user(company, ref, p, "GROUP" if keys else "USER", app["created"]) for p in insiders
        ]
        groups[ref] = [_group(company, key, app["created"]) for key in keys]
        found.append(app)
    return found, users, groups


def other_apps(company: Company) -> list[tuple[Record, list[Person], tuple[str, ...]]]:
    """What the company built itself, and what was switched off long ago."""
    found: list[tuple[Record, list[Person], tuple[str, ...]]] = []
    for trap in (t for t in consent_traps() if t.via == "okta"):
        insiders = [p for p in members(company.people, trap.teams) if p.in_okta and p.works]
        if trap.kind == "inactive app":
            app = _app(
                company,
                trap.name,
                "template_swa",
                trap.name,
                "AUTO_LOGIN",
                1500,
                status="INACTIVE",
                app={"url": f"https://app.{trap.domain}/signin"},
            )
            found.append((app, insiders[: trap.people], ()))
            continue
        host = f"{trap.name.split()[-1].lower()}.larkfield.internal"
        client = {
            "client_uri": None,
            "application_type": "web",
            "redirect_uris": [f"https://{host}/callback"],
            "response_types": ["code"],
            "grant_types": ["authorization_code"],
            "initiate_login_uri": None,
        }
        found.append(
            (
                _app(company, trap.name, "oidc_client", trap.name, "OPENID_CONNECT", 900, client=client),
                insiders,
                trap.teams,
            )
        )
    return found
