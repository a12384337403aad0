"""A small Google Workspace account with one of everything that needs care; used by the tests."""

from datetime import datetime, timedelta
from typing import Any

from connectors.base import utc_now
from connectors.google_workspace.api import stamp
from connectors.google_workspace.first_party import OWN_SCOPE
from connectors.google_workspace.simulator import GoogleWorld

CUSTOMER = "C03penum1"
DOMAIN = "acme.example"
ADMIN = f"it.admin@{DOMAIN}"
MAILBOT = "512340987612-mailbot7q2.apps.googleusercontent.com"
CANVASLY = "771234500123-canvasly9x.apps.googleusercontent.com"
NAMELESS = "889900112233.apps.googleusercontent.com"
CHROME = "77185425430.apps.googleusercontent.com"
GMAIL = "https://www.googleapis.com/auth/gmail.send"
DRIVE = "https://www.googleapis.com/auth/drive.file"
PROFILE = "https://www.googleapis.com/auth/userinfo.profile"


def user(number: int, name: str, **more: Any) -> dict[str, Any]:
    """A user resource with its usual fields; `more` adds or replaces some."""
    given, _, family = name.partition(" ")
    return {
        "kind": "admin#directory#user",
        "id": f"1{number:020d}",
        "etag": f'"{number}"',
        "customerId": CUSTOMER,
        "primaryEmail": f"{given}.{family}@{DOMAIN}".lower(),
        "name": {"givenName": given, "familyName": family, "fullName": name},
        "isAdmin": False,
        "isDelegatedAdmin": False,
        "suspended": False,
        "archived": False,
        "lastLoginTime": "2026-11-01T08:00:00.000Z",
        "orgUnitPath": "/",
        **more,
    }


def token(client: str, name: str, *scopes: str, **more: Any) -> dict[str, Any]:
    """A token resource."""
    return {
        "kind": "admin#directory#token",
        "etag": '"t"',
        "clientId": client,
        "displayText": name,
        "anonymous": False,
        "nativeApp": False,
        "scopes": list(scopes),
        **more,
    }


def activity(application: str, at: datetime, who: dict[str, Any], *events: dict[str, Any]) -> dict[str, Any]:
    """An activity resource of one actor with its events."""
    qualifier = -(int(at.timestamp() * 1000) * 7919 % 10**18)
    return {
        "kind": "admin#reports#activity",
        "id": {
            "time": stamp(at),
            "uniqueQualifier": str(qualifier),
            "applicationName": application,
            "customerId": CUSTOMER,
        },
        "actor": {"callerType": "USER", "email": who["primaryEmail"], "profileId": who["id"]},
        "ipAddress": "198.51.100.7",
        "events": list(events),
    }


def consent(name: str, client: str, app: str, *scopes: str) -> dict[str, Any]:
    """An `authorize` or `revoke` event of the token log."""
    return {
        "type": "auth",
        "name": name,
        "parameters": [
            {"name": "client_id", "value": client},
            {"name": "app_name", "value": app},
            {"name": "client_type", "value": "WEB"},
            {
                "name": "scope_data",
                "multiMessageValue": [
                    {
                        "parameter": [
                            {"name": "scope_name", "value": scope},
                            {"name": "product_bucket", "multiValue": ["OTHER"]},
                        ]
                    }
                    for scope in scopes
                ],
            },
            {"name": "scope", "multiValue": list(scopes)},
        ],
    }


def saml(name: str, app: str) -> dict[str, Any]:
    """A `login_success` or `login_failure` event of the SAML log."""
    return {
        "type": "login",
        "name": name,
        "parameters": [
            {"name": "application_name", "value": app},
            {"name": "initiated_by", "value": "sp"},
            {"name": "orgunit_path", "value": "/"},
            {"name": "saml_status_code", "value": "SUCCESS_URI"},
        ],
    }


def admin_event(name: str, **parameters: str) -> dict[str, Any]:
    """An event of the admin log."""
    return {
        "type": "DOMAIN_SETTINGS",
        "name": name,
        "parameters": [{"name": key, "value": value} for key, value in parameters.items()],
    }


