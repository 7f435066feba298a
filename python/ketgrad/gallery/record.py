"""What came out of an experiment."""

from dataclasses import asdict, dataclass

from ketgrad.gallery.experiment import Range


@dataclass(frozen=True)
class Figure:
    """A claim, and what came out."""

    name: str
    published: float | None
    accept: Range
    ours: float | None
    """The mean over the seeds that trained; None where none did."""
    deviation: float | None
    """The standard deviation over them; None where there is one."""
    reached: int
    """How many seeds, each by itself, are in the range."""
    classical: float | None
    holds: bool


@dataclass(frozen=True)
class Record:
    """An experiment that was run; all of it goes into JSON."""

    name: str
    figures: list[Figure]
    n_seeds: int
    failed: list[str]
    """Why seeds gave nothing."""
    seconds: float
    quick: bool
    source: str
    """The hash of the code that made it."""

    @property
    def is_drawn(self) -> bool:
        """Whether a seed gave something to draw."""
        return len(self.failed) < self.n_seeds

    def as_json(self) -> dict[str, object]:
        """Give it as JSON has it."""
        return asdict(self)
