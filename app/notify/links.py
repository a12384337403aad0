"""Links that need no login: sealed with the secret key, each for one purpose, one subject, and a time.

The text of such a link is nowhere in the database: it is made when a message is sent. Whoever has the secret
key can make one, nobody else; changing the key ends those that were made with it.
"""

from dataclasses import dataclass
from datetime import datetime

from app.errors import Gone, NotFound
from app.language import _
from app.security.secrets import SecretBox

ASK = "adopter"
UNSUBSCRIBE = "unsubscribe"
_KIND = "penumbra.link"
_LONGEST = 2000


@dataclass(frozen=True)
class Links:
    """Makes and reads links.

    Attributes:
        box: seals them.
        home: where people reach Penumbra, without a slash at the end.
    """

    box: SecretBox
    home: str

    def to(self, path: str) -> str:
        """The whole address of one of our paths."""
        return self.home + path

    def signed(self, purpose: str, subject: str, expires_at: datetime) -> str:
        """The whole address of a page that needs no login.

        Args:
            purpose: `ASK` or `UNSUBSCRIBE`, which is its path too.
            subject: what it is about; read back by `read`.
            expires_at: it leads nowhere afterwards.
        """
        parts = {"k": _KIND, "p": purpose, "s": subject, "e": int(expires_at.timestamp())}
        return self.to(f"/{purpose}/{self.box.seal(parts).decode('ascii').rstrip('=')}")

    def read(self, token: str, purpose: str, now: datetime) -> str:
        """The subject of a link.

        Raises:
            NotFound: it is not one of ours, or for another purpose.
            Gone: its time is over.
        """
        wrong = NotFound(_("This link is not complete or was changed: open it again from the message."))
        if not token or len(token) > _LONGEST or not token.isascii():
            raise wrong
        try:
            parts = self.box.open((token + "=" * (-len(token) % 4)).encode("ascii"))
        except ValueError:
            raise wrong from None
        if parts.get("k") != _KIND or parts.get("p") != purpose:
            raise wrong
        if parts["e"] <= now.timestamp():
            raise Gone(_("It could be used for some time only, and that is over."))
        return str(parts["s"])