def sample_world(now: datetime | None = None) -> GoogleWorld:
    """Ten present users and a deleted one, five clients, and three logs over the last three weeks.

    Args:
        now: the time the logs end at, a little before; the real time when left out.
    """
    now = now or utc_now()
    admin = user(1, "It Admin", isDelegatedAdmin=True)
    maria = user(
        2,
        "Maria Silva",
        aliases=[f"msilva@{DOMAIN}"],
        nonEditableAliases=[f"maria.silva@{DOMAIN}.test-google-a.com"],
        emails=[{"address": "maria@private.example", "type": "home"}],
        organizations=[
            {"department": "Old Ventures", "title": "Adviser", "primary": False},
            {"department": "Marketing", "title": "Campaign Manager", "primary": True},
        ],
        relations=[
            {"type": "assistant", "value": f"tom.berg@{DOMAIN}"},
            {"type": "manager", "value": f"Ana.Costa@{DOMAIN}"},
        ],
    )
    ana = user(3, "Ana Costa", organizations=[{"department": "Marketing", "title": "CMO", "primary": True}])
    tom = user(4, "Tom Berg", organizations=[{"department": "Sales", "description": "Contractor"}])
    never = user(5, "Nina New", lastLoginTime="1970-01-01T00:00:00.000Z", organizations="none")
    suspended = user(6, "Sam Spent", suspended=True, suspensionReason="ADMIN")
    archived = user(7, "Archie Vance", archived=True)
    guest = user(8, "Gus Guest", isGuestUser=True)
    others = [user(9, "Olga Ops"), user(10, "Pete Paid")]
    deleted = user(11, "Dora Gone", deletionTime="2026-11-10T00:00:00.000Z")
    tokens = {
        maria["primaryEmail"]: [
            token(MAILBOT, "MailBot", GMAIL, PROFILE),
            token(CHROME, "Google Chrome", OWN_SCOPE, nativeApp=True),
            token(NAMELESS, NAMELESS, DRIVE, anonymous=True),
        ],
        ana["primaryEmail"]: [token(CANVASLY, "Canvasly", DRIVE), token(MAILBOT, "MailBot", GMAIL)],
        tom["primaryEmail"]: [token(CANVASLY, "Canvasly", DRIVE, PROFILE)],
        never["primaryEmail"]: [],
        suspended["primaryEmail"]: [token(MAILBOT, "MailBot", GMAIL)],
    }

    def ago(**units: float) -> datetime:
        return now - timedelta(**units)

    token_log = [
        activity("token", ago(days=20, hours=3), maria, consent("authorize", MAILBOT, "MailBot", GMAIL)),
        activity("token", ago(days=12), tom, consent("authorize", CANVASLY, "Canvasly", DRIVE)),
        *(
            activity("token", ago(days=9, minutes=n), ana, consent("authorize", CANVASLY, "Canvasly", DRIVE))
            for n in range(7)
        ),
        activity(
            "token",
            ago(days=5),
            tom,
            consent("revoke", MAILBOT, "MailBot", GMAIL),
            consent("authorize", CANVASLY, "Canvasly", PROFILE),
        ),
        activity("token", ago(hours=2), maria, consent("authorize", CHROME, "Google Chrome", OWN_SCOPE)),
        activity("token", ago(hours=4), maria, consent("activity", MAILBOT, "MailBot", GMAIL)),
    ]
    saml_log = [
        activity("saml", ago(days=8), ana, saml("login_success", "Workfront")),
        activity("saml", ago(days=8, minutes=5), tom, saml("login_failure", "Workfront")),
        activity("saml", ago(days=1, hours=1), maria, saml("login_success", "Workfront")),
    ]
    admin_log = [
        activity(
            "admin",
            ago(days=15),
            admin,
            admin_event("ADD_TO_TRUSTED_OAUTH2_APPS", OAUTH2_APP_ID=CANVASLY, OAUTH2_APP_NAME="Canvasly"),
        ),
        activity(
            "admin",
            ago(days=14),
            admin,
            admin_event("ADD_APPLICATION", APP_ID="4711", APPLICATION_NAME="Sheet Mailer"),
        ),
        activity(
            "admin",
            ago(days=13),
            admin,
            admin_event(
                "AUTHORIZE_API_CLIENT_ACCESS",
                API_CLIENT_NAME="115500000000000000007",
                API_SCOPES=f"{GMAIL},{DRIVE}",
            ),
        ),
        activity("admin", ago(days=13), admin, admin_event("CREATE_USER", USER_EMAIL=ana["primaryEmail"])),
    ]
    login_log = [
        activity("login", ago(days=1), maria, {"type": "login", "name": "login_success", "parameters": []})
    ]
    return GoogleWorld(
        CUSTOMER,
        [admin, maria, ana, tom, never, suspended, archived, guest, *others, deleted],
        tokens,
        {"token": token_log, "saml": saml_log, "admin": admin_log, "login": login_log},
    )
