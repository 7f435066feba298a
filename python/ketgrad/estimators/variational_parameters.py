"""The parameters of variational estimators."""

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from os import PathLike
from typing import Any, ClassVar

from ketgrad._core import Circuit, Layer, NoiseModel, PauliSum
from ketgrad._types import Record
from ketgrad.estimators.learned_model import LearnedModel
from ketgrad.estimators.public import publisher
from ketgrad.estimators.rules import RULES

PARAMETERS = """
    feature_map : {feature_map}
    ansatz : str or Circuit, default="strongly_entangling"
        The trainable layers: a name of :func:`ketgrad.ansatz_names`, or a circuit that is one
        layer; every repetition has weights of its own.
    n_qubits : {n_qubits}
    n_layers : int, default=3
        Number of layers.
    reupload : bool, default=True
        Whether the feature map comes before every layer instead of once.
    scale_inputs : bool, default=False
        Whether every re-uploaded feature has a trainable factor.
    dressed : bool or "auto", default="auto" of a classifier, False of a regressor
        Whether the circuit stands between two trainable dense layers: every rotation of the angle
        map is by a linear function of all features, one of its own in every layer, and the outputs
        are linear in Z, X and Y of every qubit (or in `observables`, any number of them). So any
        number of features enters without loss. "auto" does so where the map is "angle", the ansatz
        a name, `scale_inputs` False, `observables` and `model` None, and the optimizer not "qng".
    entangle : {entangle}
    observables : PauliSum, str or list of those, default=None
        What is measured, as Pauli sums or text such as "ZI", one an output (one for a regressor or
        two classes, else one a class); None takes :func:`ketgrad.readout`: sums of Z, then X, then
        Y over the qubits.
    model : Layer, default=None
        What to train in the place of the circuit that the parameters above describe: a layer of
        :mod:`ketgrad.layers` with an input a feature and an output a target (one for a regressor or
        two classes, else one a class). Parameters of that circuit are then refused.
    noise : NoiseModel, default=None
        Noise of every gate, in training and in predictions, exact by density matrices: of circuits
        of few qubits.
    shots : int, default=None
        So many measurements of every observable in the place of exact values, in training (by
        parameter shift, whose every circuit has as many) and in predictions; the same samples
        and weights have the same shots. None is exact.
    input_scaling : {"standard", None}, default="standard"
        "standard" learns the weighted mean and standard deviation of every feature in `fit` and
        turns one standard deviation into 1 / sqrt(n_features) radians (the bandwidth of an SVC with
        gamma="scale"), at most 2.5 radians either way. None takes the features as angles (or
        amplitudes) as they are.
    optimizer : str, default="adam"
        "adam", "adamw", "rmsprop", "nesterov", "momentum", "sgd", "qng" (natural gradient: a
        metric tensor of every sample a step), "spsa" (two losses a step) and "l-bfgs" (takes no
        `learning_rate` and `schedule`; for `batch_size` of all samples) run in C++ on mini-batches;
        "L-BFGS-B" and "COBYLA" are SciPy's, on all samples at once, and ignore `learning_rate`,
        `schedule` and `batch_size`.
    learning_rate : float, default=0.02 of a classifier, 0.05 of a regressor
        Largest step size of the optimizer.
    schedule : {"constant", "cosine", "one_cycle"}, default="constant"
        How the learning rate changes over the `max_iter` epochs.
    max_iter : int, default=2000
        Largest number of epochs (iterations of L-BFGS-B, evaluations of COBYLA). Training that ends
        there without having converged warns with scikit-learn's ConvergenceWarning.
    batch_size : int or "auto", default="auto"
        Samples a step. "auto" takes up to 128 samples in one batch, more in batches of 32.
    stopping : {"plateau", "variance", "never"}, default="plateau"
        What ends training before `max_iter`. "plateau": `n_iter_no_change` epochs in which the
        watched loss has not improved by `tol`; the parameters of the best epoch are kept.
        "variance": the mean losses of the last 100 steps and of the 100 before differ by no more
        than half of the standard error of the last (Bowles, Ahmed & Schuld 2024,
        arXiv:2403.07059); not for optimizers of SciPy's. "never": nothing, as where `tol` is 0.
    early_stopping : bool, default=False
        Whether to hold out `validation_fraction` of the samples and watch their loss instead of
        the training loss. Not with "variance", which watches the steps.
    validation_fraction : float, default=0.1
        Share of the samples held out by early stopping.
    n_iter_no_change : int, default=10
        Training ends after this many epochs in which the watched loss has not improved by `tol`.
    tol : float, default=1e-4
        What counts as an improvement (for L-BFGS-B the largest gradient at the end, for COBYLA
        the last trust region). 0 asks for no such test: training takes all `max_iter` epochs, as
        is right for a schedule, and does not warn. As in scikit-learn's MLPClassifier, steps so
        small that an epoch gains less than `tol` (a tiny `learning_rate`) end the training, too,
        without a warning.
    init_spread : float, default=0.5
        First weights are uniform in [-init_spread, init_spread].
    warm_start : bool, default=False
        Whether `fit` goes on from the parameters, the scaling and the history of the last one.
    precision : {precision}
    random_state : int, RandomState or None, default=None
        Seed of first weights, shuffling and the validation split.
    callback : callable, default=None
        Called as ``callback(estimator, record)`` after every epoch, the estimator ready to
        predict; training ends where it returns False.
    checkpoint : str or path, default=None
        File in which `fit` keeps the training after every epoch. Where it holds an unfinished `fit`
        of the same model, options and data (with an integer `random_state`), `fit` goes on from
        there to the same bits; any other training in it is overwritten. A loss of one's own is
        known by its name alone. Not for SciPy's optimizers.
    comm : mpi4py.MPI.Intracomm, default=None
        Processes that train together: each calls `fit` with the same samples, and computes some
        of the blocks that every mini-batch is cut into, to the same bits on any number of them, one
        included (not quite those of None). A `random_state` of None is rank 0's. What one raises
        is raised on all; a callback is each one's own, and where one returns False all end; rank 0
        writes the checkpoint and shows the progress. Not for SciPy's optimizers, nor losses of
        one's own.
    verbose : int, default=0
        1 shows a progress bar (where tqdm is installed)."""

