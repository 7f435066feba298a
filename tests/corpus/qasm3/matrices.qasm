qubit[2] q;
#pragma braket unitary([[0, 0 - 1im], [-1im, 0]]) q[0]
#pragma braket unitary([[1, 0], [0, 1e0im]]) q[1]
