"""Which hosts in an application's addresses belong to its maker."""

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

_SHARED = frozenset(
    {
        "microsoft.com",
        "microsoftonline.com",
        "windowsazure.com",
        "windows.net",
        "azurewebsites.net",
        "azure.com",
        "azure-api.net",
        "azureedge.net",
        "cloudapp.net",
        "office.com",
        "office365.com",
        "sharepoint.com",
        "live.com",
        "outlook.com",
        "b2clogin.com",
        "ciamlogin.com",
        "msappproxy.net",
        "aka.ms",
        "visualstudio.com",
        "powerapps.com",
        "botframework.com",
        "onmicrosoft.com",
    }
)
"""Microsoft's hosts, and those it lets to everybody: they say nothing about who made an app."""
MOST = 8
"""A registration may list hundreds of reply addresses; the first few name the maker."""


def domains_of(urls: Iterable[str | None], own: frozenset[str]) -> tuple[str, ...]:
    """Host names out of an application's addresses, in order, each once.

    Args:
        urls: home page, login and reply addresses, names; null, custom schemes, URNs and plain
            GUIDs are passed over, and `https://*.maker.example` counts as `maker.example`.
        own: the company's own domains, whose hosts are left out.
    """
    found: dict[str, None] = {}
    for url in urls:
        host = _host(url)
        if host and not _ends_in(host, _SHARED) and not _ends_in(host, own):
            found[host] = None
        if len(found) == MOST:
            break
    return tuple(found)


def _host(url: str | None) -> str | None:
    try:
        parts = urlsplit((url or "").strip())
        host = (parts.hostname or "").rstrip(".").removeprefix("*.")
    except ValueError:
        return None
    if parts.scheme not in {"https", "http"} or "." not in host or "*" in host:
        return None
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return None if host.endswith((".local", ".localhost", ".internal")) else host
    return None


def _ends_in(host: str, domains: frozenset[str]) -> bool:
    labels = host.split(".")
    return any(".".join(labels[start:]) in domains for start in range(len(labels)))
