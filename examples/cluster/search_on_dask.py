"""Hyperparameters on a Dask cluster: python search_on_dask.py [ADDRESS OF A SCHEDULER].

Without an address it makes a cluster of this machine; dask-jobqueue makes one of Slurm jobs.
"""

import sys

from dask.distributed import Client, LocalCluster
from joblib import parallel_config
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV

import ketgrad as kg


def main() -> None:
    """Search, and print the best."""
    X, y = load_iris(return_X_y=True)
    search = GridSearchCV(
        kg.VQClassifier(max_iter=40, tol=0, random_state=0),
        {"n_layers": [1, 2], "learning_rate": [0.02, 0.1]},
        cv=3,
    )
    address = sys.argv[1] if len(sys.argv) > 1 else None
    # One thread a worker: circuits of few qubits gain more from processes.
    cluster = address or LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with Client(cluster), parallel_config("dask"):
        search.fit(X, y)
    print(f"{search.best_params_}, accuracy {search.best_score_:.2f}")
    assert search.best_score_ > 0.8


if __name__ == "__main__":
    main()
