"""Typed identifiers: the handles by which observations name an application.

An identifier says what kind of handle it is, so that an Okta instance id is never compared with
a host name. Kinds are open: a connector may bring its own (`vendor.something`), and the general
kinds below are what identification knows how to read.
"""

from typing import NamedTuple

DOMAIN = "domain"
"""A registrable domain or host name that belongs to the application's maker (`app.hubspot.com`)."""
APP_NAME = "app_name"
"""A display name as a person or vendor typed it: an SSO label or the name on a consent screen."""
MERCHANT = "merchant"
"""A merchant name or card-statement descriptor, raw (`INTUIT *MAILCHIMP 8005551234`)."""
PUBLISHER = "publisher"
"""The company that publishes the application, as the identity provider states it."""
OKTA_APP_KEY = "okta.app_key"
"""Okta's catalogue key (`zoomus`); custom apps carry generated keys that identify nothing."""
OKTA_APP_ID = "okta.app_id"
"""One app instance of one Okta organisation (`0oa…`)."""
ENTRA_APP_ID = "entra.app_id"
"""Microsoft's application (client) id, the same in every tenant."""
GOOGLE_CLIENT_ID = "google.client_id"
"""Google's OAuth client id (`1234-abc.apps.googleusercontent.com`)."""
SLACK_APP_ID = "slack.app_id"
"""Slack's application id (`A…`), the same in every workspace."""


class Identifier(NamedTuple):
    """One handle of an application: `kind` is one of the constants above or `vendor.name`."""

    kind: str
    value: str

    def __str__(self) -> str:
        return f"{self.kind}={self.value}"
