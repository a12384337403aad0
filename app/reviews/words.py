"""The words of a review. Pure."""

from collections.abc import Mapping
from enum import StrEnum

from app.security.schemas import Side


class Item(StrEnum):
    """What a side assesses before it turns its key."""

    INTEGRATION = "integration"
    SECURITY = "security"
    OPERATIONS = "operations"
    VENDOR_MANAGEMENT = "vendor_management"
    REQUIREMENTS = "requirements"
    OUTCOME_AND_OWNER = "outcome_and_owner"
    BUDGET = "budget"

    @property
    def words(self) -> str:
        """The item as it is written in a sentence."""
        return self.value.replace("_", " ")


ITEMS: Mapping[Side, tuple[Item, ...]] = {
    Side.IT: (Item.INTEGRATION, Item.SECURITY, Item.OPERATIONS, Item.VENDOR_MANAGEMENT),
    Side.MARKETING: (Item.REQUIREMENTS, Item.OUTCOME_AND_OWNER, Item.BUDGET),
}
"""All items of each side; a lane may ask for fewer."""


def side_of(item: Item) -> Side:
    """Whose item it is."""
    return Side.IT if item in ITEMS[Side.IT] else Side.MARKETING


def started(side: Side) -> str:
    """A side as a sentence begins with it."""
    return side.words[0].upper() + side.words[1:]


class Verdict(StrEnum):
    """What a side found about an item."""

    OK = "ok"
    CONCERN = "concern"
    BLOCKER = "blocker"
    NOT_NEEDED = "not_needed"


class Cause(StrEnum):
    """Why a review was opened."""

    FLAG = "flag"
    CLAIM = "claim"
    REQUEST = "request"
    REOPENED = "reopened"


class Lane(StrEnum):
    """How heavy a review is."""

    FAST = "fast"
    STANDARD = "standard"
    FULL = "full"


class Outcome(StrEnum):
    """What was decided."""

    SANCTIONED = "sanctioned"
    SANCTIONED_WITH_CONDITIONS = "sanctioned_with_conditions"
    PROVISIONAL = "provisional"
    MIGRATE = "migrate"
    RETIRE = "retire"
    DISMISSED = "dismissed"


SANCTIONING = frozenset({Outcome.SANCTIONED, Outcome.SANCTIONED_WITH_CONDITIONS, Outcome.PROVISIONAL})
"""Outcomes that let the company use the tool."""


class Standing(StrEnum):
    """Where a review stands."""

    OPEN = "open"
    DEADLOCK = "deadlock"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


class Party(StrEnum):
    """Whom a review can wait on."""

    IT = "it"
    MARKETING = "marketing"
    ARBITERS = "arbiters"


class ConditionState(StrEnum):
    """How a promise stands."""

    OPEN = "open"
    KEPT = "kept"
    MISSED = "missed"
    WAIVED = "waived"
