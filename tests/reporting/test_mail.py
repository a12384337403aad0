"""The joint report by e-mail, delivered to a real SMTP server: once a month and person, in their language."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from email.message import EmailMessage
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy.engine import Engine
from structlog.testing import capture_logs

from app import models
from app.api.state import AppState
from app.db import reading, writing
from app.mailing import reports_due
from app.notify import inbox, repository
from app.notify.links import UNSUBSCRIBE
from app.notify.outbox import To
from app.notify.topics import REPORT_ASKED, REPORT_MONTHLY, Mode
from app.policy import service as policy_service
from app.reporting.gathering import JointReport
from app.reporting.service import Letter
from app.security import users
from app.security.schemas import Role
from app.security.service import create_token
from app.web import report_letter
from tests.conftest import NOW
from tests.notify.support import Post
from tests.notify.test_email import Sink, config, sink  # noqa: F401 - a fixture
from tests.policy.support import policy
from tests.support.seed import Seed
from tests.support.serving import caller, served

BEFORE = datetime(2026, 12, 1, 7, 59, tzinfo=UTC)
AFTER = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)


class Desk:
    """A company, its post office, and people at the API and the pages."""

    def __init__(self, engine: Engine, state: AppState, url: str, port: int | None) -> None:
        self.engine, self.state, self.url = engine, state, url
        self.post = Post(engine)
        self.clients: list[httpx.Client] = []
        with writing(engine) as connection:
            made = Seed(connection)
            cards = made.source("cards", "ramp")
            tool = made.tool("Canva <b>Pro</b>", people=3)
            made.expense(cards, tool, occurred_on=date(2026, 11, 9), amount_minor=123_450, currency="EUR")
            zones = {f"sides.{side}.calendar.zone": "Europe/Berlin" for side in ("it", "marketing")}
            version = policy_service.create(
                connection, policy(zones), "Berlin.", actor="t", user_id=None, now=NOW
            ).version
            policy_service.activate(connection, version, actor="t", now=NOW)
        if port is not None:
            self.post.channel("email", config(port))
            self.post.webhook("https://hooks.acme.example/all")

    def person(self, name: str, *roles: Role) -> httpx.Client:
        user = self.post.user(name, *roles)
        return self.login(name, next(iter(roles)), user)

    def login(self, name: str, role: Role, user: int | None) -> httpx.Client:
        with writing(self.engine) as connection:
            text = create_token(connection, name, role, user_id=user, actor="test", now=NOW)[1]
        client = caller(self.url, text)
        assert client.post("/login", data={"token": text}).status_code == 303
        self.clients.append(client)
        return client

    def sweep(self, now: datetime) -> int:
        self.post.clock.now = now
        return reports_due(self.engine, self.state.veils, clock=lambda: now)()

    def told(self) -> list[dict[str, Any]]:
        with reading(self.engine) as connection:
            found = connection.execute(sa.select(models.messages).order_by(models.messages.c.id))
            return [dict(row) for row in found.mappings()]


@pytest.fixture
def desk(app: FastAPI, engine: Engine, sink: tuple[Sink, int]) -> Iterator[Desk]:  # noqa: F811
    with served(app) as url:
        made = Desk(engine, app.state.penumbra, url, sink[1])
        yield made
        for client in made.clients:
            client.close()


def parts(mail: EmailMessage) -> tuple[str, str]:
    text, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    return text.get_content().replace("\r\n", "\n"), html.get_content()


async def test_it_comes_once_a_month_to_who_asked_for_it(desk: Desk, sink: tuple[Sink, int]) -> None:  # noqa: F811
    mara, ida = desk.person("Mara", Role.MARKETING), desk.person("Ida", Role.IT)
    desk.person("Rosa", Role.READER)
    assert mara.get("/api/v1/me/report").json()["day"] is None
    wanted = mara.put("/api/v1/me/report", json={"day": 1})
    assert wanted.json() == {
        "day": 1,
        "locale": "en_GB",
        "next_at": "2026-12-01T08:00:00Z",
        "timezone": "Europe/Berlin",
        "mail_goes_out": True,
    }
    assert ida.put("/api/v1/me/report", json={"day": 1, "locale": "de_AT"}).status_code == 200
    assert desk.sweep(NOW) == 0, "October’s was due before they asked"
    assert desk.sweep(BEFORE) == 0
    assert desk.sweep(AFTER) == 2
    assert desk.sweep(AFTER) == 0
    assert desk.sweep(datetime(2026, 12, 20, 9, tzinfo=UTC)) == 0
    await desk.post.deliver()
    english, german = sorted(sink[0].mails, key=lambda mail: str(mail["To"]), reverse=True)
    assert (english["To"], german["To"]) == ("Mara <mara@acme.example>", "Ida <ida@acme.example>")
    assert english["Subject"] == "Joint report, 1 Nov 2026 to 30 Nov 2026"
    assert german["Subject"] == "Gemeinsamer Bericht, 01.11.2026 bis 30.11.2026"
    text, html = parts(english)
    assert re.search(r"^Spent on marketing tools +€1,234\.50$", text, re.MULTILINE), text
    assert "<td" in html
    assert "€1,234.50" in html
    assert not re.search(r"<img|<link|<script|url\(", html), "nothing is fetched from elsewhere"
    assert "/report?from=2026-11-01&to=2026-11-30" in text
    text, html = parts(german)
    assert '<html lang="de">' in html
    assert "Open" not in text + html
    assert re.search(r"^Auf einen Blick\n-{15}$", text, re.MULTILINE), text
    assert re.search(r">\s*Auf einen Blick\s*</h2>", html), html
    assert len(desk.told()) == 2
    assert {row["channel_id"] for row in desk.post.rows()} == {1}, "theirs alone: no webhook gets it"
    assert desk.sweep(datetime(2027, 1, 4, 9, tzinfo=UTC)) == 2, "the first working day of January"


async def test_one_that_fails_keeps_no_other_back(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, locale in (("Ann", "en_GB"), ("Ben", "de_AT"), ("Cid", "de_DE")):
        body = {"day": 1, "locale": locale}
        assert desk.person(name, Role.MARKETING).put("/api/v1/me/report", json=body).status_code == 200
    kept_before: list[int] = []

    def failing(report: JointReport, locale: str, now: datetime) -> Letter:
        kept_before.append(len(desk.told()))
        if locale == "de_AT":
            raise RuntimeError("this one cannot be written")
        return write(report, locale, now)

    write = report_letter.write
    with monkeypatch.context() as patched, capture_logs() as logged:
        patched.setattr(report_letter, "write", failing)
        assert desk.sweep(AFTER) == 2
    assert kept_before == [0, 1, 1], "each is kept before the next one is written"
    # The server tells of a request when its answer is on the way already, and so perhaps in here.
    told = [line for line in logged if line["event"] != "request"]
    assert [(line["log_level"], line["user"]) for line in told] == [("error", 2)]
    assert desk.sweep(AFTER) == 1, "it is tried again, and the others are not"
    assert [row["user_id"] for row in desk.post.rows()] == [1, 3, 2]


def test_looking_who_is_due_waits_for_no_writer(desk: Desk) -> None:
    assert desk.person("Mara", Role.MARKETING).put("/api/v1/me/report", json={"day": 1}).status_code == 200
    with writing(desk.engine) as connection:
        connection.execute(sa.update(models.users).values(name="Maria"))
        assert desk.sweep(BEFORE) == 0
    assert desk.sweep(AFTER) == 1


async def test_names_of_tools_stay_text(desk: Desk, sink: tuple[Sink, int]) -> None:  # noqa: F811
    mara = desk.person("Mara", Role.MARKETING)
    with reading(desk.engine) as connection:
        tool = connection.scalar(sa.select(models.tools.c.id).where(models.tools.c.name.like("Canva%")))
    opened = mara.post(f"/api/v1/tools/{tool}/reviews", json={"cause": "flag", "need": "For posters."})
    assert opened.status_code == 201, opened.text
    with writing(desk.engine) as connection:
        connection.execute(sa.update(models.tools).values(name="Canva <b>Pro</b>"))
    assert mara.post("/api/v1/me/report/send", json={}).status_code == 202
    await desk.post.deliver()
    text, html = next(
        parts(mail) for mail in sink[0].mails if str(mail["Subject"]).startswith("Joint report")
    )
    assert "Canva <b>Pro</b>" in text
    assert "Canva &lt;b&gt;Pro&lt;/b&gt;" in html


async def test_it_is_sent_at_once_when_asked_for_and_not_twice(desk: Desk, sink: tuple[Sink, int]) -> None:  # noqa: F811
    mara = desk.person("Mara", Role.MARKETING)
    page = mara.get("/report").text
    secret = re.findall(r'name="form_secret" value="([^"]+)"', page)[0]
    form = {"form_secret": secret, "first": "2026-11-01", "last": "2026-11-15"}
    first = mara.post("/report/send", data=form)
    assert first.status_code == 303, first.text
    again = mara.post("/report/send", data=form)
    assert (again.status_code, "on its way to you already" in again.text) == (409, True)
    desk.post.clock.now = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    await desk.post.deliver()
    (mail,) = sink[0].mails
    assert mail["Subject"] == "Joint report, 1 Nov 2026 to 15 Nov 2026"
    wrong = mara.post("/report/send", data={**form, "first": "2026-12-01"})
    assert (wrong.status_code, "it must begin before it ends" in wrong.text) == (422, True)
    assert mara.post("/report/send", data={**form, "form_secret": "x"}).status_code == 403


async def test_what_was_asked_for_comes_whatever_was_switched_off(desk: Desk, sink: tuple[Sink, int]) -> None:  # noqa: F811
    mara = desk.person("Mara", Role.MARKETING)
    assert mara.put("/api/v1/me/report", json={"day": 1}).status_code == 200
    assert mara.post("/api/v1/me/report/send", json={}).status_code == 202
    with writing(desk.engine) as connection:  # before it is sent
        inbox.choose_mode(connection, 1, REPORT_MONTHLY, Mode.OFF)
        repository.save_modes(connection, 1, {REPORT_ASKED: Mode.OFF})
    await desk.post.deliver()
    (mail,) = sink[0].mails
    assert mail["List-Unsubscribe"] is None
    for part in parts(mail):
        assert "unsubscribe" not in part
        assert "No more mail like this" not in part
    days = {"from": "2026-11-01", "to": "2026-11-15"}
    assert mara.post("/api/v1/me/report/send", json=days).status_code == 202
    await desk.post.deliver()
    assert [str(mail["Subject"]) for mail in sink[0].mails][1:] == ["Joint report, 1 Nov 2026 to 15 Nov 2026"]
    assert [row["state"] for row in desk.post.rows()] == ["sent", "sent"]
    chosen = mara.get("/api/v1/me/preferences").json()["topics"]
    assert [t["topic"] for t in chosen if t["topic"].startswith("report.")] == [REPORT_MONTHLY]
    wrong = mara.patch("/api/v1/me/preferences", json={"topics": {REPORT_ASKED: "off"}})
    assert wrong.status_code == 422, "it is nothing to choose"


async def test_it_ends_by_the_page_and_by_the_link_in_the_mail(desk: Desk, sink: tuple[Sink, int]) -> None:  # noqa: F811
    mara = desk.person("Mara", Role.MARKETING)
    secret = re.findall(r'name="form_secret" value="([^"]+)"', mara.get("/report").text)[0]
    for day in ("0", "29", "first"):
        refused = mara.post("/report/mail", data={"form_secret": secret, "day": day})
        assert (refused.status_code, "choose a day from 1 to 28" in refused.text) == (422, True)
    assert mara.post("/report/mail", data={"form_secret": secret, "day": "1"}).status_code == 303
    assert "the next one comes on" in mara.get("/report").text
    assert "The next one comes on" in mara.get("/account").text
    assert desk.sweep(AFTER) == 1
    await desk.post.deliver()
    (mail,) = sink[0].mails
    token = re.findall(r"/unsubscribe/(\S+)", parts(mail)[0])[0]
    subject = desk.post.links.read(token, UNSUBSCRIBE, AFTER)
    with writing(desk.engine) as connection:
        inbox.unsubscribe(connection, subject, AFTER)
    assert mara.get("/api/v1/me/report").json()["day"] is None
    assert desk.sweep(datetime(2027, 1, 4, 9, tzinfo=UTC)) == 0
    assert mara.post("/report/mail", data={"form_secret": secret, "day": "3"}).status_code == 303
    assert mara.get("/api/v1/me/report").json()["day"] == 3
    assert mara.post("/report/mail", data={"form_secret": secret, "day": ""}).status_code == 303
    assert mara.delete("/api/v1/me/report").status_code == 204, "twice is no error"
    assert desk.sweep(datetime(2027, 2, 4, 9, tzinfo=UTC)) == 0


def test_only_people_get_it_who_may_still_read(desk: Desk) -> None:
    robot = desk.login("robot", Role.READER, None)
    assert robot.put("/api/v1/me/report", json={"day": 1}).status_code == 403
    assert "report/mail" not in robot.get("/report").text
    gone, out = desk.person("Gone", Role.READER), desk.person("Out", Role.READER)
    for client in (gone, out):
        assert client.put("/api/v1/me/report", json={"day": 1}).status_code == 200
        for wrong in ({"day": 29}, {"day": 1, "locale": "fr_FR"}, {"day": 1, "locale": "en_XX"}, {}):
            assert client.put("/api/v1/me/report", json=wrong).status_code == 422, wrong
    with writing(desk.engine) as connection:
        u = models.users
        connection.execute(sa.update(u).where(u.c.name == "Gone").values(active=False))
        connection.execute(sa.update(u).where(u.c.name == "Out").values(roles=[]))
    assert desk.sweep(AFTER) == 0
    assert desk.told() == []
    with reading(desk.engine) as connection:
        assert users.names_of(connection, {1}), "they are still there"


def test_without_a_mail_server_it_says_so(app: FastAPI, engine: Engine) -> None:
    with served(app) as url:
        desk = Desk(engine, app.state.penumbra, url, None)
        mara = desk.person("Mara", Role.MARKETING)
        refused = mara.post("/api/v1/me/report/send", json={})
        assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (409, "no_mail")
        refused = mara.put("/api/v1/me/report", json={"day": 1})
        assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (409, "no_mail")
        page = mara.get("/report").text
        assert "No e-mail goes out from here" in page
        assert 'action="/report/' not in page
        secret = re.findall(r'name="form_secret" value="([^"]+)"', mara.get("/account").text)[0]
        refused = mara.post("/report/mail", data={"form_secret": secret, "day": "1"})
        assert (refused.status_code, "No e-mail goes out from here" in refused.text) == (409, True)
        assert "No e-mail goes out from here" in mara.get("/account").text
        assert mara.get("/api/v1/me/report").json()["day"] is None
        mara.close()


def test_when_mail_goes_out_no_more_nothing_is_promised(desk: Desk) -> None:
    mara = desk.person("Mara", Role.MARKETING)
    assert mara.put("/api/v1/me/report", json={"day": 1}).status_code == 200
    with writing(desk.engine) as connection:
        connection.execute(sa.update(models.channels).values(enabled=False))
    kept = mara.get("/api/v1/me/report").json()
    assert (kept["day"], kept["next_at"], kept["mail_goes_out"]) == (1, None, False)
    page = mara.get("/report").text
    assert "No e-mail goes out from here" in page
    assert "Send it no more" in page
    assert "Send this one to me now" not in page
    assert "The next one comes on" not in mara.get("/account").text


async def test_one_language_is_chosen_for_the_report_and_all_other_mail(
    desk: Desk,
    sink: tuple[Sink, int],  # noqa: F811
) -> None:
    mara = desk.person("Mara", Role.MARKETING)
    assert mara.put("/api/v1/me/report", json={"day": 1, "locale": "de_AT"}).status_code == 200
    assert mara.get("/api/v1/me/preferences").json()["locale"] == "de_AT"
    desk.post.put("review.question", To(users=(1,)), title="Frob: IT asks a question", words="Who runs it?")
    assert desk.sweep(AFTER) == 1
    await desk.post.deliver()
    assert sorted(str(mail["Subject"]) for mail in sink[0].mails) == [
        "Frob: IT stellt eine Frage",
        "Gemeinsamer Bericht, 01.11.2026 bis 30.11.2026",
    ]
    assert mara.patch("/api/v1/me/preferences", json={"locale": "en_GB"}).status_code == 200
    assert mara.get("/api/v1/me/report").json()["locale"] == "en_GB"
    assert desk.sweep(datetime(2027, 1, 4, 9, tzinfo=UTC)) == 1
    await desk.post.deliver()
    assert sink[0].mails[-1]["Subject"] == "Joint report, 1 Dec 2026 to 31 Dec 2026"


async def test_in_whatever_language_the_page_is_read_the_report_comes(
    desk: Desk,
    sink: tuple[Sink, int],  # noqa: F811
) -> None:
    mara = desk.person("Mara", Role.MARKETING)
    secret = re.findall(r'name="form_secret" value="([^"]+)"', mara.get("/report").text)[0]
    for accepted, locale in (
        ("en-001,de;q=0.5", "en_001"),
        ("en-Shaw-GB", "en_GB"),
        ("en-Shaw", "en_GB"),
        ("en-US-posix", "en_US"),
        ("de-Latn-AT", "de_AT"),
        ("de-1996", "de_DE"),
        ("de-150", "de_DE"),
        ("fr-FR", "en_GB"),
        ("en-150", "en_150"),
    ):
        form = {"form_secret": secret, "day": "1"}
        kept = mara.post("/report/mail", data=form, headers={"Accept-Language": accepted})
        assert kept.status_code == 303, (accepted, kept.text)
        assert mara.get("/api/v1/me/report").json()["locale"] == locale, accepted
        assert mara.put("/api/v1/me/report", json={"day": 1, "locale": locale}).status_code == 200
    assert desk.sweep(AFTER) == 1
    await desk.post.deliver()
    assert sink[0].mails[0]["Subject"] == "Joint report, 1 Nov 2026 to 30 Nov 2026"
