"""What the classifier and the regressor share."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from os import PathLike
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from ketgrad._core import Circuit, Model, PauliSum, _real, make_model
from ketgrad._types import Array, FloatArray, Record
from ketgrad.estimators.checks import rows_as_given, validated
from ketgrad.estimators.learned_model import LearnedModel
from ketgrad.estimators.objective import Samples
from ketgrad.estimators.parameters import RULES
from ketgrad.estimators.progress import progress
from ketgrad.estimators.public import publisher
from ketgrad.estimators.training import SCIPY_OPTIMIZERS, Training

PARAMETERS = """
    feature_map : str or Circuit, default="angle"
        How a sample enters the circuit: "angle", "amplitude", "iqp" or "zz", or a circuit of your
        own whose parameters are ``x[0]`` to ``x[n_features - 1]``.
    ansatz : str or Circuit, default="strongly_entangling"
        The trainable layers: a name of :func:`ketgrad.ansatz_names`, or a circuit that is one
        layer; every repetition has weights of its own.
    n_qubits : int, default=None
        Number of qubits; None means one a feature, at most 8 (more features than qubits share
        them). Only the angle map can choose.
    n_layers : int, default=3
        Number of layers.
    reupload : bool, default=True
        Whether the feature map comes before every layer instead of once.
    scale_inputs : bool, default=False
        Whether every re-uploaded feature has a trainable factor.
    entangle : bool, default=True
        False leaves out the entangling gates of a named ansatz: the separable ablation.
    observables : PauliSum, str or list of those, default=None
        What is measured, as Pauli sums or text such as "ZI", one an output (one for a regressor or
        two classes, else one a class); None takes :func:`ketgrad.readout`: sums of Z, then X, then
        Y over the qubits.
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
    learning_rate : float, default=0.05
        Largest step size of the optimizer.
    schedule : {"constant", "cosine", "one_cycle"}, default="constant"
        How the learning rate changes over the `max_iter` epochs.
    max_iter : int, default=2000
        Largest number of epochs (iterations of L-BFGS-B, evaluations of COBYLA). Training that ends
        there without having converged warns with scikit-learn's ConvergenceWarning.
    batch_size : int or "auto", default="auto"
        Samples a step. "auto" takes up to 128 samples in one batch, more in batches of 32.
    early_stopping : bool, default=False
        Whether to hold out `validation_fraction` of the samples and watch their loss instead of
        the training loss.
    validation_fraction : float, default=0.1
        Share of the samples held out by early stopping.
    n_iter_no_change : int, default=10
        Training ends after this many epochs in which the watched loss has not improved by `tol`;
        the parameters of the best epoch are kept.
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
    precision : {"double", "single"}, default="double"
        Floating-point type of the simulation.
    random_state : int, RandomState or None, default=None
        Seed of first weights, shuffling and the validation split.
    callback : callable, default=None
        Called as ``callback(estimator, record)`` after every epoch, the estimator ready to
        predict; training ends where it returns False.
    checkpoint : str or path, default=None
        File in which `fit` keeps the training after every epoch. Where it holds an unfinished `fit`
        of the same model, options and data (with an integer `random_state`), `fit` goes on from
        there to the same bits; any other training in it is overwritten. Not for SciPy's optimizers.
    verbose : int, default=0
        1 shows a progress bar (where tqdm is installed)."""

ATTRIBUTES = """
    model_ : ketgrad.Model
        The trained model; its inputs are angles, after the scaling.
    n_features_in_ : int
        Number of features seen in `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features, where `X` had string column names.
    input_mean_, input_scale_ : ndarray of shape (n_features_in_,) or None
        The learned scaling.
    history_ : list of dict
        One record an epoch: epoch, loss, validation_loss, learning_rate (NaN where there is none).
    loss_curve_ : list of float
        The loss of every epoch.
    n_iter_ : int
        Number of epochs."""

public = publisher(parameters=PARAMETERS, attributes=ATTRIBUTES)


class VariationalEstimator(LearnedModel):
    """A variational circuit trained on samples; see VQClassifier and VQRegressor.

    Subclasses say what a target is: `_learn_target`, `_targets`, `_n_outputs` and `_loss`.
    """

    def __init__(
        self,
        feature_map: str | Circuit = "angle",
        ansatz: str | Circuit = "strongly_entangling",
        *,
        n_qubits: int | None = None,
        n_layers: int = 3,
        reupload: bool = True,
        scale_inputs: bool = False,
        entangle: bool = True,
        observables: PauliSum | str | Sequence[PauliSum | str] | None = None,
        input_scaling: str | None = "standard",
        optimizer: str = "adam",
        learning_rate: float = 0.05,
        schedule: str = "constant",
        max_iter: int = 2000,
        batch_size: int | str = "auto",
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
        tol: float = 1e-4,
        init_spread: float = 0.5,
        warm_start: bool = False,
        precision: str = "double",
        random_state: Any = None,
        callback: Callable[[Any, Record], Any] | None = None,
        checkpoint: str | PathLike[str] | None = None,
        verbose: int = 0,
    ) -> None:
        self.feature_map = feature_map
        self.ansatz = ansatz
        self.n_qubits = n_qubits
        self.n_layers = n_layers
        self.reupload = reupload
        self.scale_inputs = scale_inputs
        self.entangle = entangle
        self.observables = observables
        self.input_scaling = input_scaling
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.init_spread = init_spread
        self.warm_start = warm_start
        self.precision = precision
        self.random_state = random_state
        self.callback = callback
        self.checkpoint = checkpoint
        self.verbose = verbose

    _rules: ClassVar = RULES

    # What a target is.

    def _learn_target(self, y: Array, weight: FloatArray | None) -> None:
        raise NotImplementedError

    def _targets(self, y: Array) -> FloatArray:
        raise NotImplementedError

    def _loss(self) -> str:
        raise NotImplementedError

    # What users call.

    @property
    def loss_curve_(self) -> list[float]:
        """The loss of every epoch."""
        return [record["loss"] for record in self.history_]

    @property
    def n_iter_(self) -> int:
        """The number of epochs."""
        return len(self.history_)

    # How training goes.

    def _fit(self, X: Any, y: Any, sample_weight: Any) -> Self:
        with self._unchanged_by_failures() as rows:
            self._check_parameters()
            resumed = self.warm_start and hasattr(self, "model_")
            X, y, weight = self._checked(X, y, sample_weight, reset=not resumed, rows=rows)
            if resumed:
                targets = self._targets(y)
                self._require_same_circuit()
            else:
                self._learn_target(y, weight)
                targets = self._targets(y)
                self._start(X, weight)
            self._trainer = None
            samples = Samples(self._angles(X), targets, weight)
            with progress(type(self).__name__, self.max_iter, shown=self.verbose > 0) as show:

                def report(record: Record) -> bool:
                    self._book(record)
                    show(record)
                    return self._wants_more()

                lacking = self._training().run(self.model_, samples, report, self._book)
        if lacking is not None:
            warnings.warn(
                f"{type(self).__name__} has not converged: {lacking}; raise max_iter, or set tol=0 "
                f"to train for just so long",
                ConvergenceWarning,
                stacklevel=3,
            )
        return self

    def _partial_fit(self, X: Any, y: Any, sample_weight: Any) -> Self:
        """One more epoch; the caller has checked that a target is known or can be learned."""
        with self._unchanged_by_failures() as rows:
            self._check_parameters()
            if self.optimizer in SCIPY_OPTIMIZERS:
                raise ValueError(f"partial_fit takes steps, which {self.optimizer} cannot")
            first = not hasattr(self, "model_")
            X, y, weight = self._checked(X, y, sample_weight, reset=first, rows=rows)
            if first:
                self._learn_target(y, weight)
            targets = self._targets(y)
            if first:
                self._start(X, weight)
            # A copy, which an epoch that fails cannot leave in the middle.
            trainer = copy(self._trainer) or self._training().trainer(self.model_, len(X))
            record = trainer.step_epoch(self._angles(X), targets, weight)
            self._trainer, self.model_ = trainer, trainer.model
            self._book(record)
        self._wants_more()
        return self

    @contextmanager
    def _unchanged_by_failures(self) -> Iterator[list[Array]]:
        """Leave the estimator as it was where an error comes before a first epoch has ended."""
        before = dict(vars(self))
        model, history = before.get("model_"), before.get("history_", [])
        parameters, epochs = model and model.parameters, len(history)
        try:
            with rows_as_given() as rows:
                yield rows
        except Exception:
            now = getattr(self, "history_", [])
            if len(now) == (epochs if now is history else 0):
                self.__dict__.clear()
                self.__dict__.update(before)
                if model is not None:
                    model.parameters = parameters
            raise

    def _start(self, X: FloatArray, weight: FloatArray | None) -> None:
        """Everything a first fit sets, before the first step."""
        self._learn_scaling(X, weight)
        self._seed = int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))
        model = self._build()
        model.initialize(self._seed, _real(self.init_spread, "init_spread"))
        self.model_ = model
        self.history_ = []
        self._trainer = None

    def _require_same_circuit(self) -> None:
        if self._build().circuit != self.model_.circuit:
            raise ValueError("warm_start cannot go on: the parameters now describe another circuit")

    def _build(self) -> Model:
        """Build the model, its parameters not yet initialized."""
        return make_model(
            self.n_features_in_,
            self._n_outputs(),
            feature_map=self.feature_map,
            ansatz=self.ansatz,
            n_qubits=0 if self.n_qubits is None else self.n_qubits,
            n_layers=self.n_layers,
            reupload=bool(self.reupload),
            scale_inputs=bool(self.scale_inputs),
            entangle=bool(self.entangle),
            precision=self.precision,
            observables=self.observables,
        )

    def _training(self) -> Training:
        return Training(
            loss=self._loss(),
            optimizer=self.optimizer,
            learning_rate=_real(self.learning_rate, "learning_rate"),
            schedule=self.schedule,
            max_iter=int(self.max_iter),
            batch_size=self.batch_size,
            early_stopping=self.early_stopping,
            validation_fraction=_real(self.validation_fraction, "validation_fraction"),
            n_iter_no_change=int(self.n_iter_no_change),
            tol=_real(self.tol, "tol"),
            seed=self._seed,
            checkpoint=self.checkpoint,
        )

    def _book(self, record: Record) -> None:
        self.history_.append({**record, "epoch": len(self.history_) + 1})

    def _wants_more(self) -> bool:
        if self.callback is None:
            return True
        answer = self.callback(self, self.history_[-1])
        return answer is None or bool(answer)

    # From features to outputs.

    def _outputs(self, X: Any) -> FloatArray:
        """Compute the model's outputs, shape (n_samples, n_outputs)."""
        check_is_fitted(self, "model_")
        X = validated(self, X, reset=False)
        outputs: FloatArray = self.model_.outputs(self._angles(X))
        return outputs
