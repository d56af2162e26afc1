"""What are the vectors of texts? Apart from the ports, because NumPy is loaded only where there are any."""

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""Shape (texts, dimensions), rows of length one."""
