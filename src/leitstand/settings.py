"""What is set for this process, rather than for a workflow? The only reader of the environment."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from leitstand.domain.budget import MAYBE, money
from leitstand.domain.errors import SettingInvalid, translatable
from leitstand.domain.price import Money

if TYPE_CHECKING:
    from leitstand.ports import IndexPlace

PREFIX = "LEITSTAND_"


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """The process's own settings.

    Each may be set as ``LEITSTAND_<NAME>`` in the environment or by an option of the command.
    """

    data: Path = field(
        default=Path("leitstand-data"), metadata={"help": "Folder of the database, the keys and the indexes."}
    )
    database_url: str = field(
        default="",
        metadata={
            "help": "PostgreSQL database of one or many processes, `postgresql://user@host:5432/name`; empty keeps "
            "everything in one SQLite file in the data folder. The password belongs into PGPASSFILE or a secret."
        },
    )
    keys: Path = field(
        default=Path(),
        metadata={
            "help": "Folder of the tenants' keys, the same ones for all processes of a database; `.` is `keys` in the "
            "data folder."
        },
    )
    cache: Path = field(
        default=Path("~/.cache/leitstand"),
        metadata={"help": "Folder of what can be made anew, as the indexes of `run` and `demo`."},
    )
    qdrant_url: str = field(
        default="",
        metadata={"help": "Address of a Qdrant server, its key as the password; empty keeps its indexes in `data`."},
    )
    zones: Path = field(
        default=Path(),
        metadata={
            "help": "TOML file of the operator that says to which zones each data class may go, and in which zone an "
            "address is; `.` is the table that ships, and what a workflow says of its addresses."
        },
    )
    host: str = field(
        default="127.0.0.1", metadata={"help": "Address to listen on; only loopback until there are accounts."}
    )
    port: int = field(default=8420, metadata={"help": "Port to listen on; 0 takes a free one.", "range": (0, 65_535)})
    language: str = field(
        default="", metadata={"help": "Language of messages, `de` or `en`; empty follows LANG and the browser."}
    )
    most_running: int = field(
        default=256, metadata={"help": "Cases under way at once in this process.", "range": (1, 10_000)}
    )
    most_waiting: int = field(
        default=10_000,
        metadata={"help": "Cases that may wait for their turn; more are refused with 503.", "range": (0, 10_000_000)},
    )
    most_requests: int = field(
        default=4_096,
        metadata={"help": "HTTP requests answered at once; more are refused with 503.", "range": (1, 65_536)},
    )
    lease_seconds: int = field(
        default=10,
        metadata={"help": "A process that was not heard of for so long has lost its cases.", "range": (2, 3_600)},
    )
    drain_seconds: int = field(
        default=20,
        metadata={"help": "At a stop, running cases may come to their end for so long.", "range": (0, 3_600)},
    )
    probes_host: str = field(
        default="127.0.0.1", metadata={"help": "Address on which only health and metrics are served."}
    )
    probes_port: int = field(
        default=0,
        metadata={"help": "Port for health and metrics; 0 serves them with the API only.", "range": (0, 65_535)},
    )
    tenants: str = field(
        default="default",
        metadata={"help": "Tenants served, separated by commas; a request names one with Leitstand-Tenant."},
    )
    tenant_budget_per_day: str = field(
        default="", metadata={"help": "Most that all workflows of a tenant may spend on a day (UTC), as `50 EUR`."}
    )
    tenant_budget_per_month: str = field(
        default="", metadata={"help": "Most that all workflows of a tenant may spend in a month, as `500 EUR`."}
    )
    max_body_bytes: int = field(
        default=1_048_576, metadata={"help": "Largest request body in bytes.", "range": (1_024, 1_073_741_824)}
    )
    transport: str = field(
        default="aiohttp", metadata={"help": "Extension that sends HTTP requests to models and webhooks."}
    )
    log_level: str = field(default="warning", metadata={"help": "`debug`, `info`, `warning` or `error`."})
    log_format: str = field(
        default="text", metadata={"help": "`text` for people, `json` for programs: one object a line."}
    )
    otlp_endpoint: str = field(
        default="",
        metadata={
            "help": "OpenTelemetry collector that gets traces and metrics over OTLP/HTTP, `http://host:4318`; empty "
            "sends nothing. Needs the extra `leitstand[otel]`."
        },
    )

    @property
    def tenant_ids(self) -> tuple[str, ...]:
        """The tenants served."""
        return tuple(name.strip() for name in self.tenants.split(","))

    @property
    def tenant_id(self) -> str:
        """The tenant that commands and pages are about, and requests that name none."""
        return self.tenant_ids[0]

    @property
    def tenant_budgets(self) -> dict[str, Money]:
        """The limits of each tenant, by the kind of their accounts."""
        given = {"tenant-day": self.tenant_budget_per_day, "tenant-month": self.tenant_budget_per_month}
        return {kind: money(text) for kind, text in given.items() if text}

    @property
    def key_folder(self) -> Path:
        """The folder of the tenants' keys."""
        return self.data / "keys" if self.keys == Path() else self.keys

    @property
    def place(self) -> str:
        """Where the database is, as it may be shown: without a password."""
        if not self.database_url:
            return str(self.data)
        address = urlsplit(self.database_url)
        return f"{address.hostname or 'localhost'}{address.path}"

    @property
    def database(self) -> Path:
        """The database file."""
        return self.data / "leitstand.db"

    @property
    def indexes(self) -> Path:
        """The folder of the search indexes; they can be made anew from the releases."""
        return self.data / "indexes"

    @property
    def index_place(self) -> "IndexPlace":
        """Where the indexes of this database are."""
        from leitstand.ports import IndexPlace

        return IndexPlace(folder=self.indexes, database_url=self.database_url, qdrant_url=self.qdrant_url)

    @property
    def cached_index_place(self) -> "IndexPlace":
        """Where the indexes of runs are that keep nothing else."""
        return replace(self.index_place, folder=self.cache.expanduser() / "indexes")


