"""Rows of several requests in one call: whose turn it is, and whose fault."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from ketgrad.serve.batching import Batching
from ketgrad.serve.metrics import Metrics
from ketgrad.serve.refusal import Refusal


class Model:
    """Doubles, and keeps what it was called with; a negative row is an error."""

    def __init__(self):
        self.calls = []

    def __call__(self, X):
        self.calls.append(X[:, 0].tolist())
        if (X < 0).any():
            raise ValueError("a row is negative")
        return 2 * X[:, 0]


def rows(*values):
    return np.array(values, dtype=float)[:, None]


def results_of(model, *questions, largest=3, most_waiting=100):
    """Ask everything at the same time; returns answers, or the errors."""

    async def ask():
        with ThreadPoolExecutor(1) as thread:
            batching = Batching(model, thread, Metrics(set()), largest, most_waiting)
            asked = (batching.run(X) for X in questions)
            return await asyncio.gather(*asked, return_exceptions=True)

    return asyncio.run(ask())


def test_one_call_for_all_who_wait():
    model = Model()
    found = results_of(model, rows(1), rows(2), rows(3))
    assert [values.tolist() for values in found] == [[2], [4], [6]]
    assert model.calls == [[1, 2, 3]]


def test_long_requests_hold_up_nobody():
    model = Model()
    found = results_of(model, rows(1, 2, 3, 4, 5, 6, 7), rows(8), rows(9))
    assert [values.tolist() for values in found] == [[2, 4, 6, 8, 10, 12, 14], [16], [18]]
    assert model.calls == [[1, 2, 3], [8, 9, 4], [5, 6, 7]]


def test_errors_are_of_their_own_request():
    found = results_of(Model(), rows(1), rows(-2), rows(3))
    assert [found[0].tolist(), found[2].tolist()] == [[2], [6]]
    assert isinstance(found[1], Refusal)
    assert (found[1].status, found[1].reason) == (422, "a row is negative")


def test_errors_in_later_rows_say_where():
    (found,) = results_of(Model(), rows(1, 2, 3, 4, -5))
    assert found.reason == "from row 3: a row is negative"


def test_too_many_rows_that_wait():
    found = results_of(Model(), rows(1, 2, 3, 4), rows(5), rows(6), most_waiting=5)
    assert found[0].tolist() == [2, 4, 6, 8]
    assert found[1].tolist() == [10]
    assert (found[2].status, found[2].reason) == (503, "5 rows wait already; the limit is 5")


def test_who_has_given_up_is_passed_over():
    model = Model()

    async def ask():
        with ThreadPoolExecutor(1) as thread:
            batching = Batching(model, thread, Metrics(set()), 2, 100)
            given_up = asyncio.create_task(batching.run(rows(1, 2, 3, 4)))
            patient = asyncio.create_task(batching.run(rows(5)))
            await asyncio.sleep(0)
            given_up.cancel()
            with pytest.raises(asyncio.CancelledError):
                await given_up
            return await patient

    assert asyncio.run(ask()).tolist() == [10]
    assert 3 not in [row for call in model.calls for row in call]
