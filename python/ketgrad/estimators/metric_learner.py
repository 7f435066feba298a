"""A metric learner: states of one class close together, those of others far apart."""

import json
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from ketgrad._core import (
    Circuit,
    Optimizer,
    ParameterVector,
    Program,
    _real,
    ansatz_layers,
    compile,  # noqa: A004 - the word of the field
    embedding,
)
from ketgrad._rows import rows_as_given
from ketgrad._types import Array, ComplexArray, FloatArray
from ketgrad._words import plain
from ketgrad.estimators.base import ScaledEstimator
from ketgrad.estimators.checks import validated
from ketgrad.estimators.ensembles import (
    are_density_matrices,
    coordinates,
    ensembles_of,
    separation,
)
from ketgrad.estimators.feature_layers import spread_map
from ketgrad.estimators.json_checks import MEMBERS, only
from ketgrad.estimators.json_features import FEATURES, features_to_json, restore_features
from ketgrad.estimators.public import publisher
from ketgrad.estimators.rules import METRIC_RULES
from ketgrad.estimators.targets import Classifier

_MOST_QUBITS = 4  # that n_qubits=None takes: a state has 4**n coordinates

_TOLERANCE = 1e-4  # of what a density matrix is: means of states in single precision are, too

# What is learned, and its numbers of axes in a file.
_ARRAYS = {"weights_": 1, "matrix_": 2, "offsets_": 1, "loss_curve_": 1}


