"""What the pages call things: plain words for people who do not run single sign-on. Pure.

The tables hold marked texts: a template translates what it takes out of one, `{{ _(words.EVIDENCE[…]) }}`.
"""

from collections.abc import Iterable
from datetime import date, datetime

from app.identify import default_knowledge_base
from app.language import N_, _, ngettext
from app.security.schemas import Role
from app.web import reader

ROLE = {
    "reader": N_("Reader"),
    "marketing": N_("Marketing"),
    "it": N_("IT"),
    "auditor": N_("Auditor"),
    "admin": N_("Administrator"),
}
EVIDENCE = {
    "active": N_("In use"),
    "dormant": N_("Not used for 90 days"),
    "gone": N_("No longer there"),
}
GOVERNANCE = {
    "unreviewed": N_("Not decided yet"),
    "in_review": N_("Being decided"),
    "sanctioned": N_("Approved"),
    "sanctioned_with_conditions": N_("Approved with conditions"),
    # By both sides or by the policy: `decision` tells which.
    "provisional": N_("Allowed for now"),
    "retiring": N_("Being phased out"),
    "retired": N_("Phased out"),
    "dismissed": N_("Set aside"),
}
OWNERSHIP = {
    "unowned": N_("Nobody yet"),
    "claimed": N_("Claimed"),
    "owned": N_("Has an owner"),
    "lapsed": N_("Owner has left"),
}
AUDIENCE = {
    "marketing": N_("Marketing"),
    "other": N_("Other teams"),
    "unsure": N_("Not sure yet"),
}
IDENTITY = {"identified": N_("Known product"), "unidentified": N_("Not recognised yet")}
GRADE = {"high": N_("High impact"), "medium": N_("Some impact"), "low": N_("Low impact")}
KIND = {
    "app": N_("Listed"),
    "assignment": N_("Given"),
    "sign_in": N_("Signed in"),
    "consent": N_("Permission"),
    "grant": N_("Permission"),
    "expense": N_("Payment"),
}
STATE = {
    "pending": N_("Not cleared yet"),
    "posted": N_("Paid"),
    "refund": N_("Refund"),
    "declined": N_("Declined"),
    "void": N_("Taken back"),
}
REQUEST = {"open": N_("Waiting"), "reviewed": N_("Became a review"), "withdrawn": N_("Taken back")}
PARTY = {"it": N_("IT"), "marketing": N_("Marketing"), "arbiters": N_("The arbiters")}
LANE = {"fast": N_("Fast lane"), "standard": N_("Standard lane"), "full": N_("Full lane")}
OUTCOME = {
    "sanctioned": N_("Approved"),
    "sanctioned_with_conditions": N_("Approved with conditions"),
    "provisional": N_("Approved for now"),
    "migrate": N_("Move to another tool"),
    "retire": N_("Phase out"),
    "dismissed": N_("Set aside"),
}


def decision(governance: str, passed_until: date | str | None) -> str:
    """What holds of a tool: what people decided, or that only the policy allows it, and until when.

    Args:
        governance: as the catalog has it.
        passed_until: through which day the policy passes it, also as JSON writes it; None if it does not.
    """
    if passed_until is not None:
        day = date.fromisoformat(passed_until) if isinstance(passed_until, str) else passed_until
        return _("Allowed by the policy until %(day)s") % {"day": reader.current().day(day)}
    # Of what people decided both tables know the words; the second one of the other states too.
    table = OUTCOME if governance in OUTCOME else GOVERNANCE
    return _(table[governance])


def roles(held: Iterable[Role]) -> str:
    """Somebody's roles in one line."""
    return ", ".join(_(ROLE[role.value]) for role in sorted(held, key=list(Role).index))


def counted(number: int, one: str, many: str) -> str:
    """`1 tool`, `2 tools`: both forms hold `%(num)s`, for which the number is written as the reader does."""
    text = ngettext(one, many, number)
    return text % {"num": reader.current().number(number)}


def ago(moment: datetime | None) -> str:
    """How long ago, as people say it, without the exact time behind it."""
    return reader.current().relative(moment)


def spend(by_currency: dict[str, int]) -> str:
    """All currencies in one line, the largest first."""
    return reader.current().sums(by_currency) if by_currency else _("Nothing seen")


def category(code: str | None) -> str:
    """A category in words: the landscape's heading for its code, or the area as it is written."""
    if not code:
        return _("No category yet")
    known = default_knowledge_base().categories.get(code)
    return _(known.name if known else area(code))


_SHORT_FOR = {"ai", "hr"}


def area(code: str) -> str:
    """An area that is not marketing's, in words: `travel-and-office` as `Travel and office`, `ai` as `AI`."""
    return code.upper() if code in _SHORT_FOR else code.replace("-", " ").capitalize()


_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", N_("an iPhone")),
    ("iPad", N_("an iPad")),
    ("Android", N_("Android")),
    ("Windows", N_("Windows")),
    ("Mac OS X", N_("a Mac")),
    ("Linux", N_("Linux")),
)


def browser(user_agent: str | None) -> str:
    """What a browser calls itself, in words: “Firefox on Windows”; as it is, if it is none we know."""
    if not user_agent:
        return _("A browser")
    name = next((words for sign, words in _BROWSERS if f"{sign}/" in user_agent), None)
    system = next((words for sign, words in _SYSTEMS if sign in user_agent), None)
    if not name or not system:
        return user_agent
    return _("%(browser)s on %(system)s") % {"browser": name, "system": _(system)}
