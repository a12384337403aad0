"""OAuth clients that are part of Google Workspace or of a phone, and no tool of anybody's.

They are known by their client id, which nobody can forge. A display name can be: it alone never
hides a client. The devices and browsers that Google signs in for itself carry, besides the name, a
scope that Google gives to no outside client; both together are taken as proof.
"""

from collections.abc import Collection

CLIENT_IDS = frozenset(
    {
        "77185425430.apps.googleusercontent.com",  # Google Chrome
        "292824132082.apps.googleusercontent.com",  # Google APIs Explorer
        "407408718192.apps.googleusercontent.com",  # Google OAuth 2.0 Playground
        "32555940559.apps.googleusercontent.com",  # Google Cloud SDK
        "764086051850-6qr4p6gpi6hn506pt8ejuq83di341hur.apps.googleusercontent.com",  # Google Auth Library
        "947318989803-6bn6qk8qdgf4n4g3pfee6491hc0brc4i.apps.googleusercontent.com",  # Drive for desktop
        "450232826690-0rm6bs9d2fps9tifvk2oodh3tasd7vl7.apps.googleusercontent.com",  # accounts of iOS
        "946018238758-bi6ni53dfoddlgn97pk3b8i7nphige40.apps.googleusercontent.com",  # accounts of macOS
        "406964657835-aq8lmia8j95dhl1a2bvharmfk3t1hgqj.apps.googleusercontent.com",  # accounts of macOS
    }
)
NAMES = frozenset(
    {
        "Android",
        "Android device",
        "Chrome OS",
        "Google Chrome",
        "Google Chrome OS",
        "Google Drive for desktop",
        "Google Play services",
    }
)
OWN_SCOPE = "https://www.google.com/accounts/OAuthLogin"
"""Signs a device in to the whole account; Google gives it to its own clients."""


def is_first_party(client_id: str, name: str, scopes: Collection[str]) -> bool:
    """True for Google's own clients and the account managers of phones and computers."""
    return client_id in CLIENT_IDS or (name in NAMES and OWN_SCOPE in scopes)
