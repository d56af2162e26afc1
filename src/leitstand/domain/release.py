"""What a release is: the frozen bytes of a workflow folder, its settings, and the digest over both."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from leitstand.domain.workflow import Workflow


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """A workflow folder, frozen.

    ``files`` maps the path inside the folder to its bytes; ``index_id`` is the digest of the index inputs, ``""``
    without retrieval; ``digest`` is lower-case hex SHA-256.
    """

    digest: str
    workflow: Workflow
    files: Mapping[str, bytes]
    index_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseRow:
    """A stored release in short; times in UTC microseconds, None for never activated."""

    digest: str
    workflow: str
    added_at: int
    activated_at: int | None
    active: bool


def release_digest(files: Mapping[str, bytes], index_id: str) -> str:
    """SHA-256 over the sorted file names with the SHA-256 of their bytes, and the digest of the index inputs.

    Names are escaped to ASCII, so that a line break in one cannot pass for a second file.
    """
    names = {path: path.encode("unicode_escape").decode() for path in files}
    lines = [f"{hashlib.sha256(files[path]).hexdigest()} {names[path]}\n" for path in sorted(files)]
    return hashlib.sha256("".join([*lines, f"index {index_id}\n"]).encode()).hexdigest()
