"""What every test may ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog
from hypothesis import HealthCheck, settings

from tests.databases import MISSING, has_postgres, postgres

# How long something takes decides no test: the machine may be busy with others.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--record",
        action="store_true",
        help="write tests/recordings anew from what the line does now, for review as a diff",
    )


@pytest.fixture(scope="session")
def record(request: pytest.FixtureRequest) -> bool:
    """Whether recordings are to be written rather than compared."""
    return bool(request.config.getoption("--record"))


@pytest.fixture
def hears_everything() -> None:
    """Whatever level of log another test has left behind."""
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of one Postgres for all tests; each makes itself a database of its own there."""
    if not has_postgres():
        pytest.skip(MISSING)
    with postgres() as url:
        yield url
