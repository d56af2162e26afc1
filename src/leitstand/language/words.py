"""Which words is a text made of, which of them carry content, and what are their stems?

German and English. Two texts are comparable only when both were read in the same language.
"""

import functools
import re
import unicodedata
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from leitstand.language.stems import english, german

WORD = re.compile(r"\d+(?:[.,:]\d+)*[^\W\d_]*|[^\W_]+(?:['’][^\W\d_]+)*")
_STEMMERS = {"de": german, "en": english}

MOST_REMEMBERED = 30_000
"""Words of a language whose forms are kept; a text that brings more of them begins anew."""

T = TypeVar("T")


class Form(NamedTuple):
    """What a word is wherever it stands in texts of one language: folded, its stem, and what it does there."""

    folded: str
    stem: str
    carries_content: bool
    is_negation: bool
    attributes: bool


class Word(NamedTuple):
    """A word with its place (``end`` exclusive, in characters) and its form."""

    text: str
    start: int
    end: int
    form: Form

    @property
    def folded(self) -> str:
        """The word without case, compatibility forms and curly apostrophes."""
        return self.form.folded

    @property
    def stem(self) -> str:
        """What its inflected forms have in common."""
        return self.form.stem


def _list(text: str) -> frozenset[str]:
    return frozenset(text.split())


STOP_WORDS = {
    "de": _list(
        "aber alle allem allen aller alles als also am an andere anderen anderer anderes auch auf aus bei "
        "beim bereits bin bis bist da dabei dadurch dafür damit dann daran darauf daraus darf darin das dass "
        "daß davon dazu dem den denen denn der deren des dessen deshalb dessen dich die dies diese diesem "
        "diesen dieser dieses dir doch dort du durch dürfen ein eine einem einen einer eines einige einigen "
        "einiger er es etwa etwas euch euer falls für gibt hab habe haben hat hatte hatten her hier hin ich "
        "ihm ihn ihnen ihr ihre ihrem ihren ihrer ihres im in indem ins ist ja je jede jedem jeden jeder "
        "jedes jedoch jene jetzt kann kannst können könnte könnten lassen lässt machen man manche mehr mein "
        "meine meinem meinen meiner meines mich mir mit mögen möglich möchte möchten müssen muss muß nach "
        "noch nun nur ob obwohl oder sehr sein seine seinem seinen seiner seines seit selbst sich sie sind so "
        "sobald sodass solche sollen sollte sollten soll somit sondern sonst sowie über um und uns unser "
        "unsere unter usw viel viele vielen vom von vor wann war waren warum was weil welche welchem welchen "
        "welcher welches wenn wer werde werden wie wieder wieso will wir wird wirst wo wobei wodurch wohin "
        "wollen worden wurde wurden während zu zum zur zwar zwischen"
    ),
    "en": _list(
        "a about above after again all also am an and any are as at be because been before being below "
        "between both but by can could did do does doing done down during each either else even every few for "
        "from further get gets got had has have having he her here hers herself him himself his how however i "
        "if in into is it its itself just let like made make makes many may me might more most much must my "
        "myself of off on once one ones only onto or other our ours out over own please rather same shall she "
        "should so some such than that the their theirs them then there these they this those though through "
        "thus to too under until up upon us very via was we were what when where whether which while who whom "
        "whose why will with within would you your yours yourself it's i'm i've you're that's there's what's "
        "i'd you'd let's he's she's we're they're"
    ),
}
NEGATIONS = {
    "de": _list(
        "nicht kein keine keinem keinen keiner keines nie niemals nirgends nirgendwo nichts niemand niemandem "
        "niemanden ohne weder"
    ),
    "en": _list(
        "not no never none nothing nobody nowhere neither nor without cannot can't don't doesn't didn't isn't "
        "aren't wasn't weren't won't wouldn't shouldn't couldn't mustn't haven't hasn't hadn't needn't ain't"
    ),
}
ATTRIBUTION = {
    "de": _list(
        "quelle quellen dokument dokumente dokuments text texts passage passagen abschnitt artikel angabe "
        "angaben laut zufolge gemäß heißt gilt kurz kurzum gesagt zusammengefasst zusammenfassend steht "
        "beschreibt nennt besagt erwähnt folgendes antwort frage ja genau klar natürlich gerne gern danke "
        "stimmt richtig wahr"
    ),
    "en": _list(
        "source sources document documents text passage passages section article states stated state says "
        "said mentions mentioned describes described following according short briefly summary sum answer "
        "question yes sure true absolutely definitely indeed certainly right correct"
    ),
}
"""Words with which a draft speaks of its sources or to its reader; no source needs to know them."""
_EITHER_STOPS = STOP_WORDS["de"] | STOP_WORDS["en"]


