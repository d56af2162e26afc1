"""Which keys work on which page? One table for handlers, hints and the sheet of keys."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).parents[1] / "keys.toml"


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """One line of the table; ``key`` is what ``KeyboardEvent.key`` says in lower case, ``help`` a template."""

    action: str
    page: str
    key: str
    help: str

    @property
    def strokes(self) -> tuple[str, ...]:
        """The key caps to show, one after the other."""
        return tuple(
            SHOWN.get(part, part.upper() if len(part) == 1 else part)
            for part in self.key.replace("mod+", "mod ").split()
        )


SHOWN = {"mod": "Ctrl", "Escape": "Esc", "1-9": "1 – 9"}


@cache
def table() -> tuple[Key, ...]:
    """All keys, in the order of the file."""
    entries = tomllib.loads(TABLE.read_text(encoding="utf-8"))["key"]
    return tuple(Key(**entry) for entry in entries)


def keys_of(page: str) -> tuple[Key, ...]:
    """The keys of one page, those of all pages last."""
    return tuple(sorted((key for key in table() if key.page in (page, "all")), key=lambda key: key.page == "all"))


def hint_of(action: str) -> Key:
    """The first key of an action, to hint at on its button; raises ``StopIteration`` for an action that has none."""
    return next(key for key in table() if key.action == action)


def collisions(keys: Iterable[Key]) -> list[tuple[str, str]]:
    """Keys that mean two things on one page, as (page, key); a digit range covers its digits."""
    found, keys = [], tuple(keys)
    for name in sorted({key.page for key in keys} | {"other"}):
        caps = [cap for key in keys if key.page in (name, "all") for cap in _caps(key.key)]
        begun = {cap.split()[0] for cap in caps if " " in cap}
        found += [(name, cap) for cap in sorted(set(caps)) if caps.count(cap) > 1 or cap in begun]
    return found


def _caps(key: str) -> Iterable[str]:
    """The strokes of an entry: a range of digits is nine of them."""
    if key == "1-9":
        return [str(digit) for digit in range(1, 10)]
    return [key]
