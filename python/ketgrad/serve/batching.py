"""The rows of all requests that wait, in one call of the model.

There is no waiting for company: while one call runs, what comes gathers for the next. A call takes
a limited number of rows, and a request that has more goes to the end of the line after each, so
that it holds up nobody. Rows that the model refuses fail their own request alone. Calls run on a
thread, unless they are about as short as handing them over is.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field

import numpy as np

from ketgrad._types import Array, FloatArray
from ketgrad.serve.metrics import Metrics
from ketgrad.serve.refusal import Refusal

_SHORT = 1e-3  # seconds that other requests may wait for a call


@dataclass(eq=False)
class _Job:
    """The rows of a request, and the answers so far."""

    X: FloatArray
    answer: asyncio.Future[Array]
    parts: list[Array] = field(default_factory=list)
    done: int = 0

    def take(self, most: int) -> "_Piece":
        piece = _Piece(self, self.done, self.X[self.done : self.done + most])
        self.done += len(piece.X)
        return piece

    def finish(self, part: Array) -> None:
        if self.answer.done():
            return
        self.parts.append(part)
        if sum(map(len, self.parts)) == len(self.X):
            self.answer.set_result(np.concatenate(self.parts))

    def fail(self, error: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


@dataclass(frozen=True)
class _Piece:
    """Some rows of a request, which one call takes."""

    job: _Job
    start: int
    X: FloatArray


class Batching:
    """The calls of a function of rows, one at a time, on a thread that may be shared."""

    def __init__(
        self,
        function: Callable[[FloatArray], Array],
        thread: Executor,
        metrics: Metrics,
        largest: int,
        most_waiting: int,
    ) -> None:
        self._function = function
        self._thread = thread
        self._metrics = metrics
        self._largest = largest
        self._most_waiting = most_waiting
        self._jobs: deque[_Job] = deque()
        self._work: asyncio.Task[None] | None = None
        self._last = (1, 1.0)  # rows and seconds of the last call

    async def run(self, X: FloatArray) -> Array:
        """Return the function's values at the rows; Refusal where too many rows wait already."""
        waiting = self._metrics.rows_waiting
        if waiting and waiting + len(X) > self._most_waiting:
            raise Refusal(503, f"{waiting} rows wait already; the limit is {self._most_waiting}")
        job = _Job(X, asyncio.get_running_loop().create_future())
        self._jobs.append(job)
        self._metrics.rows_waiting += len(X)
        if self._work is None:
            self._work = asyncio.create_task(self._run())
        try:
            return await job.answer
        finally:
            self._metrics.rows_waiting -= len(X)

    async def _run(self) -> None:
        try:
            while pieces := self._next():
                await self._call(pieces)
        finally:
            self._work = None

    def _next(self) -> list[_Piece]:
        """Take the rows of the next call, passing over requests that have given up."""
        pieces: list[_Piece] = []
        left = self._largest
        for _ in range(len(self._jobs)):
            if left == 0:
                break
            job = self._jobs.popleft()
            if job.answer.done():
                continue
            pieces.append(job.take(left))
            left -= len(pieces[-1].X)
            if job.done < len(job.X):
                self._jobs.append(job)
        return pieces

    async def _call(self, pieces: list[_Piece]) -> None:
        rows = np.concatenate([piece.X for piece in pieces])
        try:
            values = await self._values(rows)
        except Exception as error:
            if len(pieces) > 1:  # some request's rows are at fault
                for piece in pieces:
                    await self._call([piece])
            else:
                pieces[0].job.fail(_refusal(error, pieces[0]))
            return
        start = 0
        for piece in pieces:
            piece.job.finish(values[start : start + len(piece.X)])
            start += len(piece.X)

    async def _values(self, X: FloatArray) -> Array:
        self._metrics.count_call(len(X))
        rows, seconds = self._last
        if seconds * max(1.0, len(X) / rows) < _SHORT:
            await asyncio.sleep(0)  # so that long requests leave turns to others
            return self._timed(X)
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._timed, X)

    def _timed(self, X: FloatArray) -> Array:
        start = time.thread_time()  # without what the thread waits for others
        values = self._function(X)
        self._last = len(X), time.thread_time() - start
        return values


def _refusal(error: Exception, piece: _Piece) -> Exception:
    """Say what the model said; its rows are those of the call."""
    if not isinstance(error, ValueError):
        return error
    where = f"from row {piece.start}: " if piece.start else ""
    return Refusal(422, f"{where}{error}")
