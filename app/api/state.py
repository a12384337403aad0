"""What one running application holds: made once in `app.main`, reached through dependencies."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.engine import Connection, Engine
from starlette.requests import HTTPConnection

from app.api.metrics import Metrics
from app.catalog.assess import assess
from app.catalog.service import Reassess
from app.clock import Clock, utc_now
from app.identify import default_knowledge_base
from app.policy.simulation import RenewalsOf, nothing_renews
from app.reporting.gathering import JointReport
from app.reporting.service import Letter
from app.reporting.service import Write as WriteReport
from app.requests.partners import Partners
from app.reviews.choosing import HouseRules
from app.security.openid import OpenId
from app.security.privacy import Veil
from app.security.schemas import Caller
from app.security.secrets import SecretBox
from app.security.service import Gate
from app.security.sessions import SessionGate
from app.security.veils import Veils
from app.settings import Settings
from app.spend.partners import OwnersOf, nobody
from connectors.base import Context


def unwritten(_report: JointReport, _locale: str, _now: datetime) -> Letter:
    """Where nobody was lent that can write a report."""
    raise LookupError("nothing was lent that writes reports")


VeilOf = Callable[[Connection], Veil]
"""Gives a caller's veil, in a transaction."""


def reassess(connection: Connection, tool_ids: Sequence[int], now: datetime) -> int:
    """Work out the facts of some tools again, by the shipped knowledge base."""
    return assess(connection, default_knowledge_base(), tool_ids, now)


@dataclass(frozen=True)
class AppState:
    """The parts that endpoints share."""

    settings: Settings
    engine: Engine
    gate: Gate
    sessions: SessionGate
    secrets: SecretBox
    veils: Veils
    metrics: Metrics
    house: HouseRules
    partners: Partners
    context: Context = field(default_factory=Context)
    clock: Clock = utc_now
    reassess: Reassess = reassess
    owners_of: OwnersOf = nobody
    renewals_of: RenewalsOf = nothing_renews
    openid: OpenId | None = None
    write_report: WriteReport = unwritten

    def veil_of(self, caller: Caller) -> VeilOf:
        """Gives this caller's veil, for what opens its transactions later."""
        return lambda connection: self.veils.of(connection, caller)


def state_of(connection: HTTPConnection) -> AppState:
    """The state of the application that serves this request."""
    return connection.app.state.penumbra
