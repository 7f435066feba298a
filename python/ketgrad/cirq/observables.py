"""Cirq's Pauli strings and sums as ketgrad's."""

from typing import Any

import cirq

from ketgrad import PauliSum
from ketgrad._words import shown


def pauli_sum(observable: Any, qubit_order: Any = None) -> PauliSum:
    """Make a sum of Pauli strings of one of Cirq's.

    Its qubit k is the k-th of the order, as that of circuits that `from_cirq` makes.

    Parameters
    ----------
    observable : cirq.PauliSum, cirq.PauliString or what a cirq.PauliSum is made from
    qubit_order : cirq.QubitOrder or sequence of cirq.Qid, default=None
        Which is qubit 0, 1, ...; None takes the sorted qubits of the observable.

    Returns
    -------
    ketgrad.PauliSum

    Raises
    ------
    NotImplementedError
        As by Cirq's own simulator, for coefficients that are not real.
    ValueError
        For an observable on qubits that the order lacks, and coefficients that are not finite.
    TypeError
        For what is no observable.

    Examples
    --------
    >>> import cirq
    >>> a, b = cirq.LineQubit.range(2)
    >>> pauli_sum(0.5 * cirq.Z(a) * cirq.Z(b) - cirq.X(b))
    PauliSum('0.5*ZZ - XI')

    """
    observable = wrapped(observable)
    order = cirq.QubitOrder.as_qubit_order(qubit_order or cirq.QubitOrder.DEFAULT)
    place = {q: k for k, q in enumerate(order.order_for(observable.qubits))}
    return placed(observable, place)


def wrapped(observable: Any) -> cirq.PauliSum:
    """Give a Pauli string, sum or number as a sum. Raises TypeError for anything else."""
    try:
        out = cirq.PauliSum.wrap(observable)  # by adding, which a circuit does its own way
    except TypeError:
        out = None
    if not isinstance(out, cirq.PauliSum):
        raise TypeError(
            f"a cirq.PauliSum, or what it is made from, is wanted, not {shown(observable)}"
        )
    return out


def placed(observable: Any, place: dict[cirq.Qid, int]) -> PauliSum:
    """Make a sum whose qubits are in the places given."""
    observable = wrapped(observable)
    terms = []
    for word in observable:
        if abs(word.coefficient.imag) > 1e-7:
            raise NotImplementedError(
                f"{observable} is not Hermitian: {word.coefficient} in {word}"
            )
        if unknown := set(word.qubits) - set(place):
            raise ValueError(f"{observable} is on {sorted(unknown)}, which the circuit lacks")
        letters = "".join(str(pauli) for pauli in word.values())
        terms.append((letters, [place[q] for q in word.qubits], float(word.coefficient.real)))
    return PauliSum.from_sparse(terms, max(1, len(place)))
