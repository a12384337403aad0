"""The OpenAPI document: FastAPI's, with what it cannot know made true."""

import re
from functools import cache
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute, Mount

from app.api.problems import MEDIA_TYPE, Problem

_SHARED = {
    "400": "The request cannot be read.",
    "401": "No valid token.",
    "403": "The token's role does not allow this.",
    "422": "A value is not valid; `errors` names the fields.",
}
_OPEN = {"/healthz", "/readyz"}
_BODY = {"413": "The body is larger than 1 MiB."}
ABOUT = (
    "Which cloud marketing tools a company uses, with the evidence, and where each stands with IT and "
    "marketing. Send an API token as `Authorization: Bearer pen_…`; `penumbra token create` makes one. "
    "Errors are problem details (RFC 9457). Lists are paged by an opaque `cursor`. Writes name the version "
    "they change in `If-Match`."
)


def document(app: FastAPI) -> dict[str, Any]:
    """The document of `app`, made once for all applications that have the same addresses."""
    if app.openapi_schema is None:
        described = [
            route
            for route in app.routes
            if not isinstance(route, Mount) and getattr(route, "include_in_schema", True)
        ]
        key = (app.title, app.version, *map(id, described))
        if key not in _MADE:
            _MADE[key] = (described, _made(app.title, app.version, described))
        app.openapi_schema = _MADE[key][1]
    return app.openapi_schema


_MADE: dict[tuple[Any, ...], tuple[list[BaseRoute], dict[str, Any]]] = {}
"""Documents by what they tell of; the addresses are kept with them, so that no others come by their ids."""


def _made(title: str, version: str, routes: list[BaseRoute]) -> dict[str, Any]:
    made = get_openapi(title=title, version=version, description=ABOUT, routes=routes)
    schemas = made["components"]["schemas"]
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs", {})
    schemas["Problem"] = problem
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for path, operations in made["paths"].items():
        for operation in operations.values():
            _complete(path, operation)
    made["components"]["securitySchemes"] = {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "An API token (`pen_…`), made with `penumbra token create`.",
        }
    }
    return made


def _complete(path: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    shared = {} if path in _OPEN else dict(_SHARED)
    if "requestBody" in operation:
        shared |= _BODY
    for parameter in operation.get("parameters", ()):
        if parameter["name"] == "If-Match":  # optional to the framework, so that 428 can say what is missing
            parameter["required"] = True
            parameter["schema"] = {"type": "string"}
    operation["security"] = [] if path in _OPEN else [{"token": []}]
    for status, text in shared.items():
        responses[status] = {"description": text}
    for status in [s for s in responses if s.isdigit() and int(s) >= 400]:
        responses[status]["content"] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    operation["responses"] = dict(sorted(responses.items()))


def methods_at(app: FastAPI, path: str) -> list[str]:
    """Every method that an address of the API answers to; the framework's 405 names one route's only."""
    found: set[str] = set()
    paths = document(app)["paths"]
    for template, operations in paths.items():
        # An address that is written out is not also one with an id: `/policies/simulate` is no version.
        if template == path or (path not in paths and _pattern(template).fullmatch(path)):
            found |= {method.upper() for method in operations}
    return sorted(found)


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template)))
