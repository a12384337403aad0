"""Who may do what to a tool's ownership, and what comes of it. Pure; a refusal is a sentence.

Each function takes the case and gives the deed to be written to the log, or raises `Refused`.
"""

from collections.abc import Mapping
from datetime import datetime

from app.catalog.facts import Audience
from app.claims.case import Because, Case, Deed, Person, Refused
from app.claims.fold import How, Kind, Reason
from app.language import N_, _

IT, MARKETING = "it", "marketing"
_SIDES = {IT: "IT", MARKETING: "marketing"}


def may_own(person: Person, audience: Audience) -> bool:
    """Marketing may own any tool, IT those that are not marketing's."""
    return MARKETING in person.sides or (IT in person.sides and audience is not Audience.MARKETING)


def _must_be_able_to_own(case: Case) -> None:
    if may_own(case.actor, case.audience):
        return
    if IT in case.actor.sides:
        raise Refused(
            _(
                "“%(tool)s” is a marketing tool: somebody of marketing owns it, IT names its steward.",
                tool=case.tool,
            ),
            Because.RIGHTS,
        )
    raise Refused(
        _("This takes a person with the role 'marketing', or 'it' for other tools."), Because.RIGHTS
    )


def _must_be_here(person: Person, role: str) -> None:
    if not person.here:
        raise Refused(_("%(name)s is no longer here.", name=person.name), Because.INPUT, role)


# --- claiming and declining ------------------------------------------------------------------


def claim(case: Case) -> Deed:
    """Answer for a tool that nobody answers for."""
    _must_be_able_to_own(case)
    if case.is_owner:
        raise Refused(_("You own “%(tool)s” already.", tool=case.tool))
    if case.standing.owner is not None:
        raise Refused(
            _(
                "%(name)s owns “%(tool)s”: contest it or ask to co-own it.",
                name=case.name(case.standing.owner),
                tool=case.tool,
            )
        )
    return Deed(Kind.CLAIMED, {"until": _iso(case.until), "departments": list(case.actor.departments)})


def decline(case: Case, department: str | None, reason: Reason, note: str, duplicate_of: int | None) -> Deed:
    """Say that a tool is none of a department's; it is no longer offered there."""
    _must_be_able_to_own(case)
    own = case.actor.departments
    if department is None:
        if len(own) != 1:
            listed = f": {', '.join(own)}" if own else ""
            raise Refused(
                _("Say for which department%(listed)s.", listed=listed), Because.INPUT, "department"
            )
        department = own[0]
    elif own and department not in own:
        raise Refused(
            _("You can decline for your own departments only: %(own)s.", own=", ".join(own)),
            Because.INPUT,
            "department",
        )
    if (reason is Reason.DUPLICATE) != (duplicate_of is not None):
        raise Refused(_("Name the tool that it duplicates, and only then."), Because.INPUT, "duplicate_of")
    if duplicate_of == case.tool_id:
        raise Refused(_("No tool is a duplicate of itself."), Because.INPUT, "duplicate_of")
    if case.holds:
        raise Refused(_("You answer for “%(tool)s”: release it first.", tool=case.tool))
    if any(d.department == department and d.reason is reason for d in case.standing.declines):
        raise Refused(
            _("%(department)s has declined “%(tool)s” already.", department=department, tool=case.tool)
        )
    return Deed(
        Kind.DECLINED,
        {"department": department, "reason": reason.value, "note": note, "duplicate_of": duplicate_of},
    )


# --- handing over ----------------------------------------------------------------------------


