"""Backends of joblib as users set them up: a real Dask cluster and a real Ray on this machine."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path

import pytest
from joblib import parallel_config

Configure = Callable[[], AbstractContextManager[object]]


BACKENDS = ("none", "loky", "multiprocessing", "threading", "dask", "ray")


@pytest.fixture(scope="session")
def dask() -> Iterator[None]:
    from distributed import Client, LocalCluster

    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with cluster, Client(cluster):
        yield


@pytest.fixture(scope="session")
def ray_pool() -> Iterator[None]:
    import ray
    from ray.util.joblib import register_ray

    here = f"{Path(__file__).parent}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    ray.init(
        num_cpus=2,
        include_dashboard=False,
        log_to_driver=False,
        runtime_env={"env_vars": {"PYTHONPATH": here}},  # functions of these tests travel by name
    )
    register_ray()
    yield
    ray.shutdown()


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> Configure:
    """What to work in: without a configuration, or with that of a backend and two jobs."""
    name = request.param
    if name == "none":
        return nullcontext
    if name in ("dask", "ray"):
        request.getfixturevalue("dask" if name == "dask" else "ray_pool")
    return partial(parallel_config, name, n_jobs=2)
