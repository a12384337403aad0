"""What the tests of the Okta connector share."""

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from connectors.base import Cursor, Page
from connectors.conformance import Patience
from connectors.observations import Observation
from connectors.okta.connector import OktaConnector
from connectors.okta.simulator import OktaSimulator
from connectors.okta.world import OktaWorld, okta_id, user_record
from connectors.simulation import serve

TOKEN = "00aVerySecretApiToken"
CLIENT = "0oaserviceapp00000697"
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
NOW = datetime.now(UTC).replace(microsecond=0)
OLD = NOW - timedelta(days=400)


def pem(key: Any) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def simulator(world: OktaWorld, **more: Any) -> OktaSimulator:
    return OktaSimulator(world, tokens=(TOKEN,), **more)


def people(count: int) -> list[dict[str, Any]]:
    return [
        user_record(okta_id("00u", n), f"p{n}@acme.example", "Pat", f"No{n}", at=OLD)
        for n in range(1, count + 1)
    ]


@contextlib.asynccontextmanager
async def connected(
    sim: OktaSimulator, patience: Patience | None = None, **config: Any
) -> AsyncIterator[OktaConnector]:
    """A connector that talks to `sim` over HTTP; with an API token unless `config` says otherwise."""
    with serve(sim.app) as url:
        given = {"base_url": url, **(config or {"api_token": TOKEN})}
        if not config.keys() & {"api_token", "client_id"}:
            given["api_token"] = TOKEN
        context = (patience or Patience()).context()
        async with OktaConnector(OktaConnector.Config.model_validate(given), context) as connector:
            yield connector


async def read(connector: OktaConnector, stream: str, cursor: Cursor | None = None) -> list[Page]:
    found = next(s for s in connector.streams() if s.name == stream)
    return [page async for page in found.pages(cursor)]


async def read_from(
    sim: OktaSimulator, stream: str, cursor: Cursor | None = None, **config: Any
) -> list[Page]:
    async with connected(sim, **config) as connector:
        return await read(connector, stream, cursor)


def seen(pages: list[Page], kind: type[Any]) -> list[Any]:
    found: list[Observation] = [o for page in pages for o in page.observations]
    return [o for o in found if isinstance(o, kind)]
