"""The fidelity kernel for qiskit-machine-learning."""

from typing import Any

import numpy as np
from qiskit import QuantumCircuit
from qiskit.exceptions import QiskitError
from qiskit_machine_learning.kernels import BaseKernel

from ketgrad import fidelity_kernel
from ketgrad._clients import MOST_SHOTS, require_seed
from ketgrad.qiskit.checks import (
    real_array,
    require_finite,
    require_type,
    require_whole,
)
from ketgrad.qiskit.course import Course
from ketgrad.qiskit.structures import Floats, find


class FidelityKernel(BaseKernel):  # type: ignore[misc]
    """The kernel |<phi(x)|phi(y)>|**2 of a feature map's states, each prepared once.

    In the place of `FidelityStatevectorKernel`, for `QSVC` and the like.

    Parameters
    ----------
    feature_map : qiskit.QuantumCircuit
        Whose parameters, in Qiskit's order, are the features.
    shots : int, default=None
        For entries as that many shots would estimate them; None is exact.
    enforce_psd : bool, default=True
        Whether a Gram matrix from shots becomes the nearest positive semi-definite one.
    seed : int or numpy.random.Generator, default=None
        Of the shots.

    Examples
    --------
    >>> from qiskit.circuit.library import zz_feature_map
    >>> FidelityKernel(feature_map=zz_feature_map(2)).evaluate([[0.1, 0.2], [0.3, 0.4]]).shape
    (2, 2)

    """

    def __init__(
        self,
        *,
        feature_map: QuantumCircuit,
        shots: int | None = None,
        enforce_psd: bool = True,
        seed: int | np.random.Generator | None = None,
    ) -> None:
        require_type(feature_map, QuantumCircuit, "feature_map")
        if shots is not None:
            require_whole(shots, 1, "shots", MOST_SHOTS)
        require_seed(seed, QiskitError)
        super().__init__(feature_map=feature_map, enforce_psd=enforce_psd)
        self._shots = shots
        self._random = np.random.default_rng(seed)

    def evaluate(self, x_vec: Any, y_vec: Any = None) -> Floats:
        """Compute the matrix of samples x, a row each, and y, or x where that is left out.

        Returns
        -------
        kernel : ndarray of shape (n_x, n_y)

        Raises
        ------
        ValueError
            For numbers of features that do not fit.
        qiskit.exceptions.QiskitError
            For what is no array of finite real numbers, and a feature map that measures in its
            course.

        """
        x_vec = real_array(x_vec, "x_vec")
        y_vec = None if y_vec is None else real_array(y_vec, "y_vec")
        x, y = self._validate_input(x_vec, y_vec)
        structure, _ = find(self._feature_map)
        if isinstance(structure, Course) or not structure.core.is_unitary:
            raise QiskitError("ketgrad has no kernel of a circuit that measures in its course")
        for z in (x,) if y is None else (x, y):
            require_finite(z, structure.names)
        same = y is None or np.array_equal(x, y)
        program = structure.state_program()
        rows = [structure.rows(np.empty(0), z) for z in ((x,) if same else (x, y))]
        kernel = fidelity_kernel(program, *rows)
        if self._shots is None:
            return kernel
        drawn = self._random.binomial(self._shots, np.clip(kernel, 0, 1)) / self._shots
        if not same:
            return drawn
        np.fill_diagonal(drawn, 1.0)
        symmetric = (drawn + drawn.T) / 2
        return self._make_psd(symmetric) if self._enforce_psd else symmetric
