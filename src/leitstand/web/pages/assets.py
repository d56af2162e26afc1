"""Where are the style sheet and the scripts, and how long may a browser keep them?

All of them live under one digest of the whole folder: scripts import each other by relative addresses, and a browser
may keep them for ever.
"""

import hashlib
import mimetypes
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

FOLDER = Path(__file__).parents[1] / "static"
TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}


@cache
def files() -> dict[str, bytes]:
    """Path inside the folder to content."""
    return {
        path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in sorted(FOLDER.rglob("*")) if path.is_file()
    }


@cache
def digest() -> str:
    """Twelve hex digits over the names and contents of all files."""
    total = hashlib.sha256()
    for name, content in files().items():
        total.update(f"{name}\0{len(content)}\0".encode() + content)
    return total.hexdigest()[:12]


def asset(name: str) -> str:
    """The address of a file; raises ``KeyError`` for one that does not exist: no page names a missing file."""
    if name not in files():
        raise KeyError(name)
    return f"/static/{digest()}/{name}"


async def serve(request: Request) -> Response:
    """A file; immutable under the digest of now, not to be kept under an old one."""
    content = files().get(request.path_params["path"])
    if content is None:
        return Response(status_code=404)
    suffix = Path(request.path_params["path"]).suffix
    kind = TYPES.get(suffix) or mimetypes.guess_type(f"x{suffix}")[0] or "application/octet-stream"
    current = request.path_params["digest"] == digest()
    keep = "public, max-age=31536000, immutable" if current else "no-store"
    return Response(content, media_type=kind, headers={"cache-control": keep, "x-content-type-options": "nosniff"})
