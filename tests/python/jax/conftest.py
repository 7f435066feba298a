"""What the tests of JAX share: numbers of 64 bits unless a test asks for 32, and counted calls."""

from collections import Counter
from collections.abc import Iterator

import jax
import pytest

import ketgrad as kg

METHODS = ("expval", "probs", "vjp", "jacobian", "hessian")


@pytest.fixture(autouse=True)
def x64() -> Iterator[None]:
    """Gives JAX its numbers of 64 bits, for a test."""
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", False)


@pytest.fixture(params=["ffi", "callback"])
def via(request: pytest.FixtureRequest) -> str:
    """Says how computations call programs: both ways give the same."""
    return str(request.param)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Counts the calls of programs' methods; those of the other way are none of Python's."""
    counted: Counter[str] = Counter()

    def counting(name: str) -> None:
        method = getattr(kg.Program, name)

        def call(self: kg.Program, *args: object, **kwargs: object) -> object:
            counted[name] += 1
            return method(self, *args, **kwargs)

        monkeypatch.setattr(kg.Program, name, call)

    for name in METHODS:
        counting(name)
    return counted
