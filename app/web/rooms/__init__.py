"""One module for each room of the pages: home, tools, one tool, reviews and so on."""

from fastapi import APIRouter

from app.web.rooms import (
    account,
    home,
    login,
    overlap,
    policy,
    record,
    reference,
    report,
    requests,
    spend,
    tool,
    tools,
)

ROUTERS: tuple[APIRouter, ...] = (
    login.router,
    account.router,
    home.router,
    tools.router,
    tool.router,
    requests.router,
    record.router,
    spend.router,
    overlap.router,
    policy.router,
    report.router,
    reference.router,
)
