"""The company as Microsoft Graph shows it: the acquired subsidiary's tenant."""

from datetime import date, timedelta
from random import Random
from typing import Any

from app.sandbox import ids, scopes
from app.sandbox.company import Adoption, Company
from app.sandbox.moments import address, at_noon, moment, seconds, working_days
from app.sandbox.people import Person, ascii_letters, members
from app.sandbox.tools import Via, consent_traps, platforms

Record = dict[str, Any]

TENANT = ids.guid("tenant", "fennmark")
SIGN_INS = 15_000
"""How many sign-ins the log holds; the vendor keeps 30 days."""
SIGN_IN_DAYS = 29
_MICROSOFT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"
_GRAPH = "00000003-0000-0000-c000-000000000000"
_NO_ROLE = "00000000-0000-0000-0000-000000000000"
_DAILY = ("OfficeHome", "Microsoft Teams", "Microsoft Office", "Office 365 Exchange Online", "Outlook Mobile",
          "Office 365 SharePoint Online", "Microsoft Authentication Broker", "OneDrive SyncEngine")  # fmt: skip


def user_id(company: Company, person: Person) -> str:
    """A person's object id."""
    return ids.guid("entra-user", company.seed, person.email)


def principal_name(person: Person) -> str:
    """The name a person signs in with: the subsidiary kept its own domain, guests have Microsoft's odd one."""
    if person.kind == "guest":
        return f"{person.email.replace('@', '_')}#EXT#@fennmark.example"
    return f"{ascii_letters(person.given)}.{ascii_letters(person.family)}@fennmark.example"


def entra_records(company: Company) -> Record:
    """The fields of `EntraWorld`, as plain records."""
    people = [p for p in company.people if p.in_entra]
    principals = _principals(company)
    grants, assignments = _grants(company)
    for adoption in company.using(Via.ENTRA_SSO):
        ref = _sp(company, adoption.tool.key)
        assignments.setdefault(ref, []).extend(_group_assignments(company, adoption, ref))
    return {
        "tenant_id": TENANT,
        "users": [_user(company, p) for p in people],
        "service_principals": principals,
        "permission_grants": grants,
        "app_role_assignments": assignments,
        "app_permissions": _permissions(company),
        "directory_audits": _audits(company),
        "sign_ins": _sign_ins(company),
    }


def _sp(company: Company, key: str) -> str:
    """The object id of an app's service principal in this tenant."""
    return ids.guid("sp", TENANT, company.seed, key)


def app_id(key: str) -> str:
    """An app's client id, the same in every tenant."""
    return ids.guid("entra-app", key)


def _user(company: Company, person: Person) -> Record:
    boss = company.by_email.get(person.manager or "")
    guest = person.kind == "guest"
    upn = principal_name(person)
    return {
        "id": user_id(company, person), "userPrincipalName": upn, "mail": person.email,
        "displayName": person.name, "givenName": person.given, "surname": person.family,
        "department": person.department_name or None, "jobTitle": person.title or None,
        "companyName": None if guest else "Fennmark GmbH",
        "employeeId": None if guest else f"FM{person.index:05d}", "employeeType": None if guest else "Employee",
        "accountEnabled": person.works, "userType": "Guest" if guest else "Member",
        "officeLocation": None if guest else person.office[0],
        "createdDateTime": seconds(at_noon(person.hired)), "isResourceAccount": None,
        "proxyAddresses": [] if guest else [f"SMTP:{person.email}", f"smtp:{upn}"],
        **({"manager": {"@odata.type": "#microsoft.graph.user", "id": user_id(company, boss)}} if boss else {}),
    }  # fmt: skip


def _principal(ref: str, client: str, name: str, owner: str | None, since: date, **more: Any) -> Record:
    return {
        "id": ref, "appId": client, "appDisplayName": name, "displayName": name, "accountEnabled": True,
        "appOwnerOrganizationId": owner, "servicePrincipalType": "Application",
        "signInAudience": "AzureADMultipleOrgs", "preferredSingleSignOnMode": None, "applicationTemplateId": None,
        "appRoleAssignmentRequired": False, "homepage": None, "loginUrl": None, "replyUrls": [],
        "servicePrincipalNames": [client], "tags": ["WindowsAzureActiveDirectoryIntegratedApp"],
        "info": {"logoUrl": None, "marketingUrl": None, "privacyStatementUrl": None, "supportUrl": None,
                 "termsOfServiceUrl": None},
        "verifiedPublisher": {"displayName": None, "verifiedPublisherId": None, "addedDateTime": None},
        "disabledByMicrosoftStatus": None, "createdDateTime": seconds(at_noon(since)), "appRoles": [], **more,
    }  # fmt: skip


