"""Say in plain words what an OAuth scope allows, and how much is at stake.

A scope is compared exactly, or by its parsed parts (service, then permission); never by substring:
`gmail.send` is not `gmail`, and `https://evil.example/auth/drive` is not Google's.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from app.language import lasting

Grade = Literal["high", "medium", "low"]


class ScopeInfo(NamedTuple):
    """What a scope allows, as the end of "it may …", and how much is at stake."""

    words: str
    grade: Grade


_GOOGLE = "https://www.googleapis.com/auth/"
_GRAPH = "https://graph.microsoft.com/"

_OPENID: dict[str, ScopeInfo] = {
    "openid": ScopeInfo("know who you are when you sign in", "low"),
    "profile": ScopeInfo("see your name and picture", "low"),
    "email": ScopeInfo("see your e-mail address", "low"),
    "address": ScopeInfo("see your postal address", "medium"),
    "phone": ScopeInfo("see your phone number", "low"),
    "groups": ScopeInfo("see which groups you belong to", "low"),
    "offline_access": ScopeInfo("keep its access while you are away", "medium"),
    "device_sso": ScopeInfo("sign you in on other applications of the same device", "medium"),
}

_GOOGLE_EXACT: dict[str, tuple[str, Grade]] = {
    "userinfo.email": ("see your e-mail address", "low"),
    "userinfo.profile": ("see your name and picture", "low"),
    "gmail.readonly": ("read all your e-mail", "high"),
    "gmail.modify": ("read, send and change all your e-mail", "high"),
    "gmail.compose": ("write and send e-mail as you", "high"),
    "gmail.insert": ("put messages into your mailbox", "medium"),
    "gmail.send": ("send e-mail as you", "high"),
    "gmail.metadata": ("see who writes to you and when, not the text", "medium"),
    "gmail.labels": ("see and change your e-mail labels", "low"),
    "gmail.settings.basic": ("change your e-mail settings and filters", "high"),
    "gmail.settings.sharing": ("give others access to your mailbox", "high"),
    "gmail.addons.current.message.readonly": ("read the e-mail you have open", "medium"),
    "gmail.addons.current.message.action": ("act on the e-mail you have open", "medium"),
    "gmail.addons.current.action.compose": ("write drafts when you use the add-on", "low"),
    "drive": ("read, change and delete all your files", "high"),
    "drive.readonly": ("read all your files", "high"),
    "drive.file": ("use only the files you open or create with it", "low"),
    "drive.appdata": ("keep its own settings in your Drive", "low"),
    "drive.appfolder": ("keep its own settings in your Drive", "low"),
    "drive.install": ("appear in your Drive's menu", "low"),
    "drive.metadata": ("see and change the names and folders of all your files", "medium"),
    "drive.metadata.readonly": ("see the names and folders of all your files", "medium"),
    "drive.activity.readonly": ("see what happens to your files", "medium"),
    "drive.scripts": ("change your scripts", "high"),
    "spreadsheets": ("read and change all your spreadsheets", "high"),
    "spreadsheets.readonly": ("read all your spreadsheets", "medium"),
    "documents": ("read and change all your documents", "high"),
    "documents.readonly": ("read all your documents", "medium"),
    "presentations": ("read and change all your presentations", "medium"),
    "presentations.readonly": ("read all your presentations", "medium"),
    "forms.body": ("read and change your forms", "medium"),
    "forms.responses.readonly": ("read the answers to your forms", "medium"),
    "calendar": ("read and change all your calendars", "high"),
    "calendar.readonly": ("read all your calendars", "medium"),
    "calendar.events": ("read and change your calendar events", "medium"),
    "calendar.events.readonly": ("read your calendar events", "medium"),
    "calendar.freebusy": ("see when you are busy", "low"),
    "contacts": ("read and change your contacts", "high"),
    "contacts.readonly": ("read your contacts", "medium"),
    "contacts.other.readonly": ("read the people you have written to", "medium"),
    "directory.readonly": ("read your company's directory", "medium"),
    "adwords": ("manage your Google Ads accounts and spend", "high"),
    "analytics": ("see and change your Google Analytics data", "medium"),
    "analytics.readonly": ("see your Google Analytics data", "medium"),
    "analytics.edit": ("change the set-up of Google Analytics", "high"),
    "analytics.manage.users": ("decide who may use Google Analytics", "high"),
    "analytics.manage.users.readonly": ("see who may use Google Analytics", "low"),
    "webmasters": ("see and change your Search Console sites", "medium"),
    "webmasters.readonly": ("see your Search Console data", "low"),
    "siteverification": ("prove that it owns your web sites", "high"),
    "indexing": ("tell Google which of your pages to index", "medium"),
    "tagmanager.readonly": ("see your Tag Manager containers", "low"),
    "tagmanager.edit.containers": ("change the code Tag Manager puts on your sites", "high"),
    "tagmanager.edit.containerversions": ("make new versions of your site's tags", "high"),
    "tagmanager.publish": ("publish code to your web sites", "high"),
    "tagmanager.manage.accounts": ("manage your Tag Manager accounts", "high"),
    "tagmanager.manage.users": ("decide who may change your site's tags", "high"),
    "content": ("manage your product listings in Merchant Center", "medium"),
    "business.manage": ("manage your business profiles on Google", "medium"),
    "youtube": ("manage your YouTube account", "high"),
    "youtube.readonly": ("see your YouTube account", "low"),
    "youtube.upload": ("publish videos on your YouTube channel", "medium"),
    "youtube.force-ssl": ("see, change and delete your videos and comments", "high"),
    "youtubepartner": ("manage your YouTube content and rights", "high"),
    "yt-analytics.readonly": ("see your YouTube statistics", "low"),
    "yt-analytics-monetary.readonly": ("see your YouTube statistics and revenue", "medium"),
    "dfareporting": ("read Campaign Manager reports", "medium"),
    "dfatrafficking": ("change Campaign Manager campaigns", "high"),
    "doubleclicksearch": ("manage Search Ads 360 data", "medium"),
    "display-video": ("manage your Display & Video 360 campaigns", "high"),
    "doubleclickbidmanager": ("read Display & Video 360 reports", "medium"),
    "dfp": ("manage Ad Manager", "high"),
    "adsense": ("manage your AdSense account", "medium"),
    "adsense.readonly": ("see your AdSense data", "low"),
    "admob.report": ("see your AdMob reports", "low"),
    "bigquery": ("read and change your data warehouse", "high"),
    "bigquery.readonly": ("read your data warehouse", "high"),
    "cloud-platform": ("see and change everything in Google Cloud", "high"),
    "cloud-platform.read-only": ("see everything in Google Cloud", "high"),
    "devstorage.read_only": ("read your stored cloud files", "high"),
    "devstorage.read_write": ("read and change your stored cloud files", "high"),
    "devstorage.full_control": ("control your stored cloud files", "high"),
    "script.external_request": ("send data to other services", "medium"),
    "script.container.ui": ("show its own window beside your document", "low"),
    "script.scriptapp": ("run while you are away", "medium"),
    "script.projects": ("change your scripts", "high"),
    "admin.directory.user": ("see, change and remove everyone's account", "high"),
    "admin.directory.user.readonly": ("see everyone in the company", "medium"),
    "admin.directory.user.security": ("see and withdraw everyone's application access", "high"),
    "admin.directory.group": ("change the company's groups", "high"),
    "admin.directory.group.readonly": ("see the company's groups", "medium"),
    "admin.reports.audit.readonly": ("read the company's activity log", "medium"),
    "tasks": ("read and change your tasks", "medium"),
    "tasks.readonly": ("read your tasks", "low"),
    "meetings.space.created": ("create video meetings", "low"),
    "chat.messages": ("read and send your chat messages", "high"),
    "chat.messages.readonly": ("read your chat messages", "high"),
    "photoslibrary": ("see and change your photos", "high"),
    "photoslibrary.readonly": ("see your photos", "medium"),
    "plus.me": ("know who you are on Google", "low"),
    "plus.login": ("know who you are on Google", "low"),
    "user.birthday.read": ("see your date of birth", "medium"),
    "user.phonenumbers.read": ("see your phone numbers", "medium"),
    "user.addresses.read": ("see your addresses", "medium"),
}

_OTHER_EXACT: dict[str, ScopeInfo] = {
    "https://mail.google.com/": ScopeInfo("read, send and delete all your e-mail", "high"),
    "https://www.google.com/m8/feeds/": ScopeInfo("read and change your contacts", "high"),
    "https://www.google.com/m8/feeds": ScopeInfo("read and change your contacts", "high"),
    "https://www.google.com/calendar/feeds": ScopeInfo("read and change all your calendars", "high"),
    "https://ads.microsoft.com/msads.manage": ScopeInfo("manage your Microsoft Advertising accounts", "high"),
}

# Microsoft Graph names: Resource.Operation[.Constraint]
_GRAPH_THINGS: dict[str, tuple[str, Grade, Grade]] = {
    # resource: words, grade of reading, grade of changing
    "mail": ("your e-mail", "high", "high"),
    "mailboxsettings": ("your mailbox settings", "low", "high"),
    "mailboxfolder": ("your mail folders", "medium", "high"),
    "calendars": ("your calendars", "medium", "medium"),
    "contacts": ("your contacts", "medium", "high"),
    "people": ("the people you work with", "low", "medium"),
    "files": ("your files", "high", "high"),
    "sites": ("your SharePoint sites", "high", "high"),
    "notes": ("your notebooks", "medium", "medium"),
    "tasks": ("your tasks", "low", "medium"),
    "chat": ("your chats", "high", "high"),
    "chatmessage": ("your chat messages", "high", "high"),
    "channel": ("your channels", "low", "medium"),
    "channelmessage": ("messages in your channels", "high", "high"),
    "team": ("your teams", "low", "medium"),
    "teammember": ("who is in your teams", "low", "high"),
    "user": ("your profile", "low", "medium"),
    "group": ("your groups", "medium", "high"),
    "groupmember": ("who is in your groups", "medium", "high"),
    "directory": ("the company's directory", "medium", "high"),
    "application": ("the company's applications", "medium", "high"),
    "auditlog": ("the company's activity log", "medium", "high"),
    "reports": ("usage reports", "low", "medium"),
    "onlinemeetings": ("your online meetings", "low", "medium"),
    "onlinemeetingtranscript": ("transcripts of meetings", "high", "high"),
    "presence": ("whether you are available", "low", "low"),
    "bookings": ("booking calendars", "low", "medium"),
    "device": ("your devices", "low", "medium"),
    "domain": ("the company's domains", "low", "high"),
    "organization": ("the company's details", "low", "high"),
    "policy": ("the company's policies", "medium", "high"),
    "rolemanagement": ("who is an administrator", "medium", "high"),
}
_GRAPH_EXACT: dict[str, ScopeInfo] = {
    "mail.send": ScopeInfo("send e-mail as you", "high"),
    "mail.send.shared": ScopeInfo("send e-mail as you or for shared mailboxes", "high"),
    "mail.readbasic": ScopeInfo("see who writes to you and when, not the text", "medium"),
    "user.read": ScopeInfo("see your profile", "low"),
    "user.readbasic.all": ScopeInfo("see everyone's name and e-mail address", "low"),
    "user.read.all": ScopeInfo("see everyone's full profile", "medium"),
    "user.readwrite.all": ScopeInfo("change everyone's account", "high"),
    "directory.accessasuser.all": ScopeInfo("do in the directory whatever you may do", "high"),
    "files.readwrite.appfolder": ScopeInfo("keep files in a folder of its own", "low"),
    "files.read.selected": ScopeInfo("read only the files you pick", "low"),
    "files.readwrite.selected": ScopeInfo("change only the files you pick", "low"),
    "sites.selected": ScopeInfo("use only the SharePoint sites chosen for it", "medium"),
    "sites.fullcontrol.all": ScopeInfo("control every SharePoint site", "high"),
    "user_impersonation": ScopeInfo("act as you in another service", "high"),
    ".default": ScopeInfo("everything an administrator has agreed to", "high"),
}
_RAISED: dict[Grade, Grade] = {"low": "medium", "medium": "high", "high": "high"}
_OPERATIONS = {
    "read": lasting("read %(thing_word)s"),
    "readbasic": lasting("see the outline of %(thing_word)s"),
    "readwrite": lasting("read and change %(thing_word)s"),
    "write": lasting("change %(thing_word)s"),
    "manage": lasting("manage %(thing_word)s"),
    "create": lasting("add to %(thing_word)s"),
    "send": lasting("send as you to %(thing_word)s"),
}
_OKTA_THINGS = {
    "users": "people's accounts",
    "groups": "groups",
    "apps": "applications",
    "logs": "the activity log",
    "policies": "sign-in policies",
    "roles": "administrators' roles",
    "factors": "second factors",
    "sessions": "sessions",
    "clients": "OAuth clients",
    "appgrants": "applications' permissions",
    "domains": "domains",
    "authorizationservers": "authorization servers",
    "idps": "identity providers",
    "events": "events",
    "devices": "devices",
    "apitokens": "API tokens",
}


def describe_scope(scope: str) -> ScopeInfo:
    """Describe an OAuth scope.

    Args:
        scope: as the provider states it: `https://www.googleapis.com/auth/gmail.send`, `Mail.Read`,
            `https://graph.microsoft.com/Files.Read.All`, `okta.users.manage`, `openid`.

    Returns:
        Plain words and a grade. A scope that is not known is graded medium and says so.
    """
    text = scope.strip()
    lower = text.lower()
    for known in (_OPENID.get(lower), _OTHER_EXACT.get(lower)):
        if known:
            return known
    if lower.startswith(_GOOGLE):
        return _google(lower[len(_GOOGLE) :]) or _unknown(text)
    if lower.startswith(_GRAPH):
        lower = lower[len(_GRAPH) :]
        if lower in _OPENID:
            return _OPENID[lower]
    elif "://" in lower:
        return _unknown(text)
    if lower.startswith("okta."):
        return _okta(lower) or _unknown(text)
    return _graph(lower) or _unknown(text)


def google_permission(scope: str) -> str | None:
    """Give the part of a Google scope after Google's own address (`adwords`); None for any other scope."""
    lower = scope.strip().lower()
    return lower[len(_GOOGLE) :] if lower.startswith(_GOOGLE) else None


