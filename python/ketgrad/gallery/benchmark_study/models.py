"""The models of the study, by their names: each gives its test accuracy.

Called with data, a `Run` and the hyper-parameters by name.
"""

from collections.abc import Callable

from ketgrad.gallery.benchmark_study import images, kernels, trained

EXACT: dict[str, Callable[..., float]] = {
    "SVC": kernels.svc,
    "MLP": kernels.mlp,
    "IQP kernel": kernels.machine(kernels.iqp_grams),
    "projected kernel": kernels.machine(kernels.projected_grams),
    "separable kernel": kernels.machine(kernels.separable_grams),
}
"""Deterministic, given the seed: to be equal to what was published."""

TRAINED: dict[str, Callable[..., float]] = {
    "kitchen sinks": kernels.kitchen_sinks,
    "circuit-centric": trained.circuit_centric,
    "data re-uploading": trained.data_reuploading,
    "dressed circuit": trained.dressed,
    "separable circuit": trained.separable_variational,
    "IQP circuit": trained.iqp_variational,
    "tree tensor": trained.tree_tensor,
    "metric learner": trained.metric_learner,
    "CNN": images.cnn,
    "quanvolution": images.quanvolution,
    "WeiNet": images.weinet,
}
"""Of random numbers, which are not theirs."""

MODELS = EXACT | TRAINED
