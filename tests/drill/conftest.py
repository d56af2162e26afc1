"""How do tests drill? With the demo, rehearsed once per process."""

import asyncio

import pytest

from leitstand import demo
from leitstand.drill.command import alone, unheard
from leitstand.drill.rehearse import rehearsed
from leitstand.drill.stage import Drilled
from leitstand.settings import read_settings


@pytest.fixture(scope="session")
def drilled() -> Drilled:
    """The demo, ready to be drilled."""
    with unheard():
        return asyncio.run(rehearsed(demo.FOLDER, alone(read_settings({}))))
