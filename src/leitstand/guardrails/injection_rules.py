"""Which phrases of a text speak to the model behind the workflow? The phrases are in ``injection_rules.toml``."""

import functools
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import re2

_GAP = r"[^.!?\n]{0,40}?"
_LOOSE_GAP = r"[^.!?\n]*?"
_BLANK = "[^a-z0-9äöüß]{0,4}"
_LETTER = "[a-zäöüß]"
_EDGE = r"(?:^|\b|[^a-z0-9äöüß])"
_MEMORY = 256 << 20


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase found: the rule's reason and the stretch of the searched text."""

    reason: str
    start: int
    end: int


def hits(text: str) -> tuple[Hit, ...]:
    """The first place of every rule that ``text`` breaks; ``text`` in lower case."""
    found = []
    for number in together().Match(text) or ():
        reason, pattern = _alone(number)
        match = pattern.search(text)
        if match is not None:
            found.append(_trimmed(reason, text, match.start(), match.end()))
    return tuple(found)


def suspicious(texts: Sequence[str]) -> bool:
    """Whether any of ``texts`` may break a rule: one scan of all of them together, which misses nothing.

    A line break between two texts is an edge for every rule, as the beginning and the end of a text are.
    """
    return bool(together().Match("\n".join(texts)))


def _trimmed(reason: str, text: str, start: int, end: int) -> Hit:
    """Without the character before the first word that marks its edge."""
    edge = start < end and not text[start].isalnum() and text[start] not in "<[#!"
    return Hit(reason, start + edge, end)


def patterns(gap: str = _GAP) -> tuple[tuple[str, str], ...]:
    """Reason and RE2 pattern of every rule."""
    read = tomllib.loads(files(__package__).joinpath("injection_rules.toml").read_text("utf-8"))
    return tuple(
        (reason, _expanded(rule, read["fragments"], gap)) for reason, rules in read["rules"].items() for rule in rules
    )


def _expanded(rule: str, fragments: dict[str, str], gap: str) -> str:
    """RE2 knows word edges in ASCII only, and its Unicode classes make the set slow to compile: hence our own."""
    for name, fragment in fragments.items():
        rule = rule.replace(f"<{name}>", fragment)
    rule = rule.replace(" ", _BLANK).replace("~", gap)
    return rule.replace(r"\pL", _LETTER).replace(r"\b", _EDGE)


@functools.cache
def together() -> re2.Set:
    """One set that scans a text once for all rules.

    It does not count the letters of gaps, because the counters of a hundred rules multiply. Its memory is ample: a set
    that runs out of it misses in silence.
    """
    made = re2.Set.SearchSet(_options())
    for _, pattern in patterns(_LOOSE_GAP):
        made.Add(pattern)
    made.Compile()
    return made


@functools.cache
def _alone(number: int) -> "tuple[str, re2._Regexp]":
    """A rule by itself, to say where; most texts break none, so that most rules are never compiled."""
    reason, pattern = _rules()[number]
    return reason, re2.compile(pattern, _options())


_rules = functools.cache(patterns)


def _options() -> re2.Options:
    options = re2.Options()
    options.max_mem = _MEMORY
    return options
