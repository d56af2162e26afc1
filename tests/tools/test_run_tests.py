"""Does the command behind `make test` say in its last line what came out, and in its exit code whether it was good?"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GOOD = "def test_good():\n    assert True\n"
ALONE = "import pytest\n\n@pytest.mark.alone\ndef test_alone():\n    assert True\n"
BAD = "def test_bad():\n    assert False\n"
WARNS = "import warnings\n\n\ndef test_warns():\n    warnings.warn('old', DeprecationWarning)\n"


@pytest.mark.parametrize(
    ("source", "code", "closing"),
    [
        (GOOD + ALONE, 0, "2 passed"),
        (GOOD + BAD + WARNS + ALONE, 1, "2 failed, 2 passed"),
        ("", 5, "0 passed"),
    ],
    ids=["good", "bad", "none"],
)
def test_both_runs_are_summed_up(tmp_path: Path, source: str, code: int, closing: str) -> None:
    file = tmp_path / "test_sample.py"
    file.write_text(source)
    command = [sys.executable, str(ROOT / "tools" / "run_tests.py"), "-p", "no:cacheprovider", str(file)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == code, ran.stdout
    assert re.fullmatch(rf"{closing} in [\d.]+s", ran.stdout.splitlines()[-1])
