"""Training inside of JAX
======================

``ketgrad.jax.function`` makes a function of JAX of a program: ``jit``, ``vmap``, ``grad`` and
``scan`` take it as they take JAX's own.
"""

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt

import ketgrad as kg
from ketgrad.jax import function

circuit = kg.reupload(kg.angle_map(2), kg.ansatz_layers("strongly_entangling", 2, n_layers=3))
program = kg.compile(circuit, "ZZ", inputs="x")
f = function(program)
print(len(program.weights), "weights")

# %%
# The task is the product of two numbers. A loss is any expression of JAX.

inputs = jax.random.uniform(jax.random.key(0), (100, 2), minval=-1.5, maxval=1.5)
targets = jnp.prod(jnp.sin(inputs), axis=1, keepdims=True)


def loss(weights):
    """Mean squared error."""
    return jnp.mean((f(inputs, weights) - targets) ** 2)


# %%
# The whole training is one compiled loop.


def step(weights, _):
    """Go down the gradient."""
    value, gradient = jax.value_and_grad(loss)(weights)
    return weights - 0.5 * gradient, value


@jax.jit
def train(weights):
    """Take 150 steps."""
    return jax.lax.scan(step, weights, length=150)


# %%
# And ``vmap`` trains from eight starts at once: all go through the circuit as one batch.

starts = jax.random.normal(jax.random.key(1), (8, len(program.weights)))
weights, losses = jax.vmap(train)(starts)
best = int(losses[:, -1].argmin())
print(f"best of eight: loss {losses[best, 0]:.3f} -> {losses[best, -1]:.4f}")

# %%
# Every start's way down, and what the best one learned:

axis = jnp.linspace(-1.5, 1.5, 40)
plane = jnp.stack(jnp.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
learned = f(plane, weights[best]).reshape(40, 40)
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
for k in range(8):
    left.semilogy(losses[k], lw=2.5 if k == best else 1)
kg.plots.style(left, xlabel="step", ylabel="loss")
shown = right.contourf(axis, axis, learned, levels=20, cmap="RdBu")
figure.colorbar(shown, ax=right)
right.set_title("learned: sin x₀ · sin x₁")
plt.show()

assert losses[best, -1] < 0.2 * losses[best, 0]
