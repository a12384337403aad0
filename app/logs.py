"""Logs: one line an event, and tracebacks without the values of variables, which may be secrets."""

import logging
import sys

import structlog


def configure(*, lines: bool = True, level: int = logging.INFO, anew: bool = False) -> None:
    """Set up logging for this process, unless somebody has done so.

    Args:
        lines: JSON lines for machines; else text for people.
        level: the least that is written.
        anew: also where it was set up before.
    """
    if structlog.is_configured() and not anew:
        return
    logging.basicConfig(level=max(level, logging.WARNING), stream=sys.stderr, format="%(name)s: %(message)s")
    for name in (
        "httpx",
        "httpcore",
    ):  # they name whole addresses, and in those of webhooks there are secrets
        logging.getLogger(name).setLevel(logging.WARNING)
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if lines:
        shared += [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    else:
        shared.append(structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback))
    structlog.configure(
        processors=shared,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # Asked for anew: what was the error stream when this was set up may have been closed since.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
