"""The connector in docs/connectors.md, taken from the page and run as it stands there."""

import re
import sys
from pathlib import Path

import pytest

DOC = Path(__file__).parents[2] / "docs" / "connectors.md"


def _blocks() -> dict[str, str]:
    return dict(re.findall(r"```python file=(\S+)\n(.*?)```", DOC.read_text(), flags=re.DOTALL))


def test_the_connector_takes_under_120_lines():
    assert len(_blocks()["orbit/connector.py"].splitlines()) < 120


def test_the_walkthrough_passes_the_conformance_suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name, text in _blocks().items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    (tmp_path / "orbit" / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    try:
        import orbit.test_orbit as walkthrough

        suite = walkthrough.TestOrbit()
        checks = [name for name in dir(suite) if name.startswith("test_")]
        assert len(checks) > 15
        for name in checks:
            getattr(suite, name)()
    finally:
        for name in [m for m in sys.modules if m == "orbit" or m.startswith("orbit.")]:
            del sys.modules[name]
