"""Entra's directory: the subsidiary's people, enterprise applications, consents and assignments."""

from datetime import date, timedelta
from typing import Any

from app.sandbox import ids, scopes
from app.sandbox.company import Adoption, Company
from app.sandbox.moments import at_noon, seconds
from app.sandbox.people import Person, ascii_letters, members
from app.sandbox.tools import Via, consent_traps, platforms

Record = dict[str, Any]

TENANT = ids.guid("tenant", "fennmark")
MICROSOFT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"
GRAPH = "00000003-0000-0000-c000-000000000000"
_NO_ROLE = "00000000-0000-0000-0000-000000000000"


def user_id(company: Company, person: Person) -> str:
    """A person's object id."""
    return ids.guid("entra-user", company.seed, person.email)


def principal_name(person: Person) -> str:
    """The name a person signs in with: in the subsidiary's own domain, or Microsoft's odd one for guests."""
    if person.kind == "guest":
        return f"{person.email.replace('@', '_')}#EXT#@fennmark.example"
    return f"{ascii_letters(person.given)}.{ascii_letters(person.family)}@fennmark.example"


def sp(company: Company, key: str) -> str:
    """The object id of an app's service principal in this tenant."""
    return ids.guid("sp", TENANT, company.seed, key)


def app_id(key: str) -> str:
    """An app's client id, the same in every tenant."""
    return ids.guid("entra-app", key)


def user(company: Company, person: Person) -> Record:
    """A person as the directory lists them."""
    boss = company.by_email.get(person.manager or "")
    guest = person.kind == "guest"
    upn = principal_name(person)
    return {
        "id": user_id(company, person),
        "userPrincipalName": upn,
        "mail": person.email,
        "displayName": person.name,
        "givenName": person.given,
        "surname": person.family,
        "department": person.department_name or None,
        "jobTitle": person.title or None,
        "companyName": None if guest else "Fennmark GmbH",
        "employeeId": None if guest else f"FM{person.index:05d}",
        "employeeType": None if guest else "Employee",
        "accountEnabled": person.works,
        "userType": "Guest" if guest else "Member",
        "officeLocation": None if guest else person.office[0],
        "createdDateTime": seconds(at_noon(person.hired)),
        "isResourceAccount": None,
        "proxyAddresses": [] if guest else [f"SMTP:{person.email}", f"smtp:{upn}"],
        **(
            {"manager": {"@odata.type": "#microsoft.graph.user", "id": user_id(company, boss)}}
            if boss
            else {}
        ),
    }


def _principal(ref: str, client: str, name: str, owner: str | None, since: date, **more: Any) -> Record:
    return {
        "id": ref,
        "appId": client,
        "appDisplayName": name,
        "displayName": name,
        "accountEnabled": True,
        "appOwnerOrganizationId": owner,
        "servicePrincipalType": "Application",
        "signInAudience": "AzureADMultipleOrgs",
        "preferredSingleSignOnMode": None,
        "applicationTemplateId": None,
        "appRoleAssignmentRequired": False,
        "homepage": None,
        "loginUrl": None,
        "replyUrls": [],
        "servicePrincipalNames": [client],
        "tags": ["WindowsAzureActiveDirectoryIntegratedApp"],
        "info": {
            "logoUrl": None,
            "marketingUrl": None,
            "privacyStatementUrl": None,
            "supportUrl": None,
            "termsOfServiceUrl": None,
        },
        "verifiedPublisher": {"displayName": None, "verifiedPublisherId": None, "addedDateTime": None},
        "disabledByMicrosoftStatus": None,
        "createdDateTime": seconds(at_noon(since)),
        "appRoles": [],
        **more,
    }


def principals(company: Company) -> list[Record]:
    """Every service principal: Microsoft's own, machines, products and what looks like them."""
    long_ago = company.as_of - timedelta(days=1900)
    found = []
    for client, name in platforms().microsoft:
        roles = [
            {
                "id": ref,
                "value": value,
                "displayName": value,
                "isEnabled": True,
                "allowedMemberTypes": ["Application"],
            }
            for value, ref in scopes.APP_ROLES.items()
        ]
        more = {"appRoles": roles} if client == GRAPH else {}
        found.append(_principal(sp(company, client), client, name, MICROSOFT, long_ago, tags=[], **more))
    for name in ("fennmark-backup-vault", "fennmark-automation"):
        found.append(
            _principal(
                sp(company, name),
                ids.guid("mi", name),
                name,
                None,
                long_ago,
                servicePrincipalType="ManagedIdentity",
                tags=[],
                signInAudience=None,
            )
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
            _principal(
                sp(company, trap.name),
                app_id(trap.name),
                trap.name,
                TENANT if own else ids.guid("owner", trap.name),
                since,
                replyUrls=urls,
            )
        )
    return found


