"""The way out: no private address, no second look at a name, no redirect, no endless answer."""

import asyncio
from collections.abc import Sequence

import httpx
import pytest

from app.notify.net import Doors, Wire, is_public
from app.notify.parcel import NotSent
from connectors.simulation import Fault
from tests.notify.support import Site

HOSTS = ("hooks.acme.example", "*.in.acme.example")


class Names:
    """A DNS whose answers change from question to question."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class Line(httpx.AsyncBaseTransport):
    """A network that notes where a connection would go."""

    def __init__(self, answer: httpx.Response | None = None) -> None:
        self.requests: list[httpx.Request] = []
        self.answer = answer

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.answer or httpx.Response(204)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "198.18.0.1",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
        "nonsense",
    ],
)
async def test_no_address_of_special_use_is_reached(address: str) -> None:
    assert not is_public(address)
    line = Line()
    wire = Wire(Doors(hosts=HOSTS, resolve=Names(["93.184.215.14", address])), line)
    if address == "nonsense":
        return
    with pytest.raises(NotSent, match="not on the open Internet") as refusal:
        await wire.send("POST", "https://hooks.acme.example/in", body=b"{}")
    assert refusal.value.attention
    assert line.requests == []


async def test_the_connection_goes_to_the_address_that_was_looked_at() -> None:
    line, names = Line(), Names(["93.184.215.14"], ["127.0.0.1"])
    wire = Wire(Doors(hosts=HOSTS, resolve=names), line)
    reply = await wire.send("POST", "https://hooks.acme.example:8443/in?x=1", body=b"{}")
    assert reply.status == 204
    assert names.asked == 1, "the name is asked for once, and what it says later does not matter"
    (request,) = line.requests
    assert str(request.url) == "https://93.184.215.14:8443/in?x=1"
    assert request.headers["host"] == "hooks.acme.example:8443"
    assert request.extensions["sni_hostname"] == "hooks.acme.example", (
        "the certificate is checked for the name"
    )
    with pytest.raises(NotSent, match="not on the open Internet"):
        await wire.send("POST", "https://hooks.acme.example:8443/in?x=1", body=b"{}")


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("https://elsewhere.example/in", "not listed in PENUMBRA_WEBHOOK_HOSTS"),
        ("https://acme.example/in", "not listed"),
        ("https://in.acme.example/in", "not listed"),
        ("https://evilin.acme.example/", "not listed"),
        ("https://hooks.acme.example.evil.example/", "not listed"),
        ("http://hooks.acme.example/in", "begins with https://"),
        ("http://127.0.0.1:9/in", "begins with https://"),
        ("https://127.0.0.1/in", "not listed"),
        ("https://user:pass@hooks.acme.example/in", "leave out user name"),
        ("file:///etc/passwd", "begins with https://"),
        ("https://hooks.acme.example:99999/", "not an address"),
        ("https://[::1", "not an address"),
    ],
)
async def test_only_listed_hosts_are_reached(url: str, problem: str) -> None:
    line = Line()
    doors = Doors(hosts=HOSTS, resolve=Names(["93.184.215.14"]))
    with pytest.raises(ValueError, match=problem):
        doors.check(url)
    with pytest.raises(NotSent):
        await Wire(doors, line).send("GET", url)
    assert line.requests == []
    doors.check("https://a.b.in.acme.example/in")
    doors.check("https://acme.atlassian.net", (".atlassian.net",))


async def test_a_redirect_is_not_followed(site: Site) -> None:
    site.app.faults.append(
        Fault(match="^/hook", status=307, headers={"Location": f"{site.url}/services/T/B/key"}, times=None)
    )
    reply = await Wire(Doors(local=frozenset([site.host]))).send("POST", f"{site.url}/hook", body=b"{}")
    assert reply.status == 307
    assert [r.target for r in site.app.requests] == ["/hook"]


async def test_a_local_receiver_is_one_port_of_this_machine(site: Site) -> None:
    wire = Wire(Doors(local=frozenset([site.host])))
    assert (await wire.send("POST", f"{site.url}/hook", body=b"{}")).ok
    port = int(site.host.rpartition(":")[2])
    with pytest.raises(NotSent, match="https://"):
        await wire.send("POST", f"http://127.0.0.1:{port - 1}/hook", body=b"{}")
    # A name listed as local must lead to this machine, whatever DNS says.
    named = Doors(local=frozenset(["demo.example:80"]), resolve=Names(["10.1.2.3"]))
    with pytest.raises(NotSent, match="not on the open Internet"):
        await Wire(named, Line()).send("POST", "http://demo.example/hook", body=b"{}")


async def test_a_trickle_and_a_flood_come_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    async def trickle():
        while True:
            yield b"x"
            await asyncio.sleep(0.01)

    async def flood():
        while True:
            yield b"x" * 65536

    monkeypatch.setattr("app.notify.net.WHOLE", 0.2)
    doors = Doors(hosts=HOSTS, resolve=Names(["93.184.215.14"]))
    with pytest.raises(NotSent, match="did not answer within"):
        await Wire(doors, Line(httpx.Response(200, content=trickle()))).send(
            "GET", "https://hooks.acme.example/"
        )
    reply = await Wire(doors, Line(httpx.Response(200, content=flood()))).send(
        "GET", "https://hooks.acme.example/"
    )
    assert len(reply.body) <= 256 * 1024


async def test_of_several_addresses_the_next_is_tried_if_nobody_answers_at_the_first() -> None:
    class Dead(Line):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            self.requests.append(request)
            if len(self.requests) == 1:
                raise httpx.ConnectError("no route to host")
            if request.url.path == "/broken":
                raise httpx.ReadError("broke off")
            return httpx.Response(204)

    doors = Doors(hosts=HOSTS, resolve=Names(["2606:2800:21f:cb07::1", "93.184.215.14"]))
    line = Dead()
    assert (await Wire(doors, line).send("POST", "https://hooks.acme.example/in", body=b"{}")).status == 204
    assert [r.url.host for r in line.requests] == ["2606:2800:21f:cb07::1", "93.184.215.14"]
    # Once something was sent, it is for the next attempt to send it again.
    with pytest.raises(NotSent, match="ReadError"):
        await Wire(doors, line).send("POST", "https://hooks.acme.example/broken", body=b"{}")
    assert len(line.requests) == 3


async def test_a_name_that_is_not_there_is_tried_later() -> None:
    async def nothing(host: str, port: int) -> list[str]:
        raise OSError("Name or service not known")

    with pytest.raises(NotSent, match="cannot be found in DNS") as refusal:
        await Wire(Doors(hosts=HOSTS, resolve=nothing), Line()).send("GET", "https://hooks.acme.example/")
    assert refusal.value.again


@pytest.mark.parametrize(
    "url",
    [
        "https://ⓗooks.acme.example/",
        "https://hооks.acme.example/",  # two letters of another script
        "https://hooks.acme.example/\x00",
        "https://hooks.acme.example/a\nb",
        "https://hooks.acme.example:x/",
        "https://a b.acme.example/",
        "https://[::1].acme.example/",
    ],
)
def test_an_address_that_two_readers_read_differently_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"not an address|not listed"):
        Doors(hosts=("*.acme.example", "hooks.acme.example")).check(url)
