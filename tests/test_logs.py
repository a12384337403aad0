"""Where the logs go."""

import contextlib
import io

import structlog

from app import logs


def test_logs_follow_the_error_stream_when_it_is_replaced() -> None:
    """A command that ran with a stream of its own must not take the log of the next with it."""
    before = structlog.get_config()
    try:
        with contextlib.redirect_stderr(io.StringIO()) as first:
            logs.configure(anew=True)
            structlog.get_logger().info("one")
        first_text = first.getvalue()
        first.close()
        with contextlib.redirect_stderr(io.StringIO()) as second:
            structlog.get_logger().info("two")
        assert '"one"' in first_text
        assert '"two"' in second.getvalue()
    finally:
        structlog.configure(**before)
