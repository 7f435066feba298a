"""Noise models of Aer as those of ketgrad."""

import warnings
from collections.abc import Iterator
from itertools import permutations
from typing import Any

import numpy as np
from qiskit.exceptions import QiskitError
from qiskit.quantum_info import Kraus

from ketgrad import Channel, NoiseModel
from ketgrad.qiskit.checks import MOST_QUBITS, require_aer, require_whole

_NAMES = {"u1": "p", "u3": "u", "cu1": "cp"}


def noise_model(model: Any, n_qubits: int | None = None) -> NoiseModel:
    """Give a noise model of Aer as one of ketgrad.

    Parameters
    ----------
    model : qiskit_aer.noise.NoiseModel
        Of errors of gates and resets, of all qubits or of some, and of readout errors. One of
        several qubits together acts, in Aer, on an instruction that measures just these at once,
        which `QuantumCircuit.measure` does not make: it is left out, with a warning.
    n_qubits : int, default=None
        Of the circuits to come: where a gate has errors on all qubits and others on some, the
        model needs it to list the qubits that are left.

    Returns
    -------
    noise : NoiseModel

    Raises
    ------
    qiskit.exceptions.QiskitError
        For errors of gates that ketgrad makes others of, and errors before measurements.

    Examples
    --------
    >>> from qiskit_aer.noise import NoiseModel as AerModel, depolarizing_error
    >>> theirs = AerModel()
    >>> theirs.add_all_qubit_quantum_error(depolarizing_error(0.01, 2), ["cx"])
    >>> noise_model(theirs)
    <ketgrad.NoiseModel: 1 rules, 0 readout errors>

    """
    require_aer(model)
    if n_qubits is not None:
        require_whole(n_qubits, 1, "n_qubits", MOST_QUBITS)
    out = NoiseModel()
    errors = model.to_dict()["errors"]
    for error in errors:
        if error["type"] == "roerror":
            _add_readout(out, error)
        else:
            _add_channel(out, error, errors, n_qubits)
    return out


def _add_readout(out: NoiseModel, error: dict[str, Any]) -> None:
    table = np.asarray(error["probabilities"])
    if table.shape != (2, 2):
        (qubits,) = error["gate_qubits"]
        warnings.warn(
            f"the readout error of the qubits {tuple(qubits)} together acts nowhere, as in Aer: "
            "QuantumCircuit.measure measures each by itself",
            stacklevel=3,
        )
        return
    for (qubit,) in error.get("gate_qubits", [(None,)]):
        qubits = {} if qubit is None else {"qubits": [qubit]}
        out.add_readout_error(float(table[0, 1]), float(table[1, 0]), **qubits)


def _add_channel(
    out: NoiseModel, error: dict[str, Any], errors: list[dict[str, Any]], n_qubits: int | None
) -> None:
    from qiskit_aer.noise import QuantumError

    superoperator = QuantumError.from_dict(error).to_quantumchannel()
    channel = Channel.from_kraus(Kraus(superoperator).data, "aer")
    for name in error["operations"]:
        own = [other for other in errors if other is not error and name in other["operations"]]
        taken = {tuple(q) for other in own for q in other.get("gate_qubits", [])}
        places: Iterator[Any] = iter(error.get("gate_qubits", [None]))
        if taken and "gate_qubits" not in error:
            places = _others(name, taken, n_qubits, channel.n_qubits)
        for qubits in places:
            try:
                out.add(channel, _NAMES.get(name, name), None if qubits is None else list(qubits))
            except ValueError as caught:
                raise QiskitError(f"ketgrad has no noise of '{name}': {caught}") from caught


def _others(
    name: str, taken: set[tuple[int, ...]], n_qubits: int | None, size: int
) -> Iterator[tuple[int, ...]]:
    if n_qubits is None:
        raise QiskitError(
            f"'{name}' has errors on all and on some qubits: noise_model needs n_qubits"
        )
    return (qubits for qubits in permutations(range(n_qubits), size) if qubits not in taken)
