"""What do the contract tests of retrievers search in, and what do they ask?

    python -m leitstand.testing.retriever_cases KIND FOLDER DATABASE_URL QDRANT_URL

builds or finds the index of ``PASSAGES`` in a process of its own and prints its id and what it answers, as JSON.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import cast

from leitstand import plugins
from leitstand.domain.retrieval import Passage, Query
from leitstand.ports import Embedder, Index, IndexPlace, Retriever
from leitstand.testing.trigrams import Trigrams


def _passages(language: str, texts: Sequence[tuple[str, str]]) -> tuple[Passage, ...]:
    return tuple(
        Passage(id=f"{language}{number}", source=f"help/{language}{number}", title=title, text=text, language=language)
        for number, (title, text) in enumerate(texts)
    )


GERMAN = _passages(
    "de",
    [
        ("Drucker", "Der Drucker wird über das WLAN verbunden."),
        ("", "Das Barrierefreiheitssymbol steht oben. Jedes Symbol lässt sich ausblenden. Freiheit für alle."),
        ("Anzeige", "Bildschirme werden in den Einstellungen gedreht."),
        ("", "Die Tastatur hat eine deutsche Belegung."),
        ("Rücksendung", "Schuhe dürfen innerhalb von 30 Tagen zurückgeschickt werden, Größen ab 47 sind ausgenommen."),
    ],
)
ENGLISH = _passages(
    "en",
    [
        ("Printer", "The printer is connected over the wireless network."),
        ("", "Screens are rotated in the settings."),
        ("Returns", "Shoes may be sent back within 30 days; sizes above 47 are excepted."),
    ],
)
PASSAGES = GERMAN + ENGLISH

BEST = (
    ("Verbindungen zu Druckern", "de", "de0"),
    ("Symbole ausblenden", "de", "de1"),
    ("Bildschirm drehen", "de", "de2"),
    ("Belegungen der Tastaturen", "de", "de3"),
    ("Schuh zurückschicken", "de", "de4"),
    ("connecting printers", "en", "en0"),
    ("rotate the screen", "en", "en1"),
    ("sending back a shoe", "en", "en2"),
)
"""Question, its language, and the passage that answers it, in other forms of the words."""

HOSTILE = (
    "' OR 1=1 --",
    "'); DROP SCHEMA leitstand_index CASCADE; --",
    "&|!:*",
    "drucker & ! ( | <-> wlan:*",
    '" OR * NEAR( ) ^ - : {a b}',
    "\0",
    "Drucker\0WLAN",
    "\\'\\\"%_$1 $2 {} %s",
    "\u202edrucker\ufeff \U0001f5a8",
    "Drucker " * 12_500,
    "x" * 100_000,
)

STRANGE = tuple(
    Passage(id=f"s{number}", source=f"strange/{number}", title=text[:20], text=text, language="de")
    for number, text in enumerate([*HOSTILE, '{"id": 1}', "Zeile\r\n\tZeile\n"])
)
"""Passages whose text is as hostile as the questions."""


def index_of(kind: str, place: IndexPlace, embedder: Embedder | None) -> Index:
    """What makes the indexes of one kind."""
    return cast("Index", plugins.find("retrievers", kind)(place, embedder))


def answers(retriever: Retriever) -> list[list[tuple[str, float]]]:
    """Passages and scores for each question of ``BEST``."""
    return [
        [(hit.passage.id, hit.score) for hit in retriever.search(Query(text=text, language=language, limit=5))]
        for text, language, _ in BEST
    ]


def main() -> None:
    """Print what this process finds."""
    kind, folder, database_url, qdrant_url = sys.argv[1:]
    place = IndexPlace(folder=Path(folder), database_url=database_url, qdrant_url=qdrant_url)
    embedder = Trigrams()
    made = index_of(kind, place, embedder).build(PASSAGES)
    stored = sorted(
        (asdict(hit.passage) for hit in made.search(Query(text="Drucker", language="", limit=50))),
        key=lambda passage: str(passage["id"]),
    )
    found = {"id": made.id, "embedded": len(embedder.asked), "answers": answers(made), "passages": stored}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
