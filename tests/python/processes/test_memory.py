"""Memory stays flat over very many calls."""

import resource

import numpy as np

import ketgrad as kg


def test_memory_is_flat_over_many_calls() -> None:
    x, w = kg.ParameterVector("x", 3), kg.ParameterVector("w", 6)
    circuit = kg.Circuit(3)
    for q in range(3):
        circuit.ry(x[q], q).rx(w[q], q).rz(w[3 + q], q)
    circuit.cx(0, 1).cx(1, 2)
    program = kg.compile(circuit, ["ZII", "IZX"], inputs=x)
    inputs, weights = np.full((5, 3), 0.1), np.full(6, 0.2)
    apart, cotangent = np.tile(weights, (5, 1)), np.ones((5, 2))

    def calls(count: int) -> int:
        for _ in range(count):
            program.expval(inputs, weights)
            program.vjp(cotangent, inputs, weights)
            program.vjp(cotangent, inputs, apart)
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # KiB

    before = calls(2_000)
    assert calls(33_000) - before < 2_000
