"""Qiskit on ketgrad: circuits both ways, an estimator, a sampler, a backend and gradients.

Needs the extra `ketgrad[qiskit]`, and Qiskit 2.2 or later. `EstimatorGradient`, `SamplerGradient`,
`QGT` and `FidelityKernel` are for qiskit-machine-learning, which they need.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from qiskit import __version__ as _version

from ketgrad._clients import check_release

check_release("Qiskit", _version, (2, 2), (2, 6), "qiskit")  # the last is what is tested

from ketgrad.qiskit.backend import Backend  # noqa: E402 - behind the version
from ketgrad.qiskit.conversion import from_qiskit  # noqa: E402
from ketgrad.qiskit.estimator import Estimator  # noqa: E402
from ketgrad.qiskit.export import to_qiskit  # noqa: E402
from ketgrad.qiskit.noise import noise_model  # noqa: E402
from ketgrad.qiskit.observables import pauli_sum  # noqa: E402
from ketgrad.qiskit.sampler import Sampler  # noqa: E402

if TYPE_CHECKING:
    from ketgrad.qiskit.gradients import QGT, EstimatorGradient, SamplerGradient
    from ketgrad.qiskit.kernel import FidelityKernel

# What needs qiskit-machine-learning is imported when it is first used.
_LAZY = {
    "EstimatorGradient": "ketgrad.qiskit.gradients",
    "FidelityKernel": "ketgrad.qiskit.kernel",
    "QGT": "ketgrad.qiskit.gradients",
    "SamplerGradient": "ketgrad.qiskit.gradients",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'ketgrad.qiskit' has no attribute {name!r}")
    try:
        return getattr(import_module(_LAZY[name]), name)
    except ModuleNotFoundError as error:
        needs = f"ketgrad.qiskit.{name} needs qiskit-machine-learning"
        raise ImportError(f"{needs}: pip install 'qiskit-machine-learning>=0.9'") from error


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})


__all__ = [
    "QGT",
    "Backend",
    "Estimator",
    "EstimatorGradient",
    "FidelityKernel",
    "Sampler",
    "SamplerGradient",
    "from_qiskit",
    "noise_model",
    "pauli_sum",
    "to_qiskit",
]