def _principals(company: Company) -> list[Record]:
    long_ago = company.as_of - timedelta(days=1900)
    found = []
    for client, name in platforms().microsoft:
        roles = [{"id": ref, "value": value, "displayName": value, "isEnabled": True,
                  "allowedMemberTypes": ["Application"]} for value, ref in scopes.APP_ROLES.items()]  # fmt: skip
        more = {"appRoles": roles} if client == _GRAPH else {}
        found.append(_principal(_sp(company, client), client, name, _MICROSOFT, long_ago, tags=[], **more))
    for name in ("fennmark-backup-vault", "fennmark-automation"):
        found.append(
            _principal(_sp(company, name), ids.guid("mi", name), name, None, long_ago,
                       servicePrincipalType="ManagedIdentity", tags=[], signInAudience=None)  # fmt: skip
        )
    for via in (Via.ENTRA_SSO, Via.ENTRA_ADMIN, Via.ENTRA_USER):
        found += [_product(company, adoption) for adoption in company.using(via)]
    for trap in consent_traps():
        if trap.via != "entra" or trap.kind == "failed sign-in":
            continue
        own = trap.kind == "internal app"
        since = company.as_of - timedelta(days=400 if own else 70)
        urls = ["https://warehouse.fennmark.example/signin-oidc"] if own else []
        found.append(
            _principal(_sp(company, trap.name), app_id(trap.name), trap.name,
                       TENANT if own else ids.guid("owner", trap.name), since, replyUrls=urls)  # fmt: skip
        )
    return found


def _product(company: Company, adoption: Adoption) -> Record:
    """An enterprise application of a product."""
    tool, use = adoption.tool, adoption.use
    client, ref = app_id(tool.key), _sp(company, tool.key)
    since = min(adoption.since, default=company.as_of - timedelta(days=30 * tool.months))
    publisher = {
        "displayName": use.publisher if use.verified else None,
        "verifiedPublisherId": str(ids.number("publisher", tool.key) % 9_000_000 + 1_000_000) if use.verified else None,
        "addedDateTime": None,
    }  # fmt: skip
    if use.via is Via.ENTRA_SSO:
        # Adding a gallery app makes its registration in one's own tenant.
        url = f"https://{use.host}"
        return _principal(
            ref, ids.guid("gallery", TENANT, tool.key), use.name, TENANT, since, preferredSingleSignOnMode="saml",
            applicationTemplateId=ids.guid("template", tool.key), appRoleAssignmentRequired=True, homepage=url,
            loginUrl=f"{url}/login", replyUrls=[f"{url}/saml/acs"], signInAudience="AzureADMyOrg",
            tags=["WindowsAzureActiveDirectoryGalleryApplicationNonPrimaryV1", "WindowsAzureActiveDirectoryIntegratedApp"],
        )  # fmt: skip
    # Makers differ in what they fill in: some give addresses, some only a name.
    style = ids.number("urls", tool.key) % 3
    site = f"https://www.{tool.domains[0]}"
    info = {"logoUrl": None, "marketingUrl": None, "privacyStatementUrl": f"{site}/privacy", "supportUrl": None,
            "termsOfServiceUrl": f"{site}/terms"}  # fmt: skip
    return _principal(
        ref, client, use.name, ids.guid("owner", tool.key), since, verifiedPublisher=publisher,
        replyUrls=[f"https://app.{tool.domains[0]}/auth/microsoft/callback"] if style else [],
        homepage=site if style == 2 else None, **({"info": info} if style == 0 and use.verified else {}),
    )  # fmt: skip


