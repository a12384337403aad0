"""The page of one tool in words: what it is, how sure a link is, working time, reasons to decline. Pure."""

from datetime import date
from math import ceil

from babel.dates import format_date

from app.catalog.schemas import ToolOut
from app.language import N_, _
from app.web import reader, words

TABS = (
    ("overview", N_("Overview")),
    ("people", N_("People")),
    ("permissions", N_("Permissions")),
    ("cost", N_("Cost")),
    ("evidence", N_("Evidence")),
    ("history", N_("History")),
)
DECLINE = {
    "not_ours": N_("It is not ours"),
    "personal": N_("Somebody uses it privately"),
    "unknown": N_("Nobody here knows it"),
    "duplicate": N_("It is the same as another tool"),
}
DECLINED = {
    "not_ours": N_("It is not theirs"),
    "personal": N_("It is somebody’s private affair"),
    "unknown": N_("Nobody there knows it"),
    "duplicate": N_("It is the same as another tool"),
}
ANSWER = {
    "adopted": N_("Uses it for work"),
    "trying": N_("Is trying it out"),
    "once": N_("Needed it once"),
    "personal": N_("Uses it privately"),
}
TAUGHT = {
    "confirm": N_("Confirmed"),
    "correct": N_("Corrected"),
    "merge": N_("Merged"),
    "split": N_("Split"),
    "keep_apart": N_("Kept apart"),
}
CAUSE = {
    "flag": N_("because it was found in use"),
    "claim": N_("because somebody claimed it"),
    "request": N_("because somebody asked for it"),
    "reopened": N_("to decide anew"),
}
GRADE_TONE = {"high": "warn", "medium": "shade", "low": ""}
PERIOD = {
    "weekly": N_("a week"),
    "four_weekly": N_("every four weeks"),
    "monthly": N_("a month"),
    "quarterly": N_("a quarter"),
    "yearly": N_("a year"),
    "usage": N_("a month, by use"),
    "once": N_("once"),
}
_WORKING_DAY = 8 * 3600


def what_it_is(tool: ToolOut) -> str:
    """In one sentence what a tool is, for somebody who never heard of it."""
    if tool.identity.value == "unidentified":
        return _("Nobody knows yet which product this is; it is shown so that nothing found is lost.")
    holes = {"vendor": (tool.vendor or "").rstrip("."), "category": words.category(tool.category)}
    if tool.category and tool.vendor:
        return _("A tool for %(category)s, made by %(vendor)s.") % holes
    if tool.category:
        return _("A tool for %(category)s.") % holes
    if tool.vendor:
        return _("A product of %(vendor)s.") % holes
    return _("A product that nobody has described yet.")


def who_uses_it(tool: ToolOut) -> str:
    """In one sentence how many people use it."""
    if not tool.people:
        return _("Nobody is known to use it.")
    return words.counted(tool.people, "%(num)s person uses it.", "%(num)s people use it.")


def where_seen(tool: ToolOut) -> str:
    """In one sentence since when and where it was seen."""
    names = listed([source.name for source in tool.sources])
    holes = {"day": reader.current().day(tool.first_seen), "sources": names}
    if not names:
        return _("It was first seen on %(day)s, and no source shows it any more.") % holes
    return _("It was first seen on %(day)s, in %(sources)s.") % holes


def listed(names: list[str]) -> str:
    """`A`, `A and B`, `A, B and C`."""
    if len(names) < 2:
        return "".join(names)
    return _("%(most)s and %(last)s") % {"most": ", ".join(names[:-1]), "last": names[-1]}


def months(days: list[date]) -> list[str]:
    """Months as they stand below a chart of one year: by their short names."""
    locale = reader.current().locale
    return [format_date(day, "MMM", locale=locale) for day in days]


def worktime(seconds: int) -> str:
    """Business time in words: `3 working hours`, `5 working days`; begun ones count."""
    if seconds < _WORKING_DAY:
        hours = ceil(max(seconds, 0) / 3600)
        return words.counted(hours, "%(num)s working hour", "%(num)s working hours")
    days = round(seconds / _WORKING_DAY)
    return words.counted(days, "%(num)s working day", "%(num)s working days")
