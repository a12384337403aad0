"""The API's router: every feature's endpoints under /api/v1, health beside them."""

from fastapi import APIRouter

from app.api import PREFIX, health
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
from app.sources import endpoints as sources
from app.spend import endpoints as spend
from app.teaching import endpoints as teaching
from app.views import endpoints as views

router = APIRouter()
router.include_router(catalog.hot, prefix=PREFIX)  # routes are tried in order
router.include_router(health.router)
for feature in (
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
):
    router.include_router(feature.router, prefix=PREFIX)
