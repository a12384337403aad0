"""The company of these tests, and its people at the API."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from sqlalchemy.engine import Engine

from tests.spend.support import Company, Office


@pytest.fixture
def company(engine: Engine) -> Company:
    return Company(engine)


@pytest.fixture
async def office(app: FastAPI, company: Company) -> AsyncIterator[Office]:
    office = Office(company, app)
    yield office
    await office.close()
