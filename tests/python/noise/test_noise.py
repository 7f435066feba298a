"""Channels, noise models, density matrices and trajectories."""

import pickle
from typing import Any

import numpy as np
import pytest

import ketgrad as kg

NOISE = (
    kg.NoiseModel()
    .add(kg.Channel.depolarizing(0.02))
    .add(kg.Channel.depolarizing2(0.05), "cx")
    .add(kg.Channel.thermal_relaxation(50.0, 70.0, 1.0), ["h", "rx"], qubits=0)
    .add_readout_error(0.02, 0.03)
)


def circuit() -> kg.Circuit:
    a, b = kg.Parameter("a"), kg.Parameter("b")
    return kg.Circuit(3).h(0).cx(0, 1).rx(a, 0).ry(a * b, 1).crx(b, 1, 2).cx(2, 0)


def embed(matrix: Any, qubits: list[int], n: int) -> Any:
    """The operator on n qubits, by definition."""
    size = 2**n
    out = np.zeros((size, size), complex)
    for column in range(size):
        local = sum(((column >> q) & 1) << k for k, q in enumerate(qubits))
        rest = column & ~sum(1 << q for q in qubits)
        for row, value in enumerate(np.asarray(matrix)[:, local]):
            out[rest | sum(((row >> k) & 1) << q for k, q in enumerate(qubits)), column] += value
    return out


def test_channels_are_data() -> None:
    channel = kg.Channel.amplitude_damping(0.3)
    assert (channel.name, channel.parameters, channel.n_qubits) == ("amplitude_damping", [0.3], 1)
    total = sum(k.conj().T @ k for k in channel.kraus)
    assert np.allclose(total, np.eye(2))
    assert pickle.loads(pickle.dumps(channel)) == channel
    assert kg.Channel.from_kraus(channel.kraus) != channel
    assert kg.Channel.thermal_relaxation(1, 1, 1) == kg.Channel.thermal_relaxation(
        t1=1, t2=1, time=1, excited_population=0
    )


def test_probabilities_of_noisy_programs() -> None:
    noisy = kg.compile_noisy(circuit(), "ZZZ", NOISE)
    weights = np.array([[0.3, 0.8], [-1.1, 0.4]])
    for precision, tolerance in (("double", 1e-12), ("single", 1e-6)):
        noisy = kg.compile_noisy(circuit(), "ZZZ", NOISE, precision=precision)
        found = noisy.probs(weights=weights)
        for row, (a, b) in zip(found, weights, strict=True):
            rho = circuit().density_matrix({"a": a, "b": b}, noise=NOISE).matrix()
            np.testing.assert_allclose(row, np.diag(rho).real, atol=tolerance)
        marginal = noisy.probs(weights=weights, qubits=[2, 0])
        cube = found.reshape(2, 2, 2, 2)  # sample, qubit 2, 1, 0
        np.testing.assert_allclose(
            marginal.reshape(2, 2, 2), cube.sum(axis=2).transpose(0, 2, 1), atol=tolerance
        )
        np.testing.assert_array_equal(noisy.probs(weights=weights[1]), found[1])
    with pytest.raises(IndexError, match="qubit 3"):
        noisy.probs(weights=weights, qubits=[3])
    with pytest.raises(ValueError, match="1"):
        noisy.probs(weights=weights, qubits=[1, 1])
    with pytest.raises(ValueError, match="no qubits"):
        noisy.probs(weights=weights, qubits=[])


def test_the_density_matrix_is_that_of_dense_algebra() -> None:
    rng = np.random.default_rng(1)
    q, _ = np.linalg.qr(rng.normal(size=(12, 4)) + 1j * rng.normal(size=(12, 4)))
    channel = kg.Channel.from_kraus(q.reshape(3, 4, 4))
    c = kg.Circuit(3).h(0).cx(0, 2).t(2).channel(channel, [2, 0]).cx(1, 0)
    rho = kg.Circuit(3).h(0).cx(0, 2).t(2).density_matrix().matrix()
    wide = [embed(k, [2, 0], 3) for k in channel.kraus]
    last = kg.Circuit(3).cx(1, 0).matrix()
    expected = last @ sum(k @ rho @ k.conj().T for k in wide) @ last.conj().T
    for precision, tolerance in (("double", 1e-12), ("single", 1e-6)):
        found = c.density_matrix(precision=precision)
        assert np.abs(found.matrix() - expected).max() < tolerance
        assert found.precision == precision
        assert found.trace() == pytest.approx(1, abs=tolerance)


