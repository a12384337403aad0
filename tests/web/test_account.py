"""One's own account on its page: ending logins and making tokens, by forms that are one's own."""

import re
from datetime import timedelta

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy.engine import Engine

from app.claims.telling import remind
from app.db import reading, writing
from app.models import sessions
from app.security import users
from app.security.schemas import Role, UserIn
from app.security.service import create_token
from app.web.words import browser
from tests.conftest import NOW
from tests.security.test_sessions import browsing, opened

ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def person(engine: Engine, name: str) -> tuple[int, str]:
    with writing(engine) as connection:
        wanted = UserIn(email=f"{name}@acme.example", name=name, roles=[Role.MARKETING, Role.AUDITOR])
        user = users.create_user(connection, wanted, actor="test", now=NOW)
        _, text = create_token(connection, name, Role.MARKETING, user_id=user.id, actor="test", now=NOW)
    return user.id, text


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/145.0", "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/141.0 Safari/537.36 Edg/141.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1",
            "Safari on an iPhone",
        ),
        ("curl/8.5", "curl/8.5"),
        (None, "A browser"),
    ],
)
def test_browsers_are_named_in_words(sent: str | None, said: str) -> None:
    assert browser(sent) == said


async def secret(browser: httpx.AsyncClient) -> str:
    page = (await browser.get("/account")).text
    return page.split('name="form_secret" value="')[1].split('"', maxsplit=1)[0]


@ONE
async def test_a_token_is_made_shown_once_and_ended(app: FastAPI, engine: Engine) -> None:
    _, text = person(engine, "mara")
    async with browsing(app, text) as browser:
        page = (await browser.get("/account")).text
        assert re.findall(r'<option value="(\w+)">(?:Reader|Marketing|IT|A)', page) == [
            "reader",
            "marketing",
        ]  # what this login may
        form = {"form_secret": await secret(browser), "name": "my script", "role": "reader", "days": "7"}
        made = await browser.post("/account/tokens", data=form)
        assert made.status_code == 201
        new = re.findall(r"<code>(pen_[\w-]{43})</code>", made.text)
        assert len(new) == 1
        auth = {"Authorization": f"Bearer {new[0]}"}
        assert (await browser.get("/api/v1/me", headers=auth)).json()["roles"] == ["reader"]
        assert new[0] not in (await browser.get("/account")).text
        for wrong, status, said in (
            ({"name": "my script"}, 409, "choose another name"),
            ({"name": " "}, 422, "Give the token a name"),
            ({"name": "x", "role": "admin"}, 403, "needs the role"),
            ({"name": "x", "role": "king"}, 422, "Give the token a name"),
        ):
            answer = await browser.post("/account/tokens", data={**form, **wrong})
            assert (answer.status_code, said in answer.text) == (status, True), wrong
        listed = (await browser.get("/api/v1/me/tokens", headers=auth)).json()["items"]
        address = f"/account/tokens/{listed[0]['id']}/end"
        assert (await browser.post(address, data={"form_secret": form["form_secret"]})).status_code == 303
        assert "my script" not in (await browser.get("/account")).text


@ONE
async def test_forms_of_others_and_from_elsewhere_do_nothing(app: FastAPI, engine: Engine) -> None:
    mara, text = person(engine, "mara")
    _, toms = person(engine, "tom")
    opened(engine, mara)
    async with browsing(app, text) as browser, browsing(app, toms) as other:
        forms = (
            "/account/tokens",
            "/account/sessions/end",
            "/account/sessions/1/end",
            "/account/tokens/1/end",
        )
        theirs = await secret(other)
        for form in forms:
            for given in ("", "guess", theirs):
                data = {"form_secret": given, "name": "x"}
                assert (await browser.post(form, data=data)).status_code == 403, form
            data = {"form_secret": await secret(browser), "name": "x"}
            forged = await browser.post(form, data=data, headers={"Sec-Fetch-Site": "cross-site"})
            assert forged.status_code == 403, form
        # Mara's session and token, by their ids, from Tom's own page.
        for form in ("/account/sessions/1/end", "/account/tokens/1/end"):
            answer = await other.post(form, data={"form_secret": theirs})
            assert answer.status_code == 404, form
        with reading(engine) as connection:
            assert connection.scalar(sa.select(sa.func.count()).select_from(sessions)) == 3


@ONE
async def test_another_login_is_ended_and_then_all(app: FastAPI, engine: Engine) -> None:
    mara, text = person(engine, "mara")
    opened(engine, mara, user_agent="<b>old laptop</b>", address="203.0.113.7")
    async with browsing(app, text) as browser:
        page = (await browser.get("/account")).text
        assert "&lt;b&gt;old laptop&lt;/b&gt;" in page
        assert "203.0.113.7" in page
        data = {"form_secret": await secret(browser)}
        assert (await browser.post("/account/sessions/1/end", data=data)).status_code == 303
        assert "old laptop" not in (await browser.get("/account")).text
        gone = await browser.post("/account/sessions/end", data=data)
        assert gone.headers["location"] == "/login"
        assert (await browser.get("/account")).status_code == 303


