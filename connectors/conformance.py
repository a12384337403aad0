"""The conformance suite: what every connector must do, run against its own simulator.

A connector gets it with one line in its tests:

    TestOkta = conformance_suite(okta_case)

where `okta_case` returns a fresh `Case`. Every check talks real HTTP to the simulator; only the
clock's sleep is replaced, so that waiting takes no time and can be asserted.
"""

import asyncio
import contextlib
import io
import json
import logging
import re
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

import pydantic

from connectors.base import Connector, ConnectorConfig, Context, Cursor, Page
from connectors.errors import ConnectorError, NeedsAdmin, RetryLater, VendorChanged
from connectors.observations import (
    AppSeen,
    AssignmentSeen,
    ConsentEvent,
    ExpenseSeen,
    GrantSeen,
    Observation,
    PersonSeen,
    SignInSeen,
)
from connectors.simulation import Fault, FaultyApp, serve

Pages = dict[str, list[Page]]


class Simulator(Protocol):
    """What the suite needs to know of a simulator beside its ASGI application."""

    app: FaultyApp

    paged: str
    """Regular expression of one paged request (`path?query`) of which a scan makes at least three."""

    def next_page_of(self, answer: Any, headers: dict[str, str]) -> str | None:
        """The URL or cursor of the next page that an answer (parsed JSON and headers) names."""

    def next_page_at(self, answer: Any, headers: dict[str, str], target: str) -> Any:
        """Change an answer so that its next page is `target`; used to lie about where a list goes on."""

    def without_records(self, answer: Any, headers: dict[str, str]) -> Any:
        """Change an answer so that it has no records but still names the next page."""

    def deny(self, permission: str) -> None:
        """Take a permission (as the manifest spells it) away, from the next request on."""

    def expire_tokens(self) -> None:
        """Refuse every credential in use now; vendors that mint tokens still give new ones."""


class ReadingCase(ABC):
    """One connector, ready to be read: by HTTP from a simulator, or from whatever else it reads."""

    connector: type[Connector[Any]]

    @abstractmethod
    def given(self) -> dict[str, Any]:
        """A config as a user would write it; it is validated, and nothing is read with it."""

    @abstractmethod
    def running(self, patience: "Patience | None" = None) -> AbstractAsyncContextManager[Connector[Any]]:
        """A connector over the same records as before, for the length of an `async with` block."""


@dataclass
class Case(ReadingCase):
    """One connector, a fresh simulator with a small world, and the config to reach it.

    Attributes:
        config: the config as a user would write it, given the simulator's URL.
        next_is_link: the vendor names the next page by URL (else by a cursor).
        renewable: tokens are minted, so an expired one is mended without a person.
        secrets: values that must never be shown anywhere.
    """

    connector: type[Connector[Any]]
    simulator: Simulator
    config: Callable[[str], dict[str, Any]]
    secrets: tuple[str, ...]
    next_is_link: bool = True
    renewable: bool = False

    def given(self) -> dict[str, Any]:
        """The config for an address at which nothing listens."""
        return self.config("http://127.0.0.1:9")

    @contextlib.asynccontextmanager
    async def running(self, patience: "Patience | None" = None) -> AsyncIterator[Connector[Any]]:
        """A connector that talks to the simulator over real HTTP."""
        with serve(self.simulator.app) as url:
            config = self.connector.Config.model_validate(self.config(url))
            async with self.connector(config, (patience or Patience()).context()) as connector:
                yield connector


@dataclass
class Patience:
    """A clock whose sleeps take no time; `slept` lists what was asked for."""

    slept: list[float] = field(default_factory=list)
    now: float = 0.0

    async def sleep(self, seconds: float) -> None:
        """Note the wait and move the clock."""
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)

    def monotonic(self) -> float:
        """The clock, moved by sleeping only."""
        return self.now

    def context(self) -> Context:
        """A context that waits by this clock."""
        return Context(sleep=self.sleep, monotonic=self.monotonic)


