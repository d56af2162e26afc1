"""Which secrets do the tests of deployment have? Those that deploy/compose/secrets.sh makes."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.deploy.reading import DEPLOY


@pytest.fixture(scope="session")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """What deploy/compose/secrets.sh makes: its folder, and the password that it prints."""
    folder = tmp_path_factory.mktemp("compose")
    shutil.copy(DEPLOY / "compose/secrets.sh", folder)
    made = subprocess.run([folder / "secrets.sh"], capture_output=True, text=True, check=True, timeout=60).stdout
    printed = re.search(r"operator signs in with (\S+)", made)
    assert printed
    return folder / "secrets", printed[1]
