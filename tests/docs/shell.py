"""What does a reader see who types the commands of a page, one after the other, into one shell?"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from leitstand.testing.ports import free_port

PATIENCE = 60.0
"""Seconds that a server of a page may take until it answers."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command and the lines that the page shows below it."""

    text: str
    shown: str


def commands(code: str) -> Iterator[Command]:
    """The commands of a ``console`` block: ``$`` begins one, ``>`` continues it, the rest is what they print."""
    typed: list[str] = []
    shown: list[str] = []
    for line in code.splitlines():
        if line.startswith("$ "):
            if typed:
                yield Command(text="\n".join(typed), shown="\n".join(shown))
            typed, shown = [line[2:]], []
        elif line.startswith("> ") and not shown:
            typed.append(line[2:])
        else:
            shown.append(line)
    if not typed:
        raise ValueError("a console block without a line that begins with '$ '")
    yield Command(text="\n".join(typed), shown="\n".join(shown))


def fits(shown: str, printed: str) -> bool:
    """Whether the output is what the page shows; ``...`` stands for anything, showing nothing promises nothing."""
    if not shown.strip():
        return True
    pattern = ".*".join(map(re.escape, "\n".join(map(str.rstrip, shown.strip().splitlines())).split("...")))
    return re.fullmatch(pattern, "\n".join(map(str.rstrip, printed.strip().splitlines())), re.DOTALL) is not None


class Shell:
    """One bash in one folder, with this environment's commands first on the path; what it starts ends with it.

    Port 8420 of the pages becomes a free one, so that pages may be read side by side.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        here = Path(sys.executable).parent
        environment = {
            "PATH": f"{here}:{os.environ['PATH']}",
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "LEITSTAND_PORT": str(self.port),
            "COLUMNS": "120",
            "no_proxy": "*",
        }
        self.process = subprocess.Popen(
            ["bash", "--norc", "--noprofile"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()

    def adapted(self, text: str) -> str:
        """Text of a page with this shell's port."""
        return text.replace("8420", str(self.port))

    def run(self, text: str) -> tuple[int, str]:
        """Exit code and output of a command; one that ends with ``&`` has begun when it says its address."""
        text = self.adapted(text)
        if text.rstrip().endswith("&"):
            return self._begin(text.rstrip()[:-1])
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{text}\nprintf '\\n--- ended %d\\n' $?\n")
        self.process.stdin.flush()
        printed = ""
        for line in self.process.stdout:
            if line.startswith("--- ended "):
                return int(line.split()[-1]), printed
            printed += line
        raise AssertionError(f"the shell ended in the middle of: {text}\n{printed}")

    def _begin(self, text: str) -> tuple[int, str]:
        self.run(f"{text} > server.log 2>&1 < /dev/null & sleep 0")
        log = self.folder / "server.log"
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            said = log.read_text(encoding="utf-8") if log.exists() else ""
            if f"http://127.0.0.1:{self.port}" in said:
                return 0, said
            time.sleep(0.05)
        return 1, log.read_text(encoding="utf-8")