def _product(company: Company, adoption: Adoption) -> Record:
    """An enterprise application of a product."""
    tool, use = adoption.tool, adoption.use
    client, ref = app_id(tool.key), sp(company, tool.key)
    since = min(adoption.since, default=company.as_of - timedelta(days=30 * tool.months))
    publisher = {
        "displayName": use.publisher if use.verified else None,
        "verifiedPublisherId": str(ids.number("publisher", tool.key) % 9_000_000 + 1_000_000)
        if use.verified
        else None,
        "addedDateTime": None,
    }
    if use.via is Via.ENTRA_SSO:
        # Adding a gallery app makes its registration in one's own tenant.
        url = f"https://{use.host}"
        return _principal(
            ref,
            ids.guid("gallery", TENANT, tool.key),
            use.name,
            TENANT,
            since,
            preferredSingleSignOnMode="saml",
            applicationTemplateId=ids.guid("template", tool.key),
            appRoleAssignmentRequired=True,
            homepage=url,
            loginUrl=f"{url}/login",
            replyUrls=[f"{url}/saml/acs"],
            signInAudience="AzureADMyOrg",
            tags=[
                "WindowsAzureActiveDirectoryGalleryApplicationNonPrimaryV1",
                "WindowsAzureActiveDirectoryIntegratedApp",
            ],
        )
    # Makers differ in what they fill in: some give addresses, some only a name.
    style = ids.number("urls", tool.key) % 3
    site = f"https://www.{tool.domains[0]}"
    info = {
        "logoUrl": None,
        "marketingUrl": None,
        "privacyStatementUrl": f"{site}/privacy",
        "supportUrl": None,
        "termsOfServiceUrl": f"{site}/terms",
    }
    return _principal(
        ref,
        client,
        use.name,
        ids.guid("owner", tool.key),
        since,
        verifiedPublisher=publisher,
        replyUrls=[f"https://app.{tool.domains[0]}/auth/microsoft/callback"] if style else [],
        homepage=site if style == 2 else None,
        **({"info": info} if style == 0 and use.verified else {}),
    )


def _grant(company: Company, key: str, person: Person | None, words: tuple[str, ...]) -> Record:
    principal = user_id(company, person) if person else None
    return {
        "id": ids.opaque(20, "grant", company.seed, key, principal)
        + ids.opaque(20, "grant2", key, principal),
        "clientId": sp(company, key),
        "consentType": "Principal" if person else "AllPrincipals",
        "principalId": principal,
        "resourceId": sp(company, GRAPH),
        "scope": scopes.microsoft(words),
    }


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


def grants(company: Company) -> tuple[list[Record], dict[str, list[Record]]]:
    """Delegated grants, and by service principal who was assigned by consenting."""
    found: list[Record] = []
    assignments: dict[str, list[Record]] = {}
    for key, name, person, day, words in consented(company):
        found.append(_grant(company, key, person, words))
        ref = sp(company, key)
        assignments.setdefault(ref, []).append(
            {
                "id": ids.opaque(20, "assigned", company.seed, ref, person.email),
                "appRoleId": _NO_ROLE,
                "createdDateTime": seconds(at_noon(day)),
                "principalDisplayName": person.name,
                "principalId": user_id(company, person),
                "principalType": "User",
                "resourceDisplayName": name,
                "resourceId": ref,
            }
        )
    for adoption in company.using(Via.ENTRA_ADMIN):
        found.append(_grant(company, adoption.tool.key, None, adoption.use.scopes))
    # Microsoft's own clients hold consents too.
    rng = company.random("entra-own")
    own = [
        client
        for client, name in platforms().microsoft
        if name in {"Graph Explorer", "Microsoft Azure PowerShell"}
    ]
    for person in rng.sample([p for p in company.people if p.subsidiary and p.works], 60):
        found.append(_grant(company, own[person.index % 2], person, ("files", "mail")))
    return found, assignments


def group_assignments(company: Company, adoption: Adoption, ref: str) -> list[Record]:
    """The groups that an administrator let into an app."""
    return [
        {
            "id": ids.opaque(20, "assigned", ref, team),
            "appRoleId": ids.guid("role", adoption.tool.key),
            "createdDateTime": seconds(at_noon(company.as_of - timedelta(days=30 * adoption.tool.months))),
            "principalDisplayName": "Alle Mitarbeiter" if team == "all" else f"Fennmark {team}",
            "principalId": ids.guid("entra-group", team),
            "principalType": "Group",
            "resourceDisplayName": adoption.use.name,
            "resourceId": ref,
        }
        for team in adoption.tool.teams
    ]


def permissions(company: Company) -> dict[str, list[Record]]:
    """What admin-consented apps may do as themselves."""
    role = {"sendmail": "Mail.Send", "calendar": "Calendars.Read"}
    found = {}
    for adoption in company.using(Via.ENTRA_ADMIN):
        ref = sp(company, adoption.tool.key)
        found[ref] = [
            {
                "id": ids.opaque(20, "may", ref, word),
                "appRoleId": scopes.APP_ROLES[role[word]],
                "createdDateTime": seconds(
                    at_noon(company.as_of - timedelta(days=30 * adoption.tool.months))
                ),
                "principalDisplayName": adoption.use.name,
                "principalId": ref,
                "principalType": "ServicePrincipal",
                "resourceDisplayName": "Microsoft Graph",
                "resourceId": sp(company, GRAPH),
            }
            for word in adoption.use.scopes
            if word in role
        ]
    return found