TENANT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
LOG_LEVELS = ("debug", "info", "warning", "error")
LOG_FORMATS = ("text", "json")
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def read_settings(environment: Mapping[str, str] = os.environ, **options: object) -> Settings:
    """The settings: an option that is not None wins over the environment, the environment over the default.

    Raises ``SettingInvalid`` for values that cannot be used and for unknown names with our prefix.
    """
    known = {PREFIX + setting.name.upper(): setting for setting in fields(Settings)}
    for name in environment:
        if name.startswith(PREFIX) and name not in known:
            way_out = translatable("There is no such setting; remove it. Known: {known}.")
            raise SettingInvalid(name=name, value=environment[name], way_out=way_out.format(known=", ".join(known)))
    values: dict[str, object] = {}
    for name, setting in known.items():
        given = options.get(setting.name)
        if given is None:
            given = environment.get(name)
        if given is not None:
            values[setting.name] = _converted(name, str(given), type(setting.default), setting.metadata.get("range"))
    settings = Settings(**values)  # type: ignore[arg-type]
    _check(settings)
    return settings


def spoken_language(environment: Mapping[str, str] = os.environ) -> str:
    """The language of the person at the command line: ``LEITSTAND_LANGUAGE``, else the locale's, else English."""
    for name in (PREFIX + "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(name):
            return "de" if value.lower().startswith("de") else "en"
    return "en"


def tell_gettext(language: str) -> None:
    """Let libraries that ask gettext, such as click, speak that language too; they look into the environment."""
    os.environ["LANGUAGE"] = language


def secret(name: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """The value of an environment variable that a workflow names as the place of its key; None when it is not set."""
    return environment.get(name)


def _converted(name: str, value: str, kind: type, limits: tuple[int, int] | None) -> object:
    if kind is not int:
        return Path(value) if issubclass(kind, Path) else value
    low, high = limits or (0, 2**31)
    if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
        raise SettingInvalid(name=name, value=value, way_out=f"Use a whole number from {low} to {high}.")
    return int(value)


def _check(settings: Settings) -> None:
    if settings.host not in LOOPBACK:
        way_out = translatable(
            "Leitstand has no accounts yet and listens on this machine only: use 127.0.0.1, ::1 or localhost."
        )
        raise SettingInvalid(name="LEITSTAND_HOST", value=settings.host, way_out=way_out)
    for tenant_id in settings.tenant_ids:
        if not TENANT_ID.fullmatch(tenant_id):
            way_out = translatable("A tenant has letters, digits, - and _, at most 63; separate several by commas.")
            raise SettingInvalid(name="LEITSTAND_TENANTS", value=settings.tenants, way_out=way_out)
    _check_amounts(settings)
    scheme = urlsplit(settings.database_url).scheme
    if settings.database_url and scheme not in ("postgresql", "postgres"):
        way_out = translatable("Use postgresql://user@host:5432/name, or leave it empty for SQLite.")
        raise SettingInvalid(name="LEITSTAND_DATABASE_URL", value=f"{scheme}:...", way_out=way_out)
    if settings.language not in ("", "de", "en"):
        raise SettingInvalid(name="LEITSTAND_LANGUAGE", value=settings.language, way_out="Use de or en.")
    if settings.log_level not in LOG_LEVELS:
        raise SettingInvalid(
            name="LEITSTAND_LOG_LEVEL", value=settings.log_level, way_out=f"Use one of {', '.join(LOG_LEVELS)}."
        )
    if settings.log_format not in LOG_FORMATS:
        raise SettingInvalid(
            name="LEITSTAND_LOG_FORMAT", value=settings.log_format, way_out=f"Use one of {', '.join(LOG_FORMATS)}."
        )
    if settings.otlp_endpoint and not settings.otlp_endpoint.startswith(("http://", "https://")):
        way_out = "Use the address of a collector, as http://127.0.0.1:4318."
        raise SettingInvalid(name="LEITSTAND_OTLP_ENDPOINT", value=settings.otlp_endpoint, way_out=way_out)


def _check_amounts(settings: Settings) -> None:
    for name in ("tenant_budget_per_day", "tenant_budget_per_month"):
        amount = getattr(settings, name)
        if not re.fullmatch(MAYBE, amount):
            way_out = translatable("Use an amount with its currency, as 500 EUR, or leave it empty.")
            raise SettingInvalid(name=PREFIX + name.upper(), value=amount, way_out=way_out)