@publisher()
@dataclass(eq=False, repr=False)
class VQMetricLearner(
    ClassNamePrefixFeaturesOutMixin,  # type: ignore[misc]
    TransformerMixin,  # type: ignore[misc]
    Classifier,
    ScaledEstimator,
):
    """An embedding of samples in quantum states, trained to keep classes apart.

    With rho_c the mean of |x><x| over the samples of class c, training minimises 1 minus the mean
    over classes of tr(rho_c rho_c) plus the mean over pairs of tr(rho_c rho_d): for two classes
    1 - |rho - sigma|**2 / 2 with the Hilbert-Schmidt norm (Lloyd et al. 2020, arXiv:2001.03622). A
    sample is then of the class whose ensemble is nearest. `transform` gives coordinates in which
    the Euclidean distance is that norm, for any other method; `learn_classes` learns new classes
    from a few samples, the embedding as it is.

    Parameters
    ----------
    feature_map : {feature_map}
    ansatz : str or Circuit, default="strongly_entangling"
        The trainable layers: a name of :func:`ketgrad.ansatz_names`, or a circuit that is one
        layer; every repetition has weights of its own.
    n_qubits : int, default=None
        Number of qubits, at most 8; None means one a feature, at most 4 where the map is "angle".
        Only the angle map can choose.
    n_layers : int, default=2
        How often the features and the ansatz are repeated.
    dressed : bool or "auto", default="auto"
        Whether every rotation of the angle map is by a trained linear function of all features, one
        of its own in every layer. "auto" does so where the map is "angle" and the ansatz a name.
    entangle : {entangle}
    measure : {"hilbert_schmidt", "fidelity"}, default="hilbert_schmidt"
        What is near in predictions: the least distance |x><x| - rho_c, or the greatest fidelity
        <x|rho_c|x>, which prefers classes that are less spread.
    n_steps : int, default=300
        Steps of Adam.
    batch_size : int, default=64
        Samples a step, drawn without replacement.
    learning_rate : float, default=0.03
        Its step size.
    init_spread : float, default=0.5
        First weights are uniform in [-init_spread, init_spread].
    input_scaling : {"standard", None}, default="standard"
        "standard" learns the mean and standard deviation of every feature in `fit` and turns one
        standard deviation into 1 / sqrt(n_features) radians, at most 2.5 radians either way. None
        takes the features as angles (or amplitudes) as they are.
    precision : {precision}
    random_state : int, RandomState or None, default=None
        Seed of first weights and batches.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The class labels, sorted.
    ensembles_ : ndarray of shape (n_classes, 2**n_qubits, 2**n_qubits)
        The mean density matrix of every class.
    circuit_ : ketgrad.Circuit
        Prepares the states; its parameters ``x`` are the angles.
    weights_ : ndarray of shape (n_weights,)
        The trained weights of the circuit.
    matrix_, offsets_ : ndarray of shape (n_angles, n_features) and (n_angles,)
        The trained linear function of a dressed circuit, else empty.
    loss_curve_ : ndarray of shape (n_steps,)
        The loss of every step's batch.
    {features}

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from ketgrad import VQMetricLearner
    >>> X, y = load_iris(return_X_y=True)
    >>> learner = VQMetricLearner(n_qubits=2, n_steps=100, random_state=0).fit(X, y)
    >>> learner.transform(X).shape
    (150, 16)
    >>> bool(learner.score(X, y) > 0.9)
    True

    """

    _rules: ClassVar = METRIC_RULES

    feature_map: str | Circuit = "angle"
    ansatz: str | Circuit = "strongly_entangling"
    _: KW_ONLY
    n_qubits: int | None = None
    n_layers: int = 2
    dressed: bool | str = "auto"
    entangle: bool = True
    measure: str = "hilbert_schmidt"
    n_steps: int = 300
    batch_size: int = 64
    learning_rate: float = 0.03
    init_spread: float = 0.5
    input_scaling: str | None = "standard"
    precision: str = "double"
    random_state: Any = None

    def fit(self, X: Any, y: Any) -> Self:
        """Train the embedding on samples and their class labels.

        Parameters
        ----------
        X : {samples}
        y : {labels}

        Returns
        -------
        self : VQMetricLearner

        Raises
        ------
        {wrong_labels_or_parameters}

        """
        before = dict(vars(self))
        try:
            self._check_parameters()
            X, y, _ = self._checked(X, y, None, reset=True, rows=[])
            self._learn_target(y, None)
            self._learn_scaling(X, None)
            self._start()
            self._train(self._angles(X), np.searchsorted(self.classes_, y))
            self._learn_ensembles(X, y)
        except BaseException:
            self.__dict__.clear()
            self.__dict__.update(before)
            raise
        return self

    def learn_classes(self, X: Any, y: Any) -> Self:
        """Learn other classes in the place of those of before, the embedding as it is.

        Parameters
        ----------
        X : {samples}
        y : {labels}

        Returns
        -------
        self : VQMetricLearner

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            For samples of less than two classes.

        """
        check_is_fitted(self, "circuit_")
        X, y, _ = self._checked(X, y, None, reset=False, rows=[])
        self._learn_target(y, None)
        self._learn_ensembles(X, y)
        return self

    def transform(self, X: Any) -> FloatArray:
        """Compute coordinates of the states |x><x|.

        They are the diagonal, and sqrt(2) times the real and the imaginary parts of what is above
        it: products of coordinates are fidelities, and distances those of Hilbert and Schmidt.

        Parameters
        ----------
        X : {samples}

        Returns
        -------
        Z : ndarray of shape (n_samples, 4**n_qubits)

        """
        return coordinates(self._states(X))

    # The class of a sample.

    def _scores(self, X: Any) -> FloatArray:
        states = self._states(X)
        # <x|rho|x> by one product of matrices a class, not one a sample.
        turned = states @ self.ensembles_.transpose(0, 2, 1)
        fidelities: FloatArray = np.einsum("ri,cri->rc", states.conj(), turned).real
        if self.measure == "hilbert_schmidt":  # |x><x| - rho has the squared norm 1 - 2 f + p
            fidelities -= np.einsum("cij,cji->c", self.ensembles_, self.ensembles_).real / 2
        return fidelities[:, 1] - fidelities[:, 0] if len(self.classes_) == 2 else fidelities

    def _learn_ensembles(self, X: FloatArray, y: Array) -> None:
        states = self._embedded(self._program(), self._angles(X))
        self.ensembles_: ComplexArray = ensembles_of(states, np.searchsorted(self.classes_, y))

    # The embedding.

    def _states(self, X: Any) -> ComplexArray:
        check_is_fitted(self, "circuit_")
        X = validated(self, X, reset=False)
        return self._embedded(self._program(), self._angles(X))

    def _embedded(self, program: Program, angles: FloatArray) -> ComplexArray:
        states = program.state(self._turned(angles), self.weights_)
        return np.asarray(states, dtype=np.complex128)  # sums over many are in double precision

    def _turned(self, angles: FloatArray) -> FloatArray:
        """Compute the angles of the circuit."""
        return angles @ self.matrix_.T + self.offsets_ if len(self.matrix_) else angles

    def _program(self) -> Program:
        return compile(self.circuit_, inputs=self._inputs(), precision=self.precision)

    def _inputs(self) -> list[str]:
        return [f"x[{k}]" for k in range(len(self.matrix_) or self.n_features_in_)]

    def _is_dressed(self) -> bool:
        can_be = isinstance(self.ansatz, str) and (
            isinstance(self.feature_map, str) and self.feature_map == "angle"
        )
        if self.dressed is True and not can_be:
            raise ValueError(
                f"dressed=True takes the angle map and a named ansatz, not "
                f"feature_map={plain(self.feature_map)!r}, ansatz={plain(self.ansatz)!r}"
            )
        return can_be if self.dressed == "auto" else bool(self.dressed)

    def _start(self) -> None:
        """Draw the first weights."""
        random = check_random_state(self.random_state)
        self._seed = int(random.randint(np.iinfo(np.int32).max))
        n, dressed = self.n_features_in_, self._is_dressed()
        few = min(n, _MOST_QUBITS) if self.n_qubits is None else int(self.n_qubits)
        n_angles = few * self.n_layers if dressed else 0
        # Standardised features have a norm of about one, and so have the first angles.
        self.matrix_: FloatArray = random.normal(size=(n_angles, n))
        self.offsets_: FloatArray = np.zeros(n_angles)
        self.circuit_ = self._dressed_circuit(few) if dressed else self._plain_circuit(few)
        n_weights = len(self.circuit_.parameters) - len(self._inputs())
        spread = _real(self.init_spread, "init_spread")
        self.weights_: FloatArray = random.uniform(-spread, spread, n_weights)

    def _plain_circuit(self, few: int) -> Circuit:
        chosen = few if self.feature_map == "angle" else self.n_qubits
        return embedding(
            self.n_features_in_,
            spread_map(self.feature_map, self.n_features_in_, chosen),
            self.ansatz,
            n_qubits=chosen or 0,
            n_layers=self.n_layers,
            entangle=bool(self.entangle),
        )

    def _dressed_circuit(self, n_qubits: int) -> Circuit:
        ansatz: Any = self.ansatz  # a name
        layers = ansatz_layers(ansatz, n_qubits, self.n_layers, entangle=bool(self.entangle))
        x, circuit = ParameterVector("x", n_qubits * len(layers)), Circuit(n_qubits)
        for k, layer in enumerate(layers):
            for qubit in range(n_qubits):
                circuit.ry(x[k * n_qubits + qubit], qubit)
            circuit = circuit.compose(layer)
        return circuit

    def _train(self, angles: FloatArray, labels: Array) -> None:
        program, rng = self._program(), np.random.default_rng(self._seed)
        optimizer = Optimizer("adam", learning_rate=_real(self.learning_rate, "learning_rate"))
        losses = []
        for _ in range(self.n_steps):
            batch = rng.permutation(len(angles))[: self.batch_size]
            with rows_as_given() as rows:
                rows.append(batch)
                losses.append(self._step(program, optimizer, angles[batch], labels[batch]))
        self.loss_curve_: FloatArray = np.array(losses)

    def _step(
        self, program: Program, optimizer: Optimizer, angles: FloatArray, labels: Array
    ) -> float:
        """Make a step of training; return the loss before it."""
        turned = self._turned(angles)
        states = program.state(turned, self.weights_)
        loss, pulled = separation(states, labels)
        by_angles, by_weights = program.vjp(pulled, turned, self.weights_, of="state")
        groups = {"weights": self.weights_}
        slopes = {"weights": by_weights}
        if len(self.matrix_):
            groups |= {"matrix": self.matrix_, "offsets": self.offsets_}
            slopes |= {"matrix": by_angles.T @ angles, "offsets": by_angles.sum(axis=0)}
        moved: Any = optimizer.step(groups, slopes)
        self.weights_ = moved["weights"]
        self.matrix_ = moved.get("matrix", self.matrix_)
        self.offsets_ = moved.get("offsets", self.offsets_)
        return loss

    @property
    def _n_features_out(self) -> int:
        check_is_fitted(self, "circuit_")
        return int(4**self.circuit_.n_qubits)

    # Files.

    def _learned_to_json(self) -> dict[str, Any]:
        fitted = {**features_to_json(self), **self._target_to_json()}
        for name in _ARRAYS:
            fitted[name.removesuffix("_")] = getattr(self, name).tolist()
        fitted["ensembles"] = [self.ensembles_.real.tolist(), self.ensembles_.imag.tolist()]
        return {"fitted": fitted, "circuit": json.loads(self.circuit_.to_json())}

    def _restore(self, document: dict[str, Any]) -> None:
        fitted = document["fitted"]
        names = [name.removesuffix("_") for name in _ARRAYS]
        only(document, "it", *MEMBERS, "circuit")
        only(fitted, "'fitted'", *FEATURES, *self._target_members, *names, "ensembles")
        n_features = restore_features(self, fitted)
        self._restore_target(fitted)
        for name, n_axes in _ARRAYS.items():
            values = fitted[name.removesuffix("_")]
            empty = np.empty((0, n_features)) if n_axes == 2 else np.empty(0)
            setattr(self, name, _numbers(values, name, n_axes) if values else empty)
        self.circuit_ = Circuit.from_json(json.dumps(document["circuit"]))
        real, imaginary = (_numbers(part, "ensembles_", 3) for part in fitted["ensembles"])
        size = 2**self.circuit_.n_qubits
        if {real.shape, imaginary.shape} != {(len(self.classes_), size, size)}:
            raise ValueError(f"ensembles of {real.shape} for {len(self.classes_)} classes")
        self.ensembles_ = real + 1j * imaginary
        if not are_density_matrices(self.ensembles_, _TOLERANCE):
            raise ValueError(
                "ensembles are no density matrices: each must be Hermitian, of trace 1 and positive"
            )
        if self.matrix_.shape != (len(self.offsets_), n_features):
            raise ValueError(f"a linear function of {self.matrix_.shape} of {n_features} features")
        if len(self.weights_) != len(self._program().weights):
            raise ValueError(f"{len(self.weights_)} weight(s) do not fit the circuit")


def _numbers(values: Any, name: str, n_axes: int) -> FloatArray:
    array = np.array(values)
    if array.dtype.kind not in "if" or array.ndim != n_axes or not np.isfinite(array).all():
        raise ValueError(f"{name} is not a finite array with {n_axes} axes")
    return array.astype(np.float64)
