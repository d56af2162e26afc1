"""How does a new workflow begin: which files does ``leitstand init`` write?

A scaffold is made of layers under ``scaffolds/``: what all templates share, then the template's own, each with what
belongs to one language. A later layer replaces files of an earlier one. ``@name@`` stands for the workflow's name;
``hooks.py.txt`` becomes ``hooks.py``.
"""

import re
import unicodedata
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from leitstand.definition.schema import schema_text
from leitstand.domain.errors import FolderNotEmpty

TEMPLATES = ("answer", "extract", "classify", "draft", "passthrough")
LANGUAGES = ("de", "en")

EDITOR_SCHEMA = ".workflow.schema.json"
"""For editors, named by the first line of ``workflow.toml``; hidden, so it is no part of a release."""


def scaffold(folder: Path, template: str, language: str, name: str) -> list[Path]:
    """Write a workflow that passes ``check`` and runs without a model, and return its files.

    ``name`` is made fit for a workflow name. Raises ``FolderNotEmpty`` for a folder with anything in it, ``OSError``
    when it cannot be written, ``ValueError`` for an unknown template or language.
    """
    if template not in TEMPLATES or language not in LANGUAGES:
        raise ValueError(f"no template {template!r} in language {language!r}")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FolderNotEmpty(path=folder)
    contents = {EDITOR_SCHEMA: schema_text()}
    for layer in ("shared", f"shared.{language}", template, f"{template}.{language}"):
        contents |= _files(files("leitstand.definition") / "scaffolds" / layer)
    return [_write(folder / path, text.replace("@name@", workflow_name(name))) for path, text in contents.items()]


def workflow_name(name: str) -> str:
    """``name`` as a workflow may be called: ASCII letters, digits and dashes, beginning with a letter, 63 at most."""
    for letter, plain in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        name = name.lower().replace(letter, plain)
    plain_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9_]+", "-", plain_name).strip("-_")
    return (words if words[:1].isalpha() else f"workflow-{words}".rstrip("-"))[:63].rstrip("-")


def _files(folder: Traversable, above: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for item in sorted(folder.iterdir(), key=lambda item: item.name) if folder.is_dir() else []:
        path = f"{above}{item.name}"
        if item.is_dir():
            found |= _files(item, f"{path}/")
        else:
            found[path.removesuffix(".txt")] = item.read_text(encoding="utf-8")
    return found


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
