"""The client that all vendors share: dates without a zone, waits without a number, bodies without an end."""

import gzip
from datetime import UTC, datetime

import httpx
import pytest

from connectors import http
from connectors.answers import Answer, wait_asked
from connectors.base import Budget, Context, HttpConfig
from connectors.errors import VendorChanged

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["GMT", "-0000", ""])
@pytest.mark.parametrize("own_date", [None, "Fri, 20 Nov 2026 12:00:00 GMT", "Fri, 20 Nov 2026 12:00:00"])
def test_retry_after_as_a_date_is_utc_also_where_it_does_not_say_so(zone: str, own_date: str | None):
    headers = {"Retry-After": f"Fri, 20 Nov 2026 12:05:00 {zone}".strip()}
    if own_date:
        headers["Date"] = own_date
    answer = Answer(429, httpx.Headers(headers), b"", "https://api.acme.example/x")
    assert wait_asked(answer, NOW) == 300


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1e999", "soon"])
def test_a_retry_after_that_is_no_number_is_no_answer(text: str):
    for name, status in (("Retry-After", 503), ("x-rate-limit-reset", 429)):
        answer = Answer(status, httpx.Headers({name: text}), b"", "https://api.acme.example/x")
        assert wait_asked(answer, NOW) is None


@pytest.mark.parametrize("packed", [False, True])
async def test_a_body_that_does_not_say_how_long_it_is_may_not_fill_the_memory(
    monkeypatch: pytest.MonkeyPatch, packed: bool
):
    monkeypatch.setattr(http, "MAX_BODY", 1 << 20)
    body = b"0" * (5 << 20)
    read = 0

    async def endless():
        nonlocal read
        content = gzip.compress(body) if packed else body
        for start in range(0, len(content), 1 << 10):
            read += 1 << 10
            yield content[start : start + (1 << 10)]

    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            200, content=endless(), headers={"Content-Encoding": "gzip"} if packed else None
        )

    context = Context(transport=httpx.MockTransport(answer))
    config = HttpConfig(base_url="https://api.acme.example")
    client = http.VendorClient(config, context, budgets={"default": Budget(10, 1)})
    with pytest.raises(VendorChanged, match="more than 1 MiB"):
        await client.get("/x")
    assert read < (3 << 20)
    await client.aclose()
