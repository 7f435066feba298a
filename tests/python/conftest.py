"""What all Python tests share: reproducible hypothesis runs, Ctrl-C, and threads put back."""

import os
import signal
import threading
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

# A shell without job control starts `pytest ... &` with Ctrl-C ignored, which every child inherits.
# Of a handler they inherit the default.
if threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def threads() -> Iterator[None]:
    """Lets a test change the number of threads; the default comes back afterwards."""
    yield
    kg.set_num_threads(0)
