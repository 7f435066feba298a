"""What ketgrad lacks is named by Qiskit's own error; versions are told at import."""

import subprocess
import sys

import numpy as np
import pytest
from qiskit import QuantumCircuit, QuantumRegister
from qiskit.circuit import Gate, Parameter
from qiskit.circuit.classical import expr, types
from qiskit.circuit.library import z_feature_map
from qiskit.exceptions import QiskitError
from qiskit.quantum_info import Operator, SparseObservable, SparsePauliOp
from qiskit_aer.noise import NoiseModel as AerModel

import ketgrad as kg
from ketgrad.qiskit import (
    Backend,
    Estimator,
    FidelityKernel,
    Sampler,
    from_qiskit,
    noise_model,
    pauli_sum,
    to_qiskit,
)

CHANGED = "import qiskit; qiskit.__version__ = {!r}; import ketgrad.qiskit"


def loop():
    out = QuantumCircuit(1, 1)
    with out.while_loop((out.clbits[0], 0)):
        out.measure(0, 0)
    return out


def variable():
    out = QuantumCircuit(1, 1)
    v = expr.Var.new("v", types.Uint(4))
    out.add_uninitialized_var(v)
    with out.if_test(expr.equal(v, 3)):
        out.x(0)
    return out


def divided():
    out = QuantumCircuit(1, 1)
    v = out.add_var("v", expr.lift(0, types.Uint(4)))
    with out.if_test(expr.equal(expr.div(expr.lift(3, types.Uint(4)), v), 3)):
        out.x(0)
    return out


def endless():
    out = QuantumCircuit(1, 1)
    v = out.add_var("v", expr.lift(0, types.Uint(4)))
    with out.while_loop(expr.less(v, 3)):
        out.barrier()
    return out


def left():
    out = QuantumCircuit(1, 1)
    out.measure(0, 0)
    with out.for_loop(range(3)):
        out.x(0)
        with out.if_test((out.clbits[0], 1)):
            out.break_loop()
    return out


def stored():
    out = QuantumCircuit(1, 1)
    out.store(out.clbits[0], expr.lift(True))
    return out


def changing():
    out = QuantumCircuit(1, 1)
    out.measure(0, 0)
    with out.if_test((out.clbits[0], 1)):
        out.measure(0, 0)
        out.x(0)
    return out


def wide():
    out = QuantumCircuit(1, 12)
    whole = expr.lift(out.clbits[0])
    for bit in out.clbits[1:]:
        whole = expr.logic_or(whole, bit)
    with out.if_test(whole):
        out.x(0)
    return out


def opaque():
    out = QuantumCircuit(1)
    out.append(Gate("opaque", 1, []), [0])
    return out


def sign():
    out = QuantumCircuit(1)
    out.rx(Parameter("a").sign(), 0)
    return out


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (loop, "no circuit of a 'while_loop' that measured bits decide"),
        (left, "no circuit of a 'break_loop' that measured bits decide"),
        (endless, "'while_loop' has not ended after 100000 rounds"),
        (variable, "the classical variable 'v' has no value"),
        (divided, "division by zero"),
        (stored, "no circuit of a 'store' into classical bits"),
        (changing, "cannot run this control flow"),
        (wide, "on 12 bits; ketgrad takes 10"),
        (opaque, "no 'opaque', and it has no definition"),
        (sign, "no 'sign' in expressions"),
        (lambda: QuantumCircuit(0), "no circuits without qubits"),
    ],
)
def test_circuits_it_cannot_read(make, told):
    with pytest.raises(QiskitError, match=told):
        from_qiskit(make())


def turned():
    out = QuantumCircuit(1, 1)
    out.ry(Parameter("a"), 0)
    out.measure(0, 0)
    return out


