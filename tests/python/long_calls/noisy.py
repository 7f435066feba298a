"""Noisy programs and density matrices."""

from collections.abc import Callable
from functools import cache

import numpy as np

import ketgrad as kg
from long_calls.call import Call, on, on_both
from long_calls.circuits import big_circuit, plain_circuit, random_sum, wide
from long_calls.shots import noise
from long_calls.states import spread

CALLS: dict[str, Callable[[], Call]] = {}


def of_noisy(run: Callable[[kg.NoisyProgram, np.ndarray], object]) -> Callable[[], Call]:
    def setup() -> Call:
        p = kg.compile_noisy(noise().apply(kg.hardware_efficient(6, 3)), "ZZZZZZ")
        one = np.linspace(-1, 1, len(p.weights))
        before = p.expval(weights=one).tobytes()
        return Call(
            lambda: run(p, np.tile(one, (10, 1))),
            lambda: p.expval(weights=one).tobytes() == before,
        )

    return setup


@cache
def mixed(n: int = 10) -> kg.DensityMatrix:
    return noise().apply(wide(n, 1)).density_matrix()


CALLS |= {
    "compile_noisy": on(
        lambda: noise().apply(plain_circuit().repeat(1)), lambda c: kg.compile_noisy(c, "ZZZZ")
    ),
    "NoisyProgram.circuit": on(
        lambda: kg.compile_noisy(big_circuit(), "ZZZZ"), lambda p: [p.circuit for _ in range(8)]
    ),
    "NoisyProgram.bind": on(
        lambda: kg.compile_noisy(big_circuit(), "ZZZZ"), lambda p: p.bind([0.1, 0.2])
    ),
    "mitigation.fold": on(
        lambda: plain_circuit(), lambda c: kg.mitigation.fold(c, 3, by_gate=True)
    ),
    "mitigation.zero_noise": on(
        lambda: kg.hardware_efficient(6, 3),
        lambda c: kg.mitigation.zero_noise(
            c, "ZZZZZZ", noise(), weights=np.ones(54), factors=range(1, 99, 2)
        ),
    ),
    "NoiseModel.apply": on(lambda: big_circuit(), lambda c: noise().apply(c)),
    "NoisyProgram.expval": of_noisy(lambda p, w: [p.expval(weights=w) for _ in range(100)]),
    "NoisyProgram.expval of trajectories": of_noisy(
        lambda p, w: p.expval(weights=w, trajectories=100_000, seed=1)
    ),
    "NoisyProgram.probs": of_noisy(lambda p, w: [p.probs(weights=w) for _ in range(100)]),
    "NoisyProgram.jacobian": of_noisy(lambda p, w: [p.jacobian(weights=w) for _ in range(10)]),
    "NoisyProgram.jacobian by shifts": of_noisy(
        lambda p, w: p.jacobian(weights=w, diff_method="parameter-shift")
    ),
    "NoisyProgram.vjp": of_noisy(
        lambda p, w: [p.vjp(np.ones((len(w), 1)), weights=w) for _ in range(10)]
    ),
    "DensityMatrix.expval": on_both(
        lambda: (mixed(11), random_sum(11, 2000)),
        lambda rho, total: [rho.expval(total) for _ in range(200)],
    ),
    "DensityMatrix.matrix": on(lambda: mixed(12), lambda rho: [rho.matrix() for _ in range(5)]),
    "DensityMatrix.purity": on(lambda: mixed(12), lambda rho: [rho.purity() for _ in range(60)]),
    "DensityMatrix.fidelity": on_both(
        lambda: (mixed(12), spread(12).amplitudes()),
        lambda rho, psi: [rho.fidelity(psi) for _ in range(60)],
    ),
}