def test_a_channel_on_one_qubit_is_put_on_each_of_a_list() -> None:
    flip = kg.Channel.bit_flip(0.1)
    each = kg.Circuit(3).channel(flip, 0).channel(flip, 1).channel(flip, 2)
    assert kg.Circuit(3).channel(flip, range(3)) == each
    circuit = kg.Circuit(3).h(0)
    with pytest.raises(IndexError, match="qubit 3"):
        circuit.channel(flip, [0, 1, 3])
    with pytest.raises(ValueError, match="qubit"):
        circuit.channel(flip, [])
    with pytest.raises(ValueError, match="Kraus operator 0"):
        circuit.channel(kg.Channel.depolarizing2(0.1), range(3))
    assert circuit == kg.Circuit(3).h(0)


def test_values_of_a_noise_model_agree_between_both_methods() -> None:
    noisy = kg.compile_noisy(circuit(), ["ZII", "XXI", "IIY"], NOISE)
    assert noisy.weights == ["a", "b"]
    exact = noisy.expval(weights=[0.4, 0.9])
    rho = circuit().density_matrix({"a": 0.4, "b": 0.9}, noise=NOISE)
    assert exact == pytest.approx([rho.expval(o) for o in ("ZII", "XXI", "IIY")])
    values, errors = noisy.expval(weights=[0.4, 0.9], trajectories=20_000, seed=1, return_std=True)
    assert np.all(np.abs(values - exact) <= 4.5 * errors + 1e-12)
    assert np.array_equal(values, noisy.expval(weights=[0.4, 0.9], trajectories=20_000, seed=1))


def test_counts_under_noise_agree_between_both_methods() -> None:
    measured = circuit().assign({"a": 0.4, "b": 0.9}).measure_all()
    exact = measured.run(1, noise=NOISE, method="density_matrix").probabilities()
    chi = 0.0
    for seed in range(10):
        counts = measured.run(5000, seed=seed, noise=NOISE).counts()
        chi += sum((counts.get(b, 0) - 5000 * p) ** 2 / (5000 * p) for b, p in exact.items())
    freedom = 10 * (len(exact) - 1)
    assert abs(chi - freedom) < 4 * np.sqrt(2 * freedom)


def test_gradients_are_those_of_finite_differences() -> None:
    noisy = kg.compile_noisy(circuit(), ["ZII", "XXI", "IIY"], NOISE)
    at = np.array([0.4, 0.9])
    step = 1e-3
    columns = []
    for k in range(2):
        move = step * np.eye(2)[k]
        f = [noisy.expval(weights=at + m * move) for m in (1, -1, 2, -2)]
        columns.append((8 * (f[0] - f[1]) - (f[2] - f[3])) / (12 * step))
    for method in ("auto", "adjoint", "parameter-shift"):
        assert (
            np.abs(noisy.jacobian(weights=at, diff_method=method)[1] - np.transpose(columns)).max()
            < 1e-8
        )
    with pytest.raises(ValueError, match="diff_method is 'spsa'; it must be 'auto', 'adjoint' or"):
        noisy.jacobian(weights=at, diff_method="spsa")
    with pytest.raises(ValueError, match="the adjoint method is exact"):
        noisy.jacobian(weights=at, diff_method="adjoint", trajectories=10)
    _, values, _, errors = noisy.jacobian(weights=at, trajectories=5000, seed=2, return_std=True)
    assert np.all(np.abs(values - noisy.jacobian(weights=at)[1]) <= 5 * errors + 1e-12)


