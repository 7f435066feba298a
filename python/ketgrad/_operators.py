"""Sums of Pauli strings of other libraries, none of which is imported; PauliSum() calls this."""

from typing import Any

_PROJECTED = 2**16  # strings that projectors may become
_ROUNDING = 1e-12  # of the largest coefficient: an imaginary part that arithmetic has left

Term = tuple[str, list[int], Any]
"""Letters, the qubit of each, and a coefficient."""


def terms_of(operator: Any) -> tuple[list[Term], int]:
    """Give the terms of a sum and the number of its qubits, as far as it tells.

    Qiskit's sums have `to_sparse_list()` and `num_qubits`, where projectors are among the letters
    `as_paulis()`; OpenFermion's have `terms`, {((qubit, letter), ...): coefficient}.
    """
    if hasattr(operator, "to_sparse_list"):
        paulis = _in_paulis(operator) if hasattr(operator, "as_paulis") else operator
        terms = [(letters, list(on), c) for letters, on, c in paulis.to_sparse_list()]
        n_qubits = int(operator.num_qubits)
    else:
        terms = [(*_factors(operator, key), c) for key, c in operator.terms.items()]
        n_qubits = 1
    real = _without_rounding([c for _, _, c in terms])
    return [(letters, on, c) for (letters, on, _), c in zip(terms, real, strict=True)], n_qubits


def _in_paulis(observable: Any) -> Any:
    """Give Qiskit's sum of Pauli letters and projectors, which are two letters each, in letters."""
    terms = [letters for letters, _, _ in observable.to_sparse_list()]
    projectors = [sum(letter not in "XYZ" for letter in letters) for letters in terms]
    strings = sum(2**k for k in projectors)
    if max(projectors, default=0) and strings > _PROJECTED:
        raise ValueError(
            f"terms of up to {max(projectors)} projectors would be {strings} Pauli strings; "
            f"ketgrad takes {_PROJECTED}"
        )
    return observable.as_paulis()


def _factors(operator: Any, key: Any) -> tuple[str, list[int]]:
    """Give the letters and qubits of a product, told as ((qubit, letter), ...)."""
    pairs = key if isinstance(key, tuple) else (key,)
    if not all(isinstance(p, tuple) and len(p) == 2 and isinstance(p[1], str) for p in pairs):
        raise TypeError(
            f"a PauliSum is made of Pauli strings, such as ((0, 'X'), (2, 'Z')); this "
            f"{type(operator).__name__} has {key!r}"
        )
    return "".join(letter for _, letter in pairs), [int(qubit) for qubit, _ in pairs]


def _without_rounding(coefficients: list[Any]) -> list[Any]:
    """Drop imaginary parts that are rounding errors, and leave others to be refused."""
    numbers = [c for c in coefficients if isinstance(c, complex)]
    most = _ROUNDING * max(map(abs, numbers), default=0.0)
    return [c.real if isinstance(c, complex) and abs(c.imag) <= most else c for c in coefficients]