def hand_over(case: Case, to: Person) -> Deed:
    """Offer a tool to somebody; it stays with its owner until they accept."""
    _must_own(case, N_("hand it over"))
    if case.standing.contests:
        raise Refused(_("“%(tool)s” is contested: yield it, or have that settled first.", tool=case.tool))
    if to.id == case.actor.id:
        raise Refused(_("You own it already."), Because.INPUT, "to")
    _must_be_here(to, "to")
    if not may_own(to, case.audience):
        needed = "'marketing'" if case.audience is Audience.MARKETING else "'marketing' or 'it'"
        raise Refused(
            _(
                "%(name)s cannot own “%(tool)s”: that takes the role %(needed)s.",
                name=to.name,
                tool=case.tool,
                needed=needed,
            ),
            Because.INPUT,
            "to",
        )
    if case.standing.offered_to == to.id:
        raise Refused(_("It is offered to %(name)s already.", name=to.name))
    return Deed(Kind.HANDED_OVER, {"to": to.id})


def accept(case: Case, asker: int | None) -> Deed:
    """Take what was offered; or, with `asker`, let somebody co-own who asked to."""
    if asker is not None:
        _must_hold(case, N_("let others co-own it"))
        _must_have_asked(case, asker)
        return Deed(Kind.CO_OWNER_ADDED, {"user": asker})
    if case.standing.offered_to != case.actor.id:
        raise Refused(_("“%(tool)s” was not offered to you.", tool=case.tool), Because.RIGHTS)
    _must_be_able_to_own(case)
    if case.standing.contests:
        raise Refused(_("“%(tool)s” is contested meanwhile: that must be settled first.", tool=case.tool))
    return Deed(Kind.ACCEPTED, {"from": case.standing.owner, "until": _iso(case.until)})


def refuse(case: Case, asker: int | None, reason: str) -> Deed:
    """Turn down what was offered, or take the offer back; with `asker`, turn down who asked to co-own."""
    if asker is not None:
        if asker != case.actor.id:
            _must_hold(case, N_("turn down who asks to co-own it"))
        _must_have_asked(case, asker)
        return Deed(Kind.REFUSED, {"what": "co_own", "user": asker, "reason": reason})
    offered = case.standing.offered_to
    if offered is None:
        raise Refused(_("“%(tool)s” is offered to nobody.", tool=case.tool))
    if case.actor.id != offered and not case.is_owner:
        raise Refused(_("“%(tool)s” was not offered to you.", tool=case.tool), Because.RIGHTS)
    return Deed(Kind.REFUSED, {"what": "hand_over", "user": offered, "reason": reason})


def co_own(case: Case) -> Deed:
    """Ask whoever holds the tool to share it."""
    _must_be_able_to_own(case)
    if case.standing.owner is None:
        raise Refused(_("Nobody owns “%(tool)s”: claim it.", tool=case.tool))
    if case.holds:
        raise Refused(_("You answer for “%(tool)s” already.", tool=case.tool))
    if case.actor.id in case.standing.asked:
        raise Refused(
            _("You have asked already; %(name)s has not answered yet.", name=case.name(case.standing.owner))
        )
    return Deed(Kind.CO_OWN_ASKED, {})


# --- contests --------------------------------------------------------------------------------


def contest(case: Case, reason: str) -> Deed:
    """Say that a tool is one's own, though somebody else holds it. They hold it until it is settled."""
    _must_be_able_to_own(case)
    if case.standing.owner is None:
        raise Refused(_("Nobody owns “%(tool)s”: claim it.", tool=case.tool))
    if case.is_owner:
        raise Refused(_("You own “%(tool)s” yourself.", tool=case.tool))
    if case.actor.id in case.standing.contesters:
        raise Refused(_("You contest “%(tool)s” already.", tool=case.tool))
    return Deed(Kind.CONTESTED, {"reason": reason, "against": case.standing.owner})


def yield_to(case: Case, contester: Person | None) -> Deed:
    """Give the tool to somebody who contests it."""
    _must_own(case, N_("yield it"))
    contesters = case.standing.contesters
    if not contesters:
        raise Refused(_("Nobody contests “%(tool)s”: hand it over.", tool=case.tool))
    if contester is None:
        raise Refused(_("Say to whom."), Because.INPUT, "to")
    if contester.id not in contesters:
        raise Refused(
            _("%(name)s does not contest “%(tool)s”.", name=contester.name, tool=case.tool),
            Because.INPUT,
            "to",
        )
    _must_be_fit(case, contester, "to")
    return _settled(case, How.YIELDED, contester.id, contester.id, "")


