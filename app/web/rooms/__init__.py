"""One module for each room of the pages: home, tools, one tool, reviews and so on."""

from fastapi import APIRouter

from app.web.rooms import account, home, kept, login, record, reference, requests, tool, tools

ROUTERS: tuple[APIRouter, ...] = (
    login.router,
    account.router,
    home.router,
    tools.router,
    kept.router,
    tool.router,
    requests.router,
    record.router,
    reference.router,
)
