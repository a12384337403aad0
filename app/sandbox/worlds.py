"""The company in every vendor's own shapes, ready for the simulators.

The records are plain; the dataclasses that hold them belong to the connectors and are imported
only when they are wanted.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.sandbox.company import Company
from app.sandbox.entra_world import entra_records
from app.sandbox.google_world import administrator, google_records
from app.sandbox.okta_world import okta_records
from app.sandbox.ramp_world import ramp_records
from app.sandbox.statements import Statement, statements, write_statements

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


@dataclass(frozen=True)
class Worlds:
    """What the simulators serve.

    Attributes:
        google_admin: the administrator in whose name the Workspace account is read.
        statements: the subsidiary's statement files, already written.
    """

    okta: "OktaWorld"
    entra: "EntraWorld"
    google: "GoogleWorld"
    ramp: "RampWorld"
    google_admin: str
    statements: tuple[Path, ...]


def build_worlds(company: Company, statements_folder: Path) -> Worlds:
    """Make every simulator's world, and write the statement files.

    Args:
        company: who lives in it.
        statements_folder: where the statement files go; made where missing.
    """
    from connectors.entra.simulator import EntraWorld
    from connectors.google_workspace.simulator import GoogleWorld
    from connectors.okta.simulator import OktaWorld
    from connectors.ramp.simulator import RampWorld

    records = build_records(company)
    return Worlds(
        okta=OktaWorld(**records.okta),
        entra=EntraWorld(**records.entra),
        google=GoogleWorld(**records.google),
        ramp=RampWorld(**records.ramp),
        google_admin=administrator(company).email,
        statements=tuple(write_statements(company, statements_folder)),
    )
