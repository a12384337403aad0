"""A deleted source takes along all it brought, also where no foreign key says so."""

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from app.db import reading, writing
from app.models import accounts, apps, scans, sign_in_days
from app.sources import repository
from connectors.okta.connector import OktaConnector
from connectors.okta.sample import sample_world
from connectors.okta.simulator import OktaSimulator
from connectors.simulation import serve
from tests.support.scanning import NOW, Scanner


def _scanned(engine: Engine, url: str, name: str) -> Scanner:
    def config() -> dict[str, object]:
        return {"base_url": url, "api_token": "00simulated-token", "rate_share": 1000}

    scanner = Scanner(engine, OktaConnector, config, name=name)
    assert scanner.scan()["state"] == "complete"
    return scanner


def test_nothing_of_a_deleted_source_is_left_and_all_of_the_other_is(engine: Engine):
    simulator = OktaSimulator(sample_world(NOW), now=lambda: NOW)
    with serve(simulator.app) as url:
        gone = _scanned(engine, url, "gone")
        kept = _scanned(engine, url, "kept")
    with reading(engine) as connection:
        every = connection.scalar(sa.select(sa.func.count()).select_from(sign_in_days)) or 0
    assert every > 0
    version = gone.source()["version"]
    with writing(engine) as connection:
        assert not repository.delete(connection, gone.source_id, version + 1)
    with writing(engine) as connection:
        assert repository.delete(connection, gone.source_id, version)
    assert {r["source_id"] for t in (accounts, apps, scans) for r in kept.rows(t)} == {kept.source_id}
    left = kept.rows(sign_in_days)
    assert len(left) == every // 2
    assert {r["app_id"] for r in left} <= {r["id"] for r in kept.rows(apps)}
    assert {r["account_id"] for r in left} <= {r["id"] for r in kept.rows(accounts)}
