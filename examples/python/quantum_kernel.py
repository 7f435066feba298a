"""Quantum kernels on two moons: a fixed one, one trained by alignment, and the classical one."""

import numpy as np
from sklearn.datasets import make_moons
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

import ketgrad as kg

X, y = make_moons(300, noise=0.2, random_state=0)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

machines = {
    "fidelity kernel": kg.QSVC(C=10.0, random_state=0),
    "the same, aligned": kg.QSVC(C=10.0, alignment_steps=40, random_state=0),
    "projected kernel": kg.QSVC(C=10.0, kernel="projected", random_state=0),
    "RBF kernel": make_pipeline(StandardScaler(), SVC(C=10.0)),
}
accuracy = {}
for name, machine in machines.items():
    accuracy[name] = machine.fit(X_train, y_train).score(X_test, y_test)
    print(f"{name:18} {accuracy[name]:.3f}")

# Below the estimators: the kernel matrix itself, and how well it fits the labels.
program = kg.compile(kg.embedding(2, ansatz="strongly_entangling", n_layers=2), inputs="x")
target = kg.target_kernel(y_train)
weights = np.random.default_rng(0).uniform(-np.pi, np.pi, len(program.weights))
trained = kg.align_kernel(program, X_train, target, weights, n_steps=40)
kernel = kg.fidelity_kernel(program, X_train, weights=trained.weights)
print(f"alignment {trained.history[0]:.3f} -> {kg.kernel_target_alignment(kernel, target):.3f}")

assert min(accuracy.values()) > 0.85
assert kg.kernel_target_alignment(kernel, target) > trained.history[0]
