"""The Okta connector against its simulator: the contract, with each way to authenticate."""

from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from connectors.conformance import Case, conformance_suite
from connectors.okta.connector import OktaConnector
from connectors.okta.simulator import OktaSimulator, sample_world

TOKEN = "00aVerySecretApiToken"
CLIENT = "0oaserviceapp00000697"
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


def pem(key: Any) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def token_case() -> Case:
    return Case(
        connector=OktaConnector,
        simulator=OktaSimulator(sample_world(), tokens=(TOKEN,), page_limit=3),
        config=lambda url: {"base_url": url, "api_token": TOKEN},
        secrets=(TOKEN,),
    )


def service_case(key: Any, *, dpop: bool) -> Case:
    simulator = OktaSimulator(
        sample_world(), tokens=(), page_limit=3, clients={CLIENT: key.public_key()}, dpop=dpop
    )
    return Case(
        connector=OktaConnector,
        simulator=simulator,
        config=lambda url: {"base_url": url, "client_id": CLIENT, "private_key": pem(key)},
        secrets=(pem(key), pem(key).splitlines()[1]),
        renewable=True,
    )


TestConformance = conformance_suite(token_case)
TestConformanceOfServiceApp = conformance_suite(lambda: service_case(RSA_KEY, dpop=False))
TestConformanceWithDPoP = conformance_suite(lambda: service_case(EC_KEY, dpop=True))
