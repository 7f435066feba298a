"""Where MPI may be called from the main thread alone, another is refused; the main one trains."""

import threading

import mpi4py

mpi4py.rc.thread_level = "funneled"

from mpi4py import MPI  # noqa: E402

import ketgrad as kg  # noqa: E402

assert MPI.Query_thread() < MPI.THREAD_SERIALIZED
errors = []


def train() -> None:
    try:
        kg.Trainer(kg.make_model(1, n_layers=1), loss="squared", comm=MPI.COMM_WORLD)
    except RuntimeError as error:
        errors.append(str(error))


thread = threading.Thread(target=train)
thread.start()
thread.join()
assert len(errors) == 1
assert "of its main thread alone" in errors[0]
trainer = kg.Trainer(kg.make_model(1, n_layers=1), loss="squared", epochs=1, comm=MPI.COMM_WORLD)
trainer.fit([[0.1], [0.2]], [0.0, 1.0])
if MPI.COMM_WORLD.Get_rank() == 0:
    print("refused")
