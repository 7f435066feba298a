OPENQASM 3; qubit[2] q; bit[4] c; def f(bit[4] b) -> int { for int i in [0:3] { if (b[i]) return i; if (i == 2) continue; h q[0]; } return 4; }
while (true) { bit b = measure q[0]; if (b) break; if (f(c) == 2) { x q[1]; continue; } c[1] = measure q[1]; if (c[1]) break; } if (c[2]) end; h q[1];
