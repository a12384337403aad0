"""Errors as RFC 9457 problem details, the same shape for every status."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.errors import (
    BadRequest,
    Conflict,
    FieldError,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    PenumbraError,
    PreconditionFailed,
    PreconditionRequired,
    TooLarge,
    Unauthorized,
    field_errors,
)
from app.language import _

MEDIA_TYPE = "application/problem+json"
_PREFIX = "urn:penumbra:problem:"
_BY_STATUS: dict[int, type[PenumbraError]] = {
    kind.status: kind
    for kind in (
        BadRequest,
        Unauthorized,
        Forbidden,
        NotFound,
        Conflict,
        Gone,
        PreconditionFailed,
        TooLarge,
        Invalid,
        PreconditionRequired,
    )
}


class ProblemField(BaseModel):
    """What is wrong with one field of the request."""

    field: str = Field(description="Dotted path of the field, as it was sent.", examples=["config.base_url"])
    message: str = Field(examples=["plain http is accepted for loopback addresses only: use https://"])


class Problem(BaseModel):
    """An error, as RFC 9457 describes it."""

    type: str = Field(description="A stable name of the kind of error.", examples=[_PREFIX + "not_found"])
    title: str = Field(examples=["Not found"])
    status: int = Field(examples=[404])
    detail: str = Field(description="A sentence for people.", examples=["There is no tool 17."])
    errors: list[ProblemField] = Field(default=[], description="The fields to blame, if any.")
    links: dict[str, str] = Field(default={}, description="Addresses of things the error speaks of.")


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of an endpoint that may answer with these errors, beside those all share."""
    return {s: {"model": Problem, "description": HTTPStatus(s).phrase} for s in statuses}


def body_of(error: PenumbraError) -> dict[str, Any]:
    """The problem document of an error."""
    body: dict[str, Any] = {
        "type": _PREFIX + error.code,
        "title": error.title,
        "status": error.status,
        "detail": _detail(error),
        "errors": [{"field": f.field, "message": f.message} for f in error.fields],
    }
    if error.links:
        body["links"] = error.links
    return body


def _detail(error: PenumbraError) -> str:
    if isinstance(error, PreconditionFailed) and error.version is not None:
        return f"{error.message} " + _("(It is at v%(version)s now.)", version=error.version)
    return error.message


def response_of(error: PenumbraError) -> Response:
    """The HTTP answer of an error."""
    headers = dict(error.headers)
    if error.status == Unauthorized.status:
        headers.setdefault("WWW-Authenticate", 'Bearer realm="Penumbra"')
    return Response(
        orjson.dumps(body_of(error)), status_code=error.status, headers=headers, media_type=MEDIA_TYPE
    )


def from_http(error: HTTPException) -> PenumbraError | None:
    """An error of the framework as one of ours; None for a status that we have no name for."""
    kind = _BY_STATUS.get(error.status_code)
    if kind is None:
        return None
    detail = str(error.detail)
    if kind is NotFound:
        detail = _("There is nothing at this address.")
    elif kind is TooLarge:
        detail = _("The body is larger than is accepted.")
    elif kind is BadRequest:
        detail = _("The body cannot be read as JSON.")
    return kind(detail, headers=error.headers)


def invalid_request(error: RequestValidationError) -> PenumbraError:
    """A request that does not fit its description, as one of ours."""
    errors = error.errors()
    if any(e.get("type") == "json_invalid" for e in errors):
        return Invalid(
            _("The body is not valid JSON."),
            code="not_json",
            fields=[FieldError("body", _("not valid JSON"))],
        )
    fields = field_errors(errors)
    return Invalid("; ".join(f"{f.field}: {f.message}" for f in fields[:3]) + ".", fields=fields)


def _plain(status: int, detail: str, headers: Mapping[str, str] | None) -> Response:
    phrase = HTTPStatus(status).phrase
    body = {
        "type": _PREFIX + phrase.lower().replace(" ", "_"),
        "title": phrase,
        "status": status,
        "detail": detail,
        "errors": [],
    }
    return Response(
        orjson.dumps(body), status_code=status, headers=dict(headers or {}), media_type=MEDIA_TYPE
    )


def internal_error() -> Response:
    """What a caller sees of an error that nobody expected: nothing of its inside."""
    return response_of(
        PenumbraError(_("An unexpected error happened; it is in the log under this request's id."))
    )


async def on_penumbra_error(_request: Request, error: Exception) -> Response:
    """Answer an error of ours."""
    assert isinstance(error, PenumbraError)
    return response_of(error)


async def on_http_error(_request: Request, error: Exception) -> Response:
    """Answer an error of the framework (unknown address, wrong method)."""
    assert isinstance(error, HTTPException)
    ours = from_http(error)
    if ours is not None:
        return response_of(ours)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = (error.headers or {}).get("Allow", "")
        return _plain(405, f"This address answers to {allowed} only.", error.headers)
    return _plain(error.status_code, str(error.detail), error.headers)


async def on_invalid_request(_request: Request, error: Exception) -> Response:
    """Answer a request that does not fit its description."""
    assert isinstance(error, RequestValidationError)
    return response_of(invalid_request(error))
