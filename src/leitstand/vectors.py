"""What are the vectors of texts? Apart from the ports, because NumPy is loaded only where there are any."""

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""Shape (texts, dimensions), rows of length one."""


def packed(vector: NDArray[np.float32]) -> str:
    """A row as 8-bit integers in hexadecimal: a quarter of its bytes, and a likeness that is off by less than 0.01."""
    largest = float(np.abs(vector).max()) or 1.0
    return np.round(vector * (127 / largest)).astype(np.int8).tobytes().hex()


def unpacked(packed: str) -> NDArray[np.float32]:
    """The row again, of another length."""
    return np.frombuffer(bytes.fromhex(packed), dtype=np.int8).astype(np.float32)


def likeness(vector: NDArray[np.float32], others: list[str]) -> NDArray[np.float32]:
    """The cosine between a row and each of the packed ones; 0 for those of another length."""
    rows = [unpacked(other) for other in others]
    found = [
        float(row @ vector / (np.linalg.norm(row) * np.linalg.norm(vector) or 1.0))
        if row.shape == vector.shape
        else 0.0
        for row in rows
    ]
    return np.array(found, dtype=np.float32)
