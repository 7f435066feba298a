"""Gradients
=========

A parameter is a number that a circuit does not know yet. What a program computes can be
differentiated by all of them, exactly.
"""

import matplotlib.pyplot as plt
import numpy as np

import ketgrad as kg

theta = kg.ParameterVector("theta", 3)
circuit = (
    kg.Circuit(2).ry(theta[0], 0).cx(0, 1).rx(2 * theta[1] + 0.1, 1).ry(theta[2] * theta[0], 0)
)
program = kg.compile(circuit, "ZZ")
weights = np.array([0.4, 0.7, 1.1])
print(program.expval(weights=weights))

# %%
# ``vjp`` goes once forwards and once back, whatever the number of parameters: the adjoint method.
# The first argument says how much each value matters; here there is one value.

_, adjoint = program.vjp([1.0], weights=weights)
print("adjoint        ", adjoint)

# %%
# The parameter-shift rule runs the circuit at shifted angles, as a quantum computer can. The
# result is the same; the way there is longer. ``theta[0]`` acts on two gates: the chain rule is
# applied for you.

_, shifted = program.jacobian(weights=weights, diff_method="parameter-shift")
print("parameter shift", shifted[0])

# %%
# With shots, every shifted value is an estimate, and so is the gradient; ``return_std`` says how
# good a one.

_, estimate = program.jacobian(weights=weights, diff_method="parameter-shift", shots=2000, seed=0)
print("2000 shots     ", estimate[0])

# %%
# A whole batch of weights is one call. The slope at every point of a curve, and how far estimates
# are from it:

t = np.linspace(-np.pi, np.pi, 61)
batch = np.tile(weights, (len(t), 1))
batch[:, 1] = t
values = program.expval(weights=batch)[:, 0]
slopes = program.jacobian(weights=batch)[1][:, 0, 1]
noisy = program.jacobian(weights=batch, diff_method="parameter-shift", shots=200, seed=1)[1][
    :, 0, 1
]

figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
axes.plot(t, values, label="⟨ZZ⟩")
axes.plot(t, slopes, label="its exact derivative")
axes.plot(t, noisy, ".", label="by parameter shift, 200 shots a value")
axes.set_ylim(-2, 3.2)
axes.legend(loc="upper left")
kg.plots.style(axes, xlabel="theta[1]")
plt.show()

assert np.allclose(adjoint, shifted[0])
