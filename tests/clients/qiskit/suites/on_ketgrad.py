"""A plugin of pytest that runs others' own tests on ketgrad: it replaces what they import."""

import sys
from unittest.mock import MagicMock

import qiskit.primitives
import qiskit.primitives.statevector_sampler
import qiskit_machine_learning.gradients as gradients
import qiskit_machine_learning.primitives as primitives
from qiskit.providers import Options

from ketgrad.qiskit import QGT, Estimator, EstimatorGradient, Sampler, SamplerGradient


class QMLEstimator(Estimator):
    def __init__(self, *, default_precision=0.0, seed=None, **_):
        super().__init__(default_precision=default_precision, seed=seed)
        self.options = Options()


class ParamShiftEstimatorGradient(EstimatorGradient):
    def __init__(self, estimator=None, options=None, **_):
        super().__init__(estimator)
        self.update_default_options(**(options or {}))


class ParamShiftSamplerGradient(SamplerGradient):
    def __init__(self, sampler=None, options=None, **_):
        super().__init__(sampler)
        self.update_default_options(**(options or {}))


qiskit.primitives.StatevectorEstimator = Estimator
qiskit.primitives.StatevectorSampler = Sampler
qiskit.primitives.statevector_sampler.StatevectorSampler = Sampler
primitives.QMLEstimator = QMLEstimator
gradients.ParamShiftEstimatorGradient = ParamShiftEstimatorGradient
gradients.ParamShiftSamplerGradient = ParamShiftSamplerGradient
gradients.LinCombQGT = QGT
# Some modules import IBM's service, whose tests are left out.
for name in ("", ".fake_provider", ".options"):
    sys.modules[f"qiskit_ibm_runtime{name}"] = MagicMock()
