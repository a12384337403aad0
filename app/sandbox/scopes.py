"""What apps ask for, in Google's and Microsoft's spelling, by the short words of the catalogue."""

from collections.abc import Iterable

_BASE = "https://www.googleapis.com/auth/"
_PROFILE = ("openid", f"{_BASE}userinfo.email", f"{_BASE}userinfo.profile")
_GOOGLE = {
    "profile": (),
    "mail": ("https://mail.google.com/", f"{_BASE}gmail.modify"),
    "calendar": (f"{_BASE}calendar.readonly", f"{_BASE}calendar.events"),
    "contacts": (f"{_BASE}contacts.readonly",),
    "drive": (f"{_BASE}drive",),
    "drivefile": (f"{_BASE}drive.file",),
    "sheets": (f"{_BASE}spreadsheets", f"{_BASE}script.external_request"),
    "docs": (f"{_BASE}documents.currentonly", f"{_BASE}script.container.ui"),
    "youtube": (f"{_BASE}youtube.upload", f"{_BASE}youtube.readonly"),
    "analytics": (f"{_BASE}analytics.readonly",),
    "adwords": (f"{_BASE}adwords",),
    "webmasters": (f"{_BASE}webmasters.readonly",),
    "business": (f"{_BASE}business.manage",),
}
_MICROSOFT = {
    "profile": (),
    "mail": ("Mail.ReadWrite", "offline_access"),
    "sendmail": ("Mail.Send", "offline_access"),
    "calendar": ("Calendars.ReadWrite", "offline_access"),
    "contacts": ("Contacts.Read", "offline_access"),
    "files": ("Files.ReadWrite.All", "offline_access"),
    "drivefile": ("Files.ReadWrite",),
}
APP_ROLES = {
    "User.Read.All": "df021288-bdef-4463-88db-98f22de89214",
    "Calendars.Read": "798ee544-9d2d-430c-a058-570e29e34338",
    "Mail.Send": "b633e1c5-b582-4048-a93e-9f11b44c7e96",
}
"""Microsoft Graph's application permissions: name to id."""
_BUCKETS = {
    "mail": "GMAIL",
    "gmail": "GMAIL",
    "calendar": "CALENDAR",
    "contacts": "CONTACTS",
    "drive": "DRIVE",
    "spreadsheets": "DRIVE",
    "documents": "DRIVE",
    "script": "APPS_SCRIPT_RUNTIME",
}


def google(words: Iterable[str]) -> list[str]:
    """Google scopes, the profile always among them."""
    return [*_PROFILE, *(scope for word in words for scope in _GOOGLE[word])]


def microsoft(words: Iterable[str]) -> str:
    """Microsoft Graph's delegated scopes as a grant keeps them: one string that begins with a space."""
    named = dict.fromkeys(
        ("User.Read", "openid", "profile", *(s for word in words for s in _MICROSOFT[word]))
    )
    return " " + " ".join(named)


def bucket(scope: str) -> str:
    """Google's product bucket of a scope."""
    name = scope.removeprefix(_BASE).removeprefix("https://").partition(".")[0]
    return _BUCKETS.get(name, "OTHER" if scope.startswith("https") else "IDENTITY")
