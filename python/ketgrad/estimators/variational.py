"""What the classifier and the regressor share."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from typing import Any, Self

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from ketgrad._core import (
    Chain,
    Circuit,
    CircuitLayer,
    Layer,
    Model,
    NoisyLayer,
    ParameterVector,
    ScaleShift,
    _real,
    compile,  # noqa: A004 - the word of the field
    compile_noisy,
    make_model,
    readout,
)
from ketgrad._ranks import of_first, rank_of, together
from ketgrad._rows import rows_as_given
from ketgrad._types import Array, FloatArray, Record
from ketgrad._words import plain
from ketgrad.estimators.checks import validated
from ketgrad.estimators.dressed import can_be_dressed, dressed
from ketgrad.estimators.objective import Samples
from ketgrad.estimators.progress import progress
from ketgrad.estimators.training import SCIPY_OPTIMIZERS, Training
from ketgrad.estimators.variational_parameters import CIRCUIT_PARAMETERS, VariationalParameters


class VariationalEstimator(VariationalParameters):
    """A variational circuit trained on samples; see VQClassifier and VQRegressor.

    Subclasses say what a target is: `_learn_target`, `_targets`, `_n_outputs` and `_loss`.
    """

    # What a target is.

    def _targets(self, y: Array) -> FloatArray:
        raise NotImplementedError

    def _loss(self) -> Any:
        raise NotImplementedError

    def _weights(
        self,
        y: Array,  # noqa: ARG002 - classifiers weigh by class
        weight: FloatArray | None,
    ) -> FloatArray | None:
        """Weigh the samples in the loss."""
        return weight

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
        self._check_parameters()
        lacking = together(self.comm, lambda: self._fit_here(X, y, sample_weight))
        if lacking is not None and rank_of(self.comm) == 0:
            warnings.warn(
                f"{type(self).__name__} has not converged: {lacking}; raise max_iter, or set "
                f"stopping='never' to train for just so long",
                ConvergenceWarning,
                stacklevel=3,
            )
        return self

    def _fit_here(self, X: Any, y: Any, sample_weight: Any) -> str | None:
        """Fit, on each process of `comm`; why it has not converged, or None."""
        with self._unchanged_by_failures() as rows:
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
            samples = Samples(self._angles(X), targets, self._weights(y, weight))
            shown = self.verbose > 0 and rank_of(self.comm) == 0
            with progress(type(self).__name__, self.max_iter, shown=shown) as show:

                def report(record: Record) -> bool:
                    self._book(record)
                    show(record)
                    return self._wants_more()

                return self._training().run(self.model_, samples, report, self._book)

    def _partial_fit(self, X: Any, y: Any, sample_weight: Any) -> Self:
        """One more epoch; the caller has checked that a target is known or can be learned."""
        self._check_parameters()
        together(self.comm, lambda: self._partial_fit_here(X, y, sample_weight))
        return self

    def _partial_fit_here(self, X: Any, y: Any, sample_weight: Any) -> None:
        with self._unchanged_by_failures() as rows:
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
            record = trainer.step_epoch(self._angles(X), targets, self._weights(y, weight))
            self._trainer, self.model_ = trainer, trainer.model
            self._book(record)
        self._wants_more()

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
        # Fresh entropy of a random_state of None is that of one process.
        comm = self.comm if self.random_state is None else None
        self._seed = of_first(comm, self._draw_seed)
        model = self._build()
        model.initialize(self._seed, _real(self.init_spread, "init_spread"))
        self.model_ = model
        self.history_ = []
        self._trainer = None

    def _draw_seed(self) -> int:
        return int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))

    def _require_same_circuit(self) -> None:
        if self._build().layer != self.model_.layer:
            raise ValueError("warm_start cannot go on: the parameters now describe another circuit")

    def _build(self) -> Model:
        """Build the model, its parameters not yet initialized."""
        if self.model is not None and self.dressed is not True:
            self._refuse_beside_model()
            return self._model_of(self.model)
        if self.dressed is True or (self.dressed == "auto" and can_be_dressed(self)):
            return Model(dressed(self, self._n_outputs(), self._measured))
        exact = make_model(
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
        if self.noise is None and self.shots is None:
            return exact
        observables = self.observables or readout(exact.circuit.n_qubits, exact.n_outputs)
        inputs = ParameterVector("x", self.n_features_in_)
        measured = self._measured(exact.circuit, observables, inputs)
        return Model(Chain([measured, ScaleShift(exact.n_outputs)]))

    def _measured(self, circuit: Circuit, observables: Any, inputs: ParameterVector) -> Layer:
        """Make a circuit a layer: exact, with noise, or with values from shots."""
        if self.noise is not None and self.shots is not None:
            raise ValueError("noise takes no shots: its values are exact, from density matrices")
        how: dict[str, Any] = {"inputs": inputs, "precision": self.precision}
        if self.noise is not None:
            return NoisyLayer(compile_noisy(circuit, observables, self.noise, **how))
        program = compile(circuit, observables, **how)
        if self.shots is None:
            return CircuitLayer(program)
        return CircuitLayer(program, shots=self.shots, seed=self._seed)

    def _refuse_beside_model(self) -> None:
        """Raise ValueError for what describes the circuit in whose place the model stands."""
        if self.noise is not None or self.shots is not None:
            raise ValueError(
                "noise and shots are of the circuit that an estimator builds; layers of a model "
                "have their own (NoisyLayer, CircuitLayer(shots=))"
            )
        for name in CIRCUIT_PARAMETERS:
            value = getattr(self, name)
            if value != getattr(type(self), name):
                raise ValueError(
                    f"{name}={plain(value)!r} is of the circuit that an estimator builds, which "
                    f"model={self.model!r} stands in the place of"
                )

    def _model_of(self, layer: Layer) -> Model:
        for what, has, needed in (
            ("input(s)", layer.n_inputs, self.n_features_in_),
            ("output(s)", layer.n_outputs, self._n_outputs()),
        ):
            if has != needed:
                raise ValueError(f"model={layer!r} has {has} {what}; these samples need {needed}")
        return Model(layer)

    def _training(self) -> Training:
        return Training(
            loss=self._loss(),
            optimizer=self.optimizer,
            learning_rate=_real(self.learning_rate, "learning_rate"),
            schedule=self.schedule,
            max_iter=int(self.max_iter),
            batch_size=self.batch_size,
            stopping=self.stopping,
            early_stopping=self.early_stopping,
            validation_fraction=_real(self.validation_fraction, "validation_fraction"),
            n_iter_no_change=int(self.n_iter_no_change),
            tol=_real(self.tol, "tol"),
            seed=self._seed,
            checkpoint=self.checkpoint,
            comm=self.comm,
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
