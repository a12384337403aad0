"""What the company has decided about a tool, read from the catalog and from its reviews."""

from datetime import date

from sqlalchemy.engine import Connection

from app.catalog.facts import Governance
from app.catalog.money import amount, counted
from app.requests import repository, wording
from app.requests.repository import Row
from app.requests.schemas import Condition, MayUse, Standing, ToolRef
from app.security.schemas import Side

_MAY_USE = {
    Governance.UNREVIEWED: MayUse.UNDECIDED,
    Governance.IN_REVIEW: MayUse.WAIT,
    Governance.SANCTIONED: MayUse.YES,
    Governance.SANCTIONED_WITH_CONDITIONS: MayUse.WITH_CONDITIONS,
    Governance.PROVISIONAL: MayUse.FOR_NOW,
    Governance.RETIRING: MayUse.NO,
    Governance.RETIRED: MayUse.NO,
    Governance.DISMISSED: MayUse.SET_ASIDE,
}


def standing_of(connection: Connection, tool: Row | None) -> Standing:
    """What was decided about a tool, with the reason, and what to use instead.

    Args:
        connection: a reading transaction.
        tool: its row; None if it is not in the catalog.
    """
    if tool is None:
        return _standing(
            None,
            "Nothing has been decided about it.",
            "It is not in the catalog, and only what is there is decided on.",
        )
    governance = Governance(tool.governance)
    if governance is Governance.UNREVIEWED:
        people = counted(tool.people, "person", "people")
        return _standing(
            governance,
            "IT and marketing have not decided on it yet.",
            f"{people} here {'uses' if tool.people == 1 else 'use'} it, and no review has decided on it.",
        )
    if governance is Governance.IN_REVIEW:
        return _in_review(connection, tool)
    return _decided(connection, tool, governance)


def _standing(
    governance: Governance | None,
    words: str,
    why: str,
    *,
    review: int | None = None,
    waiting_on: list[str] | None = None,
    conditions: list[Condition] | None = None,
    expires_on: date | None = None,
    instead: ToolRef | None = None,
) -> Standing:
    return Standing(
        may_use=_MAY_USE[governance or Governance.UNREVIEWED],
        governance=governance,
        words=words,
        why=why,
        review=review,
        waiting_on=waiting_on or [],
        conditions=conditions or [],
        expires_on=expires_on,
        instead=instead,
    )


def _in_review(connection: Connection, tool: Row) -> Standing:
    review = repository.open_review(connection, tool.id)
    if review is None:
        return _standing(Governance.IN_REVIEW, "It is being reviewed.", "The catalog says so.")
    parties = [party for party in ("it", "marketing", "arbiters") if getattr(review, f"waiting_on_{party}")]
    return _standing(
        Governance.IN_REVIEW,
        f"It is being reviewed. {wording.waits_for(parties)}",
        f"Review {review.id} is open since {wording.day(review.opened_at.date())}.",
        review=review.id,
        waiting_on=parties,
    )


def _decided(connection: Connection, tool: Row, governance: Governance) -> Standing:
    given = repository.standing_pass(connection, tool.id)
    if given is not None and governance is Governance.PROVISIONAL:
        return _passed(given)
    review = repository.decided_review(connection, tool.id)
    if review is None:
        words, why = _words(governance, None, [], None), "The catalog says so; no reason is written down."
        return _standing(governance, words, why)
    terms = repository.last_event(connection, review.id, "decided").get("terms")
    terms = terms if isinstance(terms, dict) else {}
    conditions = [
        Condition(side=Side(row.side), text=row.text, due=row.due)
        for row in repository.open_conditions(connection, review.id)
    ]
    instead = _instead(connection, terms.get("to_tool_id"))
    reason = _text(terms.get("reason")) or _text(
        repository.last_event(connection, review.id, "proposed").get("rationale")
    )
    decided = f"IT and marketing decided that in review {review.id}"
    when = f" on {wording.day(review.closed_at.date())}" if review.closed_at else ""
    said = f": {wording.sentence(reason)}" if reason else "; no reason is written down."
    return _standing(
        governance,
        _words(governance, review.expires_on, conditions, instead),
        f"{decided}{when}{said}",
        review=review.id,
        conditions=conditions,
        expires_on=review.expires_on,
        instead=instead,
    )


def _passed(given: Row) -> Standing:
    """What the policy lets be used for now, and how far; nobody decided on it."""
    people = counted(given.people_cap, "person", "people")
    spend = ""
    if given.currency is not None:
        spend = f" and {amount(given.spend_cap_minor, given.currency)} in 90 days"
    return _standing(
        Governance.PROVISIONAL,
        f"It may be used for now, until {wording.day(given.expires_on)}, by {people}{spend} at most.",
        f"Version {given.policy_version} of the policy says so; IT and marketing have not decided on it. "
        f"{' '.join(given.reasons)}".strip(),
        expires_on=given.expires_on,
    )


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _words(
    governance: Governance, expires: date | None, conditions: list[Condition], instead: ToolRef | None
) -> str:
    if governance is Governance.SANCTIONED:
        return "It is sanctioned."
    if governance is Governance.SANCTIONED_WITH_CONDITIONS:
        return f"It is sanctioned with conditions. {wording.promised(conditions)}"
    if governance is Governance.PROVISIONAL:
        return f"It is sanctioned provisionally{f', until {wording.day(expires)}' if expires else ''}."
    if governance is Governance.DISMISSED:
        return "It was set aside: not a tool, or not one for IT and marketing to govern."
    ending = "It is being retired." if governance is Governance.RETIRING else "It is retired."
    return f"{ending} Use {instead.name} instead." if instead else ending


def _instead(connection: Connection, tool_id: object) -> ToolRef | None:
    """The tool to use instead; the one it was merged into, if it was."""
    for _ in range(10):
        row = repository.tool(connection, tool_id) if isinstance(tool_id, int) else None
        if row is None:
            return None
        if row.merged_into is None:
            return ToolRef(tool_id=row.id, name=row.name)
        tool_id = row.merged_into
    return None
