"""States spread over the processes of MPI, and what they cost.

`plan` tells without MPI what a circuit would send, hold and last on a number of ranks. `Program`
and `State` run on the processes of an mpi4py communicator: every process calls the same with the
same arguments and gets the same results. They need mpi4py and a build with MPI (docs/mpi.md).

>>> import ketgrad as kg
>>> from ketgrad import mpi
>>> plan = mpi.plan(kg.library.qft(40), ranks=1024)
>>> plan.exchanges, plan.sent_bytes == (1 - 1 / 1024) * plan.state_bytes
(1, True)
"""

from ketgrad.mpi.plan import Plan, plan
from ketgrad.mpi.program import Program
from ketgrad.mpi.state import State

__all__ = ["Plan", "Program", "State", "plan"]
