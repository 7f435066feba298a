"""ketgrad: quantum circuits with fast gradients, for training quantum models.

>>> import ketgrad as kg
>>> x, w = kg.ParameterVector("x", 2), kg.ParameterVector("w", 2)
>>> circuit = kg.Circuit(2).ry(x[0], 0).ry(x[1], 1).cx(0, 1).rx(w[0], 0).rx(w[1], 1)
>>> program = kg.compile(circuit, kg.PauliSum("ZZ"), inputs=x)
>>> program.expval(inputs=[0.1, 0.2], weights=[0.3, 0.4]).shape
(1,)

Models with the manners of scikit-learn (`VQClassifier`, `VQRegressor`, `QSVC` and other kernel
machines) need the extra `ketgrad[learn]`, pictures need `ketgrad[plot]`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ketgrad import (
    _setup,  # noqa: F401 - before everything else
    datasets,
    layers,
    library,
    losses,
    mitigation,
)
from ketgrad._config import show_config
from ketgrad._core import (
    Channel,
    Circuit,
    ClassicalShadow,
    DensityMatrix,
    Expression,
    FermionOperator,
    MatrixObservable,
    MinimizeResult,
    Model,
    NoiseModel,
    NoisyProgram,
    Operation,
    Optimizer,
    Parameter,
    ParameterVector,
    PauliSum,
    Program,
    Result,
    State,
    Trainer,
    __version__,
    amplitude_map,
    angle_map,
    ansatz,
    ansatz_layers,
    ansatz_names,
    arccos,
    arcsin,
    arctan,
    available_memory,
    basic_entangler,
    bloch_vectors,
    class_probabilities,
    class_targets,
    compile,  # noqa: A004 - the word of the field
    compile_noisy,
    cos,
    cosh,
    deg2rad,
    embedding,
    entanglement_names,
    entangling_pairs,
    evolve,
    exp,
    exp2,
    feature_map,
    feature_map_names,
    fidelity,
    fidelity_vjp,
    hardware_efficient,
    hypot,
    iqp_map,
    log,
    log2,
    log10,
    loss_names,
    make_model,
    minimizer_names,
    num_threads,
    optimizer_names,
    overlap,
    overlap_vjp,
    rad2deg,
    readout,
    reupload,
    schedule_names,
    set_num_threads,
    set_simd_target,
    shift_rule,
    simd_target,
    simd_targets,
    sin,
    sinh,
    sqrt,
    strongly_entangling,
    tan,
    tanh,
    two_local,
)
from ketgrad._kernels import fidelity_kernel, projected_kernel
from ketgrad._restarts import minimize
from ketgrad._signatures import shorten
from ketgrad.analysis import (
    AlignedKernel,
    EvolvedCircuit,
    FourierSpectrum,
    PlateauScan,
    align_kernel,
    alignment_gradient,
    cma_es,
    effective_dimension,
    entangling_capability,
    evolution_strategy,
    expressibility,
    fisher_information,
    fourier_spectrum,
    genetic_algorithm,
    gradient_variance,
    kernel_target_alignment,
    meyer_wallach,
    particle_swarm,
    plateau_scan,
    random_restarts,
    structure_search,
    target_kernel,
)

if TYPE_CHECKING:
    from ketgrad import plots
    from ketgrad.estimators.classifier import VQClassifier
    from ketgrad.estimators.gp_classifier import QGPClassifier
    from ketgrad.estimators.gp_regressor import QGPRegressor
    from ketgrad.estimators.kernel_ridge import QKernelRidge
    from ketgrad.estimators.loading import load
    from ketgrad.estimators.metric_learner import VQMetricLearner
    from ketgrad.estimators.nystroem import QNystroem
    from ketgrad.estimators.regressor import VQRegressor
    from ketgrad.estimators.reservoir import QReservoir
    from ketgrad.estimators.svc import QSVC
    from ketgrad.estimators.svr import QSVR

# Names whose modules need optional packages are imported when they are first used.
_LAZY = {
    "QGPClassifier": "ketgrad.estimators.gp_classifier",
    "QGPRegressor": "ketgrad.estimators.gp_regressor",
    "QKernelRidge": "ketgrad.estimators.kernel_ridge",
    "QNystroem": "ketgrad.estimators.nystroem",
    "QReservoir": "ketgrad.estimators.reservoir",
    "QSVC": "ketgrad.estimators.svc",
    "QSVR": "ketgrad.estimators.svr",
    "VQClassifier": "ketgrad.estimators.classifier",
    "VQMetricLearner": "ketgrad.estimators.metric_learner",
    "VQRegressor": "ketgrad.estimators.regressor",
    "load": "ketgrad.estimators.loading",
    "plots": "ketgrad.plots",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'ketgrad' has no attribute {name!r}")
    try:
        module = import_module(_LAZY[name])
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.startswith("ketgrad"):
            raise
        extra = "plot" if name == "plots" else "learn"
        message = f"ketgrad.{name} needs {error.name}: pip install 'ketgrad[{extra}]'"
        raise ImportError(message) from error
    found = module if _LAZY[name].endswith(f".{name}") else getattr(module, name)
    shorten(found)
    return found


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})


__all__ = [
    "QSVC",
    "QSVR",
    "AlignedKernel",
    "Channel",
    "Circuit",
    "ClassicalShadow",
    "DensityMatrix",
    "EvolvedCircuit",
    "Expression",
    "FermionOperator",
    "FourierSpectrum",
    "MatrixObservable",
    "MinimizeResult",
    "Model",
    "NoiseModel",
    "NoisyProgram",
    "Operation",
    "Optimizer",
    "Parameter",
    "ParameterVector",
    "PauliSum",
    "PlateauScan",
    "Program",
    "QGPClassifier",
    "QGPRegressor",
    "QKernelRidge",
    "QNystroem",
    "QReservoir",
    "Result",
    "State",
    "Trainer",
    "VQClassifier",
    "VQMetricLearner",
    "VQRegressor",
    "__version__",
    "align_kernel",
    "alignment_gradient",
    "amplitude_map",
    "angle_map",
    "ansatz",
    "ansatz_layers",
    "ansatz_names",
    "arccos",
    "arcsin",
    "arctan",
    "available_memory",
    "basic_entangler",
    "bloch_vectors",
    "class_probabilities",
    "class_targets",
    "cma_es",
    "compile",
    "compile_noisy",
    "cos",
    "cosh",
    "datasets",
    "deg2rad",
    "effective_dimension",
    "embedding",
    "entanglement_names",
    "entangling_capability",
    "entangling_pairs",
    "evolution_strategy",
    "evolve",
    "exp",
    "exp2",
    "expressibility",
    "feature_map",
    "feature_map_names",
    "fidelity",
    "fidelity_kernel",
    "fidelity_vjp",
    "fisher_information",
    "fourier_spectrum",
    "genetic_algorithm",
    "gradient_variance",
    "hardware_efficient",
    "hypot",
    "iqp_map",
    "kernel_target_alignment",
    "layers",
    "library",
    "load",
    "log",
    "log2",
    "log10",
    "loss_names",
    "losses",
    "make_model",
    "meyer_wallach",
    "minimize",
    "minimizer_names",
    "mitigation",
    "num_threads",
    "optimizer_names",
    "overlap",
    "overlap_vjp",
    "particle_swarm",
    "plateau_scan",
    "plots",
    "projected_kernel",
    "rad2deg",
    "random_restarts",
    "readout",
    "reupload",
    "schedule_names",
    "set_num_threads",
    "set_simd_target",
    "shift_rule",
    "show_config",
    "simd_target",
    "simd_targets",
    "sin",
    "sinh",
    "sqrt",
    "strongly_entangling",
    "structure_search",
    "tan",
    "tanh",
    "target_kernel",
    "two_local",
]

shorten(*(globals()[name] for name in __all__ if name not in _LAZY))
