"""Secrets at rest: sealed with Fernet (AES-CBC and HMAC), by a key that is not in the database.

The key is `PENUMBRA_SECRET_KEY`, or a file in the data folder that only its owner may read. Several
keys, separated by commas, are all tried for opening; the first one seals. So a key is changed by
putting the new one in front and sealing everything again.
"""

import base64
import contextlib
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.settings import Settings

KEY_FILE = "secret.key"


class SecretBox:
    """Seals small dicts of secrets and opens them again; `repr` shows nothing."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Take Fernet keys (44 characters of url-safe base64), the one that seals first.

        Raises:
            ValueError: a key is not a Fernet key, or there is none.
        """
        if not keys:
            raise ValueError("PENUMBRA_SECRET_KEY holds no key; leave it empty to use the key file")
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError as error:
            raise ValueError(
                "PENUMBRA_SECRET_KEY must be one or more Fernet keys (32 bytes in url-safe base64), "
                "separated by commas"
            ) from error
        self._oldest = base64.urlsafe_b64decode(keys[-1])

    @classmethod
    def from_settings(cls, settings: Settings) -> "SecretBox":
        """The box of this installation; makes the key file on first use.

        Raises:
            ValueError: the key in force is not a Fernet key.
            OSError: the key file cannot be read or made.
        """
        given = settings.secret_key.get_secret_value() if settings.secret_key else ""
        text = given or _key_file(settings.data_dir / KEY_FILE)
        return cls([key for key in (part.strip() for part in text.split(",")) if key])

    def derive(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose, the same for as long as the last of the keys stays.

        Of the last one: putting a new key in front, which seals from then on, changes nothing here.
        """
        kdf = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"penumbra:" + purpose.encode())
        return kdf.derive(self._oldest)

    def seal(self, values: Mapping[str, Any]) -> bytes:
        """The sealed form of `values` (JSON values by name)."""
        return self._fernet.encrypt(orjson.dumps(dict(values)))

    def open(self, sealed: bytes) -> dict[str, Any]:
        """What was sealed.

        Raises:
            ValueError: none of the keys opens it, or it was changed.
        """
        try:
            return orjson.loads(self._fernet.decrypt(bytes(sealed)))
        except InvalidToken as error:
            raise ValueError(
                "the stored secrets cannot be opened: they were sealed with another secret key"
            ) from error

    def reseal(self, sealed: bytes) -> bytes:
        """The same secrets, sealed with the first key.

        Raises:
            ValueError: see `open`.
        """
        return self.seal(self.open(sealed))


def _key_file(path: Path) -> str:
    """The key in `path`; makes it, readable by the owner alone, if it is not there.

    Two processes may start at once: the file appears whole under its name or not at all, and the
    first one wins.
    """
    with contextlib.suppress(FileNotFoundError):
        return path.read_text("ascii")
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".secret-")  # mkstemp makes it 0600
    with os.fdopen(handle, "wb") as file:
        file.write(Fernet.generate_key())
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(name, path)
    Path(name).unlink()
    return path.read_text("ascii")
