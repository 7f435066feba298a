"""Derivatives through QNodes, in every interface, are those of default.qubit."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pennylane as qml
import pytest
import torch
from pennylane import numpy as pnp

DEVICES = ("default.qubit", "ketgrad.qubit")
RNG = np.random.default_rng(0)
X, W = RNG.uniform(-2, 2, (5, 3)), RNG.uniform(-2, 2, (2, 3, 3))


KINDS = {
    "one": lambda: [qml.expval(qml.Z(0))],
    "sum": lambda: [qml.expval(0.5 * qml.Z(0) @ qml.X(2) - 1.5 * qml.Y(1) + 2 * qml.I(0))],
    "matrix": lambda: [qml.expval(qml.Hermitian(np.diag([1.0, 2, -1, 0.5]), [2, 0]))],
    "several": lambda: [qml.expval(qml.Z(0)), qml.expval(qml.X(1) @ qml.Y(2))],
    "variance": lambda: [qml.var(qml.Z(1))],
    "probabilities": lambda: [qml.probs(wires=[2, 0])],
    "mixed": lambda: [qml.expval(qml.Y(0)), qml.var(qml.X(2)), qml.probs(wires=[1])],
}


def model(device: str, kind: str, **options):
    @qml.qnode(qml.device(device, wires=3), **options)
    def circuit(x, w):
        qml.AngleEmbedding(x, wires=range(3))
        qml.StronglyEntanglingLayers(w, wires=range(3))
        made = KINDS[kind]()
        return made if len(made) > 1 else made[0]

    return circuit


def loss(math, results):
    results = results if isinstance(results, list | tuple) else [results]
    return sum((k + 1) * math.sum(math.sin(r)) for k, r in enumerate(results))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("x", [X, X[0]], ids=["batch", "one"])
def test_autograd(kind, x):
    x, w = pnp.array(x, requires_grad=True), pnp.array(W, requires_grad=True)
    found = []
    for device in DEVICES:
        circuit = model(device, kind)
        found.append(qml.grad(lambda x, w, f=circuit: loss(pnp, f(x, w)))(x, w))
    for theirs, ours in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("x", [X, X[0]], ids=["batch", "one"])
def test_torch(kind, x):
    found = []
    for device in DEVICES:
        x_, w = torch.tensor(x, requires_grad=True), torch.tensor(W, requires_grad=True)
        loss(torch, model(device, kind)(x_, w)).backward()
        found.append((x_.grad.numpy(), w.grad.numpy()))
    for theirs, ours in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)


@pytest.mark.parametrize(
    ("kind", "jit"), [*((kind, False) for kind in KINDS), ("one", True), ("mixed", True)]
)
@pytest.mark.parametrize("x", [X, X[0]], ids=["batch", "one"])
def test_jax(kind, x, jit):
    jax.config.update("jax_enable_x64", True)
    found = []
    for device in DEVICES:
        circuit = model(device, kind)
        slope = jax.grad(lambda x, w, f=circuit: loss(jnp, f(x, w)), argnums=(0, 1))
        found.append((jax.jit(slope) if jit else slope)(jnp.array(x), jnp.array(W)))
    for theirs, ours in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)


@pytest.mark.parametrize("kind", ["one", "sum", "probabilities"])
def test_jacobians(kind):
    w = pnp.array(W, requires_grad=True)
    x = pnp.array(X[0], requires_grad=False)
    theirs, ours = (qml.jacobian(model(device, kind))(x, w) for device in DEVICES)
    np.testing.assert_allclose(ours, theirs, atol=1e-12)
    jax.config.update("jax_enable_x64", True)
    ours = jax.jacobian(model("ketgrad.qubit", kind), argnums=1)(jnp.array(X[0]), jnp.array(W))
    np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_jacobians_of_a_batch():
    x, w = pnp.array(X, requires_grad=True), pnp.array(W, requires_grad=True)
    theirs, ours = (qml.jacobian(model(device, "one"))(x, w) for device in DEVICES)
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-12)


def test_second_derivatives():
    w = pnp.array(W[:1], requires_grad=True)
    x = pnp.array(X[0], requires_grad=False)

    def hessian(device):
        circuit = model(device, "one", diff_method="parameter-shift", max_diff=2)
        return qml.jacobian(qml.grad(lambda w: circuit(x, w)))(w)

    np.testing.assert_allclose(hessian("ketgrad.qubit"), hessian("default.qubit"), atol=1e-10)


def test_metric_tensor():
    w = pnp.array(W, requires_grad=True)
    x = pnp.array(X[0], requires_grad=False)
    theirs, ours = (
        qml.metric_tensor(model(device, "one"), approx="block-diag")(x, w) for device in DEVICES
    )
    np.testing.assert_allclose(ours, theirs, atol=1e-12)


@pytest.mark.parametrize("method", ["parameter-shift", "finite-diff", "adjoint", "device"])
def test_other_methods(method):
    w = pnp.array(W, requires_grad=True)
    x = pnp.array(X[0], requires_grad=False)
    theirs = qml.grad(model("default.qubit", "sum"))(x, w)
    ours = qml.grad(model("ketgrad.qubit", "sum", diff_method=method))(x, w)
    np.testing.assert_allclose(ours, theirs, atol=1e-5 if method == "finite-diff" else 1e-12)


OF_STATES = {
    "state": qml.state,
    "density matrix": lambda: qml.density_matrix(wires=[2, 0]),
    "purity": lambda: qml.purity(wires=[1]),
    "entropy": lambda: qml.vn_entropy(wires=[0, 2]),
    "information": lambda: qml.mutual_info(wires0=[0], wires1=[1]),
}


@pytest.mark.parametrize("kind", OF_STATES)
@pytest.mark.parametrize("x", [X, X[0]], ids=["batch", "one"])
def test_states(kind, x):
    """Of a real loss of amplitudes, in every interface."""
    jax.config.update("jax_enable_x64", True)

    def value(math, device, x, w):
        @qml.qnode(qml.device(device, wires=[2, "a", 0, 1]))  # as wires are, not as they come
        def circuit(x, w):
            qml.AngleEmbedding(x, wires=range(3))
            qml.StronglyEntanglingLayers(w, wires=range(3))
            return OF_STATES[kind]()

        found = circuit(x, w)
        return math.sum(math.sin(math.real(found)) + math.real(found * found * (1 + 2j)))

    def by_autograd(device):
        w = pnp.array(W, requires_grad=True)
        x_ = pnp.array(x, requires_grad=True)
        return qml.grad(lambda x, w: value(pnp, device, x, w))(x_, w)

    def by_torch(device):
        x_, w = torch.tensor(x, requires_grad=True), torch.tensor(W, requires_grad=True)
        value(torch, device, x_, w).backward()
        return x_.grad.numpy(), w.grad.numpy()

    def by_jax(device):
        slope = jax.grad(lambda x, w: value(jnp, device, x, w), argnums=(0, 1))
        return slope(jnp.array(x), jnp.array(W))

    theirs = by_autograd("default.qubit")
    for by in (by_autograd, by_torch, by_jax):
        for one, other in zip(by("ketgrad.qubit"), theirs, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-8)


def test_derivatives_of_states_as_devices_give_them():
    device = qml.device("ketgrad.qubit", wires=2)
    ops = [qml.RX(0.3, 1), qml.CRY(0.7, [1, 0]), qml.RZ(-0.4, 0)]
    tape = qml.tape.QuantumScript(ops, [qml.measurements.StateMP(wires=[1, 0])])
    tape.trainable_params = [0, 1, 2]
    (found,) = device.compute_derivatives([tape])
    for k in range(3):
        shifted = []
        for step in (1e-6, -1e-6):
            angles = [op.data[0] + step * (j == k) for j, op in enumerate(ops)]
            moved = tape.bind_new_parameters(angles, [0, 1, 2])
            shifted.append(device.execute(moved))
        np.testing.assert_allclose(found[k], (shifted[0] - shifted[1]) / 2e-6, atol=1e-8)


FORWARD = {kind: KINDS[kind] for kind in ("sum", "probabilities", "variance", "mixed")}


@pytest.mark.parametrize("kind", FORWARD)
def test_forward_mode_and_hessians_in_jax(kind):
    jax.config.update("jax_enable_x64", True)
    circuit = model("ketgrad.qubit", kind)
    x, w = jnp.array(X), jnp.array(W)
    step = jnp.cos(w)

    def values(w, f=circuit, x=x):
        return jnp.concatenate([jnp.ravel(one) for one in jax.tree.leaves(f(x, w))])

    slopes = jax.jacobian(values)(w).reshape(-1, w.size)  # in reverse: compared above
    by_hand = (slopes @ step.ravel()).reshape(-1)
    for f in (values, jax.jit(values)):
        np.testing.assert_allclose(jax.jvp(f, (w,), (step,))[1], by_hand, atol=1e-12)
    forward = jax.jacfwd(values)(w).reshape(-1, w.size)
    np.testing.assert_allclose(forward, slopes, atol=1e-12)
    one = partial(values, x=x[0])
    second = jax.jvp(jax.jacfwd(one), (w,), (step,))[1]
    steps = [jax.jacfwd(one)(w + h * step) for h in (1e-5, -1e-5)]
    np.testing.assert_allclose(second, (steps[0] - steps[1]) / 2e-5, atol=1e-7)
    assert jax.jit(jax.hessian(lambda w: loss(jnp, circuit(x[0], w))))(w).shape == w.shape * 2


def test_jitted_circuits_run_no_python():
    calls = []
    circuit = model("ketgrad.qubit", "one")
    jitted = jax.jit(lambda w: [calls.append(None), circuit(jnp.array(X), w)][1])
    text = jitted.lower(jnp.array(W)).as_text()
    assert "callback" not in text
    jitted(jnp.array(W))
    jitted(jnp.array(W) + 1)
    assert len(calls) == 1


def test_a_torch_layer_trains():
    torch.manual_seed(0)
    circuit = model("ketgrad.qubit", "several")

    @qml.qnode(circuit.device)
    def of_names(inputs, weights):
        return circuit.func(inputs, weights)

    layer = qml.qnn.TorchLayer(of_names, {"weights": W.shape})
    net = torch.nn.Sequential(layer, torch.nn.Linear(2, 1))
    x, y = (
        torch.tensor(X, dtype=torch.float32),
        torch.tensor(np.sign(X[:, :1]), dtype=torch.float32),
    )
    optimizer = torch.optim.Adam(net.parameters(), 0.1)
    losses = []
    for _ in range(20):
        optimizer.zero_grad()
        value = ((net(x) - y) ** 2).mean()
        value.backward()
        optimizer.step()
        losses.append(float(value))
    assert losses[-1] < 0.3 * losses[0]


def test_trained_coefficients_go_by_another_method():
    factors = pnp.array([0.3, -0.7], requires_grad=True)

    def energy(device):
        @qml.qnode(qml.device(device, wires=2))
        def circuit(c):
            qml.RX(0.4, wires=0)
            qml.CNOT(wires=[0, 1])
            return qml.expval(qml.Hamiltonian(c, [qml.Z(0), qml.Y(0) @ qml.X(1)]))

        return qml.grad(circuit)(factors)

    np.testing.assert_allclose(energy("ketgrad.qubit"), energy("default.qubit"), atol=1e-12)


def test_mapped_angles():
    jax.config.update("jax_enable_x64", True)
    found = []
    for device in DEVICES:
        circuit = model(device, "one")
        mapped = jax.vmap(jax.grad(circuit), (0, None))(jnp.array(X), jnp.array(W))
        found.append(mapped)
    np.testing.assert_allclose(found[1], found[0], atol=1e-12)


def test_second_derivatives_by_the_best_method():
    w, x = pnp.array(W[:1], requires_grad=True), pnp.array(X[0], requires_grad=False)
    theirs, ours = (
        qml.jacobian(qml.grad(partial(model(d, "one", max_diff=2), x)))(w) for d in DEVICES
    )
    np.testing.assert_allclose(ours, theirs, atol=1e-10)


WIDE = {
    "sum": lambda: qml.expval(qml.sum(*[qml.Hadamard(k) for k in range(11)])),
    "projector": lambda: qml.expval(qml.Projector([0] * 11, range(11))),
}


@pytest.mark.parametrize("kind", WIDE)
def test_observables_beyond_matrices_go_by_another_method(kind):
    def slope(device):
        @qml.qnode(qml.device(device, wires=11))
        def circuit(x):
            for k in range(11):
                qml.RY(x * (k + 1) / 11, wires=k)
            return WIDE[kind]()

        return qml.grad(circuit)(pnp.array(0.3, requires_grad=True))

    theirs, ours = map(slope, DEVICES)
    assert abs(theirs) > 0.01
    np.testing.assert_allclose(ours, theirs, atol=1e-10)
