"""One server that did some work, for all tests that look at it from outside."""

from collections.abc import Iterator

import pytest
from tests.acceptance.watched import Watched, watched


@pytest.fixture(scope="session")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    with pytest.MonkeyPatch.context() as patch, watched(tmp_path_factory.mktemp("watched"), patch) as done:
        yield done
