"""How are texts, numbers, money and times said in one language?

Unknown is said as unknown, never as zero. Numbers follow the habits of German and English; no locale database is
needed for two.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from leitstand.domain.errors import translatable
from leitstand.domain.price import NANOS
from leitstand.web.translate import translate, translate_count

SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86400 * SECOND

NARROW = "\N{NARROW NO-BREAK SPACE}"
JOINED = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class Speech:
    """One language, ``de`` or ``en``. Times are UTC microseconds and shown in the time zone of the server."""

    language: str

    def __call__(self, template: str, **values: object) -> str:
        """A text."""
        return translate(template, values, self.language)

    def plural(self, one: str, many: str, count: int, **values: object) -> str:
        """A text in the form that fits ``count``; ``{n}`` is the count as people write it."""
        return translate_count(one, many, count, {"n": self.number(count), **values}, self.language)

    def number(self, value: float, digits: int = 0) -> str:
        """A number with grouped thousands and exactly ``digits`` decimals."""
        text = f"{value:,.{digits}f}"
        return text.translate(str.maketrans(",.", ".,")) if self.language == "de" else text

    def percent(self, value: float | None) -> str:
        """A share, given in percent; one decimal unless it is whole."""
        if value is None:
            return self(translatable("unknown"))
        digits = 0 if round(value, 1) == round(value) else 1
        return f"{self.number(value, digits)}{NARROW if self.language == 'de' else ''}%"

    def money(self, nanos: int | None, currency: str) -> str:
        """An amount in nano-units: two decimals, more for small amounts so that they do not look like nothing."""
        if nanos is None:
            return self(translatable("unknown"))
        value = nanos / NANOS
        digits = next((digits for digits in (2, 3, 4, 6) if _says_enough(value, digits)), 9)
        return f"{self.number(value, digits)}{JOINED}{currency}".rstrip()

    def duration(self, microseconds: int | None) -> str:
        """How long something took, in the largest unit that says enough."""
        if microseconds is None:
            return self(translatable("unknown"))
        if microseconds < SECOND - 500:
            return f"{self.number(microseconds / 1000, 0 if microseconds >= 10_000 else 1)}{JOINED}ms"
        if microseconds < MINUTE:
            return f"{self.number(microseconds / SECOND, 1)}{JOINED}s"
        return self.rough(microseconds)

    def rough(self, microseconds: int) -> str:
        """A span of time as people say it: whole minutes, hours or days."""
        if microseconds < HOUR:
            return self(translatable("{n} min"), n=max(1, microseconds // MINUTE)).replace(" ", JOINED)
        if microseconds < 2 * DAY:
            return self(translatable("{n} h"), n=round(microseconds / HOUR)).replace(" ", JOINED)
        return self.plural("{n} day", "{n} days", round(microseconds / DAY)).replace(" ", JOINED)

    def ago(self, at: int, now: int) -> str:
        """How long ago ``at`` was."""
        return (
            self(translatable("just now"))
            if now - at < MINUTE
            else self(translatable("{span} ago"), span=self.rough(now - at))
        )

    def due(self, at: int, now: int) -> str:
        """When something is due, or for how long it has been overdue."""
        if at < now:
            return self(translatable("overdue by {span}"), span=self.rough(now - at))
        return self(translatable("in {span}"), span=self.rough(at - now))

    def moment(self, at: int) -> str:
        """A date with its time to the second and the offset of the server's time zone."""
        local = _local(at)
        pattern = "%d.%m.%Y, %H:%M:%S" if self.language == "de" else "%Y-%m-%d, %H:%M:%S"
        return f"{local.strftime(pattern)} (UTC{local.strftime('%z')[:3]}:{local.strftime('%z')[3:]})"

    def clock(self, at: int) -> str:
        """The time of day to the millisecond."""
        return _local(at).strftime("%H:%M:%S.") + f"{at // 1000 % 1000:03}"

    def day(self, at: int) -> str:
        """The date alone."""
        return _local(at).strftime("%d.%m.%Y" if self.language == "de" else "%Y-%m-%d")


def parse_amount(text: str) -> tuple[float, str]:
    """Value and currency of an amount as workflows write it: ``9.60 EUR``."""
    value, _, currency = text.partition(" ")
    return float(value), currency


def amount(text: str, say: Speech) -> str:
    """An amount of a workflow as people write it."""
    value, currency = parse_amount(text)
    return say.money(round(value * NANOS), currency)


def machine_time(at: int) -> str:
    """A moment for machines: RFC 3339 in UTC."""
    return datetime.fromtimestamp(at / SECOND, UTC).isoformat(timespec="milliseconds")


def _says_enough(value: float, digits: int) -> bool:
    """Whether rounding keeps the value, or changes it by a fiftieth of itself at most."""
    return abs(round(value, digits) - value) <= value / 50


def _local(at: int) -> datetime:
    return datetime.fromtimestamp(at / SECOND, UTC).astimezone()
