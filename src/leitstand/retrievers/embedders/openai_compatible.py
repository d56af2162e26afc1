"""What does an embedding model behind an OpenAI-compatible address make of a text?"""

import asyncio
import hashlib
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import numpy as np

from leitstand.domain.address import origin_of
from leitstand.domain.errors import ProviderFailed, SettingInvalid
from leitstand.vectors import Vectors

if TYPE_CHECKING:
    import aiohttp

_BATCH = 64
_MAX_BYTES = 64 * 1024 * 1024
_CHUNK = 65_536


@dataclass(frozen=True, kw_only=True)
class OpenaiCompatible:
    """Asks ``POST {base_url}/embeddings``; ``dimensions`` is sent only when given.

    ``query_prefix`` and ``passage_prefix`` are put before the texts, for models trained with them. Which weights the
    service uses is not known: the id names address, model and prefixes, and a change behind them goes unnoticed.
    ``door`` says at which IP addresses the service is; without one, only an IP address is reached.
    """

    base_url: str
    model: str
    api_key: str = field(default="", repr=False)
    dimensions: int = 0
    query_prefix: str = ""
    passage_prefix: str = ""
    timeout_seconds: float = 30.0
    door: Callable[[str], tuple[str, ...]] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.base_url.startswith(("http://", "https://")):
            way_out = "Give the address up to and including /v1, as https://api.example.com/v1."
            raise SettingInvalid(name="base_url", value=self.base_url, way_out=way_out)

    @property
    def url(self) -> str:
        """Where texts are sent."""
        return f"{self.base_url.rstrip('/')}/embeddings"

    @property
    def id(self) -> str:
        """``openai_compatible:model:`` and a hash of everything else that changes vectors."""
        told = json.dumps([self.url, self.dimensions, self.query_prefix, self.passage_prefix])
        return f"openai_compatible:{self.model}:{hashlib.sha256(told.encode()).hexdigest()[:16]}"

    def embed(self, texts: Sequence[str], *, query: bool) -> Vectors:
        """Shape (texts, dimensions), length one; raises ``ProviderFailed`` for anything but so many finite vectors."""
        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        prefix = self.query_prefix if query else self.passage_prefix
        batches = [texts[first : first + _BATCH] for first in range(0, len(texts), _BATCH)]
        return np.concatenate([self._ask([prefix + text for text in batch]) for batch in batches])

    def _ask(self, texts: list[str]) -> Vectors:
        body: dict[str, object] = {"model": self.model, "input": texts, "encoding_format": "float"}
        if self.dimensions:
            body["dimensions"] = self.dimensions
        status, payload = self._post(json.dumps(body).encode())
        if status != 200:
            kind = "overloaded" if status == 429 else "server_error" if status >= 500 else "refused"
            said = payload[:200].decode("utf-8", "replace")
            raise self._failed(kind, f"status {status}: {said}", retryable=kind != "refused")
        return self._read(payload, len(texts))

    def _read(self, payload: bytes, count: int) -> Vectors:
        try:
            entries = sorted(json.loads(payload)["data"], key=lambda entry: entry["index"])
            vectors = np.array([entry["embedding"] for entry in entries], dtype=np.float32)
        except (ValueError, KeyError, TypeError) as error:
            raise self._failed("malformed", f"no list of embeddings in the reply ({error!r})") from error
        if vectors.ndim != 2 or len(vectors) != count or not np.isfinite(vectors).all():
            raise self._failed("malformed", f"expected {count} vectors of numbers, got shape {vectors.shape}")
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: Vectors = vectors / np.maximum(lengths, np.finfo(np.float32).tiny)
        return unit

    def _post(self, body: bytes) -> tuple[int, bytes]:
        """Status and body, on a loop of its own, as the transport of the model providers belongs to another."""
        import aiohttp

        try:
            peers = self.door(self.url) if self.door else origin_of(self.url).literals
            for peer in peers[:-1]:
                with suppress(aiohttp.ClientConnectorError):
                    return asyncio.run(self._post_to(peer, body))
            return asyncio.run(self._post_to(peers[-1], body))
        except TimeoutError as error:
            raise self._failed("timeout", f"no reply within {self.timeout_seconds:g} s") from error
        except ConnectionError as error:
            raise self._failed("unreachable", str(error)) from error
        except (aiohttp.ClientError, OSError, IndexError, ValueError) as error:
            # The error itself repeats the address, which may hold a key.
            raise self._failed("unreachable", type(error).__name__) from None

    async def _post_to(self, peer: str, body: bytes) -> tuple[int, bytes]:
        """Status and body, from the IP address ``peer``; request and certificate keep the host's name."""
        import aiohttp

        parts = urlsplit(self.url)
        port = f":{parts.port}" if parts.port else ""
        url = parts._replace(netloc=(f"[{peer}]" if ":" in peer else peer) + port).geturl()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "leitstand",
            "Host": parts.netloc.rpartition("@")[2],
        }
        headers |= {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}
        timeout = aiohttp.ClientTimeout(total=self.timeout_seconds)
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), timeout=timeout, trust_env=False) as session,
            session.post(
                url, headers=headers, data=body, allow_redirects=False, server_hostname=parts.hostname
            ) as reply,
        ):
            return reply.status, await self._body(reply)

    async def _body(self, reply: "aiohttp.ClientResponse") -> bytes:
        chunks, size = [], 0
        async for chunk in reply.content.iter_chunked(_CHUNK):
            chunks.append(chunk)
            size += len(chunk)
            if size > _MAX_BYTES:
                raise self._failed("malformed", f"the reply is larger than {_MAX_BYTES} bytes")
        return b"".join(chunks)

    def _failed(self, kind: str, detail: str, *, retryable: bool = True) -> ProviderFailed:
        return ProviderFailed(kind=kind, retryable=retryable, provider=urlsplit(self.url).hostname, detail=detail)
