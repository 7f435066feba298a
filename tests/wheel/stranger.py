"""What a stranger tries first with a ketgrad that has just been installed, and nothing else.

    python -I tests/wheel/stranger.py [--learn]

Gates, gradients, shots, files and a model, checked against what is known of them; with --learn, an
estimator of the extra and the command line as well. Works without pytest, and in an emulator.
"""

import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

import numpy as np

import ketgrad as kg


def check_states() -> None:
    """A Bell state, in both precisions, and its shots."""
    bell = kg.Circuit(2).h(0).cx(0, 1)
    for precision in ("double", "single"):
        amplitudes = np.asarray(kg.State(2, precision=precision).apply(bell))
        np.testing.assert_allclose(amplitudes, np.array([1, 0, 0, 1]) / np.sqrt(2), atol=1e-6)
    counts = bell.measure_all().run(1000, seed=1).counts()
    assert set(counts) == {"00", "11"}
    assert 400 < counts["00"] < 600


def check_gradients() -> None:
    """The derivative of cos, on one qubit; on twelve, that of finite differences."""
    angle = kg.ParameterVector("x", 1)
    program = kg.compile(kg.Circuit(1).ry(angle[0], 0), kg.PauliSum("Z"), inputs=angle)
    np.testing.assert_allclose(program.expval(inputs=[0.3]), [np.cos(0.3)], atol=1e-12)
    np.testing.assert_allclose(program.jacobian(inputs=[0.3])[0], [[-np.sin(0.3)]], atol=1e-12)
    wide = kg.compile(kg.hardware_efficient(12, 2), kg.PauliSum("Z0", n_qubits=12))
    weights = np.random.default_rng(0).uniform(0, 2 * np.pi, len(wide.weights))
    gradient = wide.vjp([1.0], weights=weights)[1]
    for k in (0, 17):
        step = np.eye(len(weights))[k] * 1e-5
        up, down = (wide.expval(weights=weights + s)[0] for s in (step, -step))
        np.testing.assert_allclose(gradient[k], (up - down) / 2e-5, atol=1e-7)


def check_files() -> None:
    """Circuits through OpenQASM and back."""
    circuit = kg.Circuit(2).h(0).rz(0.25, 0).cx(0, 1)
    assert kg.Circuit.from_qasm(circuit.to_qasm()).to_json() == circuit.to_json()


def check_estimator() -> None:
    """A classifier that learns, is saved, and predicts by the command line as in Python."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    y = (X[:, 0] > 0).astype(int)
    classifier = kg.VQClassifier(max_iter=30, tol=0, random_state=0).fit(X, y)
    assert classifier.score(X, y) > 0.9
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.json")
        classifier.save(path)
        np.testing.assert_array_equal(kg.load(path).predict_proba(X), classifier.predict_proba(X))
        table = Path(folder, "rows.csv")
        table.write_text(
            "a,b,y\n" + "".join(f"{a},{b},{c}\n" for (a, b), c in zip(X, y, strict=True))
        )
        options = ["--target", "y", "--epochs", "3", "--no-plots", "--output", folder]
        command("train", str(table), *options)
        assert command("predict", str(path), str(table)).startswith("prediction\n")


def command(*arguments: str) -> str:
    """Run a sub-command; returns what it prints."""
    program = [sys.executable, "-m", "ketgrad", *arguments]
    return subprocess.run(program, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    check_states()
    check_gradients()
    check_files()
    if "--learn" in sys.argv:
        check_estimator()
    target = kg._config.config()["SIMD target"]
    print(f"ketgrad {kg.__version__} works: NumPy {metadata.version('numpy')}, {target}")