def withdraw(case: Case) -> Deed:
    """Contest it no longer."""
    if case.actor.id not in case.standing.contesters:
        raise Refused(_("You do not contest “%(tool)s”.", tool=case.tool))
    return _settled(case, How.WITHDRAWN, case.standing.owner, case.actor.id, "")


def settle(
    case: Case,
    winner: Person,
    reason: str,
    side: str | None = None,
    voters: Mapping[int, Person] | None = None,
) -> Deed:
    """Decide between the holder and those who contest it, as somebody who is neither.

    An administrator decides alone. Else it takes both sides: a person of each names the same owner.

    Args:
        case: how things stand.
        winner: whose it shall be.
        reason: why.
        side: for which side the actor speaks; needed only if they sit on both.
        voters: those who named an owner so far, as they are now; who has left does not count any more.
    """
    actor = case.actor
    if not actor.admin and not actor.sides:
        raise Refused(
            _(
                "A contest is settled by a person of IT and one of marketing who are neither of the "
                "two, or by an administrator."
            ),
            Because.RIGHTS,
        )
    if not case.standing.contests:
        raise Refused(_("Nobody contests “%(tool)s”: there is nothing to settle.", tool=case.tool))
    if case.holds or actor.id in case.standing.contesters:
        raise Refused(
            _("You are a party to this: somebody settles it who neither holds nor contests the tool."),
            Because.RIGHTS,
        )
    if winner.id != case.standing.owner and winner.id not in case.standing.contesters:
        raise Refused(
            _("%(name)s neither holds nor contests “%(tool)s”.", name=winner.name, tool=case.tool),
            Because.INPUT,
            "for_user",
        )
    _must_be_fit(case, winner, "for_user")
    if actor.admin and side is None:
        return _settled(case, How.DECIDED, winner.id, None, reason)
    return _named(case, winner, reason, _speaking(actor, side), voters or {})


def _speaking(actor: Person, side: str | None) -> str:
    if side is None and len(actor.sides) > 1:
        raise Refused(_("You sit on both sides: say for which one you speak."), Because.INPUT, "side")
    side = side or next(iter(actor.sides))
    if side not in actor.sides:
        raise Refused(_("This takes a person of %(side)s's side.", side=_(_SIDES[side])), Because.RIGHTS)
    return side


def _named(case: Case, winner: Person, reason: str, side: str, voters: Mapping[int, Person]) -> Deed:
    """One side's word; with the other side's for the same owner, the end of the contest."""
    holding = {}
    for word in case.standing.named:
        voter = voters.get(word.user_id)
        if voter is not None and voter.here and word.side in voter.sides:
            holding[word.side] = word
    own, others = holding.pop(side, None), next(iter(holding.values()), None)
    if others is not None and others.user_id == case.actor.id:
        raise Refused(
            _(
                "You spoke for %(side)s already: the other side takes another person.",
                side=_(_SIDES[others.side]),
            ),
            Because.RIGHTS,
        )
    if others is not None and others.for_user == winner.id:
        deed = _settled(case, How.AGREED, winner.id, None, reason)
        return Deed(deed.kind, {**deed.data, "with": others.user_id, "with_reason": others.reason})
    if own is not None and own.for_user == winner.id:
        missing = next(words for name, words in _SIDES.items() if name != side)
        raise Refused(
            _(
                "%(side)s has named %(name)s already; %(missing)s has not.",
                side=_(_SIDES[side][0].upper() + _SIDES[side][1:]),
                name=winner.name,
                missing=_(missing),
            )
        )
    return Deed(Kind.NAMED, {"for": winner.id, "side": side, "reason": reason})


