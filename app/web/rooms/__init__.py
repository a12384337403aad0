"""One module for each room of the pages: home, tools, one tool, reviews and so on."""

from fastapi import APIRouter

from app.web.rooms import account, home, login, owning, record, reference, requests, taught, tool, tools
from app.web.rooms import account, home, login, record, reference, requests, review, reviews, tool, tools

ROUTERS: tuple[APIRouter, ...] = (
    login.router,
    account.router,
    home.router,
    tools.router,
    tool.router,
    owning.router,
    taught.router,
    requests.router,
    record.router,
    reviews.router,
    review.router,
    reference.router,
)