def _google(permission: str) -> ScopeInfo | None:
    exact = _GOOGLE_EXACT.get(permission.rstrip("/"))
    if exact:
        return ScopeInfo(*exact)
    service, _, last = permission.rpartition(".")
    base = _GOOGLE_EXACT.get(service)
    if base and last == "readonly":
        words = base[0].replace("read, change and delete", "read").replace("read and change", "read")
        return ScopeInfo(words.replace("see and change", "see").replace("manage", "see"), "medium")
    if last == "readonly":
        return ScopeInfo(lasting("read what is in Google “%(service)s”", service=service), "medium")
    return None


def _graph(lower: str) -> ScopeInfo | None:
    exact = _GRAPH_EXACT.get(lower)
    if exact:
        return exact
    parts = lower.split(".")
    if len(parts) < 2 or parts[0] not in _GRAPH_THINGS or parts[1] not in _OPERATIONS:
        return None
    thing, reading, changing = _GRAPH_THINGS[parts[0]]
    grade = reading if parts[1] in {"read", "readbasic"} else changing
    if "all" in parts[2:]:
        own = thing.startswith("your ")
        whole = lasting("%(thing_word)s and everyone else's") if own else lasting("all of %(thing_word)s")
        thing = whole % {"thing_word": thing}
        grade = _RAISED[grade]
    return ScopeInfo(lasting(_OPERATIONS[parts[1]], thing_word=thing), grade)


