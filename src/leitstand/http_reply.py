"""What comes back over HTTP, whole or piece by piece?"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """An HTTP reply: status, headers with lower-case names, whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamedReply:
    """An HTTP reply whose body is still coming in; ``chunks`` raises what ``Transport.stream`` says."""

    status: int
    headers: Mapping[str, str]
    chunks: AsyncIterator[bytes]


MOST_REPLY_BYTES = 16 * 1024 * 1024
"""A reply with a larger body, counted after decompression, is broken."""
