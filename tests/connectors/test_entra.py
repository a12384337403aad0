"""The Entra ID connector against its simulator: the contract."""

from datetime import UTC, datetime

from connectors.conformance import Case, conformance_suite
from connectors.entra.connector import EntraConnector
from connectors.entra.simulator import EntraSimulator, sample_world
from connectors.entra.simulator_world import TENANT

NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
CLIENT = "0c11e470-0000-4000-8000-000000000001"
SECRET = "s3cr3t~of~penumbra~in~entra"


def case() -> Case:
    simulator = EntraSimulator(sample_world(NOW), client_id=CLIENT, client_secret=SECRET, page_limit=2)
    return Case(
        connector=EntraConnector,
        simulator=simulator,
        config=lambda url: {
            "base_url": url,
            "token_url": url,
            "tenant_id": TENANT,
            "client_id": CLIENT,
            "client_secret": SECRET,
            "first_days": 1,
        },
        secrets=(SECRET, "simulated.graph.token"),
        renewable=True,
    )


TestConformance = conformance_suite(case)
