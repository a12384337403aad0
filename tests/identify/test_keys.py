"""Quick ways of reading give what the thorough ones give."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.identify.keys import companies_words, company_words, name_key, name_keys
from app.identify.normalise import (
    LONGEST,
    clean_host,
    fold,
    fold_many,
    spans,
    trimmed,
    without_marketplace,
    without_phrases,
)
from app.identify.normalise import words_of as words

ODD = [
    "",
    "&",
    "A & B",
    "Ｍail",
    "Straße",
    "C++",
    "a\nb",
    "_x_",
    "x" * (LONGEST + 9),
    "Σας",
    "1-800 Tool",
    "é",
]
PIECES = [
    "acmely",
    "prod",
    "sso",
    "saml",
    "2.0",
    "sign-on",
    "design",
    "on",
    "for",
    "gmail",
    "copy",
    "of",
    "add-on",
    "-",
    "DE",
    "extension",
    "42",
    "qa2",
    "eu",
    "(uat)",
]
LABEL = st.lists(st.sampled_from(PIECES), max_size=7).map(" ".join)


@given(st.lists(st.text(max_size=12) | st.sampled_from(ODD), min_size=1, max_size=9))
def test_many_names_have_the_keys_that_each_has_alone(names: list[str]) -> None:
    assert name_keys(names) == [name_key(name) for name in names]


FORMS = [
    "Inc",
    "B.V.",
    "s. r. o.",
    "Sp. z o.o.",
    "S/A",
    "A/S",
    "SA",
    "GmbH & Co KG",
    "d o o",
    "L L C",
    "Ltd.",
    "OÜ",
    "A.Ş.",
    "株式会社",
]


@given(st.lists(st.text(max_size=12) | st.sampled_from(ODD), min_size=1, max_size=9))
def test_many_texts_are_folded_as_each_is_alone(texts: list[str]) -> None:
    assert fold_many(texts) == [fold(text) for text in texts]


@given(
    st.lists(
        st.builds("{} {}".format, st.text(max_size=12) | st.sampled_from(ODD), st.sampled_from(FORMS)),
        min_size=1,
        max_size=9,
    )
)
def test_many_companies_have_the_words_that_each_has_alone(companies: list[str]) -> None:
    assert companies_words(companies) == [company_words(company) for company in companies]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Acmely OÜ", ["acmely"]),
        ("Acmely A.Ş.", ["acmely"]),
        ("Acmely Ltd. Şti.", ["acmely"]),
        ("Acmely S.à r.l.", ["acmely"]),
        ("Acmely UG (haftungsbeschränkt)", ["acmely"]),
        ("Acmely spol. s r.o.", ["acmely"]),
        ("Acmely FZE", ["acmely"]),
        ("株式会社アクメ", ["アクメ"]),
        ("アクメ（株）", ["アクメ"]),
        ("주식회사 아크메", ["아크메"]),
        ("㈜아크메", ["아크메"]),
        ("阿克梅科技有限公司", ["阿克梅科技"]),
        ("ООО Акме", ["акме"]),
        ("株式会社", ["株式会社"]),
    ],
)
def test_legal_forms_of_other_scripts_and_letters_are_no_part_of_a_name(name: str, words: list[str]) -> None:
    assert company_words(name) == words


@given(st.from_regex(r"(www\.)?([a-z0-9-]{1,9}\.){0,3}[a-z0-9-]{1,6}", fullmatch=True))
def test_a_plain_host_is_read_like_one_that_has_to_be_looked_into(host: str) -> None:
    # A capital letter, an address and spaces lead past the short way.
    assert clean_host(host) == clean_host(f" HTTPS://{host}/login")


@given(LABEL)
def test_known_words_do_not_change_what_is_taken_off(label: str) -> None:
    folded = label.lower()
    assert without_phrases(folded, words(folded)) == without_phrases(folded)
    assert without_marketplace(folded, words(folded)) == without_marketplace(folded)


@given(LABEL)
def test_words_are_taken_off_the_ends_alone_and_the_longest_rest_comes_first(label: str) -> None:
    every = words(label.lower())
    rests = trimmed(every)
    assert rests == [every[start:end] for start, end in spans(every)]
    assert rests[:1] == ([every] if every else [])
    assert all(rests)
