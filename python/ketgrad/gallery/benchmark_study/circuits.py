"""The circuits of the models that are trained, as `kg.layers`, by the study's hyper-parameters.

PennyLane's wire 0 is the highest bit of an outcome, ours the lowest: where data are amplitudes,
wires are counted from the other end.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

import ketgrad as kg
from ketgrad.layers import Activation, Chain, CircuitLayer, Dense, Layer, ScaleShift


def rotation(circuit: kg.Circuit, angles: Sequence[Any], qubit: int) -> None:
    """Turn a qubit about Z, Y and Z."""
    circuit.rz(angles[0], qubit).ry(angles[1], qubit).rz(angles[2], qubit)


def entangling_layers(circuit: kg.Circuit, wires: Sequence[int], n_layers: int, gate: str) -> None:
    """Add rotations of all wires, and gates between wires at a growing distance."""
    n = len(wires)
    weights = iter(kg.ParameterVector("w", 3 * n * n_layers))
    for layer in range(n_layers):
        for wire in wires:
            rotation(circuit, [next(weights) for _ in range(3)], wire)
        distance = layer % (n - 1) + 1
        for k in range(n):
            getattr(circuit, gate)(wires[k], wires[(k + distance) % n])


def iqp_embedding(x: kg.ParameterVector, repeats: int) -> kg.Circuit:
    """Make Havlicek's map as it was run: it entangled in the first repetition alone."""
    n = len(x)
    circuit = kg.Circuit(n)
    for repeat in range(repeats):
        circuit.h(range(n)).rz([x[k] for k in range(n)], range(n))
        if repeat == 0:
            for j in range(n):
                for k in range(j + 1, n):
                    circuit.rzz(x[j] * x[k], j, k)
    return circuit


def circuit_centric(n: int, n_layers: int, n_input_copies: int) -> Layer:
    """Make Schuld et al.'s classifier: amplitudes, entangling layers, Z of a qubit and a bias."""
    n_qubits = n_input_copies * int(np.ceil(np.log2(n)))
    circuit = kg.amplitude_map(2**n_qubits)
    wires = range(n_qubits)[::-1]
    entangling_layers(circuit, wires, n_layers, "cx")
    program = kg.compile(circuit, {f"Z{n_qubits - 1}": 1.0}, inputs="x")
    return Chain([CircuitLayer(program), ScaleShift(1, scale=False)])


def tree_tensor(n: int) -> Layer:
    """Make a tree: amplitudes, rotations and CNOTs that halve the number of qubits, and a bias."""
    n_qubits = 2 ** int(np.ceil(np.log2(np.log2(n))))
    circuit = kg.amplitude_map(2**n_qubits)
    weights = iter(kg.ParameterVector("w", 2 * n_qubits - 1))
    wires, step = range(n_qubits)[::-1], 1
    while step < n_qubits:
        for wire in wires[::step]:
            circuit.ry(next(weights), wire)
        for first in range(0, n_qubits, 2 * step):
            circuit.cx(wires[first + step], wires[first])
        step *= 2
    circuit.ry(next(weights), wires[0])
    program = kg.compile(circuit, {f"Z{n_qubits - 1}": 1.0}, inputs="x")
    return Chain([CircuitLayer(program), ScaleShift(1, scale=False)])


