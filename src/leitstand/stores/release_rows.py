"""How does a release become rows, and rows a release again? The same for every database behind the ports."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from leitstand import __version__
from leitstand.domain.errors import StoreUnusable, translatable
from leitstand.domain.release import Release
from leitstand.domain.workflow import Workflow
from leitstand.encoding import canonical
from leitstand.stores.case_rows import Row

_WORKFLOW = msgspec.json.Decoder(Workflow)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseRows:
    """The rows of a new release."""

    release: tuple[object, ...]
    files: list[tuple[str, str, bytes]]
    places: list[tuple[str, str, str, str]]
    event: bytes


def rows_of_release(release: Release, tenant_id: str, actor_id: str, at: int) -> ReleaseRows:
    """Its row, its files by hash, where they lie in it, and the event that it was added."""
    workflow = release.workflow
    definition = msgspec.json.encode(workflow, order="sorted").decode()
    hashes = {path: hashlib.sha256(content).hexdigest() for path, content in release.files.items()}
    return ReleaseRows(
        release=(tenant_id, release.digest, workflow.name, definition, release.index_id, at),
        files=[(tenant_id, hashes[path], content) for path, content in release.files.items()],
        places=[(tenant_id, release.digest, path, digest) for path, digest in hashes.items()],
        event=release_event(
            "release.added",
            {"workflow": workflow.name},
            tenant_id=tenant_id,
            release_digest=release.digest,
            actor={"kind": "person", "id": actor_id},
            at=at,
        ),
    )


def release_of(row: Row, contents: Iterable[tuple[str, str, bytes]], database: str) -> Release:
    """The release of a row and its files ``path, hash, content``; raises ``StoreUnusable`` when one was changed."""
    files = {}
    for path, expected, content in contents:
        if hashlib.sha256(content).hexdigest() != expected:
            detail = f"file {path} of release {row['digest'][:12]} was changed after it was stored"
            way_out = translatable("Restore the last backup, or add the release again.")
            raise StoreUnusable(path=database, detail=detail, way_out=way_out)
        files[path] = content
    workflow = _WORKFLOW.decode(row["definition"])
    return Release(digest=row["digest"], workflow=workflow, files=files, index_id=row["index_id"])


def release_event(kind: str, body: dict[str, object], **envelope: object) -> bytes:
    """Canonical bytes in the envelope of case events, less what only cases have."""
    return canonical(
        {"type": kind, "schema_version": 1, "runtime_version": __version__, "body": body, **envelope},
    )


def activated_event(workflow: str, replaced: str | None, digest: str, **envelope: object) -> bytes:
    """The event that the pointer of a workflow has moved."""
    body: dict[str, object] = {"workflow": workflow, "replaced": replaced}
    return release_event("release.activated", body, release_digest=digest, **envelope)
