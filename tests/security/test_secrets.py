"""Secrets at rest: sealed, keys changed, the key file made once and for its owner alone."""

import stat
import threading
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from app.security.secrets import KEY_FILE, SecretBox
from app.settings import Settings


def test_what_is_sealed_opens_again_and_is_not_readable() -> None:
    box = SecretBox([Fernet.generate_key().decode()])
    sealed = box.seal({"token": "sesame", "key": {"kty": "RSA"}})
    assert b"sesame" not in sealed
    assert box.open(sealed) == {"token": "sesame", "key": {"kty": "RSA"}}
    assert "sesame" not in repr(box)


def test_a_key_is_changed_by_putting_a_new_one_in_front() -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    sealed = SecretBox([old]).seal({"token": "sesame"})
    both = SecretBox([new, old])
    assert both.open(sealed) == {"token": "sesame"}
    assert SecretBox([new]).open(both.reseal(sealed)) == {"token": "sesame"}
    with pytest.raises(ValueError, match="another secret key"):
        SecretBox([new]).open(sealed)


def test_changed_bytes_are_refused() -> None:
    box = SecretBox([Fernet.generate_key().decode()])
    sealed = bytearray(box.seal({"token": "sesame"}))
    sealed[-5] ^= 1
    with pytest.raises(ValueError, match="cannot be opened"):
        box.open(bytes(sealed))


@pytest.mark.parametrize("key", ["short", "", "short,shorter"])
def test_a_wrong_key_is_named(tmp_path: Path, key: str) -> None:
    settings = Settings(data_dir=tmp_path, secret_key=SecretStr(key))
    if key:
        with pytest.raises(ValueError, match="SECRET_KEY"):
            SecretBox.from_settings(settings)
    else:
        SecretBox.from_settings(settings)  # empty means the key file


def test_the_key_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "new" / "folder")
    boxes: list[SecretBox] = []
    starters = [
        threading.Thread(target=lambda: boxes.append(SecretBox.from_settings(settings))) for _ in range(8)
    ]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()
    path = settings.data_dir / KEY_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in settings.data_dir.iterdir()] == [KEY_FILE]
    sealed = boxes[0].seal({"a": 1})
    assert all(box.open(sealed) == {"a": 1} for box in boxes)
