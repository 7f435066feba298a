"""What has been done, in the text that Prometheus reads."""

import time
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import accumulate

TEXT = "text/plain; version=0.0.4; charset=utf-8"
_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds


class Metrics:
    """Counters of requests by path and status, of times, of rows and of calls of the model.

    >>> metrics = Metrics({"/health"})
    >>> metrics.count_request("/health", 200, 0.004)
    >>> metrics.count_request("/wp-login.php", 404, 0.001)
    >>> lines = metrics.text().splitlines()
    >>> 'ketgrad_requests_total{path="/health",status="200"} 1' in lines
    True
    >>> 'ketgrad_requests_total{path="other",status="404"} 1' in lines
    True
    """

    def __init__(self, paths: set[str]) -> None:
        self.paths = paths  # that are told apart; clients may ask for any number of others
        self.rows_waiting = 0
        self._started = time.time()
        self._requests: Counter[tuple[str, int]] = Counter()
        self._times: dict[str, list[int]] = defaultdict(lambda: [0] * (len(_BOUNDS) + 1))
        self._seconds: dict[str, float] = defaultdict(float)
        self._calls = 0
        self._rows = 0

    def count_request(self, path: str, status: int, seconds: float) -> None:
        """Count an answer and how long it took."""
        path = path if path in self.paths else "other"
        self._requests[path, status] += 1
        self._times[path][bisect_left(_BOUNDS, seconds)] += 1
        self._seconds[path] += seconds

    def count_call(self, rows: int) -> None:
        """Count a call of the model."""
        self._calls += 1
        self._rows += rows

    def text(self) -> str:
        """Write all of it."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        yield from _head("ketgrad_requests_total", "counter", "Answers by path and status.")
        for (path, status), number in sorted(self._requests.items()):
            yield f'ketgrad_requests_total{{path="{path}",status="{status}"}} {number}'
        yield from _head("ketgrad_request_seconds", "histogram", "From head to end of the answer.")
        for path, counts in sorted(self._times.items()):
            yield from self._histogram(path, counts)
        for name, kind, text, value in (
            ("ketgrad_model_calls_total", "counter", "Calls of the model.", self._calls),
            ("ketgrad_model_rows_total", "counter", "Rows of these calls.", self._rows),
            ("ketgrad_rows_waiting", "gauge", "Rows not answered yet.", self.rows_waiting),
            ("ketgrad_start_time_seconds", "gauge", "Since the epoch.", self._started),
        ):
            yield from _head(name, kind, text)
            yield f"{name} {value}"

    def _histogram(self, path: str, counts: list[int]) -> Iterator[str]:
        name = "ketgrad_request_seconds"
        sums = list(accumulate(counts))
        for bound, number in zip((*map(str, _BOUNDS), "+Inf"), sums, strict=True):
            yield f'{name}_bucket{{path="{path}",le="{bound}"}} {number}'
        yield f'{name}_sum{{path="{path}"}} {self._seconds[path]:.6f}'
        yield f'{name}_count{{path="{path}"}} {sums[-1]}'


def _head(name: str, kind: str, text: str) -> Iterator[str]:
    yield f"# HELP {name} {text}"
    yield f"# TYPE {name} {kind}"
