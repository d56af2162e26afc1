"""How sure can one be of a share, and where does a percentile lie?"""

import math
from collections.abc import Sequence


def proportion_interval(part: int, whole: int, z: float = 1.959964) -> tuple[float, float]:
    """Wilson's score interval of ``part`` of ``whole`` as shares from 0 to 1; 95 % with the default ``z``.

    E. B. Wilson, Probable Inference, the Law of Succession, and Statistical Inference, JASA 22 (1927). ``whole`` must
    be above 0.
    """
    share = part / whole
    centre = share + z * z / (2 * whole)
    spread = z * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    scale = 1 + z * z / whole
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile of non-empty ``values``: the smallest value that ``share`` of them do not exceed."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)]
