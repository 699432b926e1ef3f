"""What every test may ask for."""

from __future__ import annotations

import pytest


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
