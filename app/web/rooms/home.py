"""The front door."""

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from app.web.access import LoggedIn

router = APIRouter(include_in_schema=False)


@router.get("/")
async def home(_visitor: LoggedIn) -> Response:
    """The front door."""
    return RedirectResponse("/tools", status_code=303)
