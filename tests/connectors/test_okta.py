"""The Okta connector against its simulator: the contract, with each way to authenticate."""

from connectors.conformance import Case, conformance_suite
from connectors.okta.connector import OktaConnector
from connectors.okta.simulator import OktaSimulator, sample_world
from tests.connectors.okta_support import CLIENT, EC_KEY, TOKEN, pem


def token_case() -> Case:
    return Case(
        connector=OktaConnector,
        simulator=OktaSimulator(sample_world(), tokens=(TOKEN,), page_limit=3),
        config=lambda url: {"base_url": url, "api_token": TOKEN},
        secrets=(TOKEN,),
    )


def service_case() -> Case:
    simulator = OktaSimulator(
        sample_world(), tokens=(), page_limit=3, clients={CLIENT: EC_KEY.public_key()}, dpop=True
    )
    return Case(
        connector=OktaConnector,
        simulator=simulator,
        config=lambda url: {"base_url": url, "client_id": CLIENT, "private_key": pem(EC_KEY)},
        secrets=(pem(EC_KEY), pem(EC_KEY).splitlines()[1]),
        renewable=True,
    )


TestConformance = conformance_suite(token_case)
# DPoP takes every step of a plain service app and some more.
TestConformanceOfServiceApp = conformance_suite(service_case)