async def read_all(connector: Connector[Any], cursors: dict[str, Cursor] | None = None) -> Pages:
    """Read every stream to its last page; `cursors` says where streams go on."""
    return {
        stream.name: [page async for page in stream.pages((cursors or {}).get(stream.name))]
        for stream in connector.streams()
    }


def observations(pages: Pages) -> list[Observation]:
    """All observations of a read, in order."""
    return [o for stream in pages.values() for page in stream for o in page.observations]


@contextlib.contextmanager
def _fails(kind: type[ConnectorError]) -> Iterator[list[ConnectorError]]:
    caught: list[ConnectorError] = []
    try:
        yield caught
    except kind as error:
        caught.append(error)
        return
    raise AssertionError(f"{kind.__name__} was not raised")


def _key(observation: Observation) -> str:
    return repr(observation)


class ReadingSuite:
    """The checks of every connector; use `reading_suite` for one that does not speak HTTP."""

    def _case(self) -> ReadingCase:
        raise AssertionError("use conformance_suite(make_case) or reading_suite(make_case)")

    def _read(self, case: ReadingCase, patience: Patience | None = None) -> Pages:
        async def run() -> Pages:
            async with case.running(patience) as connector:
                return await read_all(connector)

        return asyncio.run(run())

    def test_manifest_tells_people_what_they_agree_to(self) -> None:
        manifest = self._case().connector.manifest
        assert manifest.name
        assert manifest.title
        assert manifest.summary.endswith(".")
        assert manifest.signals
        assert manifest.documentation
        assert all(link.startswith("https://") for link in manifest.documentation)
        assert all(p.name and p.reason for p in manifest.permissions)

    def test_config_refuses_unknown_fields(self) -> None:
        case = self._case()
        given = case.given()
        case.connector.Config.model_validate(given)
        with contextlib.suppress(pydantic.ValidationError):
            case.connector.Config.model_validate({**given, "no_such_setting": 1})
            raise AssertionError("an unknown field was accepted")

    def test_check_names_account_and_permissions(self) -> None:
        case = self._case()

        async def run() -> None:
            async with case.running() as connector:
                report = await connector.check()
                assert report.account
                assert report.ok, report
                wanted = {p.name for p in connector.manifest.permissions if not p.optional}
                assert wanted <= {p.name for p in report.permissions}

        asyncio.run(run())

    def test_every_stream_ends_with_exactly_one_last_page(self) -> None:
        pages = self._read(self._case())
        assert any(o for o in observations(pages))
        for name, stream in pages.items():
            assert stream, f"stream {name} yielded no page"
            assert [p.last for p in stream] == [False] * (len(stream) - 1) + [True], name

    def test_cursors_are_json_and_move(self) -> None:
        for name, stream in self._read(self._case()).items():
            for page in stream:
                assert json.loads(json.dumps(page.cursor)) == page.cursor, name
            texts = [json.dumps(p.cursor, sort_keys=True) for p in stream]
            assert len(set(texts)) == len(texts), f"{name}: two pages have the same cursor"

    def test_reading_goes_on_from_any_cursor(self) -> None:
        case = self._case()

        async def run() -> None:
            async with case.running() as connector:
                whole = await read_all(connector)
            for stream_name, pages in whole.items():
                seen: set[str] = set()
                for page in pages[:-1]:
                    seen |= {_key(o) for o in page.observations}
                    # A new connector, as after a crash: nothing is remembered but the cursor.
                    async with case.running() as again:
                        stream = next(s for s in again.streams() if s.name == stream_name)
                        cursor = json.loads(json.dumps(page.cursor))
                        rest = [p async for p in stream.pages(cursor)]
                    assert rest[-1].last
                    resumed = seen | {_key(o) for p in rest for o in p.observations}
                    missing = {_key(o) for p in pages for o in p.observations} - resumed
                    assert not missing, f"{stream_name}: lost after going on: {sorted(missing)[:3]}"

        asyncio.run(run())

    def test_reading_twice_gives_the_same(self) -> None:
        case = self._case()
        first, second = self._read(case), self._read(case)
        assert sorted(map(_key, observations(first))) == sorted(map(_key, observations(second)))

    def test_observations_refer_to_what_was_seen(self) -> None:
        seen = observations(self._read(self._case()))
        apps = {o.ref for o in seen if isinstance(o, AppSeen)}
        people = {o.ref for o in seen if isinstance(o, PersonSeen)}
        for o in seen:
            if isinstance(o, AssignmentSeen | SignInSeen | GrantSeen | ConsentEvent):
                assert o.app_ref in apps, o
            if isinstance(o, AssignmentSeen | SignInSeen | GrantSeen | ConsentEvent | ExpenseSeen):
                assert o.person_ref is None or o.person_ref in people, o
            if isinstance(o, AssignmentSeen):
                assert (o.person_ref is None) != (o.group_ref is None), o
            if isinstance(o, SignInSeen | ConsentEvent):
                assert o.at.tzinfo is not None, o


