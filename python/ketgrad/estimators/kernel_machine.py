"""What the kernel machines share: they learn targets, to which a kernel can be aligned."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

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
        used; they need an ansatz and the fidelity kernel."""

public = publisher(parameters=PARAMETERS + ALIGNMENT, attributes=ATTRIBUTES)


@dataclass(eq=False, repr=False, kw_only=True)
class KernelMachine(KernelEstimator):
    """A machine of scikit-learn on a quantum kernel; see QSVC, QSVR and QKernelRidge."""

    alignment_steps: int = 0

    def _fit(self, X: Any, y: Any, sample_weight: Any) -> Self:
        with self._unchanged_by_failures() as rows:
            self._check_parameters()
            X, y, weight = self._checked(X, y, sample_weight, reset=True, rows=rows)
            self._learn_target(y, weight)
            angles = self._learn_kernel(X, weight, y)
            solver = self._solver().fit(self._kernel(angles), y, weight)
            for name in self._learned:
                setattr(self, name, getattr(solver, name))
            # Only support vector machines do without some of the samples.
            self._keep(angles, getattr(solver, "support_", np.arange(len(angles))))
        return self

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
