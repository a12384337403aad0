"""Which tool a subject belongs to: pure, and the same whatever the order of teaching and undoing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.identify import default_knowledge_base
from app.teaching.handles import Handle, app_handles, handle_of, learned_from, merchant_handles
from app.teaching.resolve import Book, Learned, Matched, Teaching
from connectors.identifiers import (
    APP_NAME,
    DOMAIN,
    ENTRA_APP_ID,
    GOOGLE_CLIENT_ID,
    MERCHANT,
    OKTA_APP_KEY,
    PUBLISHER,
)

KB = default_knowledge_base()
START = datetime(2026, 5, 3, 9, 0, tzinfo=UTC)
MATCHED = Matched(1, "name", 0.9, "“Frobnix” is the name of Frobnix.")
ID, NAME, HOST = Handle(GOOGLE_CLIENT_ID, "9-x"), Handle(APP_NAME, "frobnix"), Handle(DOMAIN, "frobnix.io")


def teaching(number: int, verb: str, to: int, *handles: Handle, source: int = 1, **more: object) -> Teaching:
    made = Teaching(
        id=number,
        verb=verb,
        at=START + timedelta(days=number),
        actor="token:ada",
        reason="",
        from_tool_id=source,
        to_tool_id=to,
        from_name="Frobnix",
        learned=tuple(Learned(h) for h in handles),
    )
    return replace(made, **more)  # type: ignore[arg-type]


def test_nothing_taught_is_the_matchers_answer() -> None:
    held = Book().hold([ID, NAME], MATCHED)
    assert (held.tool_id, held.rule, held.confidence, held.why) == (1, "name", 0.9, MATCHED.why)
    assert held.matched is None


def test_it_says_who_taught_what_when_and_why() -> None:
    pin = teaching(0, "correct", 2, NAME, reason="It is HubSpot. ")
    merge = teaching(3, "merge", 5, source=2, actor="cli:ben", from_name="HubSpot")
    held = Book([pin, merge]).hold([NAME], MATCHED)
    assert (
        held.why
        == "Corrected by ada on 3 May 2026: It is HubSpot. Merged from “HubSpot” by ben on 6 May 2026."
    )
    assert (held.tool_id, held.rule, held.confidence) == (5, "taught", 1.0)
    assert held.matched == {"rule": "name", "confidence": 0.9, "why": MATCHED.why}


@pytest.mark.parametrize(
    ("taught", "tool"),
    [
        ([teaching(1, "merge", 4)], 4),
        ([teaching(1, "merge", 4), teaching(2, "merge", 5, source=4)], 5),
        ([teaching(2, "merge", 4), teaching(1, "correct", 3, NAME)], 3),
        ([teaching(1, "correct", 2, ID), teaching(2, "correct", 3, NAME)], 2),
        ([teaching(1, "correct", 2, HOST), teaching(2, "correct", 3, NAME)], 2),
        ([teaching(1, "correct", 2, NAME), teaching(2, "split", 3, NAME)], 3),
        ([teaching(1, "keep_apart", 2, NAME)], 1),
        ([teaching(1, "confirm", 1, NAME), teaching(2, "merge", 4)], 4),
        ([teaching(1, "correct", 2, Handle(APP_NAME, "other"))], 1),
    ],
)
def test_what_wins(taught: list[Teaching], tool: int) -> None:
    assert Book(taught).hold([ID, HOST, NAME], MATCHED).tool_id == tool


def test_a_longer_host_says_more() -> None:
    book = Book(
        [
            teaching(2, "correct", 2, Handle(DOMAIN, "frobnix.io")),
            teaching(1, "correct", 3, Handle(DOMAIN, "ads.frobnix.io")),
        ]
    )
    handles = app_handles([("domain", "https://eu.ads.frobnix.io/login")], "X")
    assert book.hold(handles, MATCHED).tool_id == 3
    assert book.hold(app_handles([("domain", "app.frobnix.io")], "X"), MATCHED).tool_id == 2


def test_a_merchant_that_is_several_tools_is_taught_for_one_of_them() -> None:
    key = Handle(MERCHANT, "name:google")
    book = Book([teaching(1, "correct", 2, learned=(Learned(key, only=1),))])
    assert book.hold([key], MATCHED).tool_id == 2
    assert book.hold([key], replace(MATCHED, tool_id=7)).tool_id == 7
    assert not book.is_taught([key])


@given(
    st.lists(
        st.tuples(st.sampled_from(["correct", "merge"]), st.integers(1, 6), st.integers(1, 6)), max_size=8
    )
)
def test_the_order_in_which_they_are_read_does_not_matter(deeds: list[tuple[str, int, int]]) -> None:
    book, taught = Book(), []
    for number, (verb, source, to) in enumerate(deeds):
        handles = (NAME,) if verb == "correct" else ()
        if verb == "merge" and (book.final(source) != source or book.final(to) != to or source == to):
            continue  # the service refuses these
        taught.append(teaching(number, verb, to, *handles, source=source))
        book = book.with_one(taught[-1])
    held = book.hold([NAME], MATCHED)
    assert Book(reversed(taught)).hold([NAME], MATCHED) == held
    for one in taught:
        again = book.without(one.id).with_one(one)
        assert again.hold([NAME], MATCHED) == held
    for one in reversed(taught):
        book = book.without(one.id)
    assert book.hold([NAME], MATCHED) == Book().hold([NAME], MATCHED)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (DOMAIN, "https://App.Frobnix.io/login?x=1", "app.frobnix.io"),
        (DOMAIN, "not a host", None),
        (DOMAIN, "localhost", None),
        (APP_NAME, "Frobnix CRM - Prod (SAML)", "frobnixcrm"),
        (MERCHANT, "PAYPAL *FROBNIX 4029357733", "name:frobnix"),
        (MERCHANT, "name:frobnix", "name:frobnix"),
        (MERCHANT, "FROBNIX.IO 8005551234 CA", "domain:frobnix.io"),
        (ENTRA_APP_ID, "ABCD-1", "abcd-1"),
        (PUBLISHER, "Frobnix Ltd", None),
        (GOOGLE_CLIENT_ID, "  ", None),
    ],
)
def test_handles_are_compared_in_one_form(kind: str, value: str, expected: str | None) -> None:
    found = handle_of(kind, value)
    assert (found.value if found else None) == expected


def test_an_app_stands_for_its_most_telling_handles() -> None:
    full = [
        (APP_NAME, "Frobnix"),
        (DOMAIN, "app.frobnix.io"),
        (OKTA_APP_KEY, "frobnix"),
        (GOOGLE_CLIENT_ID, "9-x"),
    ]
    for count, expected in ((4, ID), (3, Handle(OKTA_APP_KEY, "frobnix")), (2, HOST), (1, NAME)):
        assert learned_from(KB, app_handles(full[:count], "Frobnix")) == [expected]
    # Several products are at home at google.com: only the very host is learned.
    shared = app_handles([(DOMAIN, "ads.google.com")], "Ads")
    assert learned_from(KB, shared) == [Handle(DOMAIN, "ads.google.com")]
    assert merchant_handles("domain:frobnix.io") == [Handle(MERCHANT, "domain:frobnix.io"), HOST]
