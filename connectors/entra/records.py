"""Directory records as Microsoft Graph sends them, and what each of them says.

Every field but the id may be null or missing: Graph's own schema promises more than it keeps.
Field meanings: learn.microsoft.com/graph/api/resources/{user,serviceprincipal,oauth2permissiongrant,
approleassignment}.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from connectors.entra.hosts import domains_of
from connectors.errors import SkipRecord
from connectors.identifiers import APP_NAME, DOMAIN, ENTRA_APP_ID, PUBLISHER, Identifier
from connectors.observations import (
    AppSeen,
    AssignmentSeen,
    Consent,
    GrantSeen,
    PersonKind,
    PersonSeen,
    SignOn,
)

MICROSOFT_TENANTS = frozenset(
    {"f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47"}
)
"""The tenants that own Microsoft's own applications."""
DEFAULT_ROLE = "00000000-0000-0000-0000-000000000000"
"""The role of an assignment that names none; also how logs write "no such id"."""
CUSTOM_APP = "WindowsAzureActiveDirectoryCustomSingleSignOnApplication"
"""Tag of an application outside the gallery for which an administrator set up single sign-on."""
_CONTRACTORS = frozenset(
    {"contractor", "consultant", "external", "freelancer", "temp", "temporary", "vendor", "agency"}
)
_MODES = {"saml": SignOn.SAML, "oidc": SignOn.OIDC, "password": SignOn.PASSWORD}


class Manager(msgspec.Struct):
    """The expanded manager of a user; only its id is asked for."""

    id: str | None = None


class User(msgspec.Struct, rename="camel"):
    """microsoft.graph.user."""

    id: str
    user_principal_name: str | None = None
    mail: str | None = None
    display_name: str | None = None
    department: str | None = None
    job_title: str | None = None
    employee_type: str | None = None
    account_enabled: bool | None = None
    user_type: str | None = None
    is_resource_account: bool | None = None
    proxy_addresses: list[str] | None = None
    manager: Manager | None = None


USER_SELECT = ",".join(
    (
        "id,userPrincipalName,mail,displayName,department,jobTitle,employeeType,accountEnabled",
        "userType,isResourceAccount,proxyAddresses",
    )
)


class Role(msgspec.Struct):
    """An application permission that a resource offers: `value` is its name."""

    id: str | None = None
    value: str | None = None


class Publisher(msgspec.Struct, rename="camel"):
    """The publisher that Microsoft has verified."""

    display_name: str | None = None
    verified_publisher_id: str | None = None


class Info(msgspec.Struct, rename="camel"):
    """The addresses that a maker gives about its application."""

    marketing_url: str | None = None
    support_url: str | None = None
    terms_of_service_url: str | None = None
    privacy_statement_url: str | None = None


class ServicePrincipal(msgspec.Struct, rename="camel"):
    """microsoft.graph.servicePrincipal: an application as it is present in this tenant."""

    id: str
    app_id: str | None = None
    display_name: str | None = None
    app_display_name: str | None = None
    app_owner_organization_id: str | None = None
    service_principal_type: str | None = None
    account_enabled: bool | None = None
    is_disabled: bool | None = None
    disabled_by_microsoft_status: str | None = None
    preferred_single_sign_on_mode: str | None = None
    application_template_id: str | None = None
    app_role_assignment_required: bool | None = None
    sign_in_audience: str | None = None
    homepage: str | None = None
    login_url: str | None = None
    reply_urls: list[str] | None = None
    service_principal_names: list[str] | None = None
    tags: list[str] | None = None
    info: Info | None = None
    verified_publisher: Publisher | None = None


APP_SELECT = ",".join(
    (
        "id,appId,displayName,appDisplayName,appOwnerOrganizationId,servicePrincipalType,accountEnabled",
        "isDisabled,disabledByMicrosoftStatus,preferredSingleSignOnMode,applicationTemplateId",
        "appRoleAssignmentRequired,signInAudience,homepage,loginUrl,replyUrls,servicePrincipalNames",
        "tags,info,verifiedPublisher",
    )
)


class Resource(msgspec.Struct, rename="camel"):
    """A service principal as the owner of the application permissions it offers."""

    id: str
    app_roles: list[Role] | None = None


