"""How is the input of a case cleaned before anything else looks at it? Evaluation runs this same code."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from leitstand.domain.message import ConversationUnreadable
from leitstand.domain.workflow import Normalisation
from leitstand.language.detect import detected
from leitstand.runtime.mail import MailParts, split_mail

LARGEST_GROWTH = 4
"""Repairing makes no text longer than this many times its characters: ligatures and composed characters may unfold."""

_ROUNDS = 8
_DEEPEST = 64

_LINE_END = re.compile("\r\n|[\r\x0b\x0c\u2028\u2029]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
"""Control characters, direction overrides, soft hyphens, and the tag characters in which text hides from readers."""

_PLAIN = re.compile("[\t\n -~äöüÄÖÜß§€„“”‚‘’–—…]*")
"""What nearly all texts consist of, and what no repair changes: looking for mojibake costs more than all the rest."""

_CLEAN = re.compile(r"[!-~äöüÄÖÜß§€„“”‚‘’–—…](?: ?[!-~äöüÄÖÜß§€„“”‚‘’–—…])*+")
"""A line of those without a blank too many: nothing of it is ever changed."""

_SPACES = re.compile(r"[^\S\n]")
_BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Normalised:
    """The cleaned input.

    ``fields`` is the whole input with its text cleaned; ``text`` that text without the mail history in ``quoted`` and
    the ``signature``; ``language`` one of the workflow's; ``changes`` the codes of what was done, of
    ``line_endings``, ``unicode``, ``whitespace``, ``other_fields``, ``quoted`` and ``signature``.
    """

    fields: dict[str, object]
    text: str
    language: str
    quoted: str = ""
    signature: str = ""
    changes: tuple[str, ...] = ()


def normalise(given: Mapping[str, object], settings: Normalisation) -> Normalised:
    """Clean an input: the text field thoroughly, every other text in it by Unicode repair only.

    Pure, never raises; what it gave comes out of it unchanged. Sizes were judged at intake.
    """
    if settings.messages:
        return _conversation(given, settings)
    raw = given.get(settings.text)
    others = {name: _repaired_inside(value) for name, value in given.items() if name != settings.text}
    changes = ["other_fields"] if any(others[name] != given[name] for name in others) else []
    if not isinstance(raw, str):
        return Normalised(fields={**given, **others}, text="", language=settings.languages[0], changes=tuple(changes))
    text = _cleaned(raw, changes)
    parts = split_mail(text) if settings.strip_quoted else MailParts(text=text)
    changes += [name for name in ("quoted", "signature") if getattr(parts, name)]
    return Normalised(
        fields={**given, **others, settings.text: parts.text},
        text=parts.text,
        language=detected(parts.text, settings.languages) or settings.languages[0],
        quoted=parts.quoted,
        signature=parts.signature,
        changes=tuple(changes),
    )


def _conversation(given: Mapping[str, object], settings: Normalisation) -> Normalised:
    """A chat stays as it came, code and white space included; only its language is found."""
    try:
        text = settings.text_of(given)
    except ConversationUnreadable:
        text = ""
    language = detected(text, settings.languages) or settings.languages[0]
    return Normalised(fields=dict(given), text=text, language=language)


def repaired(text: str) -> str:
    """``text`` with its Unicode repaired and normalised to NFC, and without characters that nobody sees.

    One repair may uncover the next, so it goes on until nothing changes any more.
    """
    if _PLAIN.fullmatch(text):
        return text
    import ftfy  # most texts are plain: a start does not wait for it, and many a process never loads it

    # Mojibake, ligatures, widths, lone surrogates, NFC. HTML and curly quotes are what the sender wrote, so they stay.
    config = ftfy.TextFixerConfig(unescape_html=False, uncurl_quotes=False, explain=False)
    for _ in range(_ROUNDS):
        before, text = text, _INVISIBLE.sub("", ftfy.fix_text(text, config))
        if text == before:
            break
    return text


def _cleaned(text: str, changes: list[str]) -> str:
    """Until nothing changes any more; ``changes`` gets the codes."""
    if _CLEAN.fullmatch(text):
        return text
    for _ in range(_ROUNDS):
        start = text
        for code, clean in (
            ("line_endings", _with_plain_lines),
            ("unicode", repaired),
            ("whitespace", _with_plain_spaces),
        ):
            before, text = text, clean(text)
            if text != before and code not in changes:
                changes.append(code)
        if text == start:
            break
    return text


def _with_plain_lines(text: str) -> str:
    return _LINE_END.sub("\n", text)


def _with_plain_spaces(text: str) -> str:
    """Every blank is a plain one, no line ends with one, and at most one line stays empty between two others."""
    lines = (line.rstrip() for line in _SPACES.sub(" ", text).split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def _repaired_inside(value: object, left: int = _DEEPEST) -> object:
    """``value`` with every text in it repaired; below 64 levels nothing is touched."""
    if isinstance(value, str):
        return repaired(_with_plain_lines(value))
    if left and isinstance(value, dict):
        return {key: _repaired_inside(inner, left - 1) for key, inner in value.items()}
    if left and isinstance(value, list):
        return [_repaired_inside(inner, left - 1) for inner in value]
    return value
