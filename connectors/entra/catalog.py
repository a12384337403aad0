"""Which applications are in the tenant: what grants, assignments and logs are joined with."""

import asyncio
from dataclasses import dataclass, field

from connectors.entra.graph import DIRECTORY, Graph, Unreadable, listing
from connectors.entra.records import (
    APP_SELECT,
    Organization,
    PermissionGrant,
    Resource,
    ServicePrincipal,
    Tenant,
    app,
    is_noise,
)
from connectors.errors import NeedsAdmin
from connectors.observations import AppSeen, SignOn

APPS = "/v1.0/servicePrincipals"
GRANTS = "/v1.0/oauth2PermissionGrants"
GONE = frozenset({404})


@dataclass
class Catalog:
    """The tenant's applications by object id.

    Attributes:
        kept: object id to whether nothing but consents brought the application here.
        noise: object ids of Microsoft's own applications, of machines, and of what is gone.
        by_app_id: the application (client) id, which sign-ins carry, to the object id.
    """

    tenant: Tenant
    admin_consented: frozenset[str]
    kept: dict[str, bool] = field(default_factory=dict)
    noise: set[str] = field(default_factory=set)
    by_app_id: dict[str, str] = field(default_factory=dict)
    whole: bool = False

    def see(self, sp: ServicePrincipal) -> AppSeen | None:
        """Note an application, and give it as an observation (None: noise)."""
        if sp.app_id:
            self.by_app_id[sp.app_id] = sp.id
        if is_noise(sp):
            self.noise.add(sp.id)
            return None
        seen = app(sp, self.tenant, admin_consent=sp.id in self.admin_consented)
        if seen is not None:
            self.kept[sp.id] = seen.sign_on is SignOn.CONSENT
        return seen


class Catalogs:
    """Reads the catalog once for the streams of a scan, whichever of them comes first."""

    def __init__(self, graph: Graph, tenant_id: str) -> None:
        self._graph = graph
        self._tenant_id = tenant_id
        self._catalog: Catalog | None = None
        self._roles: dict[str, dict[str, str]] = {}
        self._lock = asyncio.Lock()

    async def tenant(self) -> Tenant:
        """The company, by the id that its own registrations carry.

        The configured tenant id may be a domain, so Graph is asked. A tenant that may not be read
        is taken as configured.
        """
        try:
            answer = await self._graph.get(
                "/v1.0/organization", {"$select": "id,displayName,verifiedDomains"}
            )
        except NeedsAdmin as error:
            if error.permission is None:
                raise
            return Tenant(self._tenant_id)
        records, _ = listing(answer, Organization)
        for record in records:
            if isinstance(record, Organization):
                domains = {d.name.casefold() for d in record.verified_domains or () if d.name}
                return Tenant(record.id, record.display_name or "", frozenset(domains))
        return Tenant(self._tenant_id)

    async def begin(self) -> Catalog:
        """An empty catalog that knows the company and for which apps an administrator consented."""
        consented: set[str] = set()
        params = {"$filter": "consentType eq 'AllPrincipals'", "$top": 999}
        async for records, _ in self._graph.pages(GRANTS, params, PermissionGrant):
            consented |= {r.client_id for r in records if isinstance(r, PermissionGrant) and r.client_id}
        self._catalog = Catalog(await self.tenant(), frozenset(consented))
        return self._catalog

    async def whole(self) -> Catalog:
        """The catalog with every application in it, read now unless this scan has read it before."""
        if self._catalog is not None and self._catalog.whole:
            return self._catalog
        catalog = await self.begin()
        async for records, _ in self._graph.pages(
            APPS, {"$select": APP_SELECT, "$top": 999}, ServicePrincipal
        ):
            for record in records:
                if not isinstance(record, Unreadable):  # those the stream of apps has reported
                    catalog.see(record)
        catalog.whole = True
        return catalog

    async def look_up(self, catalog: Catalog, ref: str) -> AppSeen | None:
        """An application that the listing does not have, because it is younger than the listing.

        Returns:
            The application, or None when it is noise or no longer in the directory (a grant may
            outlive its application: what is left over allows nothing and is ignored).
        """
        answer = await self._graph.get(f"{APPS}/{ref}", {"$select": APP_SELECT}, allow=GONE)
        if answer.status == 404:
            catalog.noise.add(ref)
            return None
        return catalog.see(answer.decode(ServicePrincipal))

    async def role(self, resource_id: str | None, role_id: str | None) -> str | None:
        """The name of an application permission, or None where its resource does not list it."""
        if not resource_id or not role_id:
            return None
        async with self._lock:  # many applications share few resources: each is read once
            if resource_id not in self._roles:
                self._roles[resource_id] = await self._read_roles(resource_id)
        return self._roles[resource_id].get(role_id.casefold())

    async def _read_roles(self, resource_id: str) -> dict[str, str]:
        answer = await self._graph.get(
            f"{APPS}/{resource_id}", {"$select": "id,appRoles"}, permission=DIRECTORY, allow=GONE
        )
        if answer.status == 404:
            return {}
        roles = answer.decode(Resource).app_roles or ()
        return {r.id.casefold(): r.value for r in roles if r.id and r.value}
