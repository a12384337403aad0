"""Which kind of data a permission reaches: mail, files, contacts and so on. Pure.

Like `scopes`, it goes by the parsed parts of a scope (vendor, service), never by a substring.
"""

from enum import StrEnum

from app.identify.scopes import google_permission


class DataKind(StrEnum):
    """What a permission reaches, in the order in which people look at it."""

    MAIL = "mail"
    FILES = "files"
    CONTACTS = "contacts"
    CALENDAR = "calendar"
    MESSAGES = "messages"
    DIRECTORY = "directory"
    ADS = "ads"
    ANALYTICS = "analytics"
    WEB = "web"
    VIDEO = "video"
    CRM = "crm"
    CLOUD = "cloud"
    PROFILE = "profile"
    OTHER = "other"


_GOOGLE = {
    DataKind.MAIL: ("gmail",),
    DataKind.FILES: (
        "drive",
        "spreadsheets",
        "documents",
        "presentations",
        "forms",
        "script",
        "photoslibrary",
    ),
    DataKind.CONTACTS: ("contacts",),
    DataKind.CALENDAR: ("calendar", "tasks", "meetings"),
    DataKind.MESSAGES: ("chat",),
    DataKind.DIRECTORY: ("directory", "admin"),
    DataKind.ADS: (
        "adwords",
        "dfareporting",
        "dfatrafficking",
        "doubleclicksearch",
        "display-video",
        "doubleclickbidmanager",
        "dfp",
        "adsense",
        "admob",
        "content",
    ),
    DataKind.ANALYTICS: ("analytics",),
    DataKind.WEB: ("webmasters", "siteverification", "indexing", "tagmanager", "business"),
    DataKind.VIDEO: ("youtube", "youtubepartner", "yt-analytics", "yt-analytics-monetary"),
    DataKind.CLOUD: ("bigquery", "cloud-platform", "devstorage"),
    DataKind.PROFILE: ("userinfo", "plus", "user"),
}
_GRAPH = {
    DataKind.MAIL: ("mail", "mailboxsettings", "mailboxfolder"),
    DataKind.FILES: ("files", "sites", "notes"),
    DataKind.CONTACTS: ("contacts", "people"),
    DataKind.CALENDAR: ("calendars", "tasks", "onlinemeetings", "onlinemeetingtranscript", "bookings"),
    DataKind.MESSAGES: ("chat", "chatmessage", "channel", "channelmessage", "team", "teammember"),
    DataKind.DIRECTORY: (
        "group",
        "groupmember",
        "directory",
        "application",
        "auditlog",
        "reports",
        "device",
        "domain",
        "organization",
        "policy",
        "rolemanagement",
    ),
}
_EXACT = {
    "https://mail.google.com/": DataKind.MAIL,
    "https://www.google.com/m8/feeds": DataKind.CONTACTS,
    "https://www.google.com/m8/feeds/": DataKind.CONTACTS,
    "https://www.google.com/calendar/feeds": DataKind.CALENDAR,
    "https://ads.microsoft.com/msads.manage": DataKind.ADS,
    **dict.fromkeys(
        ("openid", "profile", "email", "address", "phone", "groups", "offline_access", "device_sso"),
        DataKind.PROFILE,
    ),
    "user.read": DataKind.PROFILE,
    "user.readwrite": DataKind.PROFILE,
    "presence.read": DataKind.PROFILE,
}
_GOOGLE_KIND = {service: kind for kind, services in _GOOGLE.items() for service in services}
_GRAPH_KIND = {thing: kind for kind, things in _GRAPH.items() for thing in things}
_GRAPH_ADDRESS = "https://graph.microsoft.com/"


def data_of(scope: str) -> DataKind:
    """Which kind of data a scope reaches.

    Args:
        scope: as the provider states it; see `describe_scope`.
    """
    lower = scope.strip().lower()
    lower = lower.removeprefix(_GRAPH_ADDRESS)
    if lower in _EXACT:
        return _EXACT[lower]
    permission = google_permission(lower)
    if permission is not None:
        return _GOOGLE_KIND.get(permission.partition(".")[0].rstrip("/"), DataKind.OTHER)
    if "://" in lower:
        return DataKind.OTHER
    service, _, rest = lower.partition(".")
    if service == "okta" or (service == "user" and rest):
        return DataKind.DIRECTORY
    if service == "crm" and rest:
        return DataKind.CRM
    return _GRAPH_KIND.get(service, DataKind.OTHER) if rest else DataKind.OTHER
