"""What follows from a tool's evidence: evidence, managed by IT, shadow, flagged — each with its reasons.

Pure: it sees what the repository gathered and a clock value, and says what holds.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from app.language import lasting

DORMANT_AFTER = timedelta(days=90)
"""Nothing seen for so long makes a tool dormant."""

_SINGLE_SIGN_ON = {"saml": "SAML", "oidc": "OpenID Connect", "ws_federation": "WS-Federation"}

_NO_SET_UP = {"password", "bookmark"}
"""A link or a stored password on the dashboard: nobody integrated anything."""


@dataclass
class AppFacts:
    """One app of a tool in one source, as far as judging needs it."""

    source: str
    name: str
    live: bool
    """Listed, switched on, and not gone."""
    listed: bool
    sign_on: str
    provisioning: bool
    admin_only: bool = False
    """By the way the vendor works, only an administrator can have set it up."""
    groups: int = 0
    """Live assignments to groups."""
    admin_grants: int = 0
    """Live grants that an administrator gave for everybody."""
    last_event: datetime | None = None
    """The latest sign-in or consent."""
    last_seen: datetime | None = None
    live_grants: int = 0


@dataclass
class ToolFacts:
    """Everything about one tool that judging needs."""

    audience: str
    governance: str
    on_it_list: bool
    apps: list[AppFacts] = field(default_factory=list)
    last_expense: date | None = None
    passed: bool = False
    """The policy lets it be used for now; nobody decided on it."""


@dataclass(frozen=True)
class Judgement:
    """The facts of a tool that follow from its evidence, with reasons in sentences."""

    evidence: str
    managed: bool
    managed_reasons: list[str]
    shadow: bool
    shadow_reasons: list[str]
    flagged: bool
    flagged_reasons: list[str]
    last_seen: datetime | None


def judge(tool: ToolFacts, now: datetime) -> Judgement:
    """Decide the derived facts of one tool as of `now`."""
    evidence, seen = _evidence(tool, now)
    managed = _managed(tool)
    open_ = tool.governance in {"unreviewed", "in_review"}
    shadow = evidence == "active" and open_ and not managed
    flagged = tool.audience == "marketing" and evidence == "active" and tool.governance == "unreviewed"
    return Judgement(
        evidence=evidence,
        managed=bool(managed),
        managed_reasons=managed,
        shadow=shadow,
        shadow_reasons=_shadow_reasons(tool, evidence, managed, open_, seen),
        flagged=flagged,
        flagged_reasons=_flagged_reasons(evidence, seen) if flagged else [],
        last_seen=seen,
    )


def _evidence(tool: ToolFacts, now: datetime) -> tuple[str, datetime | None]:
    moments: list[datetime] = []
    gone = bool(tool.apps)
    for app in tool.apps:
        if app.live or app.live_grants:
            gone = False
            if app.last_seen is not None:
                moments.append(app.last_seen)
        if app.live or app.live_grants or not app.listed:
            # Events of an app that a complete scan no longer lists speak of the past only.
            gone = gone and app.listed
            if app.last_event is not None:
                moments.append(app.last_event)
    if tool.last_expense is not None:
        gone = False
        moments.append(datetime.combine(tool.last_expense, datetime.min.time(), tzinfo=now.tzinfo))
    if gone:
        past = [m for a in tool.apps for m in (a.last_event, a.last_seen) if m is not None]
        return "gone", max(past, default=None)
    seen = max(moments, default=None)
    if seen is not None and now - seen <= DORMANT_AFTER:
        return "active", seen
    return "dormant", seen


def _managed(tool: ToolFacts) -> list[str]:
    reasons = [lasting("It is on IT's own list of managed tools.")] if tool.on_it_list else []
    for app in tool.apps:
        in_use = app.live or (not app.listed and app.last_event is not None)
        if not in_use and not app.admin_grants:
            continue
        standard = _SINGLE_SIGN_ON.get(app.sign_on)
        count = lasting("a group") if app.groups == 1 else lasting("%(n)s groups", n=app.groups)
        if standard and app.provisioning:
            reasons.append(
                lasting(
                    "%(source)s: “%(name)s” signs in by %(standard)s, and accounts are provisioned.",
                    source=app.source,
                    name=app.name,
                    standard=standard,
                )
            )
        elif standard and app.groups:
            reasons.append(
                lasting(
                    "%(source)s: “%(name)s” signs in by %(standard)s and is assigned to %(count)s.",
                    source=app.source,
                    name=app.name,
                    standard=standard,
                    count=count,
                )
            )
        elif app.groups and app.sign_on not in _NO_SET_UP:
            reasons.append(
                lasting(
                    "%(source)s: an administrator assigned “%(name)s” to %(count)s.",
                    source=app.source,
                    name=app.name,
                    count=count,
                )
            )
        elif app.admin_only:
            reasons.append(
                lasting(
                    "%(source)s: only an administrator can have set up “%(name)s”.",
                    source=app.source,
                    name=app.name,
                )
            )
        if app.admin_grants:
            reasons.append(
                lasting(
                    "%(source)s: an administrator approved “%(name)s” for everybody.",
                    source=app.source,
                    name=app.name,
                )
            )
    return reasons


def _shadow_reasons(
    tool: ToolFacts, evidence: str, managed: list[str], open_: bool, seen: datetime | None
) -> list[str]:
    if evidence != "active":
        return [lasting("Not shadow: %(absence_word)s", absence_word=_absence(evidence, seen))]
    if tool.passed and tool.governance == "provisional":
        return [lasting("Not shadow: the policy lets it be used for now, without a joint decision.")]
    if not open_:
        return [
            lasting(
                "Not shadow: a joint decision was taken (%(governance_word)s).",
                governance_word=tool.governance.replace("_", " "),
            )
        ]
    if managed:
        return [lasting("Not shadow: IT manages it."), *managed]
    where = sorted({a.source for a in tool.apps if a.live or a.live_grants or a.last_event})
    listed = (
        lasting("Seen in %(where_list)s, where nothing says that IT set it up.", where_list=", ".join(where))
        if where
        else ""
    )
    paid = lasting("It is paid for outside IT's sign-on.") if tool.last_expense and not where else ""
    return [r for r in (lasting("In use, not decided on, and not managed by IT."), listed, paid) if r]


def _absence(evidence: str, seen: datetime | None) -> str:
    if evidence == "gone":
        return lasting("complete scans no longer see it.")
    return (
        lasting("nothing was seen of it since %(day)s.", day=f"{seen:%d %B %Y}")
        if seen
        else lasting("nothing dated was seen of it.")
    )


def _flagged_reasons(evidence: str, seen: datetime | None) -> list[str]:
    last = (
        lasting("It is in use (last seen %(day)s).", day=f"{seen:%d %B %Y}")
        if seen
        else lasting("Its evidence is %(evidence_word)s.", evidence_word=evidence)
    )
    return [lasting("It is a marketing tool."), last, lasting("IT and marketing have not decided on it yet.")]
