"""What SciPy finds of Pauli sums; the methods of PauliSum call these."""

from importlib import import_module
from typing import Any

import numpy as np

from ketgrad._core import PauliSum, State
from ketgrad._numbers import integer
from ketgrad._types import ComplexArray, FloatArray

_FEW_QUBITS = 6  # of a matrix that is diagonalised as a whole in no time
_MOST_DENSE = 12


def to_sparse(total: PauliSum) -> Any:
    """Make a csr_array."""
    sparse = _scipy("to_sparse", "sparse")
    size = 2**total.n_qubits
    return sparse.csr_array(total._compressed_rows(), shape=(size, size))


def from_sparse(matrix: Any) -> PauliSum:
    """Find the sum of a sparse matrix of any format, or of an array."""
    n_qubits = matrix.shape[0].bit_length() - 1 if matrix.ndim > 0 else 0
    if n_qubits < 1 or matrix.shape != (2**n_qubits, 2**n_qubits):
        raise ValueError(f"the matrix of a PauliSum has shape (2**n, 2**n), not {matrix.shape}")
    entries = _scipy("from_sparse", "sparse").coo_array(matrix)
    return PauliSum._from_entries(n_qubits, entries.row, entries.col, entries.data)


def eigenvalues(total: PauliSum, k: int | None) -> FloatArray:
    """Find all eigenvalues, or the k lowest."""
    if k is None:
        return _spectrum(total)[0]
    return _lowest("eigenvalues", total, integer("k", k, 1, 2**total.n_qubits))[0]


def ground_state(total: PauliSum) -> tuple[float, State]:
    """Find the lowest eigenvalue and its eigenvector."""
    values, vectors = _lowest("ground_state", total, 1)
    vector = vectors[:, 0]
    largest = vector[np.argmax(np.abs(vector))]
    vector = vector * (abs(largest) / largest)
    return float(values[0]), State.from_amplitudes(vector / np.linalg.norm(vector))


def _lowest(method: str, total: PauliSum, k: int) -> tuple[FloatArray, ComplexArray]:
    """Find the k lowest eigenvalues, ascending, and their eigenvectors in columns."""
    size = 2**total.n_qubits
    if total.n_qubits <= _FEW_QUBITS or (total.n_qubits <= _MOST_DENSE and k >= size // 4):
        values, vectors = _spectrum(total)
        return values[:k], vectors[:, :k]
    linalg = _scipy(method, "sparse.linalg")
    product = linalg.LinearOperator((size, size), matvec=total.__matmul__, dtype=complex)
    # A start of its own, so that the same sum has the same result.
    real, imaginary = np.random.default_rng(0).standard_normal((2, size))
    values, vectors = linalg.eigsh(product, k=k, which="SA", v0=real + 1j * imaginary)
    order = np.argsort(values)
    return values[order], vectors[:, order]


def _spectrum(total: PauliSum) -> tuple[FloatArray, ComplexArray]:
    values, vectors = total._spectrum()
    if not np.isfinite(values).all():
        size = sum(abs(coefficient) for _, coefficient in total.terms)
        raise ValueError(f"the coefficients sum to {size}; no eigenvalues are finite")
    return values, vectors


def _scipy(method: str, module: str) -> Any:
    try:
        return import_module(f"scipy.{module}")
    except ModuleNotFoundError as error:
        message = f"PauliSum.{method} needs scipy: pip install 'ketgrad[learn]'"
        raise ImportError(message) from error
