"""The simulated company's vendors: one real HTTP server each, and what connecting them takes."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from app.sandbox.company import Company
from app.sandbox.worlds import build_worlds
from connectors.entra.simulator import EntraSimulator
from connectors.google_workspace.simulator import GoogleWorkspaceSimulator, make_service_account
from connectors.okta.simulator import OktaSimulator
from connectors.ramp.simulator import RampSimulator
from connectors.simulation import serve

_FAST = "rate_share=1000"
"""The simulators are asked faster than the vendors would allow."""


@dataclass(frozen=True)
class Vendor:
    """One source of the demo: how a person would connect it."""

    name: str
    connector: str
    settings: list[str]
    secret_files: dict[str, Path] = field(default_factory=dict)


@contextlib.contextmanager
def running_vendors(company: Company, folder: Path) -> Iterator[list[Vendor]]:
    """Start every vendor of the company; they stop with the block.

    Args:
        company: whose vendors.
        folder: where secrets and statement files are put.
    """
    worlds = build_worlds(company, folder / "statements")
    secrets = folder / "secrets"
    secrets.mkdir(mode=0o700, parents=True, exist_ok=True)

    def secret(name: str, value: str) -> Path:
        path = secrets / name
        path.touch(mode=0o600)
        path.write_text(value)
        return path

    account = make_service_account()
    with contextlib.ExitStack() as stack:
        okta = stack.enter_context(serve(OktaSimulator(worlds.okta, tokens=("demo-okta-token",)).app))
        entra = stack.enter_context(
            serve(
                EntraSimulator(worlds.entra, client_id="demo-client", client_secret="demo-entra-secret").app
            )
        )
        google = stack.enter_context(
            serve(
                GoogleWorkspaceSimulator(
                    worlds.google,
                    service_account_email=account.email,
                    public_key_pem=account.public_key_pem,
                ).app
            )
        )
        ramp = stack.enter_context(
            serve(RampSimulator(worlds.ramp, client_id="demo-client", client_secret="demo-ramp-secret").app)
        )
        yield [
            Vendor(
                "okta", "okta", [f"base_url={okta}", _FAST], {"api_token": secret("okta", "demo-okta-token")}
            ),
            Vendor(
                "entra",
                "entra",
                [
                    f"base_url={entra}",
                    f"token_url={entra}",
                    f"tenant_id={worlds.entra.tenant_id}",
                    "client_id=demo-client",
                    _FAST,
                ],
                {"client_secret": secret("entra", "demo-entra-secret")},
            ),
            Vendor(
                "google",
                "google_workspace",
                [
                    f"base_url={google}",
                    f"token_url={google}/token",
                    f"admin_email={worlds.google_admin}",
                    "may_revoke=true",
                    _FAST,
                ],
                {"service_account": secret("google", account.key_file)},
            ),
            Vendor(
                "ramp",
                "ramp",
                [f"base_url={ramp}/developer/v1", "client_id=demo-client", _FAST],
                {"client_secret": secret("ramp", "demo-ramp-secret")},
            ),
            Vendor(
                "statements", "files", [f"path={folder / 'statements'}", "account=subsidiary", "currency=EUR"]
            ),
        ]