def data_reuploading(n: int, n_layers: int, observable_type: str) -> Layer:
    """Make Perez-Salinas et al.'s classifier: features in threes, each times a weight.

    Its outputs are weighted fidelities with 0, then with 1, of every qubit that is measured.
    """
    n_qubits = -(-n // 3)
    x = kg.ParameterVector("x", 3 * n_qubits)
    thetas = iter(kg.ParameterVector("theta", 3 * n_qubits * (n_layers + 1)))
    omegas = iter(kg.ParameterVector("omega", 3 * n_qubits * (n_layers + 1)))
    circuit = kg.Circuit(n_qubits)
    for layer in range(n_layers):
        for qubit in range(n_qubits):
            features = x[3 * qubit : 3 * qubit + 3]
            rotation(circuit, [value * next(omegas) for value in features], qubit)
            rotation(circuit, [next(thetas) for _ in range(3)], qubit)
        for first in range(layer % 2, n_qubits - 1, 2):
            circuit.cz(first, first + 1)
    for qubit in range(n_qubits):
        features = x[3 * qubit : 3 * qubit + 3]
        angles = [value * next(omegas) + next(thetas) for value in features]
        rotation(circuit, angles, qubit)
    measured = {"single": 1, "half": max(1, n_qubits // 2), "full": n_qubits}[observable_type]
    fidelities = [{"I0": 0.5, f"Z{k}": sign} for sign in (0.5, -0.5) for k in range(measured)]
    program = kg.compile(circuit, fidelities, inputs=x)
    return Chain([CircuitLayer(program), ScaleShift(2 * measured, shift=False)])


def dressed(n: int, n_layers: int) -> Layer:
    """Make Mari et al.'s circuit between two linear layers."""
    x, weights = kg.ParameterVector("x", n), iter(kg.ParameterVector("w", n * n_layers))
    circuit = kg.Circuit(n)
    for qubit in range(n):
        circuit.h(qubit).ry(np.pi / 2 * x[qubit], qubit)
    for _ in range(n_layers):
        for qubit in range(n):
            circuit.ry(next(weights), qubit)
        for qubit in range(n):
            circuit.cx(qubit, (qubit + 1) % n)
    program = kg.compile(circuit, [{f"Z{k}": 1.0} for k in range(n)], inputs=x)
    first, last = Dense(n, n, bias=False), Dense(n, 2, bias=False)
    return Chain([first, Activation("tanh", n), CircuitLayer(program), last])


def separable_variational(n: int, encoding_layers: int) -> Layer:
    """Make qubits that never meet, each with a feature; six times their mean Z is a logit."""
    x, weights = kg.ParameterVector("x", n), kg.ParameterVector("w", 3 * n * (encoding_layers + 1))
    circuit = kg.Circuit(n)
    for layer in range(encoding_layers + 1):
        for qubit in range(n):
            begin = 3 * (layer * n + qubit)
            rotation(circuit, weights[begin : begin + 3], qubit)
            if layer < encoding_layers:
                circuit.ry(x[qubit], qubit)
    program = kg.compile(circuit, {f"Z{k}": 6 / n for k in range(n)}, inputs=x)
    return CircuitLayer(program)


def iqp_variational(n: int, n_layers: int, repeats: int) -> Layer:
    """Make entangling layers behind Havlicek's map; the parity of two qubits is the answer."""
    x = kg.ParameterVector("x", n)
    circuit = iqp_embedding(x, repeats)
    entangling_layers(circuit, range(n), n_layers, "cz")
    return CircuitLayer(kg.compile(circuit, {"Z0 Z1": 1.0}, inputs=x))


def qaoa_embedding(x: Sequence[Any], n_layers: int) -> kg.Circuit:
    """Make Lloyd et al.'s trainable map, with a last qubit for a constant."""
    n = len(x) + 1
    weights = iter(kg.ParameterVector("w", 2 * n * n_layers))
    circuit = kg.Circuit(n)
    for layer in range(n_layers + 1):
        circuit.rx(list(x), range(n - 1)).h(n - 1)
        for pair in pairwise([*range(n), 0]) if layer < n_layers else []:
            circuit.rzz(next(weights), *pair)
        for qubit in range(n) if layer < n_layers else []:
            circuit.ry(next(weights), qubit)
    return circuit


def metric_learner(n: int, n_layers: int) -> Layer:
    """Make the fidelity of two embedded samples, of which a row has both."""
    x = kg.ParameterVector("x", 2 * n)
    back = qaoa_embedding(x[n:], n_layers).inverse()
    program = kg.compile(qaoa_embedding(x[:n], n_layers).compose(back), inputs=x)
    return CircuitLayer(program, of="probs", outcomes=[0])
