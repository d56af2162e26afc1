"""Since when does a service keep silent, as far as a process can tell that was held up itself?"""

MOMENT = 0.05
"""Seconds in which a process that goes on hears what came while it was held up."""


def silent_since(since: float, patience: float, now: float) -> float:
    """The time from which the silence counts, when somebody looks at ``now`` whether ``patience`` seconds are over.

    It is ``since``, unless the look itself comes too late: a process that was held up (its machine was busy, or it was
    stopped) sees that time has passed before it sees what came meanwhile, and listens for a moment first.
    """
    return now + MOMENT - patience if now > since + patience + MOMENT else since
