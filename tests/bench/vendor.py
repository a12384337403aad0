"""The simulated Okta org in a process of its own, so that its work is nobody's CPU time but its own.

`python -m tests.bench.vendor 50000 200000` builds one log, serves its first 50,000 and all its 200,000
events on two ports, writes both addresses as a line of JSON, and ends with its standard input.
"""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from connectors.okta.simulator import OktaSimulator, OktaWorld
from connectors.simulation import serve
from tests.bench.events import PAGE, log_pages

TOKEN = "00simulated-token"


@contextlib.contextmanager
def serving(sizes: list[int]) -> Iterator[dict[int, str]]:
    """Addresses of orgs whose logs have so many events, by their size."""
    command = [sys.executable, "-m", "tests.bench.vendor", *map(str, sizes)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError("the simulated vendor did not start")
        try:
            yield {int(size): url for size, url in json.loads(line).items()}
        finally:
            process.stdin.close()


def main() -> None:
    """Serve until standard input ends."""
    sizes = [int(text) for text in sys.argv[1:]]
    pages = log_pages(max(sizes), datetime.now(UTC) - timedelta(hours=1))
    with contextlib.ExitStack() as stack:
        urls: dict[int, str] = {}
        for size in sizes:
            # The org lists nobody and nothing: both contenders read the log and only the log, which
            # then introduces its people and apps.
            simulator = OktaSimulator(OktaWorld("acme.okta.com"), log_pages=pages[: size // PAGE])
            urls[size] = stack.enter_context(serve(simulator.app))
        print(json.dumps(urls), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
