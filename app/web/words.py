"""What the pages call things: plain words for people who do not run single sign-on. Pure."""

from datetime import UTC, datetime

from app.catalog.money import amount, counted
from app.identify import default_knowledge_base

EVIDENCE = {
    "active": "In use",
    "dormant": "Not used for 90 days",
    "gone": "No longer there",
}
GOVERNANCE = {
    "unreviewed": "Not decided yet",
    "in_review": "Being decided",
    "sanctioned": "Approved",
    "sanctioned_with_conditions": "Approved with conditions",
    "provisional": "Approved for now",
    "retiring": "Being phased out",
    "retired": "Phased out",
    "dismissed": "Set aside",
}
OWNERSHIP = {
    "unowned": "Nobody yet",
    "claimed": "Claimed",
    "owned": "Has an owner",
    "lapsed": "Owner has left",
}
AUDIENCE = {"marketing": "Marketing", "other": "Other teams", "unsure": "Not sure yet"}
IDENTITY = {"identified": "Known product", "unidentified": "Not recognised yet"}
GRADE = {"high": "High impact", "medium": "Some impact", "low": "Low impact"}
KIND = {
    "app": "Listed",
    "assignment": "Given",
    "sign_in": "Signed in",
    "consent": "Permission",
    "grant": "Permission",
    "expense": "Payment",
}
STATE = {
    "pending": "Not cleared yet",
    "posted": "Paid",
    "refund": "Refund",
    "declined": "Declined",
    "void": "Taken back",
}
REQUEST = {"open": "Waiting", "reviewed": "Became a review", "withdrawn": "Taken back"}
SORTS = {
    "-people": "Most people first",
    "-spend": "Highest spend first",
    "name": "Name, A to Z",
    "-last_seen": "Last seen, latest first",
    "-first_seen": "First seen, latest first",
    "category": "Category",
    "people": "Fewest people first",
    "spend": "Lowest spend first",
    "-name": "Name, Z to A",
    "last_seen": "Last seen, earliest first",
    "first_seen": "First seen, earliest first",
    "-category": "Category, Z to A",
}


def day(moment: datetime | None) -> str:
    """`5 Oct 2026`, in UTC."""
    return f"{moment.astimezone(UTC):%-d %b %Y}" if moment else "–"


def ago(moment: datetime | None, now: datetime) -> str:
    """How long ago, as people say it."""
    if moment is None:
        return "never"
    days = (now.astimezone(UTC).date() - moment.astimezone(UTC).date()).days
    if days <= 0:
        return "today"
    if days == 1:
        return "yesterday"
    if days < 45:
        return f"{days} days ago"
    return f"{counted(round(days / 30.4), 'month')} ago"


def spend(by_currency: dict[str, int]) -> str:
    """All currencies in one line, the largest first."""
    largest = sorted(by_currency.items(), key=lambda item: (-item[1], item[0]))
    return " + ".join(amount(minor, currency) for currency, minor in largest) or "Nothing seen"


def category(code: str | None) -> str:
    """A category in words: the landscape's heading for its code, or the area as it is written."""
    if not code:
        return "No category yet"
    known = default_knowledge_base().categories.get(code)
    return known.name if known else code.replace("-", " ").capitalize()


_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "a Mac"),
    ("Linux", "Linux"),
)


def browser(user_agent: str | None) -> str:
    """What a browser calls itself, in words: “Firefox on Windows”; as it is, if it is none we know."""
    if not user_agent:
        return "A browser"
    name = next((words for sign, words in _BROWSERS if f"{sign}/" in user_agent), None)
    system = next((words for sign, words in _SYSTEMS if sign in user_agent), None)
    return f"{name} on {system}" if name and system else user_agent
