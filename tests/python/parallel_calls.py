"""One quick call of every kind of work that runs on several threads.

PARALLEL_CALLS[name]() does the work from nothing and returns what `==` compares and pickle takes:
the same on any number of threads, and in any process.
"""

from collections.abc import Callable
from functools import cache

import numpy as np

import ketgrad as kg

NARROW, WIDE = 6, 17  # qubits of programs that run in blocks of samples, and in tiles


@cache
def narrow() -> tuple[kg.Program, np.ndarray]:
    """A program of few qubits and weights for 64 samples."""
    circuit = kg.hardware_efficient(NARROW, 2)
    program = kg.compile(circuit, [kg.PauliSum("Z0", n_qubits=NARROW), "XXYYZZ"])
    weights = np.random.default_rng(1).uniform(-3, 3, (64, len(program.weights)))
    return program, weights


@cache
def wide() -> tuple[kg.Program, np.ndarray]:
    """A program of many qubits and its weights."""
    circuit = kg.hardware_efficient(WIDE, 1)
    terms = {"Z" * WIDE: 1.0, "XX" + "I" * (WIDE - 2): 0.5}
    program = kg.compile(circuit, terms)
    return program, np.random.default_rng(2).uniform(-3, 3, len(program.weights))


@cache
def dynamic() -> kg.Circuit:
    """A circuit that measures midway."""
    circuit = kg.Circuit(5, 5)
    for qubit in range(5):
        circuit.ry(0.3 + 0.2 * qubit, qubit)
    circuit.cx(0, 1).measure(1, 0).cx(1, 2).reset(3).ry(0.7, 3)
    for qubit in range(1, 5):
        circuit.measure(qubit, qubit)
    return circuit


def noise() -> kg.NoiseModel:
    """Depolarizing noise after every gate."""
    return kg.NoiseModel().add(kg.Channel.depolarizing(0.05))


def forward_batch() -> object:
    program, weights = narrow()
    return program.expval(weights=weights).tobytes()


def gradients() -> object:
    program, weights = narrow()
    inputs, of_weights = program.vjp(np.ones((64, 2)), weights=weights)
    return inputs.tobytes(), of_weights.tobytes()


def parameter_shift() -> object:
    program, weights = narrow()
    out = program.jacobian(weights=weights[:8], diff_method="parameter-shift")
    return [array.tobytes() for array in out]


def finite_differences() -> object:
    program, weights = narrow()
    out = program.jacobian(weights=weights[:8], diff_method="finite-diff")
    return [array.tobytes() for array in out]


def hessian() -> object:
    program, weights = narrow()
    return [np.asarray(array).tobytes() for array in program.hessian(weights=weights[0])]


def metric_tensor() -> object:
    program, weights = narrow()
    return program.metric_tensor(weights=weights[:4]).tobytes()


def wide_state() -> object:
    program, weights = wide()
    return program.expval(weights=weights).tobytes()


def wide_gradients() -> object:
    program, weights = wide()
    return [array.tobytes() for array in program.vjp([1.0], weights=weights)]


def wide_circuit() -> kg.State:
    state = kg.State(WIDE, seed=3)
    circuit = kg.Circuit(WIDE)
    for qubit in range(WIDE):
        circuit.ry(0.1 * (qubit + 1), qubit)
    return state.apply(circuit)


def probabilities() -> object:
    return wide_circuit().probabilities([0, 5, 16]).tobytes()


def sampling() -> object:
    return wide_circuit().sample(200_000, seed=4).tobytes()


def reduced_density_matrix() -> object:
    return wide_circuit().reduced_density_matrix([1, 8]).tobytes()


def pauli_sum() -> object:
    rng = np.random.default_rng(5)
    terms = {"".join(rng.choice(list("IXYZ"), WIDE)): float(c) for c in rng.normal(size=40)}
    return wide_circuit().expval(terms)


def matrix() -> object:
    circuit = kg.hardware_efficient(8, 2)
    return circuit.matrix({name: 0.1 * k for k, name in enumerate(circuit.parameters)}).tobytes()


def matrices() -> object:
    """Products of matrices, large enough for threads of their own if any were to be made."""
    rng = np.random.default_rng(15)
    numbers = rng.normal(size=(64, 64))
    unitary, _ = np.linalg.qr(numbers)
    observable = kg.MatrixObservable(numbers + numbers.T, qubits=range(6))
    power = kg.Circuit(6).unitary(unitary, range(6)).power(0.5)
    return observable.eigenvalues, power.matrix().tobytes()


def shots() -> object:
    circuit = kg.hardware_efficient(NARROW, 1).assign({f"w[{k}]": 0.1 * k for k in range(18)})
    return circuit.measure_all().run(100_000, seed=6).counts()


def dynamic_shots() -> object:
    return dynamic().run(20_000, seed=7).counts()


def trajectories() -> object:
    return dynamic().run(5_000, seed=8, noise=noise(), method="trajectories").counts()


def density_matrix() -> object:
    circuit = noise().apply(kg.hardware_efficient(7, 1).assign({f"w[{k}]": 0.1 for k in range(21)}))
    return circuit.density_matrix().probabilities().tobytes()


def noisy_gradients() -> object:
    circuit = noise().apply(kg.hardware_efficient(3, 1))
    program = kg.compile_noisy(circuit, "ZZZ")
    weights = np.random.default_rng(9).normal(size=(6, len(program.weights)))
    values = program.expval(weights=weights, trajectories=64, seed=1)
    return values.tobytes(), [a.tobytes() for a in program.jacobian(weights=weights)]


def shadow() -> object:
    return wide_circuit().shadow(2_000, seed=10).expval("Z" + "I" * (WIDE - 1))[0].tobytes()


def training() -> object:
    model = kg.make_model(3, n_layers=2)
    model.initialize(seed=11)
    x = np.random.default_rng(12).normal(size=(64, 3))
    trainer = kg.Trainer(model, loss="squared", epochs=2, batch_size=32, seed=13)
    trainer.fit(x, x[:, :1])
    return trainer.model.parameters.tobytes()


def fidelity_kernel() -> object:
    program, weights = narrow()
    return kg.fidelity_kernel(program, weights=weights).tobytes()


def projected_kernel() -> object:
    program, weights = narrow()
    return kg.projected_kernel(program, weights=weights).tobytes()


def minimize() -> object:
    program, weights = wide()
    result = kg.minimize(program, weights, optimizer="adam", steps=2)
    return result.weights.tobytes()


def sampled_estimates() -> object:
    program, weights = narrow()
    return program.expval(weights=weights[:8], shots=1_000, seed=14).tobytes()


PARALLEL_CALLS: dict[str, Callable[[], object]] = {
    "forward batch": forward_batch,
    "gradients": gradients,
    "parameter shift": parameter_shift,
    "finite differences": finite_differences,
    "hessian": hessian,
    "metric tensor": metric_tensor,
    "wide state": wide_state,
    "wide gradients": wide_gradients,
    "probabilities": probabilities,
    "sampling": sampling,
    "reduced density matrix": reduced_density_matrix,
    "pauli sum": pauli_sum,
    "matrix": matrix,
    "matrices": matrices,
    "shots": shots,
    "dynamic shots": dynamic_shots,
    "trajectories": trajectories,
    "density matrix": density_matrix,
    "noisy gradients": noisy_gradients,
    "shadow": shadow,
    "training": training,
    "fidelity kernel": fidelity_kernel,
    "projected kernel": projected_kernel,
    "minimize": minimize,
    "sampled estimates": sampled_estimates,
}
