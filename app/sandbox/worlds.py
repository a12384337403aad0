"""The company in every vendor's own shapes, ready for the simulators.

The records are plain; the dataclasses that hold them belong to the connectors and are imported
only when they are wanted.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.sandbox.company import Company
from app.sandbox.entra_world import entra_records
from app.sandbox.google_world import google_records
from app.sandbox.okta_world import okta_records
from app.sandbox.ramp_world import ramp_records
from app.sandbox.statements import Statement, statements

if TYPE_CHECKING:
    from connectors.entra.simulator import EntraWorld
    from connectors.google_workspace.simulator import GoogleWorld
    from connectors.okta.simulator import OktaWorld
    from connectors.ramp.simulator import RampWorld


@dataclass(frozen=True)
class Records:
    """Every vendor's records, by the field names of the vendor's world."""

    okta: dict[str, Any]
    entra: dict[str, Any]
    google: dict[str, Any]
    ramp: dict[str, Any]
    statements: tuple[Statement, ...]


@contextmanager
def _without_collection() -> Iterator[None]:
    """Nothing made here is garbage: looking for some among a million dicts costs half of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def build_records(company: Company) -> Records:
    """Write the company down for all vendors."""
    with _without_collection():
        return Records(
            okta=okta_records(company),
            entra=entra_records(company),
            google=google_records(company),
            ramp=ramp_records(company),
            statements=statements(company),
        )


def okta_world(company: Company) -> "OktaWorld":
    """The company for Okta's simulator."""
    from connectors.okta.simulator import OktaWorld

    return OktaWorld(**okta_records(company))


def entra_world(company: Company) -> "EntraWorld":
    """The company for Microsoft Graph's simulator."""
    from connectors.entra.simulator import EntraWorld

    return EntraWorld(**entra_records(company))


def google_world(company: Company) -> "GoogleWorld":
    """The company for Google's simulator."""
    from connectors.google_workspace.simulator import GoogleWorld

    return GoogleWorld(**google_records(company))


def ramp_world(company: Company) -> "RampWorld":
    """The company for Ramp's simulator."""
    from connectors.ramp.simulator import RampWorld

    return RampWorld(**ramp_records(company))
