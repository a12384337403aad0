"""`python -m tests.bench [--json] [names…]`: run the benchmarks, all or those named."""

import argparse
import json
import sys

from tests.bench import identify, idle, pages, passes, pipeline, teaching, tools_page, tools_room

BENCHES = {
    "identify": identify,
    "pipeline": pipeline,
    "tools_page": tools_page,
    "tools_room": tools_room,
    "pages": pages,
    "passes": passes,
    "teaching": teaching,
    "idle": idle,
}


def main() -> int:
    """Run, print, and give 1 when a goal was missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="name", help=f"one of {', '.join(BENCHES)}; all when left out"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")
    given = parser.parse_args()
    unknown = set(given.names) - set(BENCHES)
    if unknown:
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}")
    found = {name: BENCHES[name].run() for name in given.names or BENCHES}
    if given.json:
        print(json.dumps(found, indent=2))
    else:
        for name, result in found.items():
            print("\n".join(BENCHES[name].report(result)))
    return 0 if all(BENCHES[name].holds(result) for name, result in found.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