@ONE
async def test_what_one_hears_is_chosen_and_kept(app: FastAPI, engine: Engine) -> None:
    _, text = person(engine, "mara")
    async with browsing(app, text) as browser:
        page = (await browser.get("/account")).text
        assert 'name="topic.review.waiting"' in page
        assert "channel.test" not in page
        form = {
            "form_secret": await secret(browser),
            "timezone": "Europe/Berlin",
            "quiet_from": "19:30",
            "quiet_until": "07:15",
            "digest_day": "friday",
            "digest_time": "09:00",
            "topic.review.waiting": "now",
            "topic.tool.flagged": "off",
        }
        kept = await browser.post("/account/notifications", data=form)
        assert kept.headers["location"] == "/account#notifications"
        page = (await browser.get("/account")).text
        assert 'value="Europe/Berlin" maxlength' in page
        assert 'value="19:30"' in page
        assert '<option value="friday" selected>' in page
        for topic, mode in (("review.waiting", "now"), ("tool.flagged", "off")):
            chosen = page.split(f'name="topic.{topic}"')[1].split("</select>", maxsplit=1)[0]
            assert f'<option value="{mode}" selected>' in chosen
        for wrong, said in (
            ({"timezone": "Europe/Nowhere"}, "There is no such time zone"),
            ({"timezone": '"><script>'}, "There is no such time zone"),
            ({"quiet_from": "25:00"}, "Write a time such as 20:00"),
            ({"digest_day": "someday"}, "Choose a day of the week"),
            ({"locale": "tlh_KX"}, "Choose one of the languages"),
        ):
            answer = await browser.post(
                "/account/notifications", data={**form, "digest_time": "11:11", **wrong}
            )
            assert (answer.status_code, said in answer.text) == (422, True), wrong
            assert 'value="11:11"' in answer.text
            assert "<script>" not in answer.text
        odd = await browser.post("/account/notifications", data={**form, "topic.odd": "now"})
        assert odd.status_code == 422
        forged = await browser.post("/account/notifications", data={**form, "form_secret": "x"})
        assert forged.status_code == 403
        assert 'value="09:00"' in (await browser.get("/account")).text


@ONE
async def test_mail_comes_in_the_language_that_one_reads_or_chooses(app: FastAPI, engine: Engine) -> None:
    mara, text = person(engine, "mara")

    def written_in() -> str | None:
        with reading(engine) as connection:
            return users.locale_of(connection, mara)

    async with browsing(app, text):
        assert written_in() is None, "a browser that names no language"
    async with browsing(app, text, **{"Accept-Language": "fr-FR"}):
        assert written_in() is None, "one that Penumbra does not write"
    async with browsing(app, text, **{"Accept-Language": "de-AT,en;q=0.5"}) as browser:
        assert written_in() == "de_AT"
        page = (await browser.get("/account")).text
        assert '<option value="de_AT" lang="de" selected>Deutsch</option>' in page
        form = {
            "form_secret": await secret(browser),
            "timezone": "UTC",
            "quiet_from": "20:00",
            "quiet_until": "07:00",
            "digest_day": "monday",
            "digest_time": "08:00",
        }
        assert (await browser.post("/account/notifications", data=form)).status_code == 303
        assert written_in() == "de_AT", "nothing was said of it"
        kept = await browser.post("/account/notifications", data={**form, "locale": "en_GB"})
        assert kept.status_code == 303
        assert written_in() == "en_GB"
        page = (await browser.get("/account")).text
        assert '<html lang="de">' in page
        assert '<option value="en_GB" lang="en" selected>English</option>' in page
        wrong = await browser.post("/account/notifications", data={**form, "locale": "de_XX"})
        assert (wrong.status_code, "Bitte eine der Sprachen wählen." in wrong.text) == (422, True)
        assert (await browser.post("/language", data={"language": "de"})).status_code == 303
        assert written_in() == "de_AT", "whoever picks a language gets mail in it"
    async with browsing(app, text, **{"Accept-Language": "en-US"}):
        assert written_in() == "de_AT", "another browser changes nothing"


@ONE
async def test_what_one_was_told_is_told_in_ones_language(app: FastAPI, engine: Engine) -> None:
    mara, text = person(engine, "mara")
    until = NOW + timedelta(days=20)
    with writing(engine) as connection:
        remind(connection, 1, "Frob", mara, until, NOW)
    async with browsing(app, text, **{"Accept-Language": "de-DE"}) as browser:
        token = {"Authorization": f"Bearer {text}"}
        said = "Sind Sie noch für Frob verantwortlich? Ihre Bestätigung gilt bis 10. Dezember 2026"
        assert said in (await browser.get("/account")).text
        heard = (await browser.get("/api/v1/me/notifications", headers=token)).json()["items"][0]
        assert heard["title"].startswith("Is Frob still yours?"), "a script reads English"


@ONE
async def test_a_service_has_nothing_to_choose(app: FastAPI, engine: Engine) -> None:
    with writing(engine) as connection:
        _, text = create_token(connection, "robot", Role.READER, actor="test", now=NOW)
    async with browsing(app, text) as browser:
        page = (await browser.get("/account")).text
        assert "What you hear" not in page
        sent = {"form_secret": await secret(browser), "timezone": "UTC"}
        assert (await browser.post("/account/notifications", data=sent)).status_code in {403, 422}
