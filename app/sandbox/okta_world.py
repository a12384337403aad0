"""The company as Okta's API shows it: headquarters' people, apps, assignments, consents and log."""

from datetime import timedelta

from app.sandbox import ids
from app.sandbox.company import Company
from app.sandbox.moments import at_noon, millis
from app.sandbox.okta_apps import ORG_HOST, Record, apps, other_apps, person_id
from app.sandbox.okta_log import log
from app.sandbox.people import Person, departments
from app.sandbox.tools import Via


def okta_records(company: Company) -> Record:
    """The fields of `OktaWorld`, as plain records."""
    listed, app_users, app_groups = apps(company)
    return {
        "org_host": ORG_HOST,
        "users": [_user(company, p) for p in company.people if p.in_okta],
        "apps": listed,
        "app_users": app_users,
        "app_groups": app_groups,
        "user_grants": _grants(company),
        "log": log(company),
    }


def _user(company: Company, person: Person) -> Record:
    service = person.kind == "service"
    status = "ACTIVE" if person.works else "DEPROVISIONED"
    if person.works and not service:
        status = {3: "PASSWORD_EXPIRED", 97: "SUSPENDED", 151: "LOCKED_OUT"}.get(person.index % 199, status)
    names = departments()
    created = millis(at_noon(person.hired))
    changed = millis(at_noon(person.left)) if person.left else created
    ref = person_id(company, person)
    profile: Record = {
        "login": person.email,
        "email": person.email,
        "secondEmail": None,
        "mobilePhone": None,
        "firstName": person.given or "Service",
        "lastName": person.family,
        "displayName": person.name,
        "userType": {"service": "Service Account"}.get(person.kind, person.kind.title()),
    }
    if not service:
        profile |= {
            "department": names[person.department][0],
            "division": person.team_label,
            "costCenter": f"{names[person.department][1]}-{person.team}",
            "title": person.title,
            "manager": None,
            "managerId": person.manager,
            "employeeNumber": f"LF{person.index:05d}",
            "organization": company.name,
            "city": person.office[0],
            "countryCode": person.office[1],
        }
    return {
        "id": ref,
        "status": status,
        "created": created,
        "activated": created,
        "statusChanged": changed,
        "lastLogin": millis(company.end - timedelta(hours=5 + person.index % 90))
        if person.works
        else changed,
        "lastUpdated": changed,
        "passwordChanged": created,
        "realmId": None,
        "type": {"id": ids.okta("oty", company.seed)},
        "profile": profile,
        "credentials": {"emails": [], "provider": {"type": "OKTA", "name": "OKTA"}},
        "_links": {"self": {"href": f"https://{ORG_HOST}/api/v1/users/{ref}"}},
    }


def _grants(company: Company) -> dict[str, list[Record]]:
    """What people agreed to when they first opened an app that asks Okta for their profile."""
    found: dict[str, list[Record]] = {}
    clients = [
        (ids.okta("0oa", company.seed, a.tool.key), a.use.name, a.people)
        for a in company.using(Via.OKTA_SSO)
        if a.use.mode == "OPENID_CONNECT" and a.tool.teams != ("all",)
    ]
    clients += [
        (app["id"], app["label"], people)
        for app, people, _ in other_apps(company)
        if app["label"].endswith("Hub")
    ]
    for client, title, people in clients:
        for person in people[::2]:
            user = person_id(company, person)
            at = millis(at_noon(max(person.hired, company.as_of - timedelta(days=200 + person.index % 300))))
            for scope in ("profile", "email"):
                ref = ids.okta("oag", company.seed, client, user, scope)
                found.setdefault(user, []).append(
                    {
                        "id": ref,
                        "status": "ACTIVE",
                        "created": at,
                        "lastUpdated": at,
                        "createdBy": {"id": user, "type": "User"},
                        "issuer": f"https://{ORG_HOST}",
                        "clientId": client,
                        "userId": user,
                        "scopeId": scope,
                        "source": "END_USER",
                        "_links": {
                            "app": {"href": f"https://{ORG_HOST}/api/v1/apps/{client}", "title": title},
                            "client": {
                                "href": f"https://{ORG_HOST}/oauth2/v1/clients/{client}",
                                "title": title,
                            },
                        },
                    }
                )
    return found
