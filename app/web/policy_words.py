"""The policy in words: lanes, rules, calendars, and what opens a decision again. Pure."""

from collections.abc import Mapping, Sequence

from app.language import N_, _
from app.policy.conditions import Condition
from app.policy.document import CalendarRules, Policy
from app.policy.hours import WEEKDAYS
from app.policy.parts import Money
from app.web import words
from app.web.reader import current

ITEM = {
    "integration": N_("how it connects to our systems"),
    "security": N_("security"),
    "operations": N_("running it"),
    "vendor_management": N_("the vendor and the contract"),
    "requirements": N_("what it is needed for"),
    "outcome_and_owner": N_("what should come of it, and who owns it"),
    "budget": N_("the budget"),
}
FACT = {
    "audience": N_("Who it is for"),
    "identity": N_("Product"),
    "category": N_("Category"),
    "grant_grade": N_("Strongest permission"),
    "governance": N_("Decision"),
    "ownership": N_("Owner"),
    "evidence": N_("Use"),
    "managed": N_("Run by IT"),
    "shadow": N_("Used without IT"),
    "flagged": N_("Waits for a decision"),
    "people": N_("People"),
    "departments_count": N_("Departments"),
    "risks": N_("Warnings"),
    "scope_kinds": N_("Its permissions reach"),
    "departments": N_("Used in"),
    "spend": N_("Spend in 90 days"),
}
_KIND = {
    "mail": N_("e-mail"),
    "files": N_("files"),
    "calendar": N_("calendars"),
    "contacts": N_("contacts"),
    "directory": N_("the company’s directory"),
    "chat": N_("chat"),
    "advertising": N_("advertising accounts"),
    "analytics": N_("analytics"),
    "website": N_("web sites"),
    "cloud": N_("cloud data"),
    "other": N_("other sensitive data"),
}
_YES_NO = {"yes": N_("yes"), "no": N_("no")}
_VALUES: Mapping[str, Mapping[str, str]] = {
    "audience": words.AUDIENCE,
    "identity": words.IDENTITY,
    "grant_grade": {**words.GRADE, "none": N_("No permission")},
    "governance": words.GOVERNANCE,
    "ownership": words.OWNERSHIP,
    "evidence": words.EVIDENCE,
    "managed": _YES_NO,
    "shadow": _YES_NO,
    "flagged": _YES_NO,
    "scope_kinds": _KIND,
}
CAUSE = {
    "new_scope": N_("A new powerful permission"),
    "people": N_("Many more people"),
    "spend": N_("Much more spend"),
    "condition_missed": N_("A promise that was not kept"),
    "renewal": N_("A renewal ahead"),
    "owner_gone": N_("The owner has left"),
    "publisher_changed": N_("Another publisher"),
}
DIFFERS = {
    "lane": N_("Another lane"),
    "pass": N_("Use without a review"),
    "reopening": N_("Opened again"),
    "service": N_("Other time limits"),
}


def money(amount: Money) -> str:
    """An amount, without cents where it is large."""
    return current().money(amount.minor, amount.currency, round_up=True)


def leaf(condition: Condition) -> str:
    """A condition on one fact: `Strongest permission: Some impact or High impact`."""
    fact = str(condition.fact)
    return _("%(fact)s: %(value)s") % {"fact": _(FACT[fact]), "value": _value(condition, fact)}


def _value(condition: Condition, fact: str) -> str:
    if condition.at_least is not None:
        return _("at least %(number)s") % {"number": current().number(condition.at_least)}
    if condition.at_most is not None:
        return _("at most %(number)s") % {"number": current().number(condition.at_most)}
    if condition.over is not None:
        return _("more than %(money)s") % {"money": money(condition.over)}
    if condition.up_to is not None:
        return _("at most %(money)s") % {"money": money(condition.up_to)}
    return either([_word(fact, value) for value in condition.is_ or condition.includes or ()])


def _word(fact: str, value: str) -> str:
    if fact == "category":
        return words.category(value)
    known = _VALUES.get(fact, {}).get(value)
    return _(known) if known else value


def either(texts: Sequence[str]) -> str:
    """`a, b or c`."""
    if len(texts) < 2:
        return "".join(texts)
    return _("%(some)s or %(last)s") % {"some": ", ".join(texts[:-1]), "last": texts[-1]}


def signers(names: Sequence[str]) -> str:
    """Who may turn a side's key: everybody of a role, or groups."""
    return either(
        [
            _("anybody of %(side)s") % {"side": _(words.PARTY[name])}
            if name in words.PARTY
            else _("the group “%(name)s”") % {"name": name}
            for name in names
        ]
    )


def week(calendar: CalendarRules) -> list[tuple[str, str]]:
    """The hours of a week: days that follow one another and have the same hours together."""
    names = current().locale.days["format"]["abbreviated"]
    found: list[tuple[int, int, str]] = []
    for at, day in enumerate(WEEKDAYS):
        spans = ", ".join(span.replace("-", "–") for span in calendar.hours.get(day, []))  # pyright: ignore
        if found and found[-1][2] == spans:
            found[-1] = (found[-1][0], at, spans)
        else:
            found.append((at, at, spans))
    return [
        (names[first] if first == last else f"{names[first]} – {names[last]}", spans or _("no hours"))
        for first, last, spans in found
    ]


def reopening(policy: Policy) -> list[str]:
    """What opens a decision again, each as a sentence."""
    rules, said = policy.reopen, []
    if rules.new_scope:
        said.append(_("The tool is given a powerful permission that it did not have."))
    if rules.people:
        said.append(
            _("%(percent)s more people use it than was agreed, and at least %(number)s more.")
            % {
                "percent": current().percent(rules.people.percent / 100),
                "number": current().number(rules.people.at_least),
            }
        )
    if rules.spend:
        more = _("It costs %(percent)s more than was agreed.") % {
            "percent": current().percent(rules.spend.percent / 100)
        }
        if rules.spend.at_least:
            more = _("It costs %(percent)s more than was agreed, and at least %(money)s more.") % {
                "percent": current().percent(rules.spend.percent / 100),
                "money": money(rules.spend.at_least),
            }
        said.append(more)
    if rules.condition_missed:
        said.append(_("A promise of the decision is not kept in time."))
    if rules.renewal_days:
        said.append(
            words.counted(
                rules.renewal_days,
                "It renews within %(num)s day.",
                "It renews within %(num)s days.",
            )
        )
    if rules.owner_gone:
        said.append(_("Its owner has left the company."))
    if rules.publisher_changed:
        said.append(_("Another publisher stands behind it."))
    return said
