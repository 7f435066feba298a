"""The parameters of the estimators on quantum kernels."""

from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

from ketgrad._core import Circuit
from ketgrad.estimators.learned_kernel import LearnedKernel
from ketgrad.estimators.rules import KERNEL_RULES

PARAMETERS = """
    feature_map : {feature_map}
    ansatz : str, Circuit or None, default="strongly_entangling"
        The layer after each feature map: a name of :func:`ketgrad.ansatz_names`, a circuit that is
        one layer, or None for none. Its weights are drawn from [-pi, pi) and, with
        `alignment_steps`, trained.
    n_qubits : {n_qubits}
    n_layers : int, default=2
        How often the feature map (with a layer of the ansatz) is repeated.
    entangle : {entangle}
    kernel : {"fidelity", "projected"}, default="fidelity"
        :func:`ketgrad.fidelity_kernel` or :func:`ketgrad.projected_kernel`.
    gamma : float or "scale", default="scale"
        That of the projected kernel. "scale" is what an SVC's gamma="scale" would be for the Bloch
        vectors of the samples.
    input_scaling : {"standard", None}, default="standard"
        "standard" learns the weighted mean and standard deviation of every feature in `fit` and
        turns one standard deviation into 1 / sqrt(n_features) radians, at most 2.5 radians either
        way. None takes the features as angles (or amplitudes) as they are.
    precision : {precision}
    random_state : int, RandomState or None, default=None
        Seed of the weights."""

ATTRIBUTES = """
    circuit_ : ketgrad.Circuit
        Prepares the states; its parameters ``x`` are the angles.
    weights_ : ndarray of shape (n_weights,)
        The weights of the circuit.
    gamma_ : float
        That of the projected kernel.
    support_angles_ : ndarray of shape (n_support, n_features)
        The angles of the samples that predictions compare with.
    {features}"""


@dataclass(eq=False, repr=False)
class KernelParameters(LearnedKernel):
    """How a quantum kernel is built."""

    _rules: ClassVar = KERNEL_RULES

    feature_map: str | Circuit = "angle"
    ansatz: str | Circuit | None = "strongly_entangling"
    _: KW_ONLY
    n_qubits: int | None = None
    n_layers: int = 2
    entangle: bool = True
    kernel: str = "fidelity"
    gamma: float | str = "scale"
    input_scaling: str | None = "standard"
    precision: str = "double"
    random_state: Any = None
