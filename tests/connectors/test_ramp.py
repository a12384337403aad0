from datetime import UTC, datetime

from connectors.conformance import Case, conformance_suite
from connectors.ramp.connector import RampConnector
from connectors.ramp.sample import sample_world
from connectors.ramp.simulator import RampSimulator

NOW = datetime.now(UTC)
SECRET = "ramp_sec_5d0f6b7e1a"


def case() -> Case:
    simulator = RampSimulator(sample_world(NOW), client_id="ramp_id_1", client_secret=SECRET, page_limit=3)
    return Case(
        connector=RampConnector,
        simulator=simulator,
        config=simulator.config,
        secrets=(SECRET, "ramp_tok_"),
        next_is_link=True,
        renewable=True,
    )


TestConformance = conformance_suite(case)
