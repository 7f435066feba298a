"""What all Python tests share: reproducible hypothesis runs and threads put back as they were."""

import os
from collections.abc import Iterator

# Before NumPy is imported: on a busy machine the spinning threads of OpenBLAS can make a 256 x 256
# eigenproblem take seconds instead of milliseconds. Pictures are drawn without a screen.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "Agg")

import pytest
from hypothesis import HealthCheck, settings

import ketgrad as kg

# The same examples in every run (a failure can be repeated), nothing written to disk, and no
# deadline: the machines that run this are shared.
settings.register_profile(
    "ketgrad",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("ketgrad")


@pytest.fixture
def threads() -> Iterator[None]:
    """Lets a test change the number of threads; the default comes back afterwards."""
    yield
    kg.set_num_threads(0)
