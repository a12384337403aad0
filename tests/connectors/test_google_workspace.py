"""The Google Workspace connector against its simulator."""

from connectors.base import utc_now
from connectors.conformance import Case, conformance_suite
from connectors.google_workspace.connector import GoogleWorkspaceConnector
from connectors.google_workspace.sample import ADMIN, sample_world
from connectors.google_workspace.simulator import GoogleWorkspaceSimulator, make_service_account

NOW = utc_now()


def case() -> Case:
    key = make_service_account()
    simulator = GoogleWorkspaceSimulator(
        sample_world(NOW),
        service_account_email=key.email,
        public_key_pem=key.public_key_pem,
        page_limit=3,
    )
    return Case(
        connector=GoogleWorkspaceConnector,
        simulator=simulator,
        config=lambda url: {
            "base_url": url,
            "token_url": f"{url}/token",
            "service_account": key.key_file,
            "admin_email": ADMIN,
            "first_days": 30,
        },
        secrets=(key.key_file, key.key_file.split("\\n")[5], "ya29."),
        next_is_link=False,
        renewable=True,
    )


TestConformance = conformance_suite(case)
