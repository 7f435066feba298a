OPENQASM 3; qubit[3] q; bit[3] c; c = measure q; array[float, 4] a = {0.5, 1.5, 2.5, 3.5}; float x = c[0] * 0.5;
if (c[1]) x = 1 / (1 + x); rx(a[uint[2](c[0:1])] + x) q[0]; x q[c[2]]; c[c[0]] = measure q[1]; U(x, popcount(c), rotl(c, 1)) q[2];
