"""What a veil hides and what it leaves, without a database; and the settings that make one."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.catalog.veiled import reasons
from app.security.privacy import OPEN, OTHERS, Veil
from app.security.secrets import SecretBox
from app.settings import Settings

KEY = b"k" * 32
VEIL = Veil(KEY, own=7, sizes={"Marketing": 40, "Legal": 2}, users=frozenset({"mara@acme.example"}))


def test_an_open_veil_hides_nothing() -> None:
    assert OPEN.name(1, "Anna Berg") == "Anna Berg"
    assert OPEN.only_theirs(1, "anna@acme.example") == "anna@acme.example"
    assert OPEN.department(1, "Legal") == "Legal"
    assert OPEN.departments([("Legal", 1)]) == [("Legal", 1)]
    assert OPEN.text("by anna@acme.example", "Anna") == "by anna@acme.example"
    assert VEIL.lifted().name(1, "Anna Berg") == "Anna Berg"
    with pytest.raises(ValueError, match="no pseudonyms"):
        OPEN.pseudonym(1)


@given(st.integers(1, 2**63 - 1), st.integers(1, 2**63 - 1))
def test_a_pseudonym_is_a_persons_own_and_hangs_on_the_key(one: int, other: int) -> None:
    assert VEIL.pseudonym(one) == VEIL.pseudonym(one)
    assert (VEIL.pseudonym(one) == VEIL.pseudonym(other)) == (one == other)
    assert VEIL.pseudonym(one) != Veil(b"j" * 32).pseudonym(one)


@given(
    st.dictionaries(st.sampled_from(["Marketing", "Legal", "Board", "Sales"]), st.integers(1, 60)),
    st.dictionaries(st.sampled_from(["Marketing", "Legal", "Board", "Sales"]), st.integers(1, 60)),
)
def test_no_small_count_and_no_small_department_is_shown(
    counts: dict[str, int], sizes: dict[str, int]
) -> None:
    shown = Veil(KEY, sizes=sizes).departments(counts.items())
    assert all(people is None or people >= 5 for _, people in shown)
    assert all(name == OTHERS or sizes[name] >= 5 for name, _ in shown)
    assert {name for name, _ in shown} - {OTHERS} == {n for n in counts if sizes.get(n, 0) >= 5}


def test_oneself_is_shown() -> None:
    assert VEIL.name(7, "Mara") == "Mara"
    assert VEIL.department(7, "Legal") == "Legal"
    assert VEIL.department(8, "Legal") is None
    assert VEIL.department(8, "Marketing") == "Marketing"


def test_texts_lose_addresses_and_the_names_at_hand() -> None:
    text = "SQ *ANNA BERG <anna.berg+x@acme.example>, ü@bücher.example; see a@b"
    assert VEIL.text(text, "Anna Berg") == "SQ *(hidden) <(hidden)>, (hidden); see a@b"
    assert VEIL.text("C++ (Anna)", "C++", None, " ") == "(hidden) (Anna)"
    assert VEIL.text(None) is None
    assert VEIL.plain({"a@acme.example": ["b@acme.example", 3, None]}) == {"(hidden)": ["(hidden)", 3, None]}
    assert VEIL.record({"by": "Mara@acme.example", "of": "anna@acme.example"}) == {
        "by": "Mara@acme.example",
        "of": "(hidden)",
    }


def test_reasons_do_not_count_few_people_by_team() -> None:
    few = "1 of the 3 people who use it work in marketing teams, the others elsewhere."
    many = "30 of the 60 people who use it work in marketing teams."
    assert reasons([few, many, "Else."], VEIL) == [
        "Some people who use it work in marketing teams, the others elsewhere.",
        many,
        "Else.",
    ]
    assert reasons([few], OPEN) == [few]


def test_a_new_key_in_front_changes_no_pseudonym() -> None:
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    assert SecretBox([new, old]).derive("x") == SecretBox([old]).derive("x")
    assert SecretBox([old]).derive("x") != SecretBox([old]).derive("y")
    assert SecretBox([new]).derive("x") != SecretBox([old]).derive("x")


def test_roles_that_see_names_are_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PENUMBRA_DATA_DIR", str(tmp_path))
    assert Settings().privacy_names == {"admin"}
    monkeypatch.setenv("PENUMBRA_PRIVACY_NAMES", "it, Admin")
    assert Settings().privacy_names == {"it", "admin"}
    monkeypatch.setenv("PENUMBRA_PRIVACY_NAMES", "")
    assert Settings().privacy_names == frozenset()
    monkeypatch.setenv("PENUMBRA_PRIVACY_NAMES", "boss")
    with pytest.raises(ValidationError, match="'boss' is no role"):
        Settings()
    monkeypatch.setenv("PENUMBRA_PRIVACY_NAMES", "it")
    monkeypatch.setenv("PENUMBRA_PRIVACY", "maybe")
    with pytest.raises(ValidationError, match="privacy"):
        Settings()
