"""What the kernel machines share: they learn targets, to which a kernel can be aligned."""

import pickle
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from ketgrad._kernels import shared_gram_matrix
from ketgrad._ranks import of_first, ranks_of, together
from ketgrad._types import Array, FloatArray
from ketgrad.analysis.alignment_training import align_kernel
from ketgrad.estimators.kernel_estimator import KernelEstimator
from ketgrad.estimators.kernel_parameters import ATTRIBUTES, PARAMETERS
from ketgrad.estimators.public import publisher

ALIGN_ALL = 128  # the largest data set whose every step of the alignment sees all samples
ALIGN_BATCH = 64

ALIGNMENT = """
    alignment_steps : int, default=0
        Steps of Adam that train the weights by :func:`ketgrad.align_kernel` before the kernel is
        used; they need an ansatz and the fidelity kernel.
    comm : mpi4py.MPI.Intracomm, default=None
        Processes that fit together: each calls `fit` with the same samples and computes some tiles
        of their kernel matrix, which all have in the end; alignment and the solver run on each.
        Results have the bits of one process. A `random_state` of None is rank 0's. What one raises
        is raised on all. Predictions are each one's own."""

public = publisher(parameters=PARAMETERS + ALIGNMENT, attributes=ATTRIBUTES)


@dataclass(eq=False, repr=False, kw_only=True)
class KernelMachine(KernelEstimator):
    """A machine of scikit-learn on a quantum kernel; see QSVC, QSVR and QKernelRidge."""

    alignment_steps: int = 0
    comm: Any = None

    def _fit(self, X: Any, y: Any, sample_weight: Any) -> Self:
        together(self.comm, lambda: self._fit_here(X, y, sample_weight))
        return self

    def _fit_here(self, X: Any, y: Any, sample_weight: Any) -> None:
        """Fit, on each process of `comm`."""
        with self._unchanged_by_failures() as rows:
            self._check_parameters()
            X, y, weight = self._checked(X, y, sample_weight, reset=True, rows=rows)
            self._learn_target(y, weight)
            angles = self._learn_kernel(X, weight, y)
            solver = self._solver().fit(self._own_kernel(angles, y, weight), y, weight)
            for name in self._learned:
                values = getattr(solver, name)
                if not np.isfinite(values).all():
                    raise ValueError(
                        f"{name} is not finite: the targets are from {np.min(y)} to {np.max(y)}"
                    )
                setattr(self, name, values)
            # Only support vector machines do without some of the samples.
            self._keep(angles, getattr(solver, "support_", np.arange(len(angles))))

    def _own_kernel(self, angles: FloatArray, y: Array, weight: FloatArray | None) -> FloatArray:
        """Compute the kernel matrix of the samples, each process of `comm` a part of it."""
        if self.comm is None:
            return self._kernel(angles)
        ranks = ranks_of(self.comm)
        options = {**self.get_params(deep=False), "comm": None, "random_state": None}
        ranks.require_same(
            samples=angles.tobytes() + pickle.dumps([y.tolist(), np.asarray(weight).tolist()]),
            options=repr(sorted(options.items())).encode(),
            circuit=self.circuit_.to_json().encode(),
            weights=self.weights_.tobytes(),
        )
        gamma = None if self.kernel == "fidelity" else self.gamma_
        return shared_gram_matrix(self._program(), angles, self.weights_, gamma, ranks)

    def _random(self) -> np.random.RandomState:
        """Make the random numbers; fresh entropy of a `random_state` of None is that of rank 0."""
        if self.comm is None or self.random_state is not None:
            return super()._random()
        fresh = super()._random()
        seed = of_first(self.comm, lambda: int(fresh.randint(np.iinfo(np.int32).max)))
        return np.random.RandomState(seed)

    def _solver(self) -> Any:
        """Make the machine of scikit-learn, which learns from kernel matrices."""
        raise NotImplementedError

    def _wanted_kernel(self, y: Array) -> FloatArray:
        """Return the kernel that the targets want: for numbers, that of the centred ones."""
        centred = np.asarray(y, dtype=np.float64) - np.mean(y)
        return np.outer(centred, centred)

    def _train_weights(self, angles: FloatArray, y: Array, random: np.random.RandomState) -> None:
        if self.alignment_steps == 0:
            return
        if len(self.weights_) == 0:
            raise ValueError(f"ansatz={self.ansatz!r} has no weights that alignment could train")
        if self.kernel != "fidelity":
            raise ValueError(f"alignment trains the fidelity kernel, not the {self.kernel} one")
        self.weights_ = align_kernel(
            self._program(),
            angles,
            self._wanted_kernel(y),
            self.weights_,
            n_steps=self.alignment_steps,
            batch_size=None if len(angles) <= ALIGN_ALL else ALIGN_BATCH,
            seed=int(random.randint(np.iinfo(np.int32).max)),
        ).weights
