"""Work in jobs of joblib; every backend is tried in tests/clients/cluster."""

import subprocess
import sys

import joblib
import numpy as np
import pytest

import ketgrad as kg
from ketgrad._core import _row_blocks
from ketgrad._jobs import n_parallel, row_slices

PROGRAM = kg.compile(kg.hardware_efficient(8, 1), "Z0")
ROWS = np.random.default_rng(0).uniform(-3, 3, (29, len(PROGRAM.weights)))


def energies(rows):
    return PROGRAM.expval(weights=rows)[:, 0]


@pytest.mark.parametrize("n_qubits", [2, 6, 8, 12, 13])
@pytest.mark.parametrize("precision", ["double", "single"])
@pytest.mark.parametrize("size", [8, 9, 16])
def test_a_row_among_eight_or_more_has_the_same_bits(n_qubits, precision, size):
    program = kg.compile(
        kg.hardware_efficient(n_qubits, 1), kg.PauliSum("Z0", n_qubits), precision=precision
    )
    rows = np.random.default_rng(n_qubits).uniform(-3, 3, (25, len(program.weights)))
    ones = np.ones((25, 1))
    parts = [slice(0, size), slice(size, 25)]
    for function in (
        lambda some: program.expval(weights=rows[some]),
        lambda some: program.state(weights=rows[some]),
        lambda some: program.vjp(ones[some], weights=rows[some])[1],
        lambda some: kg.bloch_vectors(program, weights=rows[some]),
    ):
        whole = function(slice(None))
        assert np.concatenate([function(part) for part in parts]).tobytes() == whole.tobytes()


@pytest.mark.parametrize("n_rows", [0, 1, 7, 8, 15, 16, 100, 512, 513, 10_000])
def test_rows_are_cut_into_whole_blocks(n_rows):
    parts = row_slices(n_rows)
    assert np.concatenate([np.arange(n_rows)[part] for part in parts]).tolist() == [*range(n_rows)]
    assert len(parts) <= 64
    assert all(part.stop - part.start >= min(8, n_rows) for part in parts)
    assert _row_blocks(n_rows) == [(part.start, part.stop) for part in parts]


def test_a_configuration_is_followed():
    assert n_parallel(None) == 1
    with joblib.parallel_config("threading", n_jobs=3):
        assert n_parallel(None) == 3
        assert n_parallel(2) == 2


def test_the_number_of_rows_alone_says_what_a_loss_gets():
    for n_jobs in (1, 2):
        sizes = []

        def loss(rows, sizes=sizes):
            sizes.append(len(rows))
            return energies(rows)

        with joblib.parallel_config("threading"):
            kg.particle_swarm(
                loss, [(-1, 1)] * ROWS.shape[1], n_steps=1, population=29, seed=0, n_jobs=n_jobs
            )
        assert sorted(sizes) == [8, 8, 8, 8, 13, 13]


@pytest.mark.parametrize("wrong", [0, 1.5, "two", True])
@pytest.mark.parametrize(
    "call",
    [
        lambda n: kg.fidelity_kernel(PROGRAM, weights=ROWS, n_jobs=n),
        lambda n: kg.gradient_variance(PROGRAM, 10, n_jobs=n),
        lambda n: kg.minimize(PROGRAM, ROWS[0], n_restarts=1, n_jobs=n),
        lambda n: kg.evolution_strategy(energies, ROWS[0], n_jobs=n),
    ],
)
def test_wrong_numbers_of_jobs(call, wrong):
    with pytest.raises(ValueError if wrong == 0 else TypeError, match="n_jobs"):
        call(wrong)


def test_what_is_wrong_names_the_rows_of_the_whole():
    program = kg.compile(kg.iqp_map(2), inputs="x")
    samples = np.zeros((40, 2))
    samples[33, 1] = np.nan
    for kernel in (kg.fidelity_kernel, kg.projected_kernel):
        with (
            joblib.parallel_config("threading"),
            pytest.raises(ValueError, match="sample 33"),
        ):
            kernel(program, samples, n_jobs=2)
    with joblib.parallel_config("threading"):
        with pytest.raises(ValueError, match="gamma"):
            kg.projected_kernel(program, samples[:20], gamma=-1, n_jobs=2)
        with pytest.raises(ValueError, match=r"for 8 rows has shape \(\)"):
            kg.random_restarts(lambda w: (w[:, :3].sum(), w), 3, n_starts=16, n_jobs=2)


def test_rows_of_weights_and_samples_by_name():
    with joblib.parallel_config("threading"):
        jobs = kg.fidelity_kernel(PROGRAM, weights=ROWS, n_jobs=2)
        assert (jobs == kg.fidelity_kernel(PROGRAM, weights=ROWS)).all()
        program = kg.compile(kg.iqp_map(2), inputs="x")
        samples = np.random.default_rng(1).normal(size=(20, 2))
        named = kg.fidelity_kernel(program, {"x": samples}, n_jobs=2)
        assert (named == kg.fidelity_kernel(program, samples)).all()


def test_a_callback_follows_one_process():
    with pytest.raises(ValueError, match="a callback follows the descents of one process"):
        kg.minimize(PROGRAM, ROWS[0], n_restarts=2, n_jobs=2, callback=print)


def test_starts_in_jobs_are_those_of_one_batch():
    with joblib.parallel_config("threading"):
        for optimizer in ("adam", "qng", "l-bfgs"):
            options = {"optimizer": optimizer, "steps": 4, "n_restarts": 9, "seed": 3}
            one = kg.minimize(PROGRAM, ROWS[0], **options)
            jobs = kg.minimize(PROGRAM, ROWS[0], n_jobs=2, **options)
            assert np.allclose(jobs.weights, one.weights, atol=1e-9)
            assert jobs.message == one.message
            assert jobs.by_name.keys() == one.by_name.keys()


def test_without_joblib():
    code = (
        "import sys; sys.modules['joblib'] = None\n"
        "import ketgrad as kg\n"
        "p = kg.compile(kg.iqp_map(2), inputs='x')\n"
        "try: kg.fidelity_kernel(p, [[0.1, 0.2]], n_jobs=2)\n"
        "except ImportError as error: print(error)\n"
        "del sys.modules['joblib']\n"
        "print(kg.fidelity_kernel(p, [[0.1, 0.2]]), 'joblib' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "n_jobs needs joblib: pip install 'ketgrad[learn]'\n[[1.]] False\n"
