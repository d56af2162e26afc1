"""In which step was each case when the process died? A file in memory that outlives a SIGKILL says so."""

import mmap
from collections import Counter
from pathlib import Path

SLOTS = 4096
STEPS = ("normalise", "retrieve", "draft", "check", "decide", "deliver", "accept", "review")


class Marks:
    """One byte for each case under way: 0 for none, else the place of its step in ``STEPS`` plus one."""

    def __init__(self, path: Path) -> None:
        path.touch()
        with path.open("r+b") as file:
            file.truncate(SLOTS)
            self._map = mmap.mmap(file.fileno(), SLOTS)
        self._free = list(range(SLOTS))

    def enter(self, step: str) -> int:
        """Note that a case is in ``step``; returns the slot to leave."""
        slot = self._free.pop()
        self._map[slot] = STEPS.index(step) + 1
        return slot

    def leave(self, slot: int) -> None:
        """Note that the step is over."""
        self._map[slot] = 0
        self._free.append(slot)

    def clear(self) -> None:
        """Forget what a dead process noted."""
        self._map[:] = bytes(SLOTS)

    def count(self) -> Counter[str]:
        """How many cases are in each step."""
        places = Counter(self._map[:])
        return Counter({step: places[place] for place, step in enumerate(STEPS, 1) if places[place]})
