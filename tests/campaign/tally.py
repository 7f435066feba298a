"""What trials found: counts, worst errors, latencies and failures, which add up."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

MOST_FAILURES = 50  # kept of a section; the count goes on


@dataclass
class Tally:
    """The trials of one section so far; `merge` adds those of another run."""

    count: int = 0
    n_failures: int = 0
    seconds: float = 0.0
    parts: dict[str, int] = field(default_factory=dict)
    worst: dict[str, float] = field(default_factory=dict)
    samples: dict[str, list[float]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def saw(self, part: str, number: int = 1) -> None:
        """Count something, such as the trials that took one engine."""
        self.parts[part] = self.parts.get(part, 0) + number

    def error(self, name: str, value: float, limit: float, case: str) -> None:
        """Keep the worst of an error; beyond the limit (or NaN) the case has failed."""
        self.worst[name] = max(self.worst.get(name, 0.0), float(value))
        if not value <= limit:
            self.fail(f"{name} {value:.3g} is beyond {limit:g}: {case}")

    def sample(self, name: str, value: float) -> None:
        """Keep a value whose distribution will be told, such as a latency."""
        self.samples.setdefault(name, []).append(value)

    def fail(self, what: str) -> None:
        """Keep a failure with what it takes to see it again."""
        self.n_failures += 1
        if len(self.failures) < MOST_FAILURES:
            self.failures.append(what)

    def merge(self, other: Tally) -> None:
        """Add the trials of another run of the same section."""
        self.count += other.count
        self.n_failures += other.n_failures
        self.seconds += other.seconds
        for part, number in other.parts.items():
            self.saw(part, number)
        for name, value in other.worst.items():
            self.worst[name] = max(self.worst.get(name, 0.0), value)
        for name, values in other.samples.items():
            self.samples.setdefault(name, []).extend(values)
        self.failures = (self.failures + other.failures)[:MOST_FAILURES]

    def as_json(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self)

    @staticmethod
    def from_json(data: dict[str, Any]) -> Tally:
        """Return what as_json() wrote."""
        return Tally(**data)
