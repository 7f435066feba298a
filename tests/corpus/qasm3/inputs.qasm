#pragma braket unitary([[0, 1im], [-1im, 0]]) q[0]
qubit[2] q; input int n;
