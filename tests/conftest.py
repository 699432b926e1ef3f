"""What every test may ask for."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import HealthCheck, settings

from tests.databases import MISSING, has_postgres, postgres

# How long something takes decides no test: the machine may be busy with others.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


# What is compiled once is kept, whatever the environment asks for: every worker of the suite, and
# every program that a test starts, would compile all of it again.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

LONG = (
    *("in_the_browser", "crashes", "everywhere", "walk", "running", "drill", "hostile"),
    *("dialling", "console_coverage", "canaries", "steps_that_fail", "checking", "store"),
)
"""Files of tests that take long, the longest first: they begin before the others."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the long files begin, so that no worker is left with one when the others have ended."""
    begins = {f"test_{name}": place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: begins.get(item.path.stem, len(LONG)))


def pytest_collection_finish() -> None:
    """What is there by now stays, so the rubbish need not be looked for in it."""
    gc.collect()
    gc.freeze()


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
