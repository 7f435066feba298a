"""Cirq's own tests of what simulates, run on ketgrad; ketgrad_for_cirq says which not, and why."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
# Modules of tests that use `cirq.Simulator`, and how many of them pass at least.
SUITES = {
    "simulators": (
        260,
        "sim.sparse_simulator_test sim.simulator_test sim.simulator_base_test sim.mux_test "
        "sim.state_vector_test sim.state_vector_simulator_test",
    ),
    "operations": (
        460,
        "ops.boolean_hamiltonian_test ops.classically_controlled_operation_test "
        "ops.common_gates_test ops.pauli_measurement_gate_test "
        "transformers.measurement_transformers_test circuits.circuit_operation_test",
    ),
    "experiments": (
        240,
        "work study.result_test experiments.t1_decay_experiment_test "
        "experiments.t2_decay_experiment_test experiments.single_qubit_readout_calibration_test "
        "experiments.readout_confusion_matrix_test experiments.xeb_sampling_test "
        "experiments.qubit_characterizations_test contrib.quantum_volume.quantum_volume_test "
        "contrib.paulistring.pauli_string_measurement_with_readout_mitigation_test",
    ),
}


@pytest.mark.parametrize("suite", SUITES)
def test_cirqs_own_tests(suite):
    least, modules = SUITES[suite]
    options = ["-q", "-p", "no:cacheprovider", "-p", "ketgrad_for_cirq", "-c", os.devnull]
    names = [f"cirq.{module}" for module in modules.split()]
    found = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--pyargs", *names],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path])},
    )
    assert found.returncode == 0, found.stdout[-3000:] + found.stderr
    passed = re.search(r"(\d+) passed", found.stdout)
    assert passed is not None
    assert int(passed[1]) > least, found.stdout
    print(found.stdout.splitlines()[-1])