class PermissionGrant(msgspec.Struct, rename="camel"):
    """microsoft.graph.oAuth2PermissionGrant: delegated permissions; it has no time of its own."""

    id: str
    client_id: str | None = None
    consent_type: str | None = None
    principal_id: str | None = None
    scope: str | None = None


class RoleAssignment(msgspec.Struct, rename="camel"):
    """microsoft.graph.appRoleAssignment: who may enter an app, or what an app may do as itself."""

    id: str
    app_role_id: str | None = None
    created_date_time: datetime | None = None
    principal_id: str | None = None
    principal_type: str | None = None
    principal_display_name: str | None = None
    resource_id: str | None = None


class VerifiedDomain(msgspec.Struct):
    """A domain of the company itself."""

    name: str | None = None


class Organization(msgspec.Struct, rename="camel"):
    """microsoft.graph.organization: the tenant."""

    id: str
    display_name: str | None = None
    verified_domains: list[VerifiedDomain] | None = None


@dataclass(frozen=True)
class Tenant:
    """What is known of the company: `id` marks its own apps, `domains` its own addresses."""

    id: str
    name: str = ""
    domains: frozenset[str] = field(default_factory=frozenset)


def person(user: User) -> PersonSeen:
    """A directory entry as a person."""
    upn = user.user_principal_name or ""
    guest = (user.user_type or "").casefold() == "guest" or "#EXT#" in upn
    # A guest's principal name is no address of anybody: alice_partner.example#EXT#@acme.example.
    addresses = [user.mail, None if guest else upn]
    addresses += [a[5:] for a in user.proxy_addresses or () if a[:5].casefold() == "smtp:"]
    emails = list(dict.fromkeys(a for a in addresses if a and "@" in a))
    return PersonSeen(
        ref=user.id,
        email=emails[0] if emails else None,
        other_emails=tuple(e for e in emails[1:] if e.casefold() != emails[0].casefold()),
        name=user.display_name or None,
        department=user.department or None,
        title=user.job_title or None,
        manager_ref=user.manager.id if user.manager else None,
        active=user.account_enabled is not False,
        kind=_kind(user, guest),
    )


def _kind(user: User, guest: bool) -> PersonKind:
    if user.is_resource_account:
        return PersonKind.SERVICE
    if guest:
        return PersonKind.GUEST
    if (user.employee_type or "").strip().casefold() in _CONTRACTORS:
        return PersonKind.CONTRACTOR
    return PersonKind.EMPLOYEE


def is_noise(sp: ServicePrincipal) -> bool:
    """True for Microsoft's own applications and for identities of machines."""
    owner = (sp.app_owner_organization_id or "").casefold()
    return owner in MICROSOFT_TENANTS or sp.service_principal_type == "ManagedIdentity"


def _is_own(sp: ServicePrincipal, tenant: Tenant) -> bool:
    return (sp.app_owner_organization_id or "").casefold() == tenant.id.casefold()


def _set_up(sp: ServicePrincipal) -> bool:
    return bool(sp.application_template_id) or CUSTOM_APP in (sp.tags or ())


def sign_on_of(sp: ServicePrincipal, tenant: Tenant, admin_consent: bool) -> SignOn:
    """How the application is entered; CONSENT when nothing but employees' consents brought it here."""
    mode = _MODES.get((sp.preferred_single_sign_on_mode or "").casefold())
    if mode is not None:
        return mode
    if _set_up(sp):
        return SignOn.UNKNOWN
    if _is_own(sp, tenant) or admin_consent or sp.app_role_assignment_required:
        # A registration that speaks OAuth, which somebody with rights made or agreed to.
        return SignOn.OIDC
    return SignOn.CONSENT


def app(sp: ServicePrincipal, tenant: Tenant, *, admin_consent: bool) -> AppSeen | None:
    """An enterprise application; None for Microsoft's own and for machines.

    Args:
        sp: the service principal.
        tenant: the company.
        admin_consent: an administrator consented to delegated permissions for everybody.
    """
    if is_noise(sp):
        return None
    # Deleted registrations leave principals without a name behind; they are still applications.
    name = sp.display_name or sp.app_display_name or sp.app_id or sp.id
    own = _is_own(sp, tenant)
    verified = sp.verified_publisher or Publisher()
    status = sp.disabled_by_microsoft_status
    return AppSeen(
        ref=sp.id,
        name=name,
        identifiers=_identifiers(sp, tenant),
        sign_on=sign_on_of(sp, tenant, admin_consent),
        active=not (
            sp.account_enabled is False or sp.is_disabled or (status and status.casefold() != "notdisabled")
        ),
        publisher=verified.display_name or None,
        publisher_verified=None if own else bool(verified.verified_publisher_id),
        # Setting up a gallery or SAML app makes a registration in one's own tenant: owning the
        # registration says "built here" only when no product stands behind it.
        internal=own
        and not _set_up(sp)
        and (sp.preferred_single_sign_on_mode or "").casefold() not in {"saml", "password"},
        facts=_facts(sp, own, admin_consent),
    )


