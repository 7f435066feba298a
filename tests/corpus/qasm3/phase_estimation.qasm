OPENQASM 3; include "stdgates.inc"; const int[32] n = 4; qubit q; qubit r; angle[n] c; h r;
uint[n] power = 1; for uint i in [0: n - 1] { reset q; h q; ctrl @ pow(power) @ phase(3 * pi / 8) q, r;
inv @ phase(c) q; h q; measure q -> c[0]; c <<= 1; power <<= 1; }
