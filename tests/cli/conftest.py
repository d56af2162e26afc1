"""How do tests run a command as a person would: the real program, its two streams, its exit code?"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pytest


@dataclass(frozen=True)
class Said:
    """What a command said and how it left."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> object:
        """Standard output as JSON."""
        return json.loads(self.out)


Leitstand = Callable[..., Said]


@pytest.fixture
def leitstand(tmp_path: Path) -> Leitstand:
    """Run ``leitstand`` in a folder of its own."""

    def run(
        *arguments: object,
        given: str | bytes = b"",
        language: str = "en",
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> Said:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("LEITSTAND_")}
        environment |= {
            "LEITSTAND_LANGUAGE": language,
            "LEITSTAND_CACHE": str(tmp_path / "cache"),
            "NO_COLOR": "1",
            **settings,
        }
        ran = subprocess.run(
            [sys.executable, "-m", "leitstand.cli", *map(str, arguments)],
            input=given.encode() if isinstance(given, str) else given,
            capture_output=True,
            cwd=tmp_path,
            env=environment,
            timeout=120,
            check=False,
        )
        return Said(ran.returncode, ran.stdout.decode(), ran.stderr.decode())

    return run
