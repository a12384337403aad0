"""What the company has decided about a tool, read from the catalog and from its reviews."""

from datetime import date

from sqlalchemy.engine import Connection

from app.catalog.facts import Governance
from app.catalog.money import amount
from app.language import _, count, retold
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
        return _standing(
            governance,
            _("IT and marketing have not decided on it yet."),
            count(
                tool.people,
                "%(num)s person here uses it, and no review has decided on it.",
                "%(num)s people here use it, and no review has decided on it.",
            ),
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
        return _standing(Governance.IN_REVIEW, _("It is being reviewed."), _("The catalog says so."))
    parties = [party for party in ("it", "marketing", "arbiters") if getattr(review, f"waiting_on_{party}")]
    return _standing(
        Governance.IN_REVIEW,
        _("It is being reviewed. %(whom)s", whom=wording.waits_for(parties)),
        _("Review %(id)s is open since %(day)s.", id=review.id, day=wording.day(review.opened_at.date())),
        review=review.id,
        waiting_on=parties,
    )


def _decided(connection: Connection, tool: Row, governance: Governance) -> Standing:
    given = repository.standing_pass(connection, tool.id)
    if given is not None and governance is Governance.PROVISIONAL:
        return _passed(given)
    review = repository.decided_review(connection, tool.id)
    if review is None:
        words, why = _words(governance, None, [], None), _("The catalog says so; no reason is written down.")
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
    decided = _("IT and marketing decided that in review %(id)s", id=review.id)
    when = _(" on %(day)s", day=wording.day(review.closed_at.date())) if review.closed_at else ""
    said = f": {wording.sentence(reason)}" if reason else _("; no reason is written down.")
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
    people = count(given.people_cap, "%(num)s person", "%(num)s people")
    spend = ""
    if given.currency is not None:
        spend = _(" and %(sum)s in 90 days", sum=retold(amount(given.spend_cap_minor, given.currency)))
    return _standing(
        Governance.PROVISIONAL,
        _(
            "It may be used for now, until %(day)s, by %(people)s%(spend)s at most.",
            day=wording.day(given.expires_on),
            people=people,
            spend=spend,
        ),
        _(
            "Version %(version)s of the policy says so; IT and marketing have not decided on it. %(reasons)s",
            version=given.policy_version,
            reasons=" ".join(map(retold, given.reasons)),
        ).strip(),
        expires_on=given.expires_on,
    )


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _words(
    governance: Governance, expires: date | None, conditions: list[Condition], instead: ToolRef | None
) -> str:
    if governance is Governance.SANCTIONED:
        return _("It is sanctioned.")
    if governance is Governance.SANCTIONED_WITH_CONDITIONS:
        return _("It is sanctioned with conditions. %(promised)s", promised=wording.promised(conditions))
    if governance is Governance.PROVISIONAL:
        if expires is None:
            return _("It is sanctioned provisionally.")
        return _("It is sanctioned provisionally, until %(day)s.", day=wording.day(expires))
    if governance is Governance.DISMISSED:
        return _("It was set aside: not a tool, or not one for IT and marketing to govern.")
    ending = _("It is being retired.") if governance is Governance.RETIRING else _("It is retired.")
    return _("%(ending)s Use %(name)s instead.", ending=ending, name=instead.name) if instead else ending


def _instead(connection: Connection, tool_id: object) -> ToolRef | None:
    """The tool to use instead; the one it was merged into, if it was."""
    for _hop in range(10):
        row = repository.tool(connection, tool_id) if isinstance(tool_id, int) else None
        if row is None:
            return None
        if row.merged_into is None:
            return ToolRef(tool_id=row.id, name=row.name)
        tool_id = row.merged_into
    return None
