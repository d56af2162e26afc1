"""What will the next version of Leitstand look like? A copy of this one that writes more and wants more columns."""

import asyncio
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import leitstand

NOW = Path(leitstand.__file__).parent


class Version:
    """A later version in a folder of its own; ``packages`` is where Python finds it."""

    def __init__(self, folder: Path, number: str, before: "Version | None" = None) -> None:
        self.number = number
        self.packages = folder / number
        self.root = self.packages / "leitstand"
        root, earlier = (before.root, before.number) if before else (NOW, leitstand.__version__)
        shutil.copytree(root, self.root, ignore=shutil.ignore_patterns("__pycache__"))
        self._rewrite("__init__.py", f'"{earlier}"', f'"{number}"')

    def migrate(self, name: str, text: str) -> int:
        """One more step of the schema on PostgreSQL; its version."""
        steps = self.root / "stores" / "migrations" / "postgres"
        version = max(int(file.name[:4]) for file in steps.glob("*.sql")) + 1
        (steps / f"{version:04}_{name}.sql").write_text(text)
        return version

    def say_more(self) -> None:
        """The event of acceptance gets a field that this version does not know."""
        known = '    type: ClassVar[str] = "case.accepted"\n    workflow: str\n    channel: str\n'
        self._rewrite("domain/event.py", known, known + '    mood: str = "hopeful"\n')

    async def run(self, shared: Mapping[str, str], *arguments: str) -> tuple[int, str]:
        """A command of it: its exit code and all that it says."""
        environment = {**os.environ, **shared, "LEITSTAND_LANGUAGE": "en", "PYTHONPATH": str(self.packages)}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "leitstand.cli", *arguments),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=environment,
        )
        said, _ = await process.communicate()
        assert process.returncode is not None
        return process.returncode, said.decode()

    def _rewrite(self, file: str, old: str, new: str) -> None:
        path = self.root / file
        text = path.read_text()
        assert text.count(old) == 1
        path.write_text(text.replace(old, new))
