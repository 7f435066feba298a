OPENQASM 3.0;
include "stdgates.inc";
gate pauli_xz(theta) q0, q1 { h q0; cx q0, q1; rz(theta) q1; cx q0, q1; h q0; }
qubit[2] q;
pauli_xz(0.5) q[0], q[1];
ctrl @ gphase(0.1) q[0];
