"""Ways in which a value that JAX or PyTorch follows could become part of a program."""

from collections.abc import Callable
from typing import Any

import ketgrad as kg

X = kg.Parameter("x")
CIRCUIT = kg.Circuit(1).rx(X, 0)
PROGRAM = kg.compile(CIRCUIT, "Z")
V = kg.ParameterVector("v", 2)

# Of a scalar.
OF_NUMBERS: dict[str, Callable[[Any], Any]] = {
    "rx": lambda a: kg.Circuit(1).rx(a, 0),
    "rx of several": lambda a: kg.Circuit(2).rx([a, 0.1], [0, 1]),
    "u": lambda a: kg.Circuit(1).u(0.1, a, 0.2, 0),
    "a sum": lambda a: X + a,
    "a product": lambda a: X * a,
    "a product from the left": lambda a: a * X,
    "a power": lambda a: (2 * X) ** a,
    "a function": lambda a: kg.sin(a),
    "beside a vector": lambda a: V * a,
    "assign": lambda a: CIRCUIT.assign({"x": a}),
    "PauliSum": lambda a: kg.PauliSum({"Z": a}),
    "PauliSum of a list": lambda a: kg.PauliSum([("Z", a)]),
    "PauliSum times": lambda a: kg.PauliSum("Z") * a,
    "times PauliSum": lambda a: a * kg.PauliSum("Z"),
    "PauliSum over": lambda a: kg.PauliSum("Z") / a,
    "an observable": lambda a: kg.compile(CIRCUIT, {"Z": a}),
    "trotter": lambda a: kg.library.trotter(kg.PauliSum("Z"), a, 1),
    "initialize": lambda a: kg.Circuit(1).initialize([a, 0.5]),
    "depolarizing": lambda a: kg.Channel.depolarizing(a),
    "pauli": lambda a: kg.Channel.pauli({"X": a}),
    "thermal_relaxation": lambda a: kg.Channel.thermal_relaxation(a, 1.0, 1.0),
    "readout error": lambda a: kg.NoiseModel().add_readout_error(a, 0.1),
    "weights": lambda a: PROGRAM.expval(weights=[a]),
    "weights by name": lambda a: PROGRAM.expval(weights={"x": a}),
    "a layer's inputs": lambda a: kg.layers.Dense(1, 1).forward([[a]], [0.1, 0.2]),
    "minimize": lambda a: kg.minimize(PROGRAM, [a], steps=1),
    "a learning rate": lambda a: kg.Optimizer("sgd", a),
    "a step": lambda a: kg.Optimizer("sgd").step([a], [0.1]),
    "a loss's value": lambda a: PROGRAM.value_and_vjp(lambda z: (a, z), weights=[0.1]),
}
# Of a square matrix.
OF_MATRICES: dict[str, Callable[[Any], Any]] = {
    "unitary": lambda m: kg.Circuit(1).unitary(m, [0]),
    "MatrixObservable": lambda m: kg.MatrixObservable(m, [0]),
    "Kraus": lambda m: kg.Channel.from_kraus([m]),
    "inputs": lambda m: PROGRAM.expval(weights=m),
    "a loss's derivatives": lambda m: PROGRAM.value_and_vjp(lambda z: (0.0, m), weights=[0.1]),
}
