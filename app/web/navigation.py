"""What stands in the menu, for whom, and which entry a page belongs to. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.language import N_
from app.security.schemas import Caller, Role


@dataclass(frozen=True)
class Entry:
    """One line of the menu.

    Attributes:
        path: where it leads; pages below it belong to it.
        text: as it is read, marked for translation.
        icon: which picture of `icons.html` stands before it.
        roles: who sees it; empty: everybody.
    """

    path: str
    text: str
    icon: str
    roles: tuple[Role, ...] = ()

    def holds(self, path: str) -> bool:
        """True if the page at `path` belongs to this entry."""
        return path == self.path or (self.path != "/" and path.startswith(f"{self.path}/"))


@dataclass(frozen=True)
class Group:
    """Some lines of the menu under one heading; the first group needs none."""

    heading: str
    entries: tuple[Entry, ...]


MENU = (
    Group(
        "",
        (
            Entry("/", N_("Home"), "home"),
            Entry("/tools", N_("Tools"), "tools"),
            Entry("/reviews", N_("Reviews"), "reviews"),
            Entry("/ask", N_("Ask before buying"), "ask"),
        ),
    ),
    Group(
        N_("Look closer"),
        (
            Entry("/people", N_("People"), "people"),
            Entry("/grants", N_("Permissions"), "grants"),
            Entry("/spend", N_("Spend and renewals"), "spend"),
            Entry("/overlap", N_("Overlap"), "overlap"),
            Entry("/report", N_("Joint report"), "report"),
        ),
    ),
    Group(
        N_("Run it"),
        (
            Entry("/sources", N_("Sources"), "sources"),
            Entry("/scans", N_("Scans"), "scans"),
            Entry("/policy", N_("Policy"), "policy"),
            Entry("/audit", N_("Audit trail"), "audit", (Role.AUDITOR,)),
            Entry("/settings", N_("Settings"), "settings", (Role.AUDITOR,)),
            Entry("/api/docs", N_("API"), "api"),
        ),
    ),
)


def menu_for(caller: Caller | None) -> tuple[Group, ...]:
    """The menu as this caller sees it; nobody logged in sees none."""
    if caller is None:
        return ()
    seen = (Group(g.heading, tuple(_seen(g.entries, caller))) for g in MENU)
    return tuple(group for group in seen if group.entries)


def _seen(entries: Iterable[Entry], caller: Caller) -> Iterable[Entry]:
    return (entry for entry in entries if not entry.roles or caller.may(*entry.roles))