def fold(text: str) -> str:
    """Case, compatibility forms and curly apostrophes removed."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", text).casefold().replace("’", "'")


def language_of(text: str, otherwise: str) -> str:
    """``de`` or ``en`` by counting function words in the first 2,000 characters; ``otherwise`` when they tie."""
    surplus = sum(map(_LEANINGS.__getitem__, WORD.findall(text[:2000])))
    if surplus:
        return "de" if surplus > 0 else "en"
    return otherwise if otherwise in _STEMMERS else "en"


def words(text: str, language: str) -> list[Word]:
    """Every word of ``text`` in order; unknown languages are stemmed as English."""
    found: list[Word] = []
    known, end = _forms(language), 0
    for word in WORD.findall(text):
        # Between two words stands no letter and no digit, so the next place where it is found is its own.
        start = text.index(word, end)
        end = start + len(word)
        found.append(Word(word, start, end, known[word]))
    return found


def forms(text: str, language: str) -> tuple[Form, ...]:
    """The forms of the words of ``text``, without their places, which take most of the time."""
    known = _forms(language)
    return tuple([known[word] for word in WORD.findall(text)])


def carries_content(word: Word | Form, language: str) -> bool:
    """Whether ``word`` is neither a function word nor a negation of ``language``."""
    return word.folded not in STOP_WORDS.get(language, _EITHER_STOPS) and not is_negation(word, language)


def is_negation(word: Word | Form, language: str) -> bool:
    """Whether ``word`` turns a statement into its opposite."""
    return word.folded in NEGATIONS.get(language, NEGATIONS["en"])


def attributes(word: Word | Form, language: str) -> bool:
    """Whether ``word`` may speak of the sources instead of the matter."""
    return word.folded in ATTRIBUTION.get(language, ATTRIBUTION["en"])


def form(word: str, language: str) -> Form:
    """The form of one word."""
    return _forms(language)[word]


def _forms(language: str) -> "_Remembered[Form]":
    return _FORMS.get(language, _FORMS[""])


def _form(language: str, word: str) -> Form:
    folded = fold(word)
    bare = Form(folded, _STEMMERS.get(language, english)(folded), False, False, False)
    return Form(*bare[:2], carries_content(bare, language), is_negation(bare, language), attributes(bare, language))


def _leaning(word: str) -> int:
    """1 for a German function word, -1 for an English one, 0 for both and for neither."""
    folded = fold(word)
    german = folded in STOP_WORDS["de"] or folded in NEGATIONS["de"]
    return german - (folded in STOP_WORDS["en"] or folded in NEGATIONS["en"])


class _Remembered(dict[str, T]):
    """What is known of words: the same few thousand make up nearly all texts. Numbers and codes seldom come again."""

    def __init__(self, find: Callable[[str], T]) -> None:
        self._find = find

    def __missing__(self, word: str) -> T:
        found = self._find(word)
        if not any(map(str.isdigit, word)):
            if len(self) >= MOST_REMEMBERED:
                self.clear()
            self[word] = found
        return found


_FORMS = {language: _Remembered(functools.partial(_form, language)) for language in (*_STEMMERS, "")}
_LEANINGS = _Remembered(_leaning)