def _okta(lower: str) -> ScopeInfo | None:
    parts = lower.split(".")
    thing = _OKTA_THINGS.get(parts[1]) if len(parts) >= 3 else None
    if thing is None:
        return None
    if parts[-1] == "read" and len(parts) == 3:
        return ScopeInfo(lasting("see %(thing_word)s in Okta", thing_word=thing), "medium")
    if parts[-1] == "manage":
        return ScopeInfo(lasting("change %(thing_word)s in Okta", thing_word=thing), "high")
    return None


def _unknown(scope: str) -> ScopeInfo:
    return ScopeInfo(lasting("something we have no words for yet (“%(scope)s”)", scope=scope), "medium")


def phrases() -> frozenset[str]:
    """Every fixed piece of what `describe_scope` says, for those who translate it."""
    infos = [*_OPENID.values(), *_OTHER_EXACT.values(), *_GRAPH_EXACT.values()]
    infos += [ScopeInfo(*known) for known in _GOOGLE_EXACT.values()]
    infos += [info for name in _GOOGLE_EXACT if (info := _google(f"{name}.readonly"))]
    things = [*(thing for thing, *_ in _GRAPH_THINGS.values()), *_OKTA_THINGS.values()]
    return frozenset([*(info.words for info in infos if "“" not in info.words), *things])


def worst_grade(scopes: Iterable[str]) -> Grade:
    """Give the gravest grade among some scopes; no scopes at all are low."""
    grades = {describe_scope(scope).grade for scope in scopes}
    return "high" if "high" in grades else "medium" if "medium" in grades else "low"
