"""A classifier
============

``VQClassifier`` has the manners of scikit-learn: ``fit``, ``predict``, ``score``, in pipelines
and searches.
"""

import matplotlib.pyplot as plt
from sklearn.datasets import make_moons
from sklearn.model_selection import train_test_split

import ketgrad as kg

X, y = make_moons(200, noise=0.25, random_state=0)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)

classifier = kg.VQClassifier(n_qubits=3, n_layers=3, max_iter=150, tol=0, random_state=0)
classifier.fit(X_train, y_train)
print(f"accuracy {classifier.score(X_test, y_test):.2f} on {len(X_test)} samples it has not seen")

# %%
# How it was trained: the loss of every epoch is in ``history_``.

print(f"loss {classifier.loss_curve_[0]:.3f} -> {classifier.loss_curve_[-1]:.3f}")
print(f"{classifier.model_.n_parameters} parameters, {classifier.n_iter_} epochs")

# %%
# Is it the entanglement? The *separable* twin is the same circuit without entangling gates. A
# quantum model is worth something where it is ahead of its twin and of classical models. Here, as
# often, it is not: two moons are easy.

twin = kg.VQClassifier(
    n_qubits=3, n_layers=3, max_iter=150, tol=0, entangle=False, random_state=0
).fit(X_train, y_train)
print(f"separable {twin.score(X_test, y_test):.2f}")

# %%
# Where each draws the line:

figure, panels = plt.subplots(1, 3, figsize=(13, 4), layout="constrained")
for axes, model, title in zip(panels, (classifier, twin), ("entangled", "separable"), strict=False):
    kg.plots.decision_boundary(model, X_test, y_test, axes)
    axes.set_title(title)
kg.plots.loss_curve(classifier, panels[2])
plt.show()

assert classifier.score(X_test, y_test) > 0.8
