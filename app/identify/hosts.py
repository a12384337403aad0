"""Whose each host name is: by a dictionary access for each of its parents."""

from collections.abc import Iterable

from app.identify.normalise import fold, squash
from app.identify.records import Product, Reseller
from app.identify.words import LEGAL_FORMS, NEUTRAL_DOMAINS

_DELIVERED = (".akadns.net", ".akamaized.net", ".edgekey.net", ".edgesuite.net", ".fastly.net")
"""What a delivery network puts behind the name of a host that it answers for."""

_CLOSING_NAMES = frozenset(form for form in LEGAL_FORMS if len(form) > len("co"))
"""Endings of hosts, too, and yet a text that ends so is a company's name (`.gmbh`); `.co` may be either."""


class HostTable:
    """The products' hosts. Built once for each knowledge base; reading never changes it."""

    def __init__(
        self, products: Iterable[Product], shared: frozenset[str], resellers: Iterable[Reseller]
    ) -> None:
        self.shared = shared
        self.hosts: dict[str, Product] = {}
        self.hosting: dict[str, Product] = {}
        self.reseller_hosts = {d: r for r in resellers for d in r.domains}
        self.sellers = frozenset(squash(fold(r.name)) for r in resellers)
        # Of the sellers, those behind whose name the maker of what was bought may stand.
        self.tills = frozenset(squash(fold(r.name)) for r in resellers if r.names_seller)
        self._neutral = NEUTRAL_DOMAINS | self.reseller_hosts.keys()
        # The last two parts of each: nearly every host is told by them alone.
        self._neutral_homes = {".".join(host.split(".")[-2:]) for host in self._neutral}
        self._fill_hosts(products)

    def _fill_hosts(self, products: Iterable[Product]) -> None:
        """Enter the products' hosts, save those that several products share."""
        hosts = self.hosts = {p.domain: p for p in products}
        for p in products:
            # Most products have none of these: asked before anything is joined.
            if p.domains or p.login_hosts or p.tenant_hosts or p.sending_domains or p.asset_domains:
                for host in p.domains + p.login_hosts + p.tenant_hosts + p.sending_domains + p.asset_domains:
                    hosts[host] = p
            if p.hosting_domains:
                for host in p.hosting_domains:
                    self.hosting[host] = p
        for domain in self.shared:
            hosts.pop(domain, None)
        self._ends = self.shared | self.hosting.keys()
        self.endings = {host[host.rfind(".") + 1 :] for host in hosts} - _CLOSING_NAMES

    def host(self, host: str) -> tuple[Product, bool] | None:
        """Find the owner of a host name.

        Args:
            host: a clean host name.

        Returns:
            The product and whether a listed name was hit exactly (else a subdomain of one), or None.
        """
        if host.endswith(_DELIVERED):
            inner = self.host(host.rpartition(".")[0].rpartition(".")[0])
            if inner is not None:
                return inner[0], False
        hosts = self.hosts
        product = hosts.get(host) or self.hosting.get(host)
        if product is not None:
            return product, True
        ends = self._ends
        cut = host.find(".") + 1
        while cut:
            parent = host[cut:]
            if parent in hosts:
                return hosts[parent], False
            if parent in ends:
                return None
            cut = host.find(".", cut) + 1
        return None

    def says_nothing(self, host: str) -> bool:
        """Say whether a host stands beside any application: a sign-in host, a reseller's and the like."""
        last = host.rfind(".")
        if host[host.rfind(".", 0, last) + 1 :] not in self._neutral_homes:
            return False
        neutral = self._neutral
        if host in neutral:
            return True
        cut = host.find(".")
        while cut != -1:
            if host[cut + 1 :] in neutral:
                return True
            cut = host.find(".", cut + 1)
        return False

    def shared_parent(self, host: str) -> str | None:
        """Give the vendor domain that several products share and `host` lies under, if any."""
        shared = self.shared
        while host not in shared:
            cut = host.find(".") + 1
            if not cut:
                return None
            host = host[cut:]
        return host
