"""How much a server takes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What one request, and all of them, may ask for."""

    bytes: int = 2**20  # of a body
    rows: int = 10_000  # of a body
    seconds: float = 30.0  # from the head of a request to the end of its answer
    connections: int = 256
    batch: int = 256  # rows of one call of the model, so that no request waits for a long one
    head_bytes: int = 2**16
    head_seconds: float = 10.0  # from the start of a connection to the end of its first head

    @property
    def waiting(self) -> int:
        """Rows of all requests together that may wait for the model."""
        return 4 * self.rows