def test_noise_models_read_back_equal() -> None:
    assert kg.NoiseModel.from_json(NOISE.to_json()) == NOISE
    assert pickle.loads(pickle.dumps(NOISE)) == NOISE
    assert kg.NoiseModel() != NOISE
    text = '{"format": "ketgrad.noise_model", "version": 1, "rules": [{"channel": {}}]}'
    with pytest.raises(ValueError, match=r"noise_model\.rules\[0\]\.channel: the key 'name'"):
        kg.NoiseModel.from_json(text)


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: kg.Channel.bit_flip(1.1), ValueError, r"p = 1.1 is outside \[0, 1\]"),
        (lambda: kg.Channel.depolarizing(float("nan")), ValueError, "p = nan is outside"),
        (lambda: kg.Channel.thermal_relaxation(1, 2.1, 1), ValueError, "t2 = 2.1 is above"),
        (lambda: kg.Channel.thermal_relaxation(1e308, np.inf, 1), ValueError, "t2 = inf is above"),
        (lambda: kg.Channel.pauli({"X": 0.7, "Y": 0.7}), ValueError, "add up to 1.4"),
        (lambda: kg.Channel.pauli({"A": 0.7}), ValueError, "A"),
        (lambda: kg.Channel.from_kraus([[[1, 0], [0, 0]]]), ValueError, "preserve the trace"),
        (lambda: kg.Channel.from_kraus([[1, 0]]), ValueError, "must have two axes"),
        (lambda: kg.Channel.from_kraus([]), ValueError, "at least one"),
        (
            lambda: kg.Channel.bit_flip("0.1"),
            TypeError,
            r"bit_flip\(\): p must be float, not '0.1' \(str\)",
        ),  # type: ignore[arg-type]
        (lambda: kg.Channel.pauli({"": 0.9}), ValueError, "Pauli string of a channel is empty"),
        (lambda: kg.Channel.pauli(["X"]), TypeError, r"by name are expected.*\['X'\]"),  # type: ignore[arg-type]
        (lambda: kg.Channel.pauli({"X": "a"}), TypeError, "'X' must be a number, not 'a'"),  # type: ignore[dict-item]
        (lambda: kg.Circuit(1).channel("x", 0), TypeError, "channel must be Channel, not 'x'"),  # type: ignore[arg-type]
        (lambda: kg.NoiseModel().add("x"), TypeError, "channel must be Channel, not 'x'"),  # type: ignore[arg-type]
        (lambda: kg.NoiseModel().apply("x"), TypeError, "circuit must be Circuit, not 'x'"),  # type: ignore[arg-type]
        (
            lambda: kg.NoiseModel().add_readout_error("x", 0),
            TypeError,
            "one_for_zero must be float",
        ),  # type: ignore[arg-type]
        (
            lambda: kg.compile_noisy(circuit(), "Z", noise="x"),  # type: ignore[arg-type]
            TypeError,
            "noise must be NoiseModel .*, not 'x'",
        ),
        (lambda: kg.compile_noisy("x", "Z"), TypeError, "circuit must be Circuit, not 'x'"),  # type: ignore[arg-type]
        (
            lambda: circuit().density_matrix(noise=kg.Channel.reset()),  # type: ignore[arg-type]
            TypeError,
            r"noise must be NoiseModel .* not <ketgrad.Channel: reset on 1 qubit> \(Channel\)",
        ),
        (lambda: kg.NoiseModel().add(kg.Channel.reset(), "no"), ValueError, "no"),
        (lambda: kg.NoiseModel().add(kg.Channel.reset(), []), ValueError, "empty"),
        (lambda: kg.NoiseModel().add_readout_error(0, 2), ValueError, r"must be in \[0, 1\]"),
        (
            lambda: kg.Circuit(2).channel(kg.Channel.depolarizing2(0.1), [0]),
            ValueError,
            "2 x 2 for 1",
        ),
        (lambda: kg.Circuit(2).channel(kg.Channel.bit_flip(0.1), 2), IndexError, "out of range"),
        (lambda: kg.Circuit(24).density_matrix(), MemoryError, "density matrix of 24 qubits"),
        (lambda: kg.Circuit(40).density_matrix(), ValueError, r"\[1, 31\]"),
        (
            lambda: kg.compile_noisy(circuit(), "Z").expval(weights=[0.1]),
            ValueError,
            r"shape \(2,\)",
        ),
        (
            lambda: kg.compile_noisy(circuit(), "Z").expval(weights=[0.1, np.inf]),
            ValueError,
            "finite",
        ),
        (
            lambda: kg.compile_noisy(circuit(), "Z").expval(weights=[0, 0], trajectories=0),
            ValueError,
            "trajectories is 0",
        ),
    ],
)
def test_bad_input_is_refused(make: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        make()


def test_exact_values_have_no_errors() -> None:
    values, errors = kg.compile_noisy(circuit(), "Z").expval(weights=[0.1, 0.2], return_std=True)
    assert values.shape == errors.shape
    assert (errors == 0).all()


def test_a_wide_density_matrix_is_refused_before_its_state_is_made() -> None:
    before = kg.available_memory()
    with pytest.raises(MemoryError, match="density matrix of 26 qubits"):
        kg.Circuit(26).h(0).density_matrix()
    assert kg.available_memory() > before - 2**28


@pytest.mark.parametrize("precision", ["single", "double"])
def test_a_batch_of_weights_has_the_values_of_a_loop_over_it(precision: str) -> None:
    noise = kg.NoiseModel().add(kg.Channel.depolarizing(0.02))
    circuit = kg.hardware_efficient(3, n_layers=1)
    noisy = kg.compile_noisy(circuit, ["ZII", "XXI"], noise, precision=precision)
    weights = np.random.default_rng(1).uniform(-1, 1, (5, len(noisy.weights)))
    values, jacobian = noisy.expval(weights=weights), noisy.jacobian(weights=weights)[1]
    assert values.shape == (5, 2)
    assert jacobian.shape == (5, 2, len(noisy.weights))
    for k, row in enumerate(weights):
        np.testing.assert_array_equal(values[k], noisy.expval(weights=row))
        np.testing.assert_array_equal(jacobian[k], noisy.jacobian(weights=row)[1])
    means, std = noisy.expval(weights=weights, trajectories=2000, seed=1, return_std=True)
    assert (np.abs(means - values) < 5 * std).all()
    one = noisy.expval(weights=weights[0], trajectories=2000, seed=1)
    np.testing.assert_array_equal(means[0], one)
    assert noisy.jacobian(weights=weights[:0])[1].shape == (0, 2, len(noisy.weights))
    with pytest.raises(ValueError, match=r"weights must have shape \(\d+,\) or \(batch, \d+\)"):
        noisy.expval(weights=weights[:, 1:])


def data_circuit() -> kg.Circuit:
    x, w = kg.ParameterVector("x", 2), kg.ParameterVector("w", 4)
    out = kg.Circuit(2).ry(x[0], 0).ry(x[1] * w[3], 1).rx(w[0], 0).cx(1, 0)
    return out.ry(w[1], 0).rx(w[2] * x[0], 1)


def test_inputs_and_cotangents_under_noise() -> None:
    noise = kg.NoiseModel().add(kg.Channel.amplitude_damping(0.05))
    noisy = kg.compile_noisy(data_circuit(), ["ZI", "IX"], noise, inputs="x")
    assert (noisy.inputs, noisy.weights) == (["x[0]", "x[1]"], ["w[0]", "w[1]", "w[2]", "w[3]"])
    rng = np.random.default_rng(3)
    X, W = rng.normal(size=(5, 2)), rng.normal(size=4)
    by_inputs, by_weights = noisy.jacobian(X, W)
    assert (by_inputs.shape, by_weights.shape) == ((5, 2, 2), (5, 2, 4))
    step = 1e-4
    for k in range(2):
        move = step * np.eye(2)[k]
        slope = (noisy.expval(X + move, W) - noisy.expval(X - move, W)) / (2 * step)
        assert np.abs(by_inputs[:, :, k] - slope).max() < 1e-7
    cotangent = rng.normal(size=(5, 2))
    gradients = noisy.vjp(cotangent, X, W)
    assert np.abs(gradients[0] - np.einsum("bo,boi->bi", cotangent, by_inputs)).max() < 1e-12
    assert np.abs(gradients[1] - np.einsum("bo,bow->w", cotangent, by_weights)).max() < 1e-12
    per_sample = noisy.vjp(cotangent, X, np.tile(W, (5, 1)))[1]
    assert np.abs(per_sample - np.einsum("bo,bow->bw", cotangent, by_weights)).max() < 1e-12
    with pytest.raises(ValueError, match=r"cotangent must have shape \(5, 2\), got \(5, 1\)"):
        noisy.vjp(cotangent[:, :1], X, W)


def test_a_classifier_learns_under_noise() -> None:
    noise = kg.NoiseModel().add(kg.Channel.depolarizing(0.01))
    noisy = kg.compile_noisy(data_circuit(), "IZ", noise, inputs="x")
    rng = np.random.default_rng(0)
    X = rng.uniform(-1.5, 1.5, (60, 2))
    y = np.where(X[:, 0] > 0, 1.0, -1.0)[:, None]
    W = rng.normal(size=4) * 0.1
    for _ in range(60):
        W -= 0.3 * noisy.vjp((noisy.expval(X, W) - y) / len(X), X, W)[1]
    assert np.mean(np.sign(noisy.expval(X, W)) == y) > 0.9


def test_a_density_matrix_is_an_array():
    rho = kg.Circuit(1).h(0).density_matrix()
    np.testing.assert_array_equal(np.asarray(rho), rho.matrix())
    assert np.asarray(rho, dtype=np.complex64).dtype == np.complex64


@pytest.mark.parametrize("method", ["trajectories", "density_matrix"])
def test_what_run_measures_by_itself_is_misread_too(method: str) -> None:
    noise = kg.NoiseModel().add(kg.Channel.bit_flip(0.1)).add_readout_error(0.2, 0.4)
    bell = kg.Circuit(2).h(0).cx(0, 1)
    by_itself, by_hand = (
        circuit.run(1000, noise=noise, seed=1, method=method).counts()
        for circuit in (bell, kg.Circuit(2).h(0).cx(0, 1).measure_all())
    )
    assert by_itself == by_hand
    assert set(by_itself) == {"00", "01", "10", "11"}
