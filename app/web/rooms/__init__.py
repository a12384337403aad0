"""One module for each room of the pages: home, tools, one tool, reviews and so on."""

from fastapi import APIRouter

from app.web.rooms import (
    account,
    grants,
    home,
    login,
    owning,
    people,
    record,
    reference,
    requests,
    review,
    reviews,
    taught,
    tool,
    tools,
)

ROUTERS: tuple[APIRouter, ...] = (
    login.router,
    account.router,
    home.router,
    tools.router,
    tool.router,
    owning.router,
    taught.router,
    people.router,
    grants.router,
    requests.router,
    record.router,
    reviews.router,
    review.router,
    reference.router,
)