def nowhere():
    out = QuantumCircuit(1)
    out.rx(np.nan, 0)
    return out


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda: from_qiskit(None), "from_qiskit reads must be a QuantumCircuit, not None"),
        (lambda: to_qiskit(None), "to_qiskit writes must be a Circuit, not None"),
        (lambda: noise_model(None), "a noise model of Aer is wanted, not None"),
        (lambda: from_qiskit(turned(), max_rounds=2.5), "max_rounds must be a whole number.*2.5"),
        (lambda: from_qiskit(nowhere()), "an angle is nan; it must be finite"),
        (lambda: Estimator(noise="x"), "noise must be a ketgrad.NoiseModel or None, not 'x'"),
        (lambda: Sampler(noise="x"), "noise must be a ketgrad.NoiseModel or None, not 'x'"),
        (lambda: Backend(noise="x"), "noise must be a ketgrad.NoiseModel or None, not 'x'"),
        (lambda: Backend().run(None), "a backend runs must be a QuantumCircuit, not None"),
        (lambda: Backend().run([turned(), 3]), "a backend runs must be a QuantumCircuit, not 3"),
        (lambda: Backend().run(turned(), shots=0), "shots must be .* at least 1, not 0"),
        (lambda: Backend().run(turned(), shots=-3), "shots must be .* at least 1, not -3"),
        (lambda: Backend().run(turned(), shots=True), "shots must be .* at least 1, not True"),
        (lambda: Backend().run(turned(), shots=2.5), "shots must be .* at least 1, not 2.5"),
        (lambda: Backend().run(turned()), "has free parameters: a"),
        (lambda: Backend().run(turned(), shots=10**30), "shots must be at most 9007199254740992"),
        (lambda: Backend().run(turned(), memory="x"), "memory must be a bool, not 'x'"),
        (lambda: Backend().run(turned(), seed_simulator="x"), "seed_simulator must be .*, not 'x'"),
        (lambda: Backend(num_qubits=-1), "num_qubits must be .* at least 1, not -1"),
        (lambda: Backend(num_qubits=10**30), "num_qubits must be at most 100000, not 1000"),
        (lambda: Estimator().run(None), r"a list of pubs \(circuit, observables.* not None"),
        (lambda: Estimator().run(turned()), r"pub 0 must be of .*, not .*CircuitInstruction"),
        (lambda: Estimator().run([5]), r"pub 0 must be of the form \(circuit, obs.*, not 5"),
        (lambda: Estimator(default_precision="x"), "precision must be a finite number, not 'x'"),
        (lambda: Estimator(seed=-1), "seed must be None, .* not -1"),
        (lambda: Sampler().run("x"), r"a list of pubs \(circuit, values, shots\) .* not 'x'"),
        (lambda: Sampler().run([measured(), None]), r"pub 1 must be of the form .*, not None"),
        (lambda: Sampler().run([measured()], shots=10**30), "shots must be at most 90071992547409"),
        (lambda: Sampler(default_shots=0), "default_shots must be .* at least 1, not 0"),
        (lambda: Sampler(seed=1.5), "seed must be None, .* not 1.5"),
        (lambda: noise_model(Aerial()), "a noise model of Aer is wanted, not .*Aerial"),
        (lambda: noise_model(AerModel(), n_qubits="x"), "n_qubits must be a whole number.*'x'"),
        (lambda: pauli_sum("XQ"), "no observable 'XQ'"),
        (lambda: pauli_sum(SparseObservable("X") * np.nan), "coefficient .*nan.* must be finite"),
        (lambda: pauli_sum(SparseObservable("X") * np.inf), "coefficient .*inf.* must be finite"),
        (lambda: kernel(0), "shots must be a whole number of at least 1, not 0"),
        (lambda: kernel(10**30), "shots must be at most 9007199254740992"),
        (lambda: FidelityKernel(feature_map="x"), "feature_map must be a QuantumCircuit, not 'x'"),
        (lambda: FidelityKernel(feature_map=turned(), seed="x"), "seed must be None, .* not 'x'"),
        (lambda: kernel(None).evaluate("x"), "x_vec must be an array of real numbers, not 'x'"),
        (lambda: kernel(None).evaluate([[1.0]], [[1j]]), "y_vec must be .*real numbers, not .*1j"),
        (lambda: kernel(None).evaluate([[1.0], [1.0, 2.0]]), "x_vec must be rows of equal length"),
        (lambda: kernel(2.5), "shots must be a whole number of at least 1, not 2.5"),
        (lambda: kernel(None).evaluate([[np.nan]]), r"'x\[0\]' is nan in sample 0"),
        (lambda: precise(np.nan), "precision must be a finite number, not nan"),
        (lambda: precise(np.inf), "precision must be a finite number, not inf"),
        (lambda: precise(1e-30), "precision must be 0 or at least 1.05e-08, not 1e-30"),
        (lambda: precise(True), "precision must be a finite number, not True"),
        (
            lambda: Estimator().run([(turned(), "Z", [np.inf])]).result(),
            "parameter 'a' is inf in sample 0",
        ),
        (
            lambda: Sampler().run([(turned(), [[0.0], [np.nan]])]).result(),
            "parameter 'a' is nan in sample 1",
        ),
    ],
)
def test_what_is_given_is_checked(ask, told):
    with pytest.raises(QiskitError, match=told) as refused:
        ask()
    assert "\n" not in refused.value.message


