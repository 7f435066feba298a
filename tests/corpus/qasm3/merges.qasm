qubit[2] q; bit[3] c; bit d; uint[4] n; bool b;
c[0] = measure q[0]; d = c[0]; if (c[0] ^ d) x q[0]; if (d) { n += 3; b = !b; c[1] = measure q[1]; }
c[0] = measure q[1]; if (n > 1 || b && c == 3) x q[1]; for bit e in c[0:1] { if (e) y q[0]; }
switch (n) { case 3 { z q[0]; } default { z q[1]; } } c[0:1] = measure q; d = c[1]; d = measure q[0];