def _identifiers(sp: ServicePrincipal, tenant: Tenant) -> tuple[Identifier, ...]:
    found: list[Identifier] = []
    if sp.app_id:
        found.append(Identifier(ENTRA_APP_ID, sp.app_id))
    # An administrator may rename the app in the tenant; its maker's name stays in appDisplayName.
    found += [Identifier(APP_NAME, n) for n in dict.fromkeys((sp.display_name, sp.app_display_name)) if n]
    if sp.verified_publisher and sp.verified_publisher.display_name:
        found.append(Identifier(PUBLISHER, sp.verified_publisher.display_name))
    info = sp.info or Info()
    urls = [sp.homepage, sp.login_url, *(sp.reply_urls or ()), *(sp.service_principal_names or ())]
    urls += [info.marketing_url, info.support_url, info.terms_of_service_url, info.privacy_statement_url]
    found += [Identifier(DOMAIN, host) for host in domains_of(urls, tenant.domains)]
    return tuple(found)


def _facts(sp: ServicePrincipal, own: bool, admin_consent: bool) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "owner": "this tenant" if own else "another tenant" if sp.app_owner_organization_id else "unknown",
        "admin_consent": admin_consent,
        "assignment_required": bool(sp.app_role_assignment_required),
        "gallery_app": bool(sp.application_template_id),
    }
    if sp.preferred_single_sign_on_mode:
        facts["sso_mode"] = sp.preferred_single_sign_on_mode
    if sp.sign_in_audience:
        facts["audience"] = sp.sign_in_audience
    if sp.disabled_by_microsoft_status and sp.disabled_by_microsoft_status.casefold() != "notdisabled":
        facts["disabled_by_microsoft"] = sp.disabled_by_microsoft_status
    return facts


def grant(record: PermissionGrant) -> GrantSeen:
    """A delegated grant. `scope` is one string of words, which may begin with a space."""
    if not record.client_id:
        raise SkipRecord("the grant names no application", ref=record.id)
    everybody = record.consent_type == "AllPrincipals" or not record.principal_id
    return GrantSeen(
        ref=record.id,
        app_ref=record.client_id,
        scopes=tuple((record.scope or "").split()),
        person_ref=None if everybody else record.principal_id,
        consent=Consent.ADMIN if everybody else Consent.USER,
    )


def app_permission(record: RoleAssignment, app_ref: str, role: str | None) -> GrantSeen | None:
    """What an app may do as itself, which only an administrator can allow; None for the empty role."""
    if record.app_role_id is None or record.app_role_id == DEFAULT_ROLE:
        return None
    return GrantSeen(
        ref=record.id,
        app_ref=app_ref,
        # A role that its resource no longer lists still works; its id stands for the lost name.
        scopes=(role or record.app_role_id,),
        consent=Consent.ADMIN,
        granted_at=record.created_date_time,
    )


def assignment(record: RoleAssignment, app_ref: str, *, consent_only: bool) -> AssignmentSeen | None:
    """Who may enter an application; None for other applications.

    Consenting to an app also assigns it, with the empty role, to whoever consented. In an app that
    only consents brought here, such an assignment is therefore the person's own doing.
    """
    kind = (record.principal_type or "").casefold()
    if kind not in {"user", "group"}:
        return None
    if not record.principal_id:
        raise SkipRecord("the assignment names nobody", ref=record.id)
    if kind == "group":
        return AssignmentSeen(
            app_ref=app_ref,
            group_ref=record.principal_id,
            group_name=record.principal_display_name or None,
            assigned_at=record.created_date_time,
        )
    return AssignmentSeen(
        app_ref=app_ref,
        person_ref=record.principal_id,
        self_assigned=consent_only and record.app_role_id in {None, DEFAULT_ROLE},
        assigned_at=record.created_date_time,
    )
