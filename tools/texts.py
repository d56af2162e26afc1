"""Is every text of the program in the German catalogue, and is the catalogue compiled?

``python tools/texts.py`` collects the templates from Python files, page templates and ``keys.toml``, brings
``leitstand.po`` up to date (texts that are gone go) and compiles it. ``--check`` changes nothing and names what is
missing.
"""

import argparse
import io
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

SOURCE = Path(__file__).parents[1] / "src/leitstand"
CATALOGUE = SOURCE / "web/locale/de/LC_MESSAGES/leitstand.po"
KEYWORDS = {"translatable": None, "say": None, "plural": (1, 2), "_": None, "_n": (1, 2)}

WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)
"""One date for ever: the catalogue changes when a text does, not when somebody looks."""

Text = str | tuple[str, ...]


def main() -> int:
    """Exit code 0 when every text has its translation, 1 otherwise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, only say what is missing")
    arguments = parser.parse_args()
    catalogue = updated()
    if not arguments.check:
        CATALOGUE.write_bytes(as_po(catalogue))
        CATALOGUE.with_suffix(".mo").write_bytes(as_mo(catalogue))
    missing = untranslated(catalogue)
    for text in missing:
        print(f"no German translation: {text}", file=sys.stderr)
    return 1 if missing else 0


def updated() -> Catalog:
    """The German catalogue with exactly the texts of the program."""
    template = Catalog(locale="de", fuzzy=False)
    for text, place in texts():
        template.add(text, locations=[(place, 0)])
    with CATALOGUE.open("rb") as opened:
        catalogue = read_po(opened, locale="de")
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.creation_date = catalogue.revision_date = WRITTEN
    return catalogue


def texts() -> Iterator[tuple[Text, str]]:
    """Every translatable text with the file that it is in."""
    for path in sorted(SOURCE.rglob("*")):
        method = {".py": "python", ".html": "jinja2.ext:babel_extract"}.get(path.suffix)
        place = path.relative_to(SOURCE.parent).as_posix()
        if method:
            options = {"silent": "false", "trimmed": "true"} if path.suffix == ".html" else None
            for _, message, _, _ in extract_from_file(method, path, keywords=KEYWORDS, options=options):
                yield message, place
    keys = tomllib.loads((SOURCE / "web/keys.toml").read_text(encoding="utf-8"))
    for entry in keys["key"]:
        yield entry["help"], "leitstand/web/keys.toml"


def untranslated(catalogue: Catalog) -> list[object]:
    """Texts without a translation in every form."""
    return [message.id for message in catalogue if message.id and not complete(message.string)]


def complete(translation: object) -> bool:
    """Whether a translation has all its forms."""
    return all(translation) if isinstance(translation, list | tuple) else bool(translation)


def as_po(catalogue: Catalog) -> bytes:
    """The catalogue as people edit it."""
    out = io.BytesIO()
    write_po(out, catalogue, sort_output=True, omit_header=False, include_lineno=False, width=120)
    return out.getvalue()


def as_mo(catalogue: Catalog) -> bytes:
    """The catalogue as the program loads it."""
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main())
