"""What do all tests share? An environment in which nothing is set, and the folder of the licensed test data."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from tests.postgres import postgres_database, postgres_server

__all__ = ["postgres_database", "postgres_server"]

DATA = Path(__file__).parent / "data"

# A property says what holds, not how quick the machine is: an example may have to wait for other processes.
settings.register_profile("leitstand", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("leitstand")


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of whoever runs the tests reaches a test, nor a proxy."""
    for name in list(os.environ):
        if name.startswith("LEITSTAND_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of the licensed test data."""
    return DATA
