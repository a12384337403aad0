"""The client that all vendors share: dates without a zone, waits without a number."""

from datetime import UTC, datetime

import httpx
import pytest

from connectors.answers import Answer, wait_asked

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
