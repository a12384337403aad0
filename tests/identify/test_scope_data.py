"""Which data a permission reaches, by the parsed parts of its scope."""

import pytest

from app.identify.scope_data import DataKind, data_of

_G = "https://www.googleapis.com/auth/"


@pytest.mark.parametrize(
    ("scope", "kind"),
    [
        (f"{_G}gmail.send", "mail"),
        ("https://mail.google.com/", "mail"),
        ("https://graph.microsoft.com/Mail.Read.Shared", "mail"),
        (f"{_G}drive", "files"),
        ("Files.ReadWrite.All", "files"),
        (f"{_G}contacts.other.readonly", "contacts"),
        ("Calendars.ReadWrite", "calendar"),
        ("ChannelMessage.Read.All", "messages"),
        (f"{_G}admin.directory.user", "directory"),
        ("User.Read.All", "directory"),
        ("okta.users.manage", "directory"),
        (f"{_G}adwords", "ads"),
        (f"{_G}analytics.edit", "analytics"),
        (f"{_G}tagmanager.publish", "web"),
        (f"{_G}yt-analytics.readonly", "video"),
        ("crm.objects.contacts.read", "crm"),
        (f"{_G}bigquery.readonly", "cloud"),
        ("openid", "profile"),
        ("User.Read", "profile"),
        (f"{_G}userinfo.email", "profile"),
        # What only looks like one of them.
        ("https://evil.example/auth/drive", "other"),
        (f"{_G}gmailish", "other"),
        ("mail", "other"),
        ("crm", "other"),
        ("", "other"),
    ],
)
def test_the_data_that_a_scope_reaches(scope: str, kind: str) -> None:
    assert data_of(scope) is DataKind(kind)
