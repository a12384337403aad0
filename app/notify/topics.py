"""What can be told, and how a person hears of it who has said nothing about it. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Mode(StrEnum):
    """How a person wants to hear of a topic."""

    NOW = "now"
    DIGEST = "digest"
    OFF = "off"


@dataclass(frozen=True)
class Topic:
    """One kind of message.

    Attributes:
        name: `review.question`; what stands before the dot is its group.
        title: for the page of preferences.
        mode: how people hear of it who have not chosen.
        urgent: may pass quiet hours.
        personal: told to those who are named and to no channel, whatever topics it wants.
        asked: the receiver asked for that very message: it comes at once, and is nothing to choose or end.
    """

    name: str
    title: str
    mode: Mode = Mode.DIGEST
    urgent: bool = False
    personal: bool = False
    asked: bool = False


REPORT_MONTHLY = "report.monthly"
REPORT_ASKED = "report.asked"
REPORTS = frozenset({REPORT_MONTHLY, REPORT_ASKED})
"""What is stored in the language of whoever gets it."""
ADOPTER_ASK = "adopter.ask"
CHANNEL_TEST = "channel.test"

TOPICS = MappingProxyType(
    {
        topic.name: topic
        for topic in (
            Topic("tool.flagged", "A tool was flagged for joint review"),
            Topic("tool.changed", "A tool got more access, people or cost"),
            Topic("pass.given", "The policy lets a tool be used for now"),
            Topic("pass.ended", "A pass of the policy ended"),
            Topic("claim.asked", "You are asked whether a tool is yours"),
            Topic("claim.made", "Somebody claims a tool"),
            Topic("claim.contested", "A claim is contested, or that waits for your side", Mode.NOW),
            Topic("claim.lapsing", "Your ownership of a tool is about to lapse", Mode.NOW),
            Topic("claim.lapsed", "The ownership of a tool lapsed"),
            Topic("review.opened", "A joint review was opened"),
            Topic("review.waiting", "A joint review waits for your side"),
            Topic("review.late", "A joint review waits longer for your side than was promised", Mode.NOW),
            Topic("review.question", "The other side asks a question", Mode.NOW),
            Topic("review.comment", "A comment in a joint review"),
            Topic("review.deadlock", "A joint review cannot go on without an arbiter", Mode.NOW),
            Topic("review.decided", "A joint review was decided"),
            Topic("review.reopened", "A decision was opened again", Mode.NOW),
            Topic("condition.due", "A promise of yours is due soon", Mode.NOW),
            Topic("condition.missed", "A promise was missed", Mode.NOW, urgent=True),
            Topic("decision.expiring", "A provisional decision ends soon", Mode.NOW),
            Topic("renewal.due", "A subscription renews soon"),
            Topic("request.answered", "A request of yours was answered", Mode.NOW),
            Topic("remediation.confirm", "Ending access waits for your confirmation", Mode.NOW),
            Topic("source.attention", "A source needs attention", Mode.NOW),
            Topic("privacy.revealed", "A name behind a pseudonym was shown to an administrator", Mode.NOW),
            Topic(REPORT_MONTHLY, "The joint report of a month", Mode.NOW, personal=True),
            Topic(
                REPORT_ASKED,
                "A joint report that you asked for",
                Mode.NOW,
                urgent=True,
                personal=True,
                asked=True,
            ),
            Topic(ADOPTER_ASK, "What is this tool for?", Mode.NOW),
            Topic(CHANNEL_TEST, "A test of a channel", Mode.NOW, urgent=True),
        )
    }
)


def topic_of(name: str) -> Topic:
    """The topic of this name.

    Raises:
        ValueError: there is none; a misspelt topic would reach nobody who waits for it.
    """
    found = TOPICS.get(name)
    if found is None:
        raise ValueError(f"there is no topic {name!r}; add it to app/notify/topics.py")
    return found


def wanted(patterns: list[str], topic: str) -> bool:
    """Whether one of a channel's patterns (`review.decided`, `review.*`, `*`) names this topic."""
    return any(p in {"*", topic} or (p.endswith(".*") and topic.startswith(p[:-1])) for p in patterns)


def known_pattern(pattern: str) -> bool:
    """Whether a channel's pattern can ever name a topic."""
    return any(wanted([pattern], name) for name in TOPICS)
