"""The public functions that cannot last, each with the reason."""

from gate_table import FUNCTIONS, GATES

ONE_OPERATION = "adds one operation"
READS = "reads what is there already"
NAMES = "lists a few names"
SETS = "sets one number"
SMALL = "works on matrices of a few qubits"
EXPRESSION = "makes one node of an expression"
PRESET = "makes few operations, one at a time, through Circuit.gate: as Circuit.repeat"
OPENS_FILE = "small files: of estimators"
PICTURE = "draws by matplotlib"

PROCESSES = ["QGPClassifier", "QGPRegressor"]

OPERATIONS = [
    *(gate.name for gate in GATES),
    "add",
    "add_bits",
    "barrier",
    "channel",
    "cnot",
    "gate",
    "measure",
    "measure_all",
    "pauli_rotation",
    "reset",
    "toffoli",
    "unitary",
]

SHORT: dict[str, str] = {
    **{f"Circuit.{name}": ONE_OPERATION for name in OPERATIONS},
    **{
        f"Circuit.{name}": READS
        for name in ["bit_registers", "is_unitary", "n_bits", "n_qubits", "qubit_registers", "size"]
    },
    **{f"Expression.{name}": READS for name in ["evaluate", "parameters"]},
    "Parameter.name": READS,
    "ParameterVector.name": READS,
    "PauliSum.n_qubits": READS,
    **{
        f"MatrixObservable.{name}": SMALL
        for name in ["from_json", "to_json", "eigenvalues", "matrix", "qubits"]
    },
    **{f"ClassicalShadow.{name}": READS for name in ["n_qubits", "outcomes"]},
    **{f"State.{name}": READS for name in ["bytes", "n_qubits", "precision"]},
    **{
        f"Channel.{name}": SMALL
        for name in [
            "amplitude_damping",
            "bit_flip",
            "bit_phase_flip",
            "depolarizing",
            "depolarizing2",
            "from_kraus",
            "generalized_amplitude_damping",
            "pauli",
            "phase_damping",
            "phase_flip",
            "reset",
            "thermal_relaxation",
            "superoperator",
            "kraus",
            "n_qubits",
            "name",
            "parameters",
        ]
    },
    **{
        f"NoiseModel.{name}": "adds one rule, or lists the few there are"
        for name in ["from_json", "add", "add_readout_error", "to_json"]
    },
    **{
        f"DensityMatrix.{name}": READS
        for name in ["probabilities", "trace", "n_qubits", "precision"]
    },
    **{f"Result.{name}": READS for name in ["exact", "n_bits", "n_branches", "n_run", "shots"]},
    **{
        f"Program.{name}": READS
        for name in [
            "engine",
            "inputs",
            "n_observables",
            "n_passes",
            "n_qubits",
            "n_steps",
            "by_name",
            "light_cones",
            "precision",
            "weights",
        ]
    },
    **{
        f"NoisyProgram.{name}": READS
        for name in ["by_name", "inputs", "n_observables", "n_qubits", "precision", "weights"]
    },
    **{
        f"MinimizeResult.{name}": READS
        for name in ["by_name", "converged", "history", "message", "n_steps", "value", "weights"]
    },
    **{
        f"Model.{name}": "as large as its circuit, which is small"
        for name in [
            "from_json",
            "copy",
            "initialize",
            "to_json",
            "circuit",
            "layer",
            "n_inputs",
            "n_outputs",
            "n_parameters",
            "parameters",
        ]
    },
    **{
        f"layers.{name}": "as large as its circuits, which are small"
        for name in [
            "Chain.layers",
            "Layer.from_json",
            "Layer.initialize",
            "Layer.n_inputs",
            "Layer.n_outputs",
            "Layer.n_parameters",
            "Layer.parameter_names",
            "Layer.to_json",
        ]
    },
    **{
        f"datasets.{name}": "draws numbers, in NumPy"
        for name in [
            "bars_and_stripes",
            "checkerboard",
            "hidden_manifold",
            "hyperplanes",
            "linearly_separable",
            "spirals",
            "two_curves",
        ]
    },
    **{
        f"losses.{name}": "sums over arrays"
        for name in [
            "fooling",
            "kernel_alignment",
            "kl_divergence",
            "mmd",
            "negative_log_likelihood",
        ]
    },
    **{
        f"mitigation.{name}": "sums over arrays, in NumPy"
        for name in ["confusion_matrices", "extrapolate", "invert_readout"]
    },
    "mitigation.calibration_circuits": "makes an operation a qubit",
    **{
        f"Optimizer.{name}": "one pass over the weights"
        for name in ["from_json", "step", "steps", "to_json"]
    },
    **{
        f"Trainer.{name}": READS
        for name in ["from_json", "is_fit_of", "to_json", "history", "model", "stopped_early"]
    },
    **dict.fromkeys(
        [
            "amplitude_map",
            "angle_map",
            "ansatz",
            "ansatz_layers",
            "basic_entangler",
            "embedding",
            "entangling_pairs",
            "feature_map",
            "hardware_efficient",
            "iqp_map",
            "make_model",
            "readout",
            "reupload",
            "strongly_entangling",
            "two_local",
        ],
        PRESET,
    ),
    **dict.fromkeys(
        [
            "ansatz_names",
            "entanglement_names",
            "feature_map_names",
            "loss_names",
            "minimizer_names",
            "optimizer_names",
            "schedule_names",
            "simd_targets",
            "simd_target",
            "show_config",
        ],
        NAMES,
    ),
    **dict.fromkeys(
        ["available_memory", "num_threads", "set_num_threads", "set_simd_target"], SETS
    ),
    **{
        f"{prefix}{name}": EXPRESSION
        for name in [*FUNCTIONS, "hypot"]
        for prefix in ["", "Expression.", "Parameter."]
    },
    **{
        f"{prefix}.{name}": EXPRESSION
        for name in ["degrees", "radians"]
        for prefix in ["Expression", "Parameter"]
    },
    **{
        f"Operation.{name}": READS
        for name in [
            "angles",
            "bit",
            "control_values",
            "controls",
            "is_conditional",
            "label",
            "letters",
            "matrix",
            "name",
            "qubits",
            "targets",
        ]
    },
    "class_probabilities": "a few operations an entry",
    "class_targets": "a few operations an entry",
    "shift_rule": SMALL,
    "kernel_target_alignment": "sums over a matrix, in NumPy",
    "target_kernel": "compares labels, in NumPy",
    **{
        f"{estimator}.{name}": reason
        for estimator in ["VQClassifier", "VQRegressor"]
        for name, reason in [
            ("loss_curve_", READS),
            ("n_iter_", READS),
            ("set_partial_fit_request", SETS),
        ]
    },
    "VQClassifier.multilabel_": READS,
    "VQMetricLearner.set_score_request": SETS,
    **{
        f"{estimator}.{name}": reason
        for estimator in ["VQClassifier", "VQRegressor", "QSVC", "QSVR", "QKernelRidge", *PROCESSES]
        for name, reason in [("set_fit_request", SETS), ("set_score_request", SETS)]
    },
    "QGPRegressor.set_predict_request": SETS,
    **{
        f"{estimator}.save": OPENS_FILE
        for estimator in [
            "VQClassifier",
            "VQRegressor",
            "QSVC",
            "QSVR",
            "QKernelRidge",
            "QNystroem",
            "QReservoir",
            "VQMetricLearner",
            *PROCESSES,
        ]
    },
    "load": OPENS_FILE,
    "plots": PICTURE,
    **dict.fromkeys(
        [
            "library.bernstein_vazirani",
            "library.cuccaro_adder",
            "library.deutsch_jozsa",
            "library.ghz_state",
            "library.inner_product_oracle",
            "library.simon",
            "library.simon_oracle",
            "library.swap_test",
            "library.w_state",
        ],
        "makes a few operations a qubit, or as many as it is given, as Circuit.compose",
    ),
    **dict.fromkeys(
        ["library.modular_add_constant", "library.modular_adder", "library.modular_multiplier"],
        "makes some n**3 operations for at most 30 bits",
    ),
    "library.grover_operator": "as long as what it is given, as Circuit.compose",
    "library.hadamard_test": "as long as what it is given, as Circuit.control",
    "library.graph_state": "two operations an edge or qubit",
    "library.grover_iterations": "one formula",
    "library.order_from_outcome": "at most 100 steps, and a division by every number to 2**15",
    **{
        f"FermionOperator.{name}": "as large as what Python wrote, one product at a time"
        for name in ["adjoint", "n_modes", "terms"]
    },
    **dict.fromkeys(
        ["library.heisenberg", "library.hubbard", "library.qubo", "library.transverse_ising"],
        "of 62 qubits at most",
    ),
}