class Aerial:
    def to_dict(self):
        return {"errors": 3}


def measured():
    out = QuantumCircuit(1, 1)
    out.measure(0, 0)
    return out


def kernel(shots):
    return FidelityKernel(feature_map=z_feature_map(1), shots=shots)


def precise(precision):
    return Estimator().run([(turned(), "Z", [0.1])], precision=precision)


def test_more_shots_than_memory_holds():
    for job in (Sampler().run([measured()], shots=10**14), Backend().run(loop(), shots=10**14)):
        with pytest.raises(MemoryError, match="bits of 100000000000000 shots needs"):
            job.result()


def test_primitives_tell_it_with_the_result():
    for make, told in ((variable, "'v' has no value"), (divided, "division by zero")):
        with pytest.raises(QiskitError, match=told):
            Sampler().run([make()]).result()
    with pytest.raises(QiskitError, match="no 'opaque'"):
        Estimator().run([(opaque(), "Z")]).result()


def test_circuits_that_qiskit_lacks():
    w = kg.ParameterVector("w", 2)
    with pytest.raises(QiskitError, match="amplitudes with parameters"):
        to_qiskit(kg.Circuit(1).initialize([w[0], w[1]]))
    noisy = kg.NoiseModel().add_readout_error(0.1, 0.1).apply(kg.Circuit(1).measure_all())
    with pytest.raises(QiskitError, match="no readout errors"):
        to_qiskit(noisy)


@pytest.mark.parametrize(
    ("observable", "told"),
    [
        (SparsePauliOp("Z", 1j), "complex coefficient"),
        (SparsePauliOp("Z", np.array([Parameter("a")])), "observable"),
        (Operator(np.array([[0, 1], [0, 0]])), "observable"),
        (3, "of type int"),
        (SparseObservable("0" * 17), "17 projectors would be 131072 Pauli strings; .* takes 65536"),
        (SparseObservable("+" * 100), "100 projectors would be 1267650600228229401496703205376"),
    ],
)
def test_observables_it_cannot_read(observable, told):
    with pytest.raises(QiskitError, match=told):
        pauli_sum(observable)


def test_observables_that_ketgrad_itself_takes():
    theirs = SparsePauliOp(["XIZY", "YIIX"], [0.5, 2])
    assert kg.PauliSum(theirs) == pauli_sum(theirs)
    np.testing.assert_allclose(kg.PauliSum(theirs).matrix(), theirs.to_matrix(), atol=1e-12)
    projectors = SparseObservable("X0+") + SparseObservable("Y1-")
    assert kg.PauliSum(projectors) == pauli_sum(projectors)
    with pytest.raises(ValueError, match="20 projectors would be 1048576 Pauli strings"):
        kg.PauliSum(SparseObservable("r" * 20))
    with pytest.raises(TypeError, match="coefficient of 'Z'"):
        kg.PauliSum(SparsePauliOp("Z", np.array([Parameter("a")])))


@pytest.mark.parametrize(
    ("version", "code", "told"),
    [("1.4.0", 1, "2.2 and later, not with 1.4.0"), ("2.99.1", 0, "2.99.1 it has not been")],
)
def test_versions_are_told_at_import(version, code, told):
    command = [sys.executable, "-c", CHANGED.format(version)]
    found = subprocess.run(command, capture_output=True, text=True)
    assert found.returncode == code
    assert told in found.stderr


def test_names():
    import ketgrad.qiskit

    assert set(ketgrad.qiskit.__all__) <= set(dir(ketgrad.qiskit))
    for name in ketgrad.qiskit.__all__:
        assert getattr(ketgrad.qiskit, name).__doc__
    with pytest.raises(AttributeError, match="'nix'"):
        ketgrad.qiskit.nix  # noqa: B018
    assert from_qiskit(QuantumCircuit(QuantumRegister(1, "q"))) == kg.Circuit(1)
