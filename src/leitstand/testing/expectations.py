"""What do contract tests need to say that plain ``assert`` does not? (They run without importing a test runner.)"""

from collections.abc import Awaitable
from typing import TypeVar

Raised = TypeVar("Raised", bound=BaseException)


async def raised(kind: type[Raised], work: Awaitable[object]) -> Raised:
    """The error of that kind that ``work`` raised; ``AssertionError`` when it came back; other errors pass through."""
    try:
        outcome = await work
    except kind as error:
        return error
    raise AssertionError(f"expected {kind.__name__}, got {outcome!r}")
