"""How are passages indexed and searched in Qdrant? Each index is a collection, never changed once it is whole."""

import atexit
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from leitstand.domain.errors import IndexUnusable, translatable
from leitstand.domain.retrieval import Passage
from leitstand.ports import Embedder, IndexPlace
from leitstand.retrievers.index_inputs import PAGE_CHARS, digest, searchable
from leitstand.retrievers.search import FusedRetriever
from leitstand.retrievers.vector_cache import embedded

try:
    from qdrant_client import QdrantClient
    from qdrant_client.http.exceptions import ApiException
    from qdrant_client.models import PayloadSchemaType
except ImportError as error:
    raise ImportError("pip install 'leitstand[qdrant]'") from error

from leitstand.retrievers.qdrant_points import LAYOUT, make_collection, points, read
from leitstand.retrievers.qdrant_views import QdrantViews

VECTORS = "vectors.cache.db"
"""Name of the file in the folder of the indexes that remembers vectors by text."""
FOLDER = "qdrant"
"""Without a server, collections are kept in this folder of the indexes, by one process at a time."""

_BATCH = 256
_SECONDS = 30
_BROKEN = (ApiException, OSError, ValueError, RuntimeError)


class Service:
    """A Qdrant server, or its local mode, which takes one caller at a time."""

    def __init__(self, url: str, folder: Path) -> None:
        parts = urlsplit(url)
        self.name = parts.hostname or str(folder / FOLDER)
        self._turns = None if url else threading.RLock()
        self._building = threading.Lock()
        with self.client_errors():
            if not url:
                folder.mkdir(parents=True, exist_ok=True)
                self._client = QdrantClient(path=str(folder / FOLDER), force_disable_check_same_thread=True)
            else:
                host = parts.netloc.rpartition("@")[2]
                bare = urlunsplit((parts.scheme, host, parts.path, "", ""))
                key = parts.password
                self._client = QdrantClient(url=bare, api_key=key, timeout=_SECONDS, check_compatibility=False)
        atexit.register(self._client.close)  # later its locks cannot be freed any more

    @contextmanager
    def client(self) -> Iterator[QdrantClient]:
        """The client; whatever fails raises ``IndexUnusable``."""
        with self.client_errors():
            if self._turns is None:
                yield self._client
            else:
                with self._turns:
                    yield self._client

    @contextmanager
    def client_errors(self) -> Iterator[None]:
        """What the client raises becomes ``IndexUnusable``."""
        try:
            yield
        except _BROKEN as error:
            way_out = translatable(
                "Check the server and LEITSTAND_QDRANT_URL; without a server, one process at a time has the indexes."
            )
            raise IndexUnusable(path=self.name, detail=str(error) or type(error).__name__, way_out=way_out) from error

    @contextmanager
    def building(self) -> Iterator[None]:
        """One build at a time in this process."""
        with self._building:
            yield


_services: dict[tuple[str, Path], Service] = {}
_opening = threading.Lock()


def service(url: str, folder: Path) -> Service:
    """The service with that address or in that folder, shared by all indexes of this process until it ends.

    A folder that was let go and is wanted again at once, on another thread, would still be locked.
    """
    with _opening:
        if (url, folder) not in _services:
            _services[url, folder] = Service(url, folder)
        return _services[url, folder]


class QdrantIndex:
    """Makes and finds collections of a Qdrant server or, without one, of its local mode.

    The extra ``leitstand[qdrant]``. Without an embedder they search words only.
    """

    def __init__(self, place: IndexPlace, embedder: Embedder | None) -> None:
        self._place = place
        self._embedder = embedder

    def id_of(self, passages: tuple[Passage, ...]) -> str:
        """SHA-256 over kind, layout, embedder id and every field of every passage, lower-case hex."""
        return digest(["qdrant", LAYOUT, PAGE_CHARS, self._embedder.id if self._embedder else "none"], passages)

    def open(self, index_id: str) -> FusedRetriever | None:
        """The index of that id; None when it is not there or not whole.

        Raises ``IndexUnusable`` when the service does not answer.
        """
        kept = self._service()
        with kept.client() as client:
            try:
                found = read(client, _name(index_id)) if client.collection_exists(_name(index_id)) else None
            except TypeError:
                found = None
        if found is None or self.id_of(found) != index_id:
            return None
        return FusedRetriever(index_id, found, QdrantViews(kept.client, _name(index_id), found), self._embedder)

    def build(self, passages: tuple[Passage, ...]) -> FusedRetriever:
        """The index of these passages, made unless it is there.

        Two processes that build it at once write the same points: either may come last. Raises ``IndexUnusable``.
        """
        kept = self._service()
        with kept.building():
            index_id = self.id_of(passages)
            made = self.open(index_id)
            if made is None:
                self._make(kept, _name(index_id), passages)
                made = self.open(index_id)
        if made is None:
            way_out = translatable("Start again; if that does not help, delete the collection.")
            raise IndexUnusable(path=_name(index_id), detail="it was written and cannot be read", way_out=way_out)
        return made

    def _make(self, kept: Service, name: str, passages: tuple[Passage, ...]) -> None:
        texts = [searchable(passage) for passage in passages]
        vectors = None
        if self._embedder and texts:
            self._place.folder.mkdir(parents=True, exist_ok=True)
            vectors = embedded(self._place.folder / VECTORS, texts, self._embedder)
        made = points(passages, vectors)
        with kept.client() as client:
            if not client.collection_exists(name):
                make_collection(client, name, 0 if vectors is None else vectors.shape[1])
                if self._place.qdrant_url:  # hosted servers filter by nothing else; the local mode has no such indexes
                    client.create_payload_index(name, "language", PayloadSchemaType.KEYWORD)
            for first in range(0, len(made), _BATCH):
                client.upsert(name, made[first : first + _BATCH], wait=True)

    def _service(self) -> Service:
        return service(self._place.qdrant_url, self._place.folder)


def _name(index_id: str) -> str:
    return f"leitstand-{index_id}"
