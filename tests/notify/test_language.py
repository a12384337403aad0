"""People are told in their own language, whoever causes it; receivers that are no people in English."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from email.message import EmailMessage

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from app import models
from app.claims import telling as claims
from app.db import reading, writing
from app.joining import house_rules
from app.language import lasting
from app.notify import adopters, inbox
from app.notify.schemas import PreferencesChange
from app.notify.service import prepare_new, try_out
from app.policy import granting
from app.reviews.service import Desk
from app.reviews.words import Cause
from app.scans.news import tell_flagged
from app.security import users
from app.security.privacy import OPEN
from app.security.schemas import Caller, Role
from app.settings import Settings
from app.spend.partners import nobody
from app.spend.reminding import remind
from tests.conftest import NOW
from tests.notify.support import Post, Site
from tests.notify.test_email import Sink, config, sink  # noqa: F401
from tests.reviews.support import Review, Table, table_of
from tests.support.seed import Seed
from tests.test_joining import sweep_at

KEPT = "Both keys were turned."
"""What somebody may write, and what we write as well."""
SUNK = tuple[Sink, int]


def parts(mail: EmailMessage) -> tuple[str, str]:
    text, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    return text.get_content().replace("\r\n", "\n"), html.get_content()


def to_whom(mails: list[EmailMessage]) -> dict[str, EmailMessage]:
    return {str(mail["To"]).partition(" ")[0]: mail for mail in mails}


def speaks(engine: Engine, user: int, locale: str) -> None:
    with writing(engine) as connection:
        users.write_in(connection, user, locale)


@pytest.fixture
def table(engine: Engine, settings: Settings) -> Iterator[Table]:
    with table_of(engine, settings, house_rules()) as made:
        yield made


async def test_of_one_event_each_is_told_in_their_language_and_a_question_is_nobodys_to_change(
    table: Table,
    sink: SUNK,  # noqa: F811
    site: Site,
) -> None:
    table.person("ida", Role.IT)
    table.person("mara", Role.MARKETING)
    table.person("zoe", Role.MARKETING)
    post = Post(table.engine, site.host)
    post.channel("email", config(sink[1]))
    post.webhook(f"{site.url}/hook", "review.question")
    post.channel("slack", {}, "review.question", webhook_url=f"{site.url}/services/T/B/key")
    speaks(table.engine, table.users["mara"], "de_AT")
    review = Review(table, table.company.hubspot)
    review.ok("ida", "ask", to="marketing", text=KEPT)
    post.clock.now = table.now
    await post.deliver()

    mails = to_whom(sink[0].mails)
    assert {who: mail["Subject"] for who, mail in mails.items()} == {
        "Mara": "HubSpot CRM: IT stellt eine Frage",
        "Zoe": "HubSpot CRM: IT asks a question",
    }
    text, html = parts(mails["Mara"])
    link = f"https://penumbra.acme.example/reviews/{review.id}"
    assert text.startswith(f"HubSpot CRM: IT stellt eine Frage\n\n{KEPT}\n\n{link}\n")
    assert re.search(
        r"\n--\nPenumbra unter https://penumbra.acme.example\nKeine solchen E-Mails mehr: ", text
    )
    assert '<html lang="de">' in html
    assert f">{KEPT}</p>" in html
    assert ">In Penumbra öffnen</a>" in html
    text, html = parts(mails["Zoe"])
    assert text.startswith(f"HubSpot CRM: IT asks a question\n\n{KEPT}\n\n{link}\n")
    assert '<html lang="en">' in html
    assert ">Open in Penumbra</a>" in html
    (hook,) = [json.loads(body) for body, _headers in site.got.hooks]
    assert (hook["title"], hook["text"]) == ("HubSpot CRM: IT asks a question", KEPT)
    (card,) = site.got.posts
    assert card["text"] == f"HubSpot CRM: IT asks a question: {KEPT}"
    assert card["blocks"][-1]["elements"][0]["text"]["text"] == "Open in Penumbra"

    table.pass_time(days=20)
    sweep_at(table)
    post.clock.now = table.now
    sink[0].mails.clear()
    await post.deliver()
    alone = [mail for mail in sink[0].mails if not mail["Subject"].startswith("Penumbra:")]
    late = {who: parts(mail)[0].split("\n\n")[:2] for who, mail in to_whom(alone).items() if who != "Ida"}
    assert late == {
        "Mara": [
            "HubSpot CRM: Die Prüfung wartet länger als vereinbart auf: Marketing",
            f"IT hat gefragt: {KEPT}",
        ],
        "Zoe": [
            "HubSpot CRM: the review has waited on marketing for longer than was agreed",
            f"IT asked: {KEPT}",
        ],
    }
    stored = [m["text"] for m in table.rows(models.messages)]
    assert f"IT asked: {KEPT}" in stored, "what is stored is English"
    assert not [text for text in stored if "gefragt" in text]


async def test_days_sums_and_numbers_are_written_as_the_receiver_writes_them(
    engine: Engine,
    sink: SUNK,  # noqa: F811
) -> None:
    post = Post(engine)
    locales = {"Ada": "de_AT", "Uma": "en_US", "Bob": None}
    owners = {name: post.user(name, Role.MARKETING) for name in locales}
    for name, locale in locales.items():
        if locale is not None:
            speaks(engine, owners[name], locale)
    post.channel("email", config(sink[1]))
    with writing(engine) as connection:
        tool = Seed(connection).tool("Frob")
        connection.execute(
            sa.insert(models.contracts).values(
                tool_id=tool,
                vendor_ref="No. 7",
                starts_on=date(2026, 1, 15),
                renews_on=date(2027, 1, 15),
                term_months=12,
                notice_days=13,
                auto_renews=True,
                amount_minor=123_450_00,
                currency="EUR",
                per="yearly",
                actor="test",
                version=1,
                created_at=NOW,
                updated_at=NOW,
            )
        )
        assert remind(connection, NOW, owners_of=nobody) == 1
    with writing(engine) as connection:
        for user in owners.values():
            claims.remind(connection, user, "Frob", user, datetime(2027, 1, 5, tzinfo=UTC), NOW)
    await post.deliver()
    asked = {who: str(mail["Subject"]) for who, mail in to_whom(sink[0].mails).items()}
    assert asked == {
        "Ada": "Sind Sie noch für Frob verantwortlich? Ihre Bestätigung gilt bis 5. Jänner 2027",
        "Uma": "Is Frob still yours? You answer for it until January 5, 2027",
        "Bob": "Is Frob still yours? You answer for it until 5 January 2027",
    }
    sink[0].mails.clear()
    post.clock.on(days=7)
    await post.deliver()
    week = to_whom(sink[0].mails)
    assert {who: mail["Subject"] for who, mail in week.items()} == {
        "Ada": "Penumbra: 1 Nachricht für Sie",
        "Uma": "Penumbra: 1 thing to look at",
        "Bob": "Penumbra: 1 thing to look at",
    }
    text = parts(week["Ada"])[0]
    assert text.startswith("Ada, das hat in Penumbra auf Sie gewartet.\n\nFrob verlängert sich in ")
    assert (
        "\n\n123.450,00 EUR im Jahr. Laut Vertrag No. 7, der sich um 12 Monate verlängert, wenn niemand "
        "kündigt. Gekündigt werden muss bis 2. Jänner 2027.\n\n"
    ) in text.replace("\xa0", ".")
    assert "123,450.00 EUR a year." in parts(week["Uma"])[0]
    assert "Notice must be given by January 2, 2027." in parts(week["Uma"])[0]
    assert "Notice must be given by 2 January 2027." in parts(week["Bob"])[0]


async def test_what_happens_is_told_in_german_to_the_last_sentence(engine: Engine, sink: SUNK) -> None:  # noqa: F811
    post = Post(engine)
    ada = post.user("Ada", Role.MARKETING, Role.IT)
    speaks(engine, ada, "de_DE")
    post.channel("email", config(sink[1]))
    names = [f"Tool {letter}" for letter in "ABCDEFGHIJKL"]
    over = lasting("The time is over: it held through %(day)s.", day="5 November 2026")
    unfit = f"{lasting('It is no longer what it was passed for.')} {lasting('It is unowned.')}"
    with writing(engine) as connection:
        made = Seed(connection)
        for name in names:
            made.tool(name, flagged=True, flagged_at=NOW)
        tell_flagged(connection, 1, NOW)
        granting._tell_given(connection, 3, dict(enumerate(names)), NOW)
        granting._tell_ended(connection, {1: ("A and B", over), 2: ("Cc", unfit)}, NOW)
    post.clock.on(days=7)
    await post.deliver()
    (mail,) = sink[0].mails
    assert mail["Subject"] == "Penumbra: 3 Nachrichten für Sie"
    listed = ", ".join(names[:10])
    pieces = [piece.strip() for piece in re.split(r"\n\* \* \*\n|\n--\n", parts(mail)[0])]
    assert [piece.split("\n\n")[-3:-1] for piece in pieces[:3]] == [
        [
            "12 Tools warten auf eine gemeinsame Entscheidung",
            f"Im Einsatz, und noch hat niemand über sie entschieden: {listed} und 2 weitere.",
        ],
        [
            "Nach der Richtlinie vorläufig ohne Prüfung erlaubt: 12 Tools",
            f"Fassung 3 der Richtlinie lässt vorläufig zu: {listed} und 2 weitere. Jede Seite kann eine "
            "Zulassung zurückweisen; dann beginnt eine Prüfung.",
        ],
        [
            "2 Zulassungen der Richtlinie sind beendet",
            "A and B hat keine Zulassung mehr: Die Zeit ist um: Die Zulassung galt bis zum 5. November "
            "2026.\nCc hat keine Zulassung mehr: Es ist nicht mehr, wofür es freigegeben wurde. Es ist ohne "
            "verantwortliche Person.",
        ],
    ]


async def test_of_what_opens_a_review_only_our_sentence_is_told(table: Table, sink: SUNK) -> None:  # noqa: F811
    post = Post(table.engine)
    mara, ada = post.user("Mara", Role.MARKETING), post.user("Ada", Role.IT)
    speaks(table.engine, ada, "de_DE")
    post.channel("email", config(sink[1]))
    because = lasting(
        "%(who)s refused the pass that version %(version)s of the policy gave.", who="Marketing", version=3
    )
    caller = Caller("Mara", frozenset({Role.MARKETING}), NOW, user_id=mara)
    with writing(table.engine) as connection:
        desk = Desk(connection, actor=caller.actor, now=NOW, reassess=lambda *_args: 0, house=house_rules())
        review = desk.open_by(caller, table.company.canva, Cause.FLAG, KEPT, because)
    post.clock.on(days=7)
    await post.deliver()
    text = parts(to_whom(sink[0].mails)["Ada"])[0]
    refused = "Marketing hat die Zulassung zurückgewiesen, die Fassung 3 der Richtlinie gab."
    assert f"\n\n{refused} {KEPT}\n\n" in text
    (stored,) = [m for m in table.rows(models.messages) if m["subject"] == f"review:{review}"]
    assert stored["text"] == f"{because} {KEPT}", "what is stored is English"


@pytest.mark.parametrize(
    ("locale", "title", "said", "button"),
    [
        (
            "de_DE",
            "Wofür ist Canva?",
            "Der Link ist nur für Sie und gilt bis 4. Dezember 2026. Ein Konto ist nicht nötig.",
            "Antworten",
        ),
        (
            None,
            "What is Canva for?",
            "The link is yours alone and works until 4 December 2026. No account is needed.",
            "Answer",
        ),
    ],
)
async def test_who_is_asked_what_a_tool_is_for_is_asked_in_their_language_where_it_is_known(
    table: Table,
    sink: SUNK,  # noqa: F811
    locale: str | None,
    title: str,
    said: str,
    button: str,
) -> None:
    anna = table.company.anna
    post = Post(table.engine)
    post.channel("email", config(sink[1]))
    user = post.user("Somebody", Role.READER)
    with writing(table.engine) as connection:
        u = models.users
        connection.execute(sa.update(u).where(u.c.id == user).values(person_id=anna, locale=locale))
        tool = table.company.canva
        adopters.ask_adopter(connection, tool, anna, actor="test", now=NOW, veil=OPEN)
    await post.deliver()
    (mail,) = sink[0].mails
    text, html = parts(mail)
    assert mail["Subject"] == title
    assert f"\n{said}\n" in text
    assert f">{button}</a>" in html


def test_a_language_is_chosen_with_the_preferences_and_is_one_that_we_write(engine: Engine) -> None:
    post = Post(engine)
    ada = post.user("Ada", Role.READER)
    caller = Caller("Ada", frozenset({Role.READER}), NOW, user_id=ada)
    with writing(engine) as connection:
        assert inbox.preferences(connection, caller).locale is None
        kept = inbox.change_preferences(connection, caller, PreferencesChange(locale="de_CH"), NOW)
        assert kept.locale == "de_CH"
        users.note_locale(connection, ada, "en_GB")
        assert inbox.preferences(connection, caller).locale == "de_CH", "what was chosen stays"
        assert inbox.mailbox(connection, ada).language == "de"
    with pytest.raises(ValueError, match="en_GB or de_DE"):
        PreferencesChange(locale="fr_FR")


async def test_a_channel_is_tried_in_the_language_of_who_tries(engine: Engine, sink: SUNK) -> None:  # noqa: F811
    post = Post(engine)
    ada = post.user("Ada", Role.ADMIN)
    speaks(engine, ada, "de_DE")
    with reading(engine) as connection:
        to = inbox.mailbox(connection, ada)
    prepared = prepare_new("email", config(sink[1]), post.wire.doors)
    await try_out("email", prepared, post.wire, to=to, home="https://p.example", now=NOW)
    (mail,) = sink[0].mails
    assert "Es ist nichts zu tun." in parts(mail)[0]
    assert '<html lang="de">' in parts(mail)[1]
