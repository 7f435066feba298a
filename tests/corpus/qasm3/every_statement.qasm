OPENQASM 3.0;
include "stdgates.inc";
input float w; input array[float[64], 4] v; const int n = 2; const float k = pi/n;
qubit[4] q; qubit anc; bit[4] c; bit f;
let pair = q[0:1] ++ anc;
gate g(a) x, y { gphase(a/2); ctrl @ rx(a) x, y; inv @ s y; pow(2) @ t x; }
g(w*2 + sin(v[1])) q[0], q[1];
ctrl(2) @ negctrl @ g(0.5) q[0], q[1], q[2], q[3], anc;
h pair; gphase(k); ctrl @ gphase(w) q[0]; negctrl @ gphase(0.25) q[1];
c = measure q; f = measure anc; measure q[0] -> c[0]; 
if (c == 3 && !f) { x q[0]; reset q[1]; } else if (f) z q[0]; else { y q; }
if (c[{0,2}] != 1) x q[-1];
for int i in [0:n] { rx(i*k) q[i]; if (c[i]) { z q[i+1]; } }
barrier; barrier q[2], pair;
pow(1/2) @ x q[0]; pow(1/2) @ z q[0]; pow(-1) @ t q[0]; inv @ pow(1/2) @ cz q[0], q[1];
