"""In which of a workflow's languages is a text written?"""

import copy
from collections.abc import Sequence
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

_ENOUGH = 4000
"""Characters looked at: more change the answer of no text that is in one language."""

_SURE = 0.75
"""Probability below which the first language is assumed; a text without letters gets 0.66 for English over German."""


def detect(text: str, languages: Sequence[str]) -> str:
    """The code of the language of ``text`` among ``languages``; in doubt the first of them, ``""`` when there is none.

    Naive Bayes over byte n-grams (Lui and Baldwin 2012, "langid.py: An Off-the-shelf Language Identification Tool").
    """
    if len(languages) < 2:
        return languages[0] if languages else ""
    identifier = _restricted(tuple(languages))
    if identifier is None:
        return languages[0]
    language, probability = identifier.classify(text[:_ENOUGH])
    return str(language) if probability >= _SURE else languages[0]


@cache
def _model() -> LanguageIdentifier:
    return LanguageIdentifier.from_pickled_model(MODEL_FILE, norm_probs=True)


@cache
def _restricted(languages: tuple[str, ...]) -> LanguageIdentifier | None:
    """The model for those of the languages that it knows; None when that leaves no choice."""
    known = [language for language in languages if language in _model().nb_classes]
    if len(known) < 2:
        return None
    identifier = copy.copy(_model())
    identifier.set_languages(known)
    return identifier
