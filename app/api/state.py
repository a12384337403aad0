"""What one running application holds: made once in `app.main`, reached through dependencies."""

from dataclasses import dataclass, field

from sqlalchemy.engine import Engine
from starlette.requests import HTTPConnection

from app.api.metrics import Metrics
from app.clock import Clock, utc_now
from app.security.secrets import SecretBox
from app.security.service import Gate
from app.settings import Settings
from connectors.base import Context


@dataclass(frozen=True)
class AppState:
    """The parts that endpoints share."""

    settings: Settings
    engine: Engine
    gate: Gate
    secrets: SecretBox
    metrics: Metrics
    context: Context = field(default_factory=Context)
    clock: Clock = utc_now


def state_of(connection: HTTPConnection) -> AppState:
    """The state of the application that serves this request."""
    return connection.app.state.penumbra
