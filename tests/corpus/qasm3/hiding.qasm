qubit[3] q; bit[2] c; const int i = 2; for int i in [0:1] { for int i in {i} { let q = q[{i, 2}]; x q; } y q[i]; } if (c[0]) { const uint[2] c = 3; rx(c) q; let a = q[0] ++ q[0]; }
