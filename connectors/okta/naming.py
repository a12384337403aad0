"""What an app's settings say about its maker: catalogue key and host names, and which of them say nothing."""

import ipaddress
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

Record = dict[str, Any]

GENERIC_KEYS = frozenset({"oidc_client", "bookmark", "scaleft", "radius_generic_app", "okta_org2org"})
"""Keys of generic templates: they say how an app was set up, not which one it is."""
OKTA_HOSTS = (
    "okta.com",
    "oktapreview.com",
    "okta-emea.com",
    "okta-gov.com",
    "okta.mil",
    "trexcloud.com",
    "oktacdn.com",
)
PRIVATE_TLDS = frozenset(
    {
        "localhost",
        "local",
        "localdomain",
        "internal",
        "intranet",
        "lan",
        "corp",
        "home",
        "private",
        "test",
        "invalid",
    }
)
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]*[a-z][a-z0-9-]*")
_CUSTOM_KEY = re.compile(r"(.+)_\d+")


def inner(record: Mapping[str, Any], *path: str) -> Record:
    """The object at `path`, or an empty one where any step is missing, null or no object."""
    value: Any = record
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def text(value: Any) -> str | None:
    """A non-empty string without outer space, else None; numbers are written out."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.strip() or None if isinstance(value, str) else None


def org_names(hosts: Collection[str]) -> frozenset[str]:
    """How an org's subdomain may begin a generated app key, and how its own web domain may be called.

    Args:
        hosts: the org's hosts (`acme-corp.okta.com`).

    Returns:
        `acme-corp`, `acmecorp`, `acme_corp`: Okta leaves out the hyphen in generated keys.
    """
    names: set[str] = set()
    for host in hosts:
        if not _HOST.fullmatch(host):
            continue
        label = host.lower().split(".")[0].removesuffix("-admin")
        names |= {label, label.replace("-", ""), label.replace("-", "_")}
    return frozenset(names)


def is_catalogue_key(key: str, named: Collection[str]) -> bool:
    """Whether a key names an app of Okta's catalogue.

    Not so: the generic templates, and `{org}_{label}_n`, which Okta makes up for custom apps.

    Args:
        key: the app's `name`.
        named: what a generated key may begin with, see `org_names`.
    """
    if key in GENERIC_KEYS or key.startswith("template_"):
        return False
    generated = _CUSTOM_KEY.fullmatch(key)
    return not (generated and any(generated[1].startswith(f"{name}_") for name in named))


def link_hosts(record: Record) -> Iterator[str]:
    """Hosts under which an app record links to itself: the org's own, also behind a custom domain."""
    for name in ("metadata", "users", "groups", "deactivate"):
        href = inner(record, "_links", name).get("href")
        host = _host(href) if isinstance(href, str) else None
        if host:
            yield host


def maker_hosts(record: Record, named: Collection[str]) -> tuple[list[str], bool]:
    """The hosts of an app's maker, and whether its settings also name private ones or the company's own.

    Args:
        record: as `/api/v1/apps` lists it.
        named: how the org is called, see `org_names`: its own hosts are left out.
    """
    settings = inner(record, "settings")
    client = inner(settings, "oauthClient")
    sign_on = inner(settings, "signOn")
    values: list[Any] = [
        value
        for name, value in inner(settings, "app").items()
        if name.lower().endswith("url") or name == "domain"
    ]
    values += [sign_on.get(name) for name in ("ssoAcsUrl", "ssoAcsUrlOverride", "audience")]
    values += [client.get(name) for name in ("client_uri", "initiate_login_uri")]
    redirects = client.get("redirect_uris")
    values += redirects if isinstance(redirects, list) else []
    public: list[str] = []
    private = False
    for host in (_host(value) for value in values if isinstance(value, str)):
        if host is None:
            continue
        if _is_private(host) or _is_own(host, named):
            private = True
        elif _HOST.fullmatch(host) and not _is_okta(host) and host not in public:
            public.append(host)
    return public, private


def _host(value: str) -> str | None:
    value = value.strip()
    if "://" in value:
        if not value.lower().startswith(("https://", "http://")):
            return None  # the scheme of a mobile app
    elif ":" in value or "/" in value or "." not in value:
        return None  # a URN, or an entity id that is just a name
    else:
        value = f"https://{value}"
    try:
        host = (urlsplit(value).hostname or "").lower()
    except ValueError:
        return None
    return host.removeprefix("*.").removeprefix("www.").rstrip(".") or None


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.rpartition(".")[2] in PRIVATE_TLDS or host.endswith(".home.arpa")


def _is_okta(host: str) -> bool:
    return any(host == okta or host.endswith(f".{okta}") for okta in OKTA_HOSTS)


def _is_own(host: str, named: Collection[str]) -> bool:
    # acme.okta.com is run by whoever owns acme.com (or acme.co.uk), not by an app's maker.
    labels = host.split(".")
    own = labels[-3] if len(labels) > 2 and len(labels[-2]) <= 3 else labels[-2]
    return own in named
