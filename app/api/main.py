"""The API's router: every feature's endpoints, and health beside them."""

from fastapi import APIRouter
from fastapi.routing import APIRoute

from app.api import health
from app.api.dependencies import roles_of
from app.catalog import endpoints as catalog
from app.catalog import exports
from app.claims import endpoints as claims
from app.notify import endpoints as notify
from app.policy import endpoints as policy
from app.remediation import endpoints as remediation
from app.reporting import endpoints as reporting
from app.requests import endpoints as requests
from app.reviews import endpoints as reviews
from app.scans import endpoints as scans
from app.security import endpoints as security
from app.security.schemas import Role
from app.sources import endpoints as sources
from app.spend import endpoints as spend
from app.teaching import endpoints as teaching
from app.views import endpoints as views

FEATURES = (
    security,
    sources,
    scans,
    exports,
    teaching,
    claims,
    notify,
    policy,
    reviews,
    remediation,
    requests,
    reporting,
    spend,
    views,
    catalog,
)
router = APIRouter()
# One list without routers inside it, each of which would look through its own addresses twice a request.
for part in (catalog.hot, health.router, *(feature.router for feature in FEATURES)):  # tried in this order
    router.routes.extend(part.routes)


def roles() -> dict[tuple[str, str], frozenset[Role]]:
    """By method and address of each operation, the roles of which it takes one; see `roles_of`."""
    return {
        (method, route.path): roles_of(one.call for one in route.dependant.dependencies)
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }
