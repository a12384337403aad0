"""Every table, once."""

from app.models.access import first_links, sessions, user_identities
from app.models.base import metadata
from app.models.catalog import merchants, tool_departments, tool_identifiers, tool_sources, tools
from app.models.claims import claim_events, ownership_people, ownerships, tool_declines
from app.models.notify import (
    adopter_answers,
    channels,
    deliveries,
    messages,
    notification_preferences,
    subscriptions,
)
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
from app.models.policy import passes, policies, policy_alerts
from app.models.remediation import remediation_plans, remediation_steps
from app.models.reporting import report_subscriptions
from app.models.requests import requests
from app.models.reviews import review_conditions, review_events, review_reminders, reviews
from app.models.security import api_tokens, audit_events, audit_head, audit_looks, users
from app.models.sources import due_ticks, leases, scan_skips, scans, sources, stream_states
from app.models.spend import contracts, renewal_notices, tool_subscriptions
from app.models.teaching import teachings
from app.models.views import saved_views

__all__ = [
    "accounts",
    "adopter_answers",
    "api_tokens",
    "apps",
    "assignments",
    "audit_events",
    "audit_head",
    "audit_looks",
    "channels",
    "claim_events",
    "consent_events",
    "contracts",
    "deliveries",
    "due_ticks",
    "expenses",
    "first_links",
    "grants",
    "leases",
    "merchants",
    "messages",
    "metadata",
    "notification_preferences",
    "ownership_people",
    "ownerships",
    "passes",
    "people",
    "policies",
    "policy_alerts",
    "recent_events",
    "remediation_plans",
    "remediation_steps",
    "renewal_notices",
    "report_subscriptions",
    "requests",
    "review_conditions",
    "review_events",
    "review_reminders",
    "reviews",
    "saved_views",
    "scan_skips",
    "scans",
    "sessions",
    "sign_in_days",
    "sources",
    "stream_states",
    "subscriptions",
    "teachings",
    "tool_declines",
    "tool_departments",
    "tool_identifiers",
    "tool_sources",
    "tool_subscriptions",
    "tools",
    "user_identities",
    "users",
]
