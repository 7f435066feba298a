"""Noise and shots
===============

What a quantum computer returns differs from the ideal in two ways: there are finitely many shots,
and gates are not what they should be. Both are simulated here, apart from each other.
"""

import matplotlib.pyplot as plt
import numpy as np

import ketgrad as kg

circuit = kg.hardware_efficient(3, n_layers=2)
weights = np.linspace(0, 1, len(circuit.parameters))
program = kg.compile(circuit, "ZZI")
print("exact     ", program.expval(weights=weights))

# %%
# Shots: an estimate and its standard error, which falls as one over the root of their number.

value, error = program.expval(weights=weights, shots=1000, seed=0, return_std=True)
print("1000 shots", value, "±", error)

# %%
# Noise: channels behind gates. The values are exact under it, from density matrices.

noise = kg.NoiseModel().add(kg.Channel.depolarizing(0.002))
noise.add(kg.Channel.depolarizing2(0.02), "cx")
noisy = kg.compile_noisy(circuit, "ZZI", noise)
print("noisy     ", noisy.expval(weights=weights))

# %%
# Zero-noise extrapolation runs longer circuits that do the same, with more noise, and continues
# the values to no noise at all.

mitigated = kg.mitigation.zero_noise(circuit, "ZZI", noise, weights=weights)
print("mitigated ", mitigated)

# %%
# Twenty estimates for each number of shots, and what noise does as it grows:

exact = program.expval(weights=weights)[0]
numbers = np.array([30, 100, 300, 1000, 3000, 10_000])
strengths = np.linspace(0, 0.05, 11)
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4), layout="constrained")
for shots in numbers:
    estimates = [program.expval(weights=weights, shots=int(shots), seed=s)[0] for s in range(20)]
    left.semilogx([shots] * 20, estimates, ".", color=kg.plots.COLORS[0])
left.axhline(exact, color="black", lw=1)
left.set_title("Shots scatter")
for name, curve in {
    "noisy": lambda model: kg.compile_noisy(circuit, "ZZI", model).expval(weights=weights)[0],
    "extrapolated": lambda model: kg.mitigation.zero_noise(circuit, "ZZI", model, weights=weights)[
        0
    ],
}.items():
    values = [curve(kg.NoiseModel().add(kg.Channel.depolarizing2(p), "cx")) for p in strengths]
    right.plot(strengths, values, "o-", label=name)
right.axhline(exact, color="black", lw=1, label="exact")
right.set_title("Noise shifts")
right.legend()
kg.plots.style(left, xlabel="shots", ylabel="⟨ZZI⟩")
kg.plots.style(right, xlabel="depolarizing probability of a CNOT")
plt.show()

assert abs(mitigated[0] - exact) < 0.2 * abs(noisy.expval(weights=weights)[0] - exact)
