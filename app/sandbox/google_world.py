"""The company as Google's Admin SDK shows it: everybody with a Workspace account, their tokens and logs."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from app.sandbox import ids, scopes
from app.sandbox.company import Company
from app.sandbox.moments import address, at_noon, millis, moment, working_days
from app.sandbox.people import Person, members
from app.sandbox.tools import Via, consent_traps, platforms

Record = dict[str, Any]

CUSTOMER = "C02larkfd"
SAML_EVENTS = 3_300
LOG_DAYS = 89
TOKEN_LOG_DAYS = 175
"""The vendor keeps 180 days of the token log."""


def google_records(company: Company) -> Record:
    """The fields of `GoogleWorld`, as plain records."""
    people = [p for p in company.people if p.in_google]
    tokens: dict[str, list[Record]] = {p.email: [] for p in people if _entered(p)}
    given = consented(company)
    for key, name, words, person, _ in given:
        tokens[person.email].append(_token(client_id(key), name, scopes.google(words)))
    for client, name, wanted, person in _own_clients(company):
        tokens[person.email].append(_token(client, name, list(wanted), native=True))
    return {
        "customer_id": CUSTOMER,
        "users": [_user(company, p) for p in people],
        "tokens": tokens,
        "activities": {
            "token": _token_log(company, given),
            "saml": _saml_log(company),
            "admin": _admin_log(company),
        },
    }


def client_id(key: str) -> str:
    """An app's OAuth client id, the same in every account."""
    return ids.google_client(key)


def administrator(company: Company) -> Person:
    """The delegated administrator of the Workspace account, in whose name it may be read."""
    return next(p for p in company.people if p.in_google and p.works and p.department == "it")


def _entered(person: Person) -> bool:
    """Whether the account is not suspended: a leaver's is, unless it was forgotten."""
    return person.works or person.forgotten


def _user(company: Company, person: Person) -> Record:
    suspended = not _entered(person)
    external = [{"value": f"LF{person.index:05d}", "type": "organization"}]
    last_login = company.end - timedelta(hours=3 + person.index % 300)
    if person.left:
        last_login = at_noon(person.left)
    elif person.index % 61 == 0:
        last_login = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
    return {
        "kind": "admin#directory#user",
        "id": ids.google_user(company.seed, person.email),
        "etag": f'"{ids.opaque(16, "etag", person.email)}"',
        "primaryEmail": person.email,
        "name": {"givenName": person.given, "familyName": person.family, "fullName": person.name},
        "isAdmin": False,
        "isDelegatedAdmin": person is administrator(company),
        "lastLoginTime": millis(last_login),
        "creationTime": millis(at_noon(person.hired)),
        "agreedToTerms": True,
        "suspended": suspended,
        **({"suspensionReason": "ADMIN"} if suspended else {}),
        "archived": False,
        "customerId": CUSTOMER,
        "orgUnitPath": f"/{person.department_name}",
        "isMailboxSetup": True,
        "emails": [{"address": person.email, "primary": True}],
        "externalIds": external,
        "relations": [{"value": person.manager, "type": "manager"}] if person.manager else [],
        "organizations": [
            {
                "title": person.title,
                "primary": True,
                "customType": "",
                "department": person.department_name,
                "costCenter": person.team_label,
                "description": person.kind.title(),
            },
        ],
    }


def _token(client: str, name: str, wanted: list[str], *, native: bool = False) -> Record:
    return {
        "kind": "admin#directory#token",
        "etag": f'"{ids.opaque(12, client)}"',
        "clientId": client,
        "displayText": name,
        "anonymous": False,
        "nativeApp": native,
        "scopes": wanted,
    }


Given = tuple[str, str, tuple[str, ...], Person, date]


def consented(company: Company) -> list[Given]:
    """Every consent that still stands: app key, name, scope words, person, day."""
    found: list[Given] = []
    for adoption in company.using(Via.GOOGLE):
        pairs = zip(adoption.people, adoption.since, strict=True)
        found += [(adoption.tool.key, adoption.use.name, adoption.use.scopes, p, d) for p, d in pairs]
    rng = company.random("google-traps")
    for trap in (t for t in consent_traps() if t.via == "google"):
        able = [p for p in members(company.people, trap.teams) if p.in_google and p.works]
        for person in rng.sample(able, min(len(able), trap.people)):
            day = company.as_of - timedelta(days=rng.randint(4, 160))
            found.append((trap.name, trap.name, trap.scopes, person, day))
    return found


def _own_clients(company: Company) -> list[tuple[str, str, tuple[str, ...], Person]]:
    """Google's own clients and the devices people signed in with."""
    rng = company.random("google-own")
    shares = (0.85, 0.45, 0.3, 0.5, 0.25, 0.05)
    return [
        (client, name, wanted, person)
        for person in company.people
        if person.in_google and _entered(person)
        for (client, name, wanted), share in zip(platforms().google, shares, strict=True)
        if rng.random() < share
    ]


