"""Memory that is asked for before it is taken."""

from ketgrad._core import available_memory


def require_memory(needed: float, what: str) -> None:
    """Raise MemoryError where so many bytes are not available.

    >>> require_memory(1e30, "a population")
    Traceback (most recent call last):
    MemoryError: a population needs 1000000000000000019884624838656 bytes, but only ... available
    """
    available = available_memory()
    if needed > available:
        raise MemoryError(
            f"{what} needs {needed:.0f} bytes, but only {available} bytes are available"
        )
