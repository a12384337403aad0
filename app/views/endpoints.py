"""Saved lists over HTTP."""

from fastapi import APIRouter, Response

from app.api import PREFIX
from app.api.dependencies import Database, Id, Reader, State
from app.api.problems import documented
from app.api.schemas import Listing
from app.db import reading, writing
from app.views import service
from app.views.schemas import ViewChange, ViewIn, ViewOut

router = APIRouter(prefix=PREFIX, tags=["views"])
_MADE = {201: {"headers": {"Location": {"schema": {"type": "string"}}}}}


@router.get("/views")
def list_views(caller: Reader, database: Database) -> Listing[ViewOut]:
    """Lists of tools that you keep, and those that others share, by name."""
    with reading(database) as connection:
        return service.list_views(connection, caller)


@router.post("/views", status_code=201, responses={**_MADE, **documented(409)})
def create_view(caller: Reader, state: State, response: Response, body: ViewIn) -> ViewOut:
    """Keep a list under a name."""
    with writing(state.engine) as connection:
        made = service.create_view(connection, body, caller, state.clock())
    response.headers["Location"] = f"{PREFIX}/views/{made.id}"
    return made


@router.get("/views/{view_id}", responses=documented(404))
def get_view(caller: Reader, database: Database, view_id: Id) -> ViewOut:
    """One list."""
    with reading(database) as connection:
        return service.get_view(connection, view_id, caller)


@router.patch("/views/{view_id}", responses=documented(404, 409))
def change_view(caller: Reader, state: State, view_id: Id, body: ViewChange) -> ViewOut:
    """Rename one of your lists, share it or not, or let it show something else."""
    with writing(state.engine) as connection:
        return service.change_view(connection, view_id, body, caller, state.clock())


@router.delete("/views/{view_id}", status_code=204, responses=documented(404))
def delete_view(caller: Reader, state: State, view_id: Id) -> None:
    """Forget one of your lists; an administrator also one that somebody shares."""
    with writing(state.engine) as connection:
        service.delete_view(connection, view_id, caller, state.clock())