ATTRIBUTES = """
    model_ : ketgrad.Model
        The trained model; its inputs are angles, after the scaling.
    {features}
    history_ : list of dict
        One record an epoch: epoch, loss, validation_loss, learning_rate (NaN where there is none).
    loss_curve_ : list of float
        The loss of every epoch.
    n_iter_ : int
        Number of epochs."""

# What describes the circuit of an estimator that is given no model.
CIRCUIT_PARAMETERS = (
    "feature_map",
    "ansatz",
    "n_qubits",
    "n_layers",
    "reupload",
    "scale_inputs",
    "entangle",
    "observables",
    "precision",
)

public = publisher(parameters=PARAMETERS, attributes=ATTRIBUTES)


@dataclass(eq=False, repr=False)
class VariationalParameters(LearnedModel):
    """How a variational circuit is built and trained."""

    _rules: ClassVar = RULES

    feature_map: str | Circuit = "angle"
    ansatz: str | Circuit = "strongly_entangling"
    _: KW_ONLY
    n_qubits: int | None = None
    n_layers: int = 3
    reupload: bool = True
    scale_inputs: bool = False
    dressed: bool | str = False
    entangle: bool = True
    observables: PauliSum | str | Sequence[PauliSum | str] | None = None
    model: Layer | None = None
    noise: NoiseModel | None = None
    shots: int | None = None
    input_scaling: str | None = "standard"
    optimizer: str = "adam"
    learning_rate: float = 0.05
    schedule: str = "constant"
    max_iter: int = 2000
    batch_size: int | str = "auto"
    stopping: str = "plateau"
    early_stopping: bool = False
    validation_fraction: float = 0.1
    n_iter_no_change: int = 10
    tol: float = 1e-4
    init_spread: float = 0.5
    warm_start: bool = False
    precision: str = "double"
    random_state: Any = None
    callback: Callable[[Any, Record], Any] | None = None
    checkpoint: str | PathLike[str] | None = None
    comm: Any = None
    verbose: int = 0
