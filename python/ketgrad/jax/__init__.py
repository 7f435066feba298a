"""Programs as functions of JAX: they jit, vmap, grad, jvp and scan as JAX's own do.

>>> import jax
>>> import ketgrad as kg
>>> from ketgrad.jax import function
>>> program = kg.compile(kg.Circuit(1).ry(kg.Parameter("w"), 0), "Z")
>>> f = function(program)
>>> float(jax.grad(lambda w: f(w)[0])(jax.numpy.array([0.0]))[0])
0.0

Needs the extra `ketgrad[jax]`. `import ketgrad` alone does not import JAX.
"""

try:
    import jax as _jax  # noqa: F401
except ModuleNotFoundError as error:
    raise ImportError(f"ketgrad.jax needs {error.name}: pip install 'ketgrad[jax]'") from error

from ketgrad.jax.public import function

__all__ = ["function"]