def _activity(company: Company, application: str, at: datetime, person: Person, event: Record) -> Record:
    qualifier = ids.number(application, company.seed, at.isoformat(), person.email, event["name"]) % 2**63
    return {
        "kind": "admin#reports#activity",
        "id": {
            "time": millis(at),
            "uniqueQualifier": str(-qualifier),
            "applicationName": application,
            "customerId": CUSTOMER,
        },
        "etag": f'"{ids.opaque(20, qualifier)}"',
        "actor": {
            "callerType": "USER",
            "email": person.email,
            "profileId": ids.google_user(company.seed, person.email),
        },
        "ipAddress": address(person),
        "events": [event],
    }


def _newest_first(records: list[Record]) -> list[Record]:
    return sorted(records, key=lambda r: (r["id"]["time"], r["id"]["uniqueQualifier"]), reverse=True)


def _consent_event(name: str, client: str, app: str, kind: str, wanted: Sequence[str]) -> Record:
    return {
        "type": "auth",
        "name": name,
        "parameters": [
            {"name": "client_id", "value": client},
            {"name": "app_name", "value": app},
            {"name": "client_type", "value": kind},
            {
                "name": "scope_data",
                "multiMessageValue": [
                    {
                        "parameter": [
                            {"name": "scope_name", "value": scope},
                            {"name": "product_bucket", "multiValue": [scopes.bucket(scope)]},
                        ]
                    }
                    for scope in wanted
                ],
            },
            {"name": "scope", "multiValue": list(wanted)},
        ],
    }


def _token_log(company: Company, given: Sequence[Given]) -> list[Record]:
    """Consents given within the log's memory, some taken back again, and devices signing in."""
    rng = company.random("google-token-log")
    first = company.as_of - timedelta(days=TOKEN_LOG_DAYS)
    found: list[Record] = []

    def add(
        name: str, client: str, app: str, kind: str, wanted: Sequence[str], person: Person, day: date
    ) -> None:
        event = _consent_event(name, client, app, kind, wanted)
        found.append(_activity(company, "token", moment(day, person, rng), person, event))

    for key, name, words, person, day in given:
        wanted = scopes.google(words)
        if day >= first:
            add("authorize", client_id(key), name, "WEB", wanted, person, day)
        elif rng.random() < 0.25:
            # Signing in again after a while writes another consent.
            add(
                "authorize",
                client_id(key),
                name,
                "WEB",
                wanted,
                person,
                _between(first, person, company, rng.random()),
            )
    holders = {(key, person.email) for key, _, _, person, _ in given}
    working = [p for p in company.people if p.in_google and p.works]
    for key, name, words, _, _ in rng.sample(list(given), 24):
        # Somebody had tried the app, too, and took the consent back.
        person = rng.choice(working)
        if (key, person.email) not in holders:
            day = _between(first, person, company, rng.random() * 0.9)
            add("authorize", client_id(key), name, "WEB", scopes.google(words), person, day)
            add("revoke", client_id(key), name, "WEB", scopes.google(words), person, day + timedelta(days=1))
    for client, name, wanted, person in _own_clients(company):
        if rng.random() < 0.35:
            add(
                "authorize",
                client,
                name,
                "NATIVE_DESKTOP",
                wanted,
                person,
                _between(first, person, company, rng.random()),
            )
    return _newest_first(found)


def _between(first: date, person: Person, company: Company, share: float) -> date:
    """A day on which the account could be used, in the log's memory."""
    start, last = max(first, person.hired), (person.left or company.as_of) - timedelta(days=2)
    return start + timedelta(days=max(0, int((last - start).days * share)))


def _saml_log(company: Company) -> list[Record]:
    rng = company.random("google-saml-log")
    days, weights = working_days(company.end, LOG_DAYS)
    found = []
    adoptions = company.using(Via.GOOGLE_SAML)
    for _ in range(SAML_EVENTS):
        adoption = rng.choice(adoptions)
        person, failed = rng.choice(adoption.people), rng.random() < 0.02
        parameters = [
            {"name": "orgunit_path", "value": f"/{person.department_name}"},
            {"name": "initiated_by", "value": "idp"},
            {"name": "application_name", "value": adoption.use.name},
            {"name": "saml_status_code", "value": "RESPONDER" if failed else "SUCCESS_URI"},
        ]
        if failed:
            parameters.append({"name": "failure_type", "value": "failure_app_not_enabled_for_user"})
        event = {
            "type": "login",
            "name": "login_failure" if failed else "login_success",
            "parameters": parameters,
        }
        at = moment(rng.choices(days, weights)[0], person, rng)
        found.append(_activity(company, "saml", at, person, event))
    return _newest_first(found)


def _admin_log(company: Company) -> list[Record]:
    """An administrator put two sanctioned clients on the company's own list."""
    admin = administrator(company)
    found = []
    for adoption in company.using(Via.GOOGLE):
        if adoption.tool.key not in {"slack", "zoom"}:
            continue
        named = (
            ("OAUTH2_APP_ID", client_id(adoption.tool.key)),
            ("OAUTH2_APP_NAME", adoption.use.name),
            ("OAUTH2_APP_TYPE", "WEB"),
        )
        event = {
            "type": "DOMAIN_SETTINGS",
            "name": "ADD_TO_TRUSTED_OAUTH2_APPS",
            "parameters": [{"name": n, "value": v} for n, v in named],
        }
        at = at_noon(company.as_of - timedelta(days=100 + len(adoption.tool.key)))
        found.append(_activity(company, "admin", at, admin, event))
    return _newest_first(found)