def _grant(company: Company, key: str, person: Person | None, words: tuple[str, ...]) -> Record:
    principal = user_id(company, person) if person else None
    return {
        "id": ids.opaque(20, "grant", company.seed, key, principal) + ids.opaque(20, "grant2", key, principal),
        "clientId": _sp(company, key), "consentType": "Principal" if person else "AllPrincipals",
        "principalId": principal, "resourceId": _sp(company, _GRAPH), "scope": scopes.microsoft(words),
    }  # fmt: skip


def consented(company: Company) -> list[tuple[str, str, Person, date, tuple[str, ...]]]:
    """Every consent of a person: app key, name, person, day, scope words."""
    found = []
    for adoption in company.using(Via.ENTRA_USER):
        pairs = zip(adoption.people, adoption.since, strict=True)
        found += [(adoption.tool.key, adoption.use.name, p, d, adoption.use.scopes) for p, d in pairs]
    rng = company.random("entra-traps")
    for trap in consent_traps():
        if trap.via == "entra" and trap.kind != "failed sign-in":
            able = [p for p in members(company.people, trap.teams) if p.in_entra and p.works]
            for person in rng.sample(able, min(len(able), trap.people)):
                day = company.as_of - timedelta(days=rng.randint(7, 65))
                found.append((trap.name, trap.name, person, day, trap.scopes))
    return found


def _grants(company: Company) -> tuple[list[Record], dict[str, list[Record]]]:
    grants: list[Record] = []
    assignments: dict[str, list[Record]] = {}
    for key, name, person, day, words in consented(company):
        grants.append(_grant(company, key, person, words))
        ref = _sp(company, key)
        assignments.setdefault(ref, []).append(
            {"id": ids.opaque(20, "assigned", company.seed, ref, person.email), "appRoleId": _NO_ROLE,
             "createdDateTime": seconds(at_noon(day)), "principalDisplayName": person.name,
             "principalId": user_id(company, person), "principalType": "User",
             "resourceDisplayName": name, "resourceId": ref}  # fmt: skip
        )
    for adoption in company.using(Via.ENTRA_ADMIN):
        grants.append(_grant(company, adoption.tool.key, None, adoption.use.scopes))
    # Microsoft's own clients hold consents too.
    rng = company.random("entra-own")
    own = [client for client, name in platforms().microsoft if name in {"Graph Explorer", "Microsoft Azure PowerShell"}]
    for person in rng.sample([p for p in company.people if p.subsidiary and p.works], 60):
        grants.append(_grant(company, own[person.index % 2], person, ("files", "mail")))
    return grants, assignments


def _group_assignments(company: Company, adoption: Adoption, ref: str) -> list[Record]:
    return [
        {"id": ids.opaque(20, "assigned", ref, team), "appRoleId": ids.guid("role", adoption.tool.key),
         "createdDateTime": seconds(at_noon(company.as_of - timedelta(days=30 * adoption.tool.months))),
         "principalDisplayName": "Alle Mitarbeiter" if team == "all" else f"Fennmark {team}",
         "principalId": ids.guid("entra-group", team), "principalType": "Group",
         "resourceDisplayName": adoption.use.name, "resourceId": ref}  # fmt: skip
        for team in adoption.tool.teams
    ]


def _permissions(company: Company) -> dict[str, list[Record]]:
    """What admin-consented apps may do as themselves."""
    role = {"sendmail": "Mail.Send", "calendar": "Calendars.Read"}
    found = {}
    for adoption in company.using(Via.ENTRA_ADMIN):
        ref = _sp(company, adoption.tool.key)
        found[ref] = [
            {"id": ids.opaque(20, "may", ref, word), "appRoleId": scopes.APP_ROLES[role[word]],
             "createdDateTime": seconds(at_noon(company.as_of - timedelta(days=30 * adoption.tool.months))),
             "principalDisplayName": adoption.use.name, "principalId": ref, "principalType": "ServicePrincipal",
             "resourceDisplayName": "Microsoft Graph", "resourceId": _sp(company, _GRAPH)}  # fmt: skip
            for word in adoption.use.scopes
            if word in role
        ]
    return found


