"""The words of the catalog: what each fact about a tool may be. Pure."""

from enum import StrEnum


class Identity(StrEnum):
    """Whether we know which product it is."""

    IDENTIFIED = "identified"
    UNIDENTIFIED = "unidentified"


class Evidence(StrEnum):
    """Whether it is in use."""

    ACTIVE = "active"
    DORMANT = "dormant"
    GONE = "gone"


class Governance(StrEnum):
    """What IT and marketing decided together."""

    UNREVIEWED = "unreviewed"
    IN_REVIEW = "in_review"
    SANCTIONED = "sanctioned"
    SANCTIONED_WITH_CONDITIONS = "sanctioned_with_conditions"
    PROVISIONAL = "provisional"
    RETIRING = "retiring"
    RETIRED = "retired"
    DISMISSED = "dismissed"


class Ownership(StrEnum):
    """Whether somebody in the business answers for it."""

    UNOWNED = "unowned"
    CLAIMED = "claimed"
    OWNED = "owned"
    LAPSED = "lapsed"


class Audience(StrEnum):
    """Whom it is for."""

    MARKETING = "marketing"
    OTHER = "other"
    UNSURE = "unsure"


class Grade(StrEnum):
    """How much is at stake if a permission is misused."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class ExpenseState(StrEnum):
    """Where a charge stands."""

    PENDING = "pending"
    POSTED = "posted"
    REFUND = "refund"
    DECLINED = "declined"
    VOID = "void"
