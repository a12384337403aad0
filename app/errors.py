"""Errors that reach a caller: each knows its HTTP status and says in one sentence what to do.

Services raise them; `app.api.problems` writes them as RFC 9457 problem details, the pages as a page.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from app.language import N_, lasting, retold


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field: its dotted path in the input (`config.base_url`) and why.

    `original` is what a library said of it, in its own English, if it was a library that did.
    """

    field: str
    message: str
    original: str = ""


class PenumbraError(Exception):
    """Root of what services raise on purpose.

    Attributes:
        message: a sentence for people; never holds a secret.
        status: the HTTP status.
        code: a stable word for programs.
        fields: which input fields are to blame.
        headers: HTTP headers that belong to the answer.
        links: addresses of related things, shown beside the message (`{"scan": "/api/v1/scans/7"}`).
    """

    status: ClassVar[int] = 500
    code: str = "internal"
    title: ClassVar[str] = N_("Something went wrong")

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        fields: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        links: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.fields = tuple(fields)
        self.headers = dict(headers or {})
        self.links = dict(links or {})


_NOT_VALID = lasting("is not valid")

BY_TYPE = (
    lasting("Field required"),
    lasting("Extra inputs are not permitted"),
    lasting("Input should be a valid string"),
    lasting("Input should be a valid integer"),
    lasting("Input should be a valid integer, unable to parse string as an integer"),
    lasting("Input should be a valid number"),
    lasting("Input should be a valid number, unable to parse string as a number"),
    lasting("Input should be a valid boolean"),
    lasting("Input should be a valid boolean, unable to interpret input"),
    lasting("Input should be a valid date"),
    lasting("Input should be a valid list"),
    lasting("Input should be a valid dictionary"),
    lasting("Input should be a valid date or datetime, %(why)s"),
    lasting("Input should be greater than %(least)s"),
    lasting("Input should be greater than or equal to %(least)s"),
    lasting("Input should be less than %(most)s"),
    lasting("Input should be less than or equal to %(most)s"),
    lasting("Input should be %(choices)s"),
    lasting("String should have at least %(n)s characters"),
    lasting("String should have at least 1 character"),
    lasting("String should have at most %(n)s characters"),
    lasting("String should match pattern '%(pattern)s'"),
    lasting("List should have at least %(n)s items after validation, not %(found)s"),
    lasting("List should have at least 1 item after validation, not %(found)s"),
    lasting("List should have at most %(n)s items after validation, not %(found)s"),
    lasting("value is not a valid email address: %(why)s"),
)
"""What pydantic says of values, in its own English: told in the reader's language where a form is read."""


def field_errors(errors: Iterable[Mapping[str, Any]], *, under: tuple[str, ...] = ()) -> list[FieldError]:
    """pydantic's errors as ours. The offending input is left out: it may hold a secret.

    Args:
        errors: from `ValidationError.errors()`.
        under: where the validated value sits in the request (`("config",)`).
    """
    found = []
    for error in errors:
        where = [str(part) for part in (*under, *error.get("loc", ()))]
        if where and where[0] in {"query", "path", "body", "header", "cookie"} and not under:
            where = where[1:] or where
        message = str(error.get("msg", _NOT_VALID)).removeprefix("Value error, ")
        found.append(FieldError(".".join(where), retold(message), message))
    return found


class BadRequest(PenumbraError):
    """The request cannot be read at all."""

    status = 400
    code = "bad_request"
    title = N_("The request cannot be read")


class Unauthorized(PenumbraError):
    """Nobody, or nobody any more: no token, a wrong one, an expired or revoked one."""

    status = 401
    code = "unauthorized"
    title = N_("A valid token is needed")


class Forbidden(PenumbraError):
    """Known, but not allowed to do this."""

    status = 403
    code = "forbidden"
    title = N_("Your role does not allow this")


class NotFound(PenumbraError):
    """There is no such thing."""

    status = 404
    code = "not_found"
    title = N_("Not found")


class Conflict(PenumbraError):
    """It would collide with something that is there already."""

    status = 409
    code = "conflict"
    title = N_("In conflict with what is there")


class Gone(PenumbraError):
    """It was here, and is something else now; `links` says where."""

    status = 410
    code = "gone"
    title = N_("No longer here")


class PreconditionFailed(PenumbraError):
    """Somebody else changed it since it was read.

    Attributes:
        version: which it has now, for programs; people are told in the message what to do.
    """

    status = 412
    code = "precondition_failed"
    title = N_("Changed in the meantime")

    def __init__(
        self, message: str, *, version: int | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message, headers=headers)
        self.version = version


class TooLarge(PenumbraError):
    """The body is larger than is accepted."""

    status = 413
    code = "too_large"
    title = N_("Too large")


class Invalid(PenumbraError):
    """The request can be read, but a value in it is wrong; `fields` says which."""

    status = 422
    code = "invalid"
    title = N_("A value is not valid")


class PreconditionRequired(PenumbraError):
    """A write must say which version it changes."""

    status = 428
    code = "precondition_required"
    title = N_("Say which version you change")


class VendorFailed(PenumbraError):
    """A vendor's API answered with something that cannot be used."""

    status = 502
    code = "vendor_failed"
    title = N_("The vendor's answer cannot be used")


class TryLater(PenumbraError):
    """It may work later: a vendor asks to wait, or the database is not ready."""

    status = 503
    code = "try_later"
    title = N_("Not possible right now")
