"""One company for all tests of the sandbox: it takes seconds to write down."""

from datetime import date

import pytest

from app.sandbox.company import Company, build_company
from app.sandbox.truth import Truth, truth_of
from app.sandbox.worlds import Records, build_records

AS_OF = date(2026, 11, 20)


@pytest.fixture(scope="session")
def company() -> Company:
    return build_company(as_of=AS_OF)


@pytest.fixture(scope="session")
def records(company: Company) -> Records:
    return build_records(company)


@pytest.fixture(scope="session")
def truth(company: Company) -> Truth:
    return truth_of(company)