class ConformanceSuite(ReadingSuite):
    """The checks of a connector that speaks HTTP; use `conformance_suite` to get a class for one."""

    def _case(self) -> Case:
        raise AssertionError("use conformance_suite(make_case)")

    def test_manifest_names_a_request_budget(self) -> None:
        assert "default" in self._case().connector.manifest.budgets

    def test_config_refuses_plain_http_to_other_machines(self) -> None:
        case = self._case()
        with contextlib.suppress(pydantic.ValidationError):
            case.connector.Config.model_validate(
                {**case.config("http://127.0.0.1:9"), "base_url": "http://vendor.example"}
            )
            raise AssertionError("plain http to another machine was accepted")

    def test_secrets_are_never_shown(self) -> None:
        case = self._case()
        heard = io.StringIO()
        handler = logging.StreamHandler(heard)
        root = logging.getLogger()
        level = root.level
        root.addHandler(handler)
        root.setLevel(logging.DEBUG)
        try:
            config: ConnectorConfig = case.connector.Config.model_validate(case.config("http://127.0.0.1:9"))
            shown = repr(config) + config.model_dump_json()
            case.simulator.app.faults.append(Fault(case.simulator.paged, status=503))
            self._read(case)
        finally:
            root.removeHandler(handler)
            root.setLevel(level)
        for secret in case.secrets:
            assert secret not in shown
            assert secret not in heard.getvalue()

    def test_check_names_each_permission_that_is_missing(self) -> None:
        for permission in self._case().connector.manifest.permissions:
            case = self._case()
            case.simulator.deny(permission.name)

            async def run(case: Case = case, name: str = permission.name) -> None:
                async with case.running() as connector:
                    report = await connector.check()
                    missing = {p.name for p in report.permissions if not p.granted}
                    assert name in missing, f"check() did not notice that {name} is missing"

            asyncio.run(run())

    def test_a_short_rate_limit_is_waited_for(self) -> None:
        undisturbed = self._read(self._case())
        case, patience = self._case(), Patience()
        case.simulator.app.faults.append(
            Fault(case.simulator.paged, after=1, status=429, headers={"Retry-After": "2"})
        )
        disturbed = self._read(case, patience)
        assert any(2 <= s < 3 for s in patience.slept), patience.slept
        assert list(map(_key, observations(disturbed))) == list(map(_key, observations(undisturbed)))

    def test_a_long_rate_limit_puts_the_scan_off(self) -> None:
        case = self._case()
        case.simulator.app.faults.append(
            Fault(case.simulator.paged, after=1, times=None, status=429, headers={"Retry-After": "3600"})
        )
        with _fails(RetryLater) as caught:
            self._read(case)
        error = caught[0]
        assert isinstance(error, RetryLater)
        assert 3500 <= error.seconds <= 3700

    def test_passing_faults_change_nothing(self) -> None:
        undisturbed = self._read(self._case())
        for fault in (Fault(times=2, after=1, status=500), Fault(times=1, after=1, cut=True)):
            case = self._case()
            fault.match = case.simulator.paged
            case.simulator.app.faults.append(fault)
            disturbed = self._read(case)
            assert fault.struck, "the fault never struck"
            assert list(map(_key, observations(disturbed))) == list(map(_key, observations(undisturbed)))

    def test_lasting_faults_put_the_scan_off(self) -> None:
        for fault in (Fault(times=None, after=1, status=500), Fault(times=None, after=1, cut=True)):
            case = self._case()
            fault.match = case.simulator.paged
            case.simulator.app.faults.append(fault)
            with _fails(RetryLater):
                self._read(case)

    def test_a_next_page_on_another_host_is_not_followed(self) -> None:
        case = self._case()
        if not case.next_is_link:
            return  # the vendor sends cursors: there is no host to lie about
        elsewhere = FaultyApp(_nothing)
        with serve(elsewhere) as url:
            case.simulator.app.faults.append(
                Fault(
                    case.simulator.paged,
                    change=lambda a, h: case.simulator.next_page_at(a, h, f"{url}/page"),
                )
            )
            with _fails(VendorChanged):
                self._read(case)
        assert not elsewhere.requests, "the credential was sent to another host"

    def test_a_repeated_next_page_ends_the_reading(self) -> None:
        case = self._case()
        first: list[str] = []
        asked: list[int] = []

        def again(answer: Any, headers: dict[str, str]) -> Any:
            asked.append(1)
            following = case.simulator.next_page_of(answer, headers)
            if not first and following is not None:
                first.append(following)
            return case.simulator.next_page_at(answer, headers, first[0]) if first else answer

        case.simulator.app.faults.append(Fault(case.simulator.paged, times=50, change=again))
        with _fails(VendorChanged):
            self._read(case)
        assert len(asked) < 10, "the same page was read over and over"

    def test_an_empty_page_that_is_not_the_last_is_no_end(self) -> None:
        undisturbed = self._read(self._case())
        case = self._case()
        fault = Fault(case.simulator.paged, change=case.simulator.without_records)
        case.simulator.app.faults.append(fault)
        disturbed = self._read(case)
        assert fault.struck
        requests = sum(_matches(case, r.target) for r in case.simulator.app.requests)
        assert requests >= 3, "reading stopped at the empty page"
        assert len(observations(disturbed)) < len(observations(undisturbed))

    def test_an_expired_token_is_renewed_or_a_person_is_asked(self) -> None:
        undisturbed = self._read(self._case())
        case = self._case()
        case.simulator.app.faults.append(
            Fault(case.simulator.paged, after=1, then=case.simulator.expire_tokens, change=lambda a, _: a)
        )
        if case.renewable:
            disturbed = self._read(case)
            assert list(map(_key, observations(disturbed))) == list(map(_key, observations(undisturbed)))
        else:
            with _fails(NeedsAdmin) as caught:
                self._read(case)
            assert str(caught[0])

    def test_a_permission_taken_away_is_named(self) -> None:
        for permission in self._case().connector.manifest.permissions:
            if permission.optional:
                continue
            case = self._case()
            case.simulator.deny(permission.name)
            with _fails(NeedsAdmin) as caught:
                self._read(case)
            error = caught[0]
            assert isinstance(error, NeedsAdmin)
            assert permission.name in (error.permission or ""), f"{permission.name}: {error}"

    def test_an_answer_that_is_no_json_is_reported(self) -> None:
        case = self._case()
        case.simulator.app.faults.append(
            Fault(case.simulator.paged, times=None, status=200, body=b"<html>maintenance</html>")
        )
        with _fails(VendorChanged):
            self._read(case)


def _matches(case: Case, target: str) -> bool:
    return re.search(case.simulator.paged, target) is not None


async def _nothing(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"{}"})


def conformance_suite(make_case: Callable[[], Case]) -> type[ConformanceSuite]:
    """A test class with every check of the contract, for the connector that `make_case` describes."""

    class Suite(ConformanceSuite):
        def _case(self) -> Case:
            return make_case()

    return Suite


def reading_suite(make_case: Callable[[], ReadingCase]) -> type[ReadingSuite]:
    """A test class with the checks that hold for a connector of any kind, HTTP or not."""

    class Suite(ReadingSuite):
        def _case(self) -> ReadingCase:
            return make_case()

    return Suite
