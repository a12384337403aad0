"""A vendor's answer, decoding it, and how long it asks to wait."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec

from connectors.errors import VendorChanged

T = TypeVar("T")


@dataclass(frozen=True)
class Answer:
    """A vendor's answer: status, headers (case-insensitive), body bytes, and the URL asked."""

    status: int
    headers: httpx.Headers
    content: bytes
    url: str

    def json(self) -> Any:
        """The body as plain JSON values.

        Raises:
            VendorChanged: the body is not JSON.
        """
        return self.decode(Any)

    def decode(self, shape: type[T] | Any) -> T:
        """The body as `shape` (a msgspec type); fields that the shape lacks are not even read.

        Raises:
            VendorChanged: not JSON, or a field is missing or of another type; names the field.
        """
        return decode(self.content, shape, where=urlsplit(self.url).path)


def decode(content: bytes, shape: type[T] | Any, *, where: str) -> T:
    """Decode JSON `content` as `shape`; `where` names the place in the error.

    Raises:
        VendorChanged: see `Answer.decode`.
    """
    try:
        return _decoder(shape).decode(content)
    except msgspec.ValidationError as error:
        raise VendorChanged(f"{where} no longer has the shape it is documented to have: {error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise VendorChanged(f"{where} answered with something that is not JSON: {error}") from error


_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}


def _decoder(shape: Any) -> msgspec.json.Decoder[Any]:
    found = _decoders.get(shape)
    if found is None:
        found = _decoders[shape] = msgspec.json.Decoder(shape)
    return found


def wait_asked(answer: Answer, now: datetime) -> float | None:
    """Seconds the answer asks to wait, or None where it does not say.

    Reads `Retry-After` (seconds or a date) and `x-rate-limit-reset`/`x-ratelimit-reset` (epoch
    seconds, compared with the answer's own `Date` header, because local clocks drift).
    """
    headers = answer.headers
    date = _http_date(headers.get("date")) or now
    after = headers.get("retry-after")
    if after is not None:
        seconds = _number(after)
        if seconds is not None:
            return max(0.0, seconds)
        until = _http_date(after)
        if until is not None:
            return max(0.0, (until - date).total_seconds())
    reset = headers.get("x-rate-limit-reset") or headers.get("x-ratelimit-reset")
    if reset is not None and answer.status in {403, 429}:
        seconds = _number(reset)
        return None if seconds is None else max(0.0, seconds - date.timestamp())
    return None


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _http_date(value: str | None) -> datetime | None:
    if not value:
        return None
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    # "-0000", or no zone at all, is read as a time without one; HTTP's dates are UTC.
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)
