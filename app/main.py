"""Puts the application together: settings, database, API, pages."""

from datetime import timedelta
from importlib.metadata import PackageNotFoundError, version

from fastapi import FastAPI
from sqlalchemy.engine import Engine
from starlette.middleware import Middleware

from app import logs
from app.api import PREFIX
from app.api.main import router
from app.api.metrics import Metrics
from app.api.middleware import Envelope, Guard
from app.api.openapi import document
from app.api.state import AppState, reassess
from app.clock import Clock, utc_now
from app.db import make_engine
from app.joining import house_rules, owners_of, partners
from app.security.openid import OpenId
from app.security.openid_wire import Wire
from app.security.secrets import SecretBox
from app.security.service import Gate
from app.security.sessions import SessionGate
from app.security.veils import Veils
from app.settings import Settings
from app.spend.service import renewal_days
from app.web import main as web
from app.web import report_letter
from connectors.base import Context


def create_app(
    settings: Settings,
    engine: Engine | None = None,
    *,
    context: Context | None = None,
    clock: Clock = utc_now,
) -> FastAPI:
    """The application, ready to be served.

    Args:
        settings: what it was told from outside.
        engine: the database, if the caller has it open already.
        context: the network and patience that connectors are lent when a source is checked.
        clock: tells the time.

    Raises:
        ValueError: the secret key is not a Fernet key.
    """
    logs.configure()
    engine = engine or make_engine(settings.url)
    metrics = Metrics()
    gate = Gate(engine, clock=clock)
    app = FastAPI(
        title="Penumbra",
        version=_version(),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        middleware=[
            Middleware(Envelope, metrics=metrics, failure=web.failure),
            Middleware(Guard, gate=gate, protected=(PREFIX, "/metrics")),
            Middleware(web.Speaking),
        ],
    )
    house = house_rules()
    secrets = SecretBox.from_settings(settings)
    app.state.penumbra = AppState(
        settings=settings,
        engine=engine,
        gate=gate,
        sessions=SessionGate(engine, clock=clock, idle=timedelta(minutes=settings.session_idle_minutes)),
        secrets=secrets,
        veils=Veils(settings, secrets),
        metrics=metrics,
        context=context or Context(),
        clock=clock,
        openid=_openid(settings, clock),
        house=house,
        partners=partners(house, reassess),
        owners_of=owners_of,
        renewals_of=renewal_days,
        write_report=report_letter.write,
    )
    # As they are, not included once more: an application would work out every address of its own anew.
    app.router.routes.extend(router.routes)
    app.openapi = lambda: document(app)  # type: ignore[method-assign]
    web.install(app)
    return app


def _openid(settings: Settings, clock: Clock) -> OpenId | None:
    if not settings.oidc_issuer:
        return None
    return OpenId(settings, Wire(settings.oidc_issuer, settings.oidc_hosts), clock=clock)


def _version() -> str:
    try:
        return version("penumbra")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "0"
