OPENQASM 3.0;
include "stdgates.inc";
gate carry_in x, y, z { cx z, y; cx z, x; ccx x, y, z; }
gate carry_out x, y, z { ccx x, y, z; cx z, x; cx x, y; }
qubit[1] low; qubit[3] a; qubit[3] b; qubit high; bit[4] total;
uint[3] left = 5; uint[3] right = 6;
reset a; reset b;
for uint i in [0:2] { if (bool(left[i])) x a[i]; if (bool(right[i])) x b[i]; }
carry_in low[0], b[0], a[0];
for uint i in [0:1] { carry_in a[i], b[i + 1], a[i + 1]; }
cx a[2], high;
for int i in [1:-1:0] { carry_out a[i], b[i + 1], a[i + 1]; }
carry_out low[0], b[0], a[0];
measure b[0:2] -> total[0:2]; measure high -> total[3];
