"""Dynamic circuits
================

Measurements in the middle, and gates that depend on what was measured. Shots that agreed so far
are one branch, so that thousands of them cost what a few branches do.
"""

import matplotlib.pyplot as plt
import numpy as np

import ketgrad as kg

# %%
# Teleportation: the state of qubit 0 appears on qubit 2, by two classical bits. The circuit is
# written in OpenQASM 3; methods do the same.

teleport = kg.Circuit.from_qasm("""
    qubit[3] q;  bit[2] c;
    ry(0.7) q[0];
    h q[1];  cx q[1], q[2];
    cx q[0], q[1];  h q[0];
    c[0] = measure q[0];  c[1] = measure q[1];
    if (c[1]) x q[2];
    if (c[0]) z q[2];
""")
print(teleport.draw(width=100))

# %%
# A bit for what arrives, and ten thousand shots, which are four branches:

teleport.add_bits("out", 1).measure(2, 2)
result = teleport.run(10_000, seed=1)
arrived = result.counts(register="out")
print(arrived, f"expected share of 1: {np.sin(0.35) ** 2:.4f}")

# %%
# Only the shots in which qubit 0 gave 0:

print(teleport.run(10_000, seed=1, postselect={0: 0}).counts(register="out"))

# %%
# Repeat until success: a coin that came up 0 is flipped again, up to five times in all. Half of
# what is left succeeds each time.

shares = {}
for flips in range(1, 6):
    coin = kg.Circuit(1, 1).h(0).measure(0, 0)
    for _ in range(flips - 1):
        coin.when({0: 0}, kg.Circuit(1, 1).h(0).measure(0, 0))
    shares[flips] = coin.run(10_000, seed=flips).counts().get("1", 0) / 10_000
print(shares)

# %%
# The circuit with its conditions, and both experiments beside what they should give:

figure, (top, bottom) = plt.subplots(
    2, 1, figsize=(10, 7), height_ratios=(1.3, 1), layout="constrained"
)
kg.plots.draw_circuit(teleport, top)
bottom.plot(list(shares), list(shares.values()), "o", label="10 000 shots")
bottom.plot(list(shares), [1 - 0.5**k for k in shares], lw=1, label="1 − 2⁻ᵏ")
bottom.set_xticks(list(shares))
bottom.legend()
kg.plots.style(bottom, xlabel="flips at most, k", ylabel="share of 1")
plt.show()

assert abs(arrived["1"] / 10_000 - np.sin(0.35) ** 2) < 0.02
assert all(abs(share - (1 - 0.5**k)) < 0.02 for k, share in shares.items())
