"""A classifier whose mini-batches are shared out over processes of MPI.

On one machine: mpirun -n 4 python -m mpi4py train_over_mpi.py. On a cluster: train.sbatch.
Killed and started again, on any number of processes, it goes on where it was.
"""

from mpi4py import MPI
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import ketgrad as kg


def main() -> None:
    """Train, and print how good it is on process 0."""
    comm = MPI.COMM_WORLD
    X, y = load_digits(n_class=4, return_X_y=True)
    X, X_test, y, y_test = train_test_split(X, y, random_state=0)
    classifier = kg.VQClassifier(
        n_qubits=6,
        n_layers=2,
        max_iter=20,
        tol=0,
        batch_size=256,
        random_state=0,
        comm=comm,
        checkpoint="classifier.json",
    )
    classifier.fit(X, y)
    if comm.rank == 0:
        accuracy = classifier.score(X_test, y_test)
        print(f"{comm.size} processes, accuracy {accuracy:.2f}")
        assert accuracy > 0.8


if __name__ == "__main__":
    main()
