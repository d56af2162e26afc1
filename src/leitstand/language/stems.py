"""What have the inflected forms of a German or English word in common?

The Snowball algorithms of release 3.1 for ``german`` and ``english`` (Porter 2001, "Snowball: A language for stemming
algorithms"), written with string methods. A test holds them against Snowball's own Python, letter for letter, which
takes ten times as long (docs/decisions/0301). The names of the steps are those of snowballstem.org.
"""

import re
from collections.abc import Collection

_GERMAN_VOWELS = "aeiouyäöü"
_GERMAN_REGION = re.compile(f"[^{_GERMAN_VOWELS}]*[{_GERMAN_VOWELS}]+[^{_GERMAN_VOWELS}]", re.DOTALL)
_BETWEEN_VOWELS = re.compile(f"[{_GERMAN_VOWELS}][uy][{_GERMAN_VOWELS}]")
_TWO_LETTERS = re.compile("qu|ß|ae|oe|ue")
_UMLAUTS = {"qu": "qu", "ß": "ss", "ae": "ä", "oe": "ö", "ue": "ü"}
_PLAIN = str.maketrans("UYäöü", "uyaou")
_GERMAN_1 = frozenset(("e", "em", "en", "erinnen", "erin", "ln", "ern", "er", "s", "es", "lns"))
_GERMAN_2 = frozenset(("en", "er", "et", "st", "est"))
_GERMAN_3 = frozenset(("end", "ig", "ung", "lich", "isch", "ik", "heit", "keit"))
_BEFORE_S = frozenset("bdfghklmnrt")
_BEFORE_ST = frozenset("bdfghklmnt")
_BEFORE_ET = frozenset("Udfgklmnrstzä")
_KEEPS_ET = ("tick", "plan", "geordn", "intern", "tr")

_VOWELS = "aeiouy"
_REGION = re.compile(f"[^{_VOWELS}]*[{_VOWELS}]+[^{_VOWELS}]", re.DOTALL)
_HAS_VOWEL = re.compile(f"[{_VOWELS}]")
_SHORT = re.compile(f"(?:[^{_VOWELS}][{_VOWELS}][^{_VOWELS}wxY]|^[{_VOWELS}][^{_VOWELS}]|past)\\Z", re.DOTALL)
_PREFIX = re.compile("arsen|commun|emerg|gener|inter|later|organ|past|univers")
_WHOLE = {
    "skis": "ski", "skies": "sky", "idly": "idl", "gently": "gentl", "ugly": "ugli", "early": "earli", "only": "onli",
    "singly": "singl",
} | {word: word for word in ("andes", "atlas", "bias", "cosmos", "howe", "news", "sky")}  # fmt: skip
_STEP_1A = frozenset(("ied", "s", "ies", "sses", "ss", "us"))
_STEP_1B = frozenset(("ed", "eed", "ing", "edly", "eedly", "ingly"))
_KEEPS_EED = ("succ", "proc", "exc")
_KEEPS_ING = ("even", "cann", "inn", "earr", "herr", "out")
_DOUBLES = ("bb", "dd", "ff", "gg", "mm", "nn", "pp", "rr", "tt")
_STEP_2 = {
    "anci": "ance", "enci": "ence", "ogi": "og", "li": "", "bli": "ble", "abli": "able", "alli": "al", "fulli": "ful",
    "lessli": "less", "ousli": "ous", "entli": "ent", "aliti": "al", "biliti": "ble", "iviti": "ive", "tional": "tion",
    "ational": "ate", "alism": "al", "ation": "ate", "ization": "ize", "izer": "ize", "ator": "ate", "iveness": "ive",
    "fulness": "ful", "ousness": "ous", "ogist": "og",
}  # fmt: skip
_BEFORE_LI = frozenset("cdeghkmnrt")
_STEP_3 = {
    "icate": "ic", "ative": "", "alize": "al", "iciti": "ic", "ical": "ic", "tional": "tion", "ational": "ate",
    "ful": "", "ness": "",
}  # fmt: skip
_STEP_4 = frozenset(
    (
        "ic", "ance", "ence", "able", "ible", "ate", "ive", "ize", "iti", "al", "ism", "ion", "er", "ous", "ant", "ent",
        "ment", "ement",
    )
)  # fmt: skip


def german(word: str) -> str:
    """The stem of a German word in lower case."""
    if _BETWEEN_VOWELS.search(word):
        word = _consonants_marked(word, _GERMAN_VOWELS, "uy", before=_GERMAN_VOWELS)
    word = _TWO_LETTERS.sub(lambda pair: _UMLAUTS[pair.group()], word)
    first = second = len(word)
    if len(word) >= 3:
        first, second = _regions(_GERMAN_REGION, word, 0)
        first = max(first, 3)
    word = _german_3(_german_2(_german_1(word, first), first), first, second)
    for suffix in ("'sch", "'s", "'"):
        if word.endswith(suffix):
            word = word[: -len(suffix)] if len(word) - len(suffix) >= 2 else word
            break
    return word.translate(_PLAIN)


def english(word: str) -> str:
    """The stem of an English word in lower case."""
    if word in _WHOLE:
        return _WHOLE[word]
    if len(word) < 3:
        return word
    word = word.removeprefix("'")
    if "y" in word:
        word = "Y" + word[1:] if word[0] == "y" else word
        word = _consonants_marked(word, _VOWELS, "y")
    prefix = _PREFIX.match(word)
    first, second = _regions(_REGION, word, prefix.end() if prefix else 0)
    if prefix:
        first, second = prefix.end(), first
    word = _step_1c(_step_1b(_step_1a(word), first))
    word = _replaced(word, _STEP_2, 7, first)
    word = _step_5(_step_4(_step_3(word, first, second), second), first, second)
    return word.replace("Y", "y")


