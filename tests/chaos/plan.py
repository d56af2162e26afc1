"""What is to happen in a run, and on which database?"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from leitstand.settings import Settings, read_settings
from leitstand.testing.ports import free_port
from leitstand.testing.postgres_server import PostgresServer

LEASE_SECONDS = 2


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How much is done to how many processes; ``seed`` decides when and to whom.

    ``connections`` is what PostgreSQL allows.
    """

    store: str = "sqlite"
    cases: int = 20_000
    kills: int = 500
    freezes: int = 100
    seed: int = 1
    connections: int = 100

    @property
    def processes(self) -> tuple[tuple[str, int], ...]:
        """Name and port of each process; one without a port works for the others."""
        if self.store == "sqlite":
            return (("one", free_port()),)
        return (("one", free_port()), ("two", free_port()), ("hands", 0))

    @property
    def freeze_seconds(self) -> tuple[float, float]:
        """A frozen process on PostgreSQL loses its lease; the only owner of a file has none to lose."""
        return (0.2, 1.0) if self.store == "sqlite" else (LEASE_SECONDS + 1.0, LEASE_SECONDS + 2.5)

    @contextmanager
    def database(self, folder: Path) -> Iterator[tuple[Mapping[str, str], PostgresServer | None]]:
        """The settings that all processes share and their database server, if any, for as long as it is there."""
        keys = {"LEITSTAND_KEYS": str(folder / "keys"), "LEITSTAND_LEASE_SECONDS": str(LEASE_SECONDS)}
        if self.store == "sqlite":
            yield keys, None
            return
        with PostgresServer(durable=True, settings={"max_connections": str(self.connections)}) as server:
            yield {**keys, "LEITSTAND_DATABASE_URL": server.database()}, server

    def settings(self, folder: Path, shared: Mapping[str, str]) -> Settings:
        """The settings of whoever reads the database of the run."""
        return read_settings(shared, data=folder / "data-one")
