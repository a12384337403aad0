"""Entra's logs: sign-ins, and the consents that the directory itself cannot date."""

from datetime import date, timedelta
from random import Random

from app.sandbox import ids, scopes
from app.sandbox.company import Company
from app.sandbox.entra_directory import (
    GRAPH,
    MICROSOFT,
    TENANT,
    Record,
    app_id,
    consented,
    principal_name,
    sp,
    user_id,
)
from app.sandbox.moments import address, moment, seconds, working_days
from app.sandbox.people import Person, members
from app.sandbox.tools import Via, consent_traps, platforms

SIGN_INS = 15_000
"""How many sign-ins the log holds; the vendor keeps 30 days."""
SIGN_IN_DAYS = 29
_DAILY = (
    "OfficeHome",
    "Microsoft Teams",
    "Microsoft Office",
    "Office 365 Exchange Online",
    "Outlook Mobile",
    "Office 365 SharePoint Online",
    "Microsoft Authentication Broker",
    "OneDrive SyncEngine",
)


def audits(company: Company) -> list[Record]:
    """Consents of the last 29 days, newest first."""
    rng = company.random("entra-audits")
    first = company.as_of - timedelta(days=SIGN_IN_DAYS)
    found = [
        _audit(company, key, name, person, seconds(moment(day, person, rng)), words)
        for key, name, person, day, words in consented(company)
        if day >= first
    ]
    return sorted(found, key=lambda r: r["activityDateTime"], reverse=True)


def _audit(company: Company, key: str, name: str, person: Person, at: str, words: tuple[str, ...]) -> Record:
    who, ref, client = user_id(company, person), sp(company, key), app_id(key)
    given = (
        f'"[] => [[Id: {ids.opaque(20, key, who)}, ClientId: {ref}, PrincipalId: {who}, '
        f"ResourceId: {sp(company, GRAPH)}, ConsentType: Principal, Scope:{scopes.microsoft(words)}, "
        f'CreatedDateTime: , LastModifiedDateTime ]]; "'
    )
    changes = (
        ("ConsentContext.IsAdminConsent", '"False"'),
        ("ConsentContext.IsAppOnly", '"False"'),
        ("ConsentContext.OnBehalfOfAll", '"False"'),
        ("ConsentAction.Permissions", given),
        ("TargetId.ServicePrincipalNames", f'"{client}"'),
    )
    return {
        "id": f"Directory_{ids.guid('audit', ref, who)}_{ids.number(ref, who) % 10**8}",
        "category": "ApplicationManagement",
        "correlationId": ids.guid("audit-c", ref, who),
        "result": "success",
        "resultReason": "",
        "activityDisplayName": "Consent to application",
        "activityDateTime": at,
        "loggedByService": "Core Directory",
        "operationType": "Assign",
        "initiatedBy": {
            "app": None,
            "user": {
                "id": who,
                "displayName": None,
                "userPrincipalName": principal_name(person),
                "ipAddress": address(person),
            },
        },
        "targetResources": [
            {
                "id": ref,
                "displayName": name,
                "type": "ServicePrincipal",
                "userPrincipalName": None,
                "groupType": None,
                "modifiedProperties": [
                    {"displayName": n, "oldValue": None, "newValue": v} for n, v in changes
                ],
            },
        ],
        "additionalDetails": [],
    }


def sign_ins(company: Company) -> list[Record]:
    """Interactive sign-ins of the last 29 days, newest first."""
    rng = company.random("entra-sign-ins")
    days, weights = working_days(company.end, SIGN_IN_DAYS)
    staff = [p for p in company.people if p.subsidiary and p.works]
    named = {name: client for client, name in platforms().microsoft}
    found: list[Record] = []

    def add(
        person: Person, client: str, name: str, owner: str, day: date, code: int = 0, why: str = "Other."
    ) -> None:
        at = seconds(moment(day, person, rng))
        found.append(_sign_in(company, person, client, name, owner, at, rng, code, why))

    plan: list[tuple[str, str, tuple[Person, ...], float]] = []
    for adoption in (*company.using(Via.ENTRA_SSO), *company.using(Via.ENTRA_ADMIN)):
        key, sso = adoption.tool.key, adoption.use.via is Via.ENTRA_SSO
        client = ids.guid("gallery", TENANT, key) if sso else app_id(key)
        plan.append((client, adoption.use.name, adoption.people, len(adoption.people)))
        add(rng.choice(adoption.people), client, adoption.use.name, TENANT, rng.choices(days, weights)[0])
    for key, name, person, since, _ in consented(company):
        for day in rng.choices(days, weights, k=rng.randint(2, 9)):
            if day >= since:
                add(person, app_id(key), name, ids.guid("owner", key), day)
    for trap in (t for t in consent_traps() if t.kind == "failed sign-in"):
        able = [p for p in members(company.people, trap.teams) if p.subsidiary and p.works]
        for person in rng.sample(able, trap.people):
            add(
                person,
                app_id(trap.name),
                trap.name,
                ids.guid("owner", trap.name),
                rng.choices(days, weights)[0],
                90095,
                "Admin consent is required for the permissions requested by this application.",
            )
    count = SIGN_INS - len(found)
    own = rng.choices(plan, [weight for *_, weight in plan], k=count)
    for pick, day in zip(own, rng.choices(days, weights, k=count), strict=True):
        dice = rng.random()
        failed = (
            (50126, "Error validating credentials due to invalid username or password.")
            if dice > 0.98
            else (0, "Other.")
        )
        if dice < 0.68:
            name = rng.choice(_DAILY)
            add(rng.choice(staff), named[name], name, MICROSOFT, day, *failed)
        else:
            client, name, people, _ = pick
            add(rng.choice(people), client, name, TENANT, day, *failed)
    return sorted(found, key=lambda r: r["createdDateTime"], reverse=True)


def _sign_in(
    company: Company,
    person: Person,
    client: str,
    name: str,
    owner: str,
    at: str,
    rng: Random,
    code: int,
    why: str,
) -> Record:
    city, country, state, latitude, longitude = person.office
    return {
        "id": ids.as_guid(rng.getrandbits(128)),
        "createdDateTime": at,
        "userDisplayName": person.name,
        "userPrincipalName": principal_name(person).lower(),
        "userId": user_id(company, person),
        "appId": client,
        "appDisplayName": name,
        "appOwnerTenantId": owner,
        "ipAddress": address(person),
        "clientAppUsed": "Browser",
        "correlationId": ids.as_guid(rng.getrandbits(128)),
        "conditionalAccessStatus": "notApplied",
        "isInteractive": True,
        "riskDetail": "none",
        "riskLevelAggregated": "none",
        "riskLevelDuringSignIn": "none",
        "riskState": "none",
        "riskEventTypes_v2": [],
        "resourceDisplayName": "Microsoft Graph",
        "resourceId": GRAPH,
        "status": {"errorCode": code, "failureReason": why, "additionalDetails": None},
        "deviceDetail": {
            "deviceId": "",
            "displayName": "",
            "operatingSystem": "Windows10",
            "browser": "Edge 142.0.0",
        },
        "location": {
            "city": city,
            "state": state,
            "countryOrRegion": country,
            "geoCoordinates": {"altitude": None, "latitude": float(latitude), "longitude": float(longitude)},
        },
        "appliedConditionalAccessPolicies": [],
    }