def _audits(company: Company) -> list[Record]:
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
    who, ref, client = user_id(company, person), _sp(company, key), app_id(key)
    given = (
        f'"[] => [[Id: {ids.opaque(20, key, who)}, ClientId: {ref}, PrincipalId: {who}, '
        f"ResourceId: {_sp(company, _GRAPH)}, ConsentType: Principal, Scope:{scopes.microsoft(words)}, "
        f'CreatedDateTime: , LastModifiedDateTime ]]; "'
    )
    changes = (
        ("ConsentContext.IsAdminConsent", '"False"'), ("ConsentContext.IsAppOnly", '"False"'),
        ("ConsentContext.OnBehalfOfAll", '"False"'), ("ConsentAction.Permissions", given),
        ("TargetId.ServicePrincipalNames", f'"{client}"'),
    )  # fmt: skip
    return {
        "id": f"Directory_{ids.guid('audit', ref, who)}_{ids.opaque(5, ref, who)}_{ids.number(ref, who) % 10**8}",
        "category": "ApplicationManagement", "correlationId": ids.guid("audit-c", ref, who), "result": "success",
        "resultReason": "", "activityDisplayName": "Consent to application", "activityDateTime": at,
        "loggedByService": "Core Directory", "operationType": "Assign",
        "initiatedBy": {"app": None, "user": {"id": who, "displayName": None,
                        "userPrincipalName": principal_name(person), "ipAddress": address(person)}},
        "targetResources": [
            {"id": ref, "displayName": name, "type": "ServicePrincipal", "userPrincipalName": None, "groupType": None,
             "modifiedProperties": [{"displayName": n, "oldValue": None, "newValue": v} for n, v in changes]},
        ],
        "additionalDetails": [],
    }  # fmt: skip


def _sign_ins(company: Company) -> list[Record]:
    """Interactive sign-ins of the last 29 days, newest first."""
    rng = company.random("entra-sign-ins")
    days, weights = working_days(company.end, SIGN_IN_DAYS)
    staff = [p for p in company.people if p.subsidiary and p.works]
    named = {name: client for client, name in platforms().microsoft}
    found: list[Record] = []

    def add(person: Person, client: str, name: str, owner: str, day: date, code: int = 0, why: str = "Other.") -> None:
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
            add(person, app_id(trap.name), trap.name, ids.guid("owner", trap.name), rng.choices(days, weights)[0],
                90095, "Admin consent is required for the permissions requested by this application.")  # fmt: skip
    count = SIGN_INS - len(found)
    own = rng.choices(plan, [weight for *_, weight in plan], k=count)
    for pick, day in zip(own, rng.choices(days, weights, k=count), strict=True):
        dice = rng.random()
        failed = (50126, "Error validating credentials due to invalid username or password.") if dice > 0.98 else (0, "Other.")
        if dice < 0.68:
            name = rng.choice(_DAILY)
            add(rng.choice(staff), named[name], name, _MICROSOFT, day, *failed)
        else:
            client, name, people, _ = pick
            add(rng.choice(people), client, name, TENANT, day, *failed)
    return sorted(found, key=lambda r: r["createdDateTime"], reverse=True)


def _sign_in(
    company: Company, person: Person, client: str, name: str, owner: str, at: str, rng: Random, code: int, why: str
) -> Record:
    city, country, state, latitude, longitude = person.office
    return {
        "id": ids.as_guid(rng.getrandbits(128)), "createdDateTime": at, "userDisplayName": person.name,
        "userPrincipalName": principal_name(person).lower(), "userId": user_id(company, person),
        "appId": client, "appDisplayName": name, "appOwnerTenantId": owner, "ipAddress": address(person),
        "clientAppUsed": "Browser", "correlationId": ids.as_guid(rng.getrandbits(128)),
        "conditionalAccessStatus": "notApplied", "isInteractive": True, "riskDetail": "none",
        "riskLevelAggregated": "none", "riskLevelDuringSignIn": "none", "riskState": "none",
        "riskEventTypes_v2": [], "resourceDisplayName": "Microsoft Graph", "resourceId": _GRAPH,
        "status": {"errorCode": code, "failureReason": why, "additionalDetails": None},
        "deviceDetail": {"deviceId": "", "displayName": "", "operatingSystem": "Windows10", "browser": "Edge 142.0.0"},
        "location": {"city": city, "state": state, "countryOrRegion": country,
                     "geoCoordinates": {"altitude": None, "latitude": float(latitude), "longitude": float(longitude)}},
        "appliedConditionalAccessPolicies": [],
    }  # fmt: skip
