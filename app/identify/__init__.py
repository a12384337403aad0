"""Identification: which product an observed handle belongs to, and whether it is a marketing tool.

Pure functions over the shipped knowledge base: no database, no network, no clock.
"""

from app.identify.audience import Audience, AudienceSignals, audience
from app.identify.hints import NO_HINTS, SOFTWARE_MCC, Hints
from app.identify.lookalike import imitations
from app.identify.match import Match
from app.identify.matcher import identify, rank
from app.identify.merchants import normalise_merchant
from app.identify.normalise import normalise_name, registrable_domain
from app.identify.records import (
    KnowledgeBase,
    KnowledgeBaseError,
    Product,
    default_knowledge_base,
)
from app.identify.scopes import ScopeInfo, describe_scope, worst_grade
from app.identify.unknown import Unknown, describe_unknown

__all__ = [
    "NO_HINTS",
    "SOFTWARE_MCC",
    "Audience",
    "AudienceSignals",
    "Hints",
    "KnowledgeBase",
    "KnowledgeBaseError",
    "Match",
    "Product",
    "ScopeInfo",
    "Unknown",
    "audience",
    "default_knowledge_base",
    "describe_scope",
    "describe_unknown",
    "identify",
    "imitations",
    "normalise_merchant",
    "normalise_name",
    "rank",
    "registrable_domain",
    "worst_grade",
]
