"""The tenant behind the simulator, and a small one for tests."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

Record = dict[str, Any]


@dataclass
class EntraWorld:
    """A tenant as Graph would show it; every record is a plain dict in Graph's shape.

    Attributes:
        tenant_id: GUID of the tenant.
        users: microsoft.graph.user, `manager` being `{"id": …}` or absent.
        service_principals: microsoft.graph.servicePrincipal, resources with their `appRoles`.
        permission_grants: microsoft.graph.oAuth2PermissionGrant.
        app_role_assignments: who is assigned TO an application, by service principal id.
        app_permissions: the appRoleAssignments OF an application, by service principal id.
        directory_audits: microsoft.graph.directoryAudit, in any order.
        sign_ins: microsoft.graph.signIn, in any order.
        organization: fields of the tenant's own record that differ from the defaults.
    """

    tenant_id: str
    users: list[Record] = field(default_factory=list)
    service_principals: list[Record] = field(default_factory=list)
    permission_grants: list[Record] = field(default_factory=list)
    app_role_assignments: dict[str, list[Record]] = field(default_factory=dict)
    app_permissions: dict[str, list[Record]] = field(default_factory=dict)
    directory_audits: list[Record] = field(default_factory=list)
    sign_ins: list[Record] = field(default_factory=list)
    organization: Record = field(default_factory=dict)


MICROSOFT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"
TENANT = "5f0c3a77-0000-4000-8000-00000000acee"
NO_ROLE = "00000000-0000-0000-0000-000000000000"
GRAPH_ROLES = {
    "6f3c2a10-0000-4000-8000-0000000000f1": "Mail.Read",
    "6f3c2a10-0000-4000-8000-0000000000f2": "Sites.Read.All",
}
GRAPH_SP = "00c0ffee-0000-4000-8000-000000000003"


def user_id(number: int) -> str:
    """The id of a sample user."""
    return f"00000000-0000-4000-a000-{number:012d}"


def app_ref(number: int) -> str:
    """The object id of a sample application."""
    return f"00000000-0000-4000-b000-{number:012d}"


def app_id(number: int) -> str:
    """The application (client) id of a sample application."""
    return f"00000000-0000-4000-c000-{number:012d}"


def _user(number: int, name: str, department: str | None, **more: Any) -> Record:
    mail = f"{name.split(maxsplit=1)[0].lower()}@acme.example"
    return {
        "id": user_id(number),
        "userPrincipalName": mail,
        "mail": mail,
        "displayName": name,
        "department": department,
        "jobTitle": None,
        "employeeType": None,
        "accountEnabled": True,
        "userType": "Member",
        "isResourceAccount": None,
        "proxyAddresses": [f"SMTP:{mail}"],
        "manager": {"id": user_id(1)} if number > 1 else None,
        **more,
    }


def _app(number: int, name: str, owner: str | None, **more: Any) -> Record:
    return {
        "id": app_ref(number),
        "appId": app_id(number),
        "displayName": name,
        "appDisplayName": name,
        "appOwnerOrganizationId": owner,
        "servicePrincipalType": "Application",
        "accountEnabled": True,
        "isDisabled": None,
        "disabledByMicrosoftStatus": None,
        "preferredSingleSignOnMode": None,
        "applicationTemplateId": None,
        "appRoleAssignmentRequired": False,
        "signInAudience": "AzureADMultipleOrgs",
        "homepage": None,
        "loginUrl": None,
        "replyUrls": [],
        "servicePrincipalNames": [app_id(number)],
        "tags": [],
        "info": {"logoUrl": None, "marketingUrl": None, "supportUrl": None},
        "verifiedPublisher": {"displayName": None, "verifiedPublisherId": None},
        "appRoles": [],
        **more,
    }


def _grant(number: int, client: int, scope: str, person: int | None) -> Record:
    return {
        "id": f"Grant{number:04d}_",
        "clientId": app_ref(client),
        "consentType": "Principal" if person else "AllPrincipals",
        "principalId": user_id(person) if person else None,
        "resourceId": GRAPH_SP,
        "scope": scope,
    }


def _assigned(number: int, principal: str, kind: str, name: str, to: str, role: str = NO_ROLE) -> Record:
    return {
        "id": f"Assigned{number:04d}_",
        "appRoleId": role,
        "createdDateTime": "2026-02-03T10:11:12Z",
        "principalDisplayName": name,
        "principalId": principal,
        "principalType": kind,
        "resourceDisplayName": "",
        "resourceId": to,
    }


def changed(name: str, new: str | None, old: str | None = None) -> Record:
    """A modified property, its values wrapped in quotes as the log does it."""
    wrap = {v: None if v is None else f'"{v}"' for v in (new, old)}
    return {"displayName": name, "oldValue": wrap[old], "newValue": wrap[new]}


def audit(
    number: int, activity: str, at: datetime, actor: int | None, target: Record, *properties: Record
) -> Record:
    """An audit record about one target."""
    user = {
        "id": user_id(actor or 0),
        "displayName": "Azure ESTS Service",
        "userPrincipalName": None,
        "ipAddress": "20.190.0.1",
    }
    return {
        "id": f"Directory_{number:06d}",
        "category": "ApplicationManagement",
        "correlationId": f"00000000-0000-4000-d000-{number // 10:012d}",
        "result": "success",
        "resultReason": "",
        "activityDisplayName": activity,
        "activityDateTime": at.strftime("%Y-%m-%dT%H:%M:%S.1234567Z"),
        "loggedByService": "Core Directory",
        "operationType": "Assign",
        "initiatedBy": {"user": user, "app": None} if actor else {"user": None, "app": {"displayName": "IT"}},
        "targetResources": [
            {"type": "ServicePrincipal", "groupType": None, **target, "modifiedProperties": list(properties)}
        ],
        "additionalDetails": [{"key": "User-Agent", "value": "EvoSTS"}],
    }


def sign_in(number: int, person: Record, app: Record, at: datetime, error: int = 0) -> Record:
    """A sign-in; of the application it has the application id, not the object id."""
    return {
        "id": f"{number:08d}-0000-4000-e000-000000000000",
        "createdDateTime": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "userId": person["id"],
        "userPrincipalName": person["userPrincipalName"],
        "userDisplayName": person["displayName"],
        "appId": app["appId"],
        "appDisplayName": app["displayName"],
        "ipAddress": "192.0.2.7",
        "clientAppUsed": "Browser",
        "correlationId": None,
        "isInteractive": True,
        "resourceDisplayName": None,
        "riskEventTypes": [],
        "status": {
            "errorCode": error,
            "failureReason": "Other." if not error else "Denied.",
            "additionalDetails": None,
        },
    }


def sample_world(now: datetime | None = None) -> EntraWorld:
    """A company of seven accounts and nine applications, with a day of logs before `now`.

    Args:
        now: the moment the logs end (default: the present hour).
    """
    now = now or datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    users = [
        _user(1, "Ada Quist", "IT", jobTitle="Head of IT"),
        _user(
            2,
            "Ben Osei",
            "Marketing",
            jobTitle="Campaign Manager",
            proxyAddresses=["SMTP:ben@acme.example", "smtp:b.osei@acme.example", "sip:ben@acme.example"],
        ),
        _user(3, "Cleo Marsh", "Marketing", employeeType="Contractor"),
        _user(4, "Dov Halpern", "Sales", accountEnabled=False),
        _user(5, "Elin Strand", "Marketing", mail=None),
        _user(
            6,
            "Finn Guest",
            None,
            userPrincipalName="finn_agency.example#EXT#@acme.example",
            mail="finn@agency.example",
            userType="Guest",
            proxyAddresses=[],
            manager=None,
        ),
        _user(7, "Meeting Room", None, isResourceAccount=True, manager=None),
    ]
    verified = {"displayName": "HubSpot, Inc.", "verifiedPublisherId": "5566", "addedDateTime": None}
    apps = [
        _app(
            1,
            "HubSpot",
            "11111111-0000-4000-8000-00000000beef",
            verifiedPublisher=verified,
            homepage="https://www.hubspot.com",
            replyUrls=["https://app.hubspot.com/oauth/microsoft", "http://localhost:8080/x"],
        ),
        _app(
            2,
            "Canva",
            "22222222-0000-4000-8000-00000000beef",
            replyUrls=["https://*.canva.com/oauth", "canva://auth"],
            info={"marketingUrl": "https://www.canva.com"},
        ),
        _app(
            3,
            "Salesforce",
            TENANT,
            applicationTemplateId="cd3ed3de-93ee-400b-8b19-b61ef44a0f29",
            preferredSingleSignOnMode="saml",
            appRoleAssignmentRequired=True,
            homepage="https://account.activedirectory.windowsazure.com:444/applications/default.aspx?metadata=salesforce",
            replyUrls=["https://acme.my.salesforce.com"],
        ),
        _app(
            4,
            "Brand portal",
            TENANT,
            preferredSingleSignOnMode="saml",
            tags=["WindowsAzureActiveDirectoryCustomSingleSignOnApplication"],
            loginUrl="https://acme.brandfolder.com/login",
        ),
        _app(5, "Acme reporting", TENANT, replyUrls=["https://reports.acme.example/auth"]),
        _app(6, "Zapier", "33333333-0000-4000-8000-00000000beef", homepage="https://zapier.com"),
        _app(7, "backup-vm", TENANT, servicePrincipalType="ManagedIdentity"),
        _app(8, "Old loyalty app", "44444444-0000-4000-8000-00000000beef", accountEnabled=False),
        _app(9, "Office 365", MICROSOFT),
    ]
    roles = [{"id": i, "value": v, "displayName": v, "isEnabled": True} for i, v in GRAPH_ROLES.items()]
    graph = _app(10, "Microsoft Graph", MICROSOFT, appRoles=roles) | {"id": GRAPH_SP}
    grants = [
        _grant(1, 1, " openid profile offline_access Mail.Read", 2),
        _grant(2, 1, "User.Read", 3),
        _grant(3, 2, "Files.Read openid", 2),
        _grant(4, 6, " User.Read Calendars.ReadWrite", None),
        _grant(5, 9, "User.Read", 1),
    ]
    group = "00000000-0000-4000-f000-000000000001"
    assigned = {
        app_ref(1): [_assigned(1, user_id(2), "User", "Ben Osei", app_ref(1))],
        app_ref(3): [
            _assigned(2, group, "Group", "All sales", app_ref(3), "aaaa0000-0000-4000-8000-000000000001"),
            _assigned(
                3, user_id(4), "User", "Dov Halpern", app_ref(3), "aaaa0000-0000-4000-8000-000000000001"
            ),
            _assigned(
                4, user_id(4), "User", "Dov Halpern", app_ref(3), "aaaa0000-0000-4000-8000-000000000002"
            ),
        ],
        app_ref(5): [_assigned(5, app_ref(6), "ServicePrincipal", "Zapier", app_ref(5))],
    }
    may = {
        app_ref(6): [
            _assigned(number, app_ref(6), "ServicePrincipal", "Zapier", GRAPH_SP, role)
            for number, role in enumerate(GRAPH_ROLES, 6)
        ]
    }
    return EntraWorld(
        TENANT,
        users,
        [*apps, graph],
        grants,
        assigned,
        may,
        _sample_audits(now),
        [
            sign_in(
                n,
                users[n % 4],
                apps[(0, 1, 2, 8)[n % 4]],
                now - timedelta(minutes=47 * n),
                error=50126 * (n % 9 == 8),
            )
            for n in range(1, 31)
        ]
        + [sign_in(99, users[1], _app(77, "Figma", None), now - timedelta(hours=5))],
    )


def _sample_audits(now: datetime) -> list[Record]:
    entry = (
        f"[Id: Grant0001_, ClientId: {app_ref(1)}, PrincipalId: {user_id(2)}, ResourceId: {GRAPH_SP}, "
        "ConsentType: Principal, Scope:  openid Mail.Read, CreatedDateTime: , LastModifiedDateTime ]"
    )
    client = [
        changed("ServicePrincipal.ObjectID", app_ref(1)),
        changed("DelegatedPermissionGrant.ConsentType", "Principal"),
        changed("DelegatedPermissionGrant.PrincipalId", user_id(2)),
    ]
    api = {"id": GRAPH_SP, "displayName": "Microsoft Graph"}
    widened = changed("DelegatedPermissionGrant.Scope", " openid Mail.Read profile", " openid Mail.Read")
    return [
        audit(
            10,
            "Consent to application",
            now - timedelta(hours=20),
            2,
            {"id": app_ref(1), "displayName": "HubSpot"},
            changed("ConsentContext.IsAdminConsent", "True"),
            changed("ConsentContext.OnBehalfOfAll", "False"),
            changed("ConsentAction.Permissions", f"[] => [{entry}]; "),
            changed("TargetId.ServicePrincipalNames", app_id(1)),
        ),
        audit(
            11,
            "Add delegated permission grant",
            now - timedelta(hours=20),
            2,
            api,
            changed("DelegatedPermissionGrant.Scope", " openid Mail.Read"),
            *client,
        ),
        audit(
            20,
            "Consent to application",
            now - timedelta(hours=9),
            2,
            {"id": app_ref(1), "displayName": "HubSpot"},
            changed("ConsentContext.OnBehalfOfAll", "False"),
            changed("ConsentAction.Permissions", f"[{entry}] => [{entry}]; "),
        ),
        audit(21, "Remove delegated permission grant", now - timedelta(hours=9), 2, api, widened, *client),
        audit(22, "Add delegated permission grant", now - timedelta(hours=9), 2, api, widened, *client),
        audit(
            30,
            "Add app role assignment to service principal",
            now - timedelta(hours=6),
            None,
            api,
            changed("AppRole.Value", "Mail.Read"),
            changed("ServicePrincipal.ObjectID", app_ref(6)),
            changed("ServicePrincipal.DisplayName", "Zapier"),
        ),
        audit(
            40,
            "Remove delegated permission grant",
            now - timedelta(hours=2),
            1,
            api,
            changed("DelegatedPermissionGrant.Scope", None, " Files.Read"),
            changed("DelegatedPermissionGrant.ConsentType", "Principal", "Principal"),
            changed("ServicePrincipal.ObjectID", app_ref(55)),
        ),
        audit(50, "Update application", now - timedelta(hours=1), 1, {"id": app_ref(5), "displayName": "x"}),
    ]
