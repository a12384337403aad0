"""Every table, once."""

from app.models.base import metadata
from app.models.catalog import merchants, tool_departments, tool_identifiers, tool_sources, tools
from app.models.observations import (
    accounts,
    apps,
    assignments,
    consent_events,
    expenses,
    grants,
    people,
    recent_events,
    sign_in_days,
)
from app.models.remediation import remediation_plans, remediation_steps
from app.models.requests import requests
from app.models.reviews import review_conditions, review_events, reviews
from app.models.security import api_tokens, audit_events, audit_head, users
from app.models.sources import due_ticks, leases, scan_skips, scans, sources, stream_states
from app.models.teaching import teachings

__all__ = [
    "accounts",
    "api_tokens",
    "apps",
    "assignments",
    "audit_events",
    "audit_head",
    "consent_events",
    "due_ticks",
    "expenses",
    "grants",
    "leases",
    "merchants",
    "metadata",
    "people",
    "recent_events",
    "remediation_plans",
    "remediation_steps",
    "requests",
    "review_conditions",
    "review_events",
    "reviews",
    "scan_skips",
    "scans",
    "sign_in_days",
    "sources",
    "stream_states",
    "teachings",
    "tool_departments",
    "tool_identifiers",
    "tool_sources",
    "tools",
    "users",
]
