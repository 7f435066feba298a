"""Quantum kernels
===============

How alike two samples are is the overlap of the states that a circuit makes of them. Support
vectors, ridge regression and Gaussian processes need nothing else.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_circles

import ketgrad as kg

X, y = make_circles(80, noise=0.1, factor=0.4, random_state=0)
program = kg.compile(kg.feature_map("zz", 2), inputs="x")
kernel = kg.fidelity_kernel(program, X)
print(kernel.shape, f"{kernel.diagonal().min():.6f}")

# %%
# How well a kernel fits labels is its *alignment* with the kernel that would know them. One
# circuit's is fixed; another's weights are trained to raise it.

target = kg.target_kernel(y)
trainable = kg.compile(kg.embedding(2, ansatz="strongly_entangling", n_layers=2), inputs="x")
start = np.random.default_rng(0).uniform(-np.pi, np.pi, len(trainable.weights))
trained = kg.align_kernel(trainable, X, target, start, n_steps=40)
print(f"alignment: fixed {kg.kernel_target_alignment(kernel, target):.2f},", end=" ")
print(f"trained {trained.history[0]:.2f} -> {max(trained.history):.2f}")

# %%
# ``QSVC`` does all of this behind ``fit``.

machine = kg.QSVC(alignment_steps=40, random_state=0).fit(X, y)
print(f"accuracy {machine.score(X, y):.2f}")

# %%
# Sorted by class, a good kernel has bright blocks: samples of one class are alike, those of two
# are not.

order = np.argsort(y)
matrices = {
    "fixed map": kernel,
    "random weights": kg.fidelity_kernel(trainable, X, weights=start),
    "aligned weights": kg.fidelity_kernel(trainable, X, weights=trained.weights),
}
figure, panels = plt.subplots(1, 3, figsize=(12, 4), layout="constrained")
for axes, (name, matrix) in zip(panels, matrices.items(), strict=True):
    shown = axes.imshow(matrix[np.ix_(order, order)], vmin=0, vmax=1)
    axes.set_title(f"{name}, alignment {kg.kernel_target_alignment(matrix, target):.2f}")
    axes.set_axis_off()
figure.colorbar(shown, ax=panels, label="fidelity")
plt.show()

assert max(trained.history) > trained.history[0]
