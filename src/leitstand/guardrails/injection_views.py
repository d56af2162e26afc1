"""In which disguises may an instruction stand in a text, and where in the original is each character?"""

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import re2

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u206a-\u206f\u3164\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f]"
)
_LOOKALIKES = str.maketrans(
    "аеорсухіјѕԁɡһӏтмнкв" + "αορνικτυε",
    "aeopcyxijsdghltmhkb" + "aopviktue",
)
_LOOKALIKE = re.compile("[" + "".join(map(chr, _LOOKALIKES)) + "]")
_ROT13 = bytes.maketrans(
    b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", b"nopqrstuvwxyzabcdefghijklmNOPQRSTUVWXYZABCDEFGHIJKLM"
)
_LEET = str.maketrans("013457@$!|", "oieastasil")
_LEET_MARK = re.compile(r"[013457@$!|]")
_LEET_WORD = re.compile(r"(?<![\w@$!|])(?=[\w@$!|]*?[013457@$!|])[\w@$!|]{3,40}(?![\w@$!|])")
_SPACED = re.compile(r"(?<!\w)(?:\w[ .\-_*]{1,3}){7,400}\w(?!\w)")
_PERHAPS_SPACED = re2.compile(r"(?s)(?:.[ .\-_*]{1,3}){7}")
_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{16,8000}={0,2}")
_PERHAPS_ENCODED = re2.compile(r"[A-Za-z0-9+/_-]{16}")
"""Those with "perhaps" in front miss nothing of the pattern above them, and say no many times sooner."""
_MOST_LETTERS = 10_000
_MOST_ENCODED = 20
_LONGEST_TURNED = 20_000


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """A text as it may be meant; ``places`` are those of its characters in the original, None: it is ``span``."""

    disguise: str
    text: str
    places: Sequence[int] | None
    span: tuple[int, int]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the original behind a stretch of the view, end exclusive."""
        if self.places is None or start >= end:
            return self.span
        first, last = self.places[start], self.places[end - 1]
        return min(first, last), max(first, last) + 1


def views(text: str) -> Iterator[View]:
    """The plain text in lower case first, then every disguise that it may be."""
    plain = _plain(text)
    yield plain
    leet = _LEET_WORD.sub(_letters, plain.text) if _LEET_MARK.search(plain.text) else plain.text
    if leet != plain.text:
        yield View(disguise="digits", text=leet, places=plain.places, span=plain.span)
    yield from _spaced(plain)
    yield from _encoded(text)
    if len(plain.text) <= _LONGEST_TURNED:
        yield View(disguise="rot13", text=_turned(plain.text), places=plain.places, span=plain.span)
        yield View(disguise="reversed", text=plain.text[::-1], places=(plain.places or ())[::-1], span=plain.span)


def _turned(text: str) -> str:
    """Each letter thirteen places on; as bytes, because only ASCII turns and bytes turn ten times as fast."""
    return text.encode("utf-8", "surrogatepass").translate(_ROT13).decode("utf-8", "surrogatepass")


def _letters(word: re.Match[str]) -> str:
    """The word with letters for digits, when it has letters too."""
    text = word.group()
    return text.translate(_LEET) if any(letter.isalpha() for letter in text) else text


def _plain(text: str) -> View:
    """Compatibility forms, lookalikes and invisible characters undone, lower case."""
    lowered = text.lower()
    if len(lowered) == len(text) and not _INVISIBLE.search(text) and (text.isascii() or _is_usual(lowered)):
        return View(disguise="", text=lowered, places=range(len(text)), span=(0, len(text)))
    letters = list(map(_LETTERS.__getitem__, text))
    plain = "".join(letters)
    if len(plain) == len(text) and "" not in letters:
        return View(disguise="", text=plain, places=range(len(text)), span=(0, len(text)))
    places = [place for place, letter in enumerate(letters) for _ in letter]
    return View(disguise="", text=plain, places=places, span=(0, len(text)))


class _Letters(dict[str, str]):
    """What each character is once it is made plain, remembered for the first few thousand that occur."""

    def __missing__(self, letter: str) -> str:
        hidden = _INVISIBLE.match(letter)
        plain = "" if hidden else unicodedata.normalize("NFKC", letter).lower().translate(_LOOKALIKES)
        if len(self) < _MOST_LETTERS:
            self[letter] = plain
        return plain


_LETTERS = _Letters()


def _is_usual(lowered: str) -> bool:
    return not _LOOKALIKE.search(lowered) and unicodedata.is_normalized("NFKC", lowered)


def _spaced(plain: View) -> Iterator[View]:
    """``i g n o r e``: single letters with one or two marks between them, joined."""
    if not _PERHAPS_SPACED.search(plain.text):
        return
    for match in _SPACED.finditer(plain.text):
        kept = [place for place in range(match.start(), match.end()) if _is_kept(plain.text, place)]
        places = [(plain.places or ())[place] for place in kept]
        yield View(disguise="spaced", text="".join(plain.text[place] for place in kept), places=places, span=plain.span)


def _is_kept(text: str, place: int) -> bool:
    """Letters, and the second of two marks: there a word ends."""
    return text[place].isalnum() or not text[place - 1].isalnum()


def _encoded(text: str) -> Iterator[View]:
    """Base64 that decodes to readable text."""
    first = _PERHAPS_ENCODED.search(text)
    if not first:
        return
    for match, _ in zip(_ENCODED.finditer(text, first.start()), range(_MOST_ENCODED), strict=False):
        token = match.group().rstrip("=").replace("-", "+").replace("_", "/")
        try:
            decoded = base64.b64decode(token + "=" * (-len(token) % 4), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
        if decoded.isprintable() or "\n" in decoded:
            yield View(disguise="base64", text=decoded.lower(), places=None, span=match.span())
