"""One module for each room of the pages: home, tools, one tool, reviews and so on."""

from fastapi import APIRouter

from app.web.rooms import (
    account,
    audit,
    channel_form,
    channels,
    home,
    login,
    reference,
    requests,
    scans,
    settings,
    source_form,
    sources,
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
    source_form.router,
    sources.router,
    scans.router,
    audit.router,
    channel_form.router,
    channels.router,
    settings.router,
    reference.router,
)