def _consonants_marked(word: str, vowels: str, marked: str, before: str = "") -> str:
    """Capitals for those of the letters ``marked`` that are consonants after a vowel, and ``before`` one if given."""
    letters = list(word)
    for place in range(1, len(letters) - bool(before)):
        if letters[place] in marked and letters[place - 1] in vowels and (not before or letters[place + 1] in before):
            letters[place] = letters[place].upper()
    return "".join(letters)


def _regions(region: re.Pattern[str], word: str, start: int) -> tuple[int, int]:
    """Where the first and the second region behind ``start`` begin: R1 and R2; the length when there is none."""
    first = region.match(word, start)
    second = region.match(word, first.end()) if first else None
    return first.end() if first else len(word), second.end() if second else len(word)


def _suffix(word: str, suffixes: Collection[str], longest: int) -> str:
    """The longest of ``suffixes`` with which the word ends."""
    for length in range(min(longest, len(word)), 0, -1):
        if word[-length:] in suffixes:
            return word[-length:]
    return ""


def _german_1(word: str, first: int) -> str:
    suffix = _suffix(word, _GERMAN_1, 7)
    stem = word[: len(word) - len(suffix)]
    if not suffix or len(stem) < first:
        return word
    if suffix in ("ln", "lns"):
        return stem + "l"
    if suffix == "s":
        return stem if stem[-1:] in _BEFORE_S else word
    if suffix == "em":
        return word if stem.endswith("syst") else stem
    return stem[:-1] if suffix in ("e", "en", "es") and stem.endswith("niss") else stem


def _german_2(word: str, first: int) -> str:
    suffix = _suffix(word, _GERMAN_2, 3)
    stem = word[: len(word) - len(suffix)]
    if not suffix or len(stem) < first:
        return word
    if suffix == "st":
        return stem if stem[-1:] in _BEFORE_ST and len(stem) > 3 else word
    if suffix == "et":
        return stem if stem[-1:] in _BEFORE_ET and not stem.endswith(_KEEPS_ET) else word
    return stem


def _german_3(word: str, first: int, second: int) -> str:
    suffix = _suffix(word, _GERMAN_3, 4)
    stem = word[: len(word) - len(suffix)]
    if not suffix or len(stem) < second:
        return word
    if suffix in ("ig", "isch", "ik"):
        return word if stem.endswith("e") else stem
    if suffix in ("end", "ung"):
        further, least = "" if stem.endswith("eig") else _suffix(stem, ("ig",), 2), second
    elif suffix == "keit":
        further, least = _suffix(stem, ("ig", "lich"), 4), second
    else:
        further, least = _suffix(stem, ("er", "en"), 2), first
    return stem[: -len(further)] if further and len(stem) - len(further) >= least else stem


def _step_1a(word: str) -> str:
    word = word.removesuffix(_suffix(word, ("'", "'s", "'s'"), 3))
    suffix = _suffix(word, _STEP_1A, 4)
    stem = word[: len(word) - len(suffix)]
    if suffix == "sses":
        return stem + "ss"
    if suffix in ("ied", "ies"):
        return stem + ("i" if len(stem) >= 2 else "ie")
    return stem if suffix == "s" and _HAS_VOWEL.search(stem[:-1]) else word


def _step_1b(word: str, first: int) -> str:
    suffix = _suffix(word, _STEP_1B, 5)
    stem = word[: len(word) - len(suffix)]
    if not suffix:
        return word
    if suffix in ("eed", "eedly"):
        return stem + "ee" if len(stem) >= first and stem not in _KEEPS_EED else word
    if suffix == "ing":
        if len(stem) == 2 and stem[1] == "y" and stem[0] not in _VOWELS:
            return stem[0] + "ie"
        if stem in _KEEPS_ING:
            return word
    return _completed(stem, first) if _HAS_VOWEL.search(stem) else word


def _completed(stem: str, first: int) -> str:
    """What step 1b does once an ending is gone."""
    if stem.endswith(("at", "bl", "iz")):
        return stem + "e"
    if stem.endswith(_DOUBLES):
        return stem if len(stem) == 3 and stem[0] in "aeo" else stem[:-1]
    return stem + "e" if len(stem) == first and _SHORT.search(stem) else stem


def _step_1c(word: str) -> str:
    return word[:-1] + "i" if word[-1:] in ("y", "Y") and len(word) > 2 and word[-2] not in _VOWELS else word


def _replaced(word: str, table: dict[str, str], longest: int, first: int) -> str:
    """Step 2 and the part of step 3 that it shares with it."""
    suffix = _suffix(word, table, longest)
    stem = word[: len(word) - len(suffix)]
    if not suffix or len(stem) < first:
        return word
    if (suffix == "li" and stem[-1:] not in _BEFORE_LI) or (suffix == "ogi" and not stem.endswith("l")):
        return word
    return stem + table[suffix]


def _step_3(word: str, first: int, second: int) -> str:
    if word.endswith("ative") and len(word) - 5 < second:
        return word
    return _replaced(word, _STEP_3, 7, first)


def _step_4(word: str, second: int) -> str:
    suffix = _suffix(word, _STEP_4, 5)
    stem = word[: len(word) - len(suffix)]
    if not suffix or len(stem) < second or (suffix == "ion" and stem[-1:] not in ("s", "t")):
        return word
    return stem


def _step_5(word: str, first: int, second: int) -> str:
    stem = word[:-1]
    if word.endswith("e"):
        return stem if len(stem) >= second or (len(stem) >= first and not _SHORT.search(stem)) else word
    return stem if word.endswith("ll") and len(stem) >= second else word
