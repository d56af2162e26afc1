"""What may be spent on models?"""

from dataclasses import dataclass, field

from leitstand.domain.keys import described


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """What may be spent on models; shown as not enforced yet until budgets are."""

    per_case: str = field(
        metadata=described("Most that one case may cost.", pattern=r"^\d+(\.\d{1,9})? [A-Z]{3}$", examples=["0.05 EUR"])
    )
    per_month: str = field(
        metadata=described(
            "Most that a calendar month may cost.", pattern=r"^\d+(\.\d{1,9})? [A-Z]{3}$", examples=["100 EUR"]
        )
    )