def _settled(case: Case, how: How, owner: int | None, contester: int | None, reason: str) -> Deed:
    return Deed(
        Kind.SETTLED,
        {
            "for": owner,
            "by": how.value,
            "contester": contester,
            "before": case.standing.owner,
            "reason": reason,
            "until": _iso(case.until),
        },
    )


def _must_be_fit(case: Case, winner: Person, role: str) -> None:
    _must_be_here(winner, role)
    if not may_own(winner, case.audience):
        raise Refused(
            _("%(name)s cannot own “%(tool)s” any more.", name=winner.name, tool=case.tool),
            Because.INPUT,
            role,
        )


# --- keeping and letting go ------------------------------------------------------------------


def attest(case: Case) -> Deed:
    """Say again that one answers for the tool."""
    _must_hold(case, N_("attest that"))
    return Deed(Kind.ATTESTED, {"until": _iso(case.until)})


def release(case: Case, reason: str, co_owner: int | None = None) -> Deed:
    """Let go: the owner of the tool, a co-owner of their part; or, with `co_owner`, end somebody's part."""
    leaving = case.actor.id if co_owner is None else co_owner
    if leaving in case.standing.co_owners:
        _must_hold(case, N_("end somebody's part in it"))
        return Deed(Kind.CO_OWNER_LEFT, {"user": leaving, "reason": reason, "cause": "released"})
    if co_owner is not None and co_owner != case.standing.owner:
        raise Refused(
            _("%(name)s does not co-own “%(tool)s”.", name=case.name(co_owner), tool=case.tool),
            Because.INPUT,
            "co_owner",
        )
    _must_own(case, N_("release it"))
    if case.standing.contests:
        who = _(" and ").join(case.name(u) for u in case.standing.contesters)
        raise Refused(_("%(who)s contests “%(tool)s”: yield it instead.", who=who, tool=case.tool))
    return Deed(Kind.RELEASED, {"reason": reason, "co_owners": list(case.standing.co_owners)})


def steward(case: Case, named: Person | None) -> Deed:
    """Name who in IT looks after the tool; nobody, to leave it without one."""
    if IT not in case.actor.sides:
        raise Refused(
            _("IT alone names the steward: this takes a person with the role 'it'."), Because.RIGHTS
        )
    now = case.standing.steward
    if named is None:
        if now is None:
            raise Refused(_("“%(tool)s” has no steward.", tool=case.tool))
        return Deed(Kind.STEWARD_LEFT, {"user": now, "cause": "released"})
    _must_be_here(named, "user")
    if IT not in named.sides:
        raise Refused(
            _("%(name)s is not of IT, and a steward must be.", name=named.name), Because.INPUT, "user"
        )
    if named.id == now:
        raise Refused(_("%(name)s is its steward already.", name=named.name))
    return Deed(Kind.STEWARD_NAMED, {"user": named.id, "before": now})


# --- what many rules ask ---------------------------------------------------------------------


def _must_own(case: Case, deed: str) -> None:
    if not case.is_owner:
        raise Refused(
            _("%(whose)s, and only the owner may %(deed)s.", whose=_whose(case), deed=_(deed)), Because.RIGHTS
        )


def _must_hold(case: Case, deed: str) -> None:
    if not case.holds:
        raise Refused(
            _("%(whose)s, and only who owns or co-owns it may %(deed)s.", whose=_whose(case), deed=_(deed)),
            Because.RIGHTS,
        )


def _whose(case: Case) -> str:
    return _("%(name)s owns “%(tool)s”", name=case.name(case.standing.owner), tool=case.tool)


def _must_have_asked(case: Case, asker: int) -> None:
    if asker not in case.standing.asked:
        raise Refused(_("%(name)s has not asked to co-own it.", name=case.name(asker)), Because.INPUT, "user")


def _iso(moment: datetime) -> str:
    return moment.isoformat()
