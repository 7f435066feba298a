OPENQASM 3.0;
defcalgrammar "openpulse";
cal { port d0; frame f = newframe(d0, 5e9, 0); }
defcal x $0 { play(f, gaussian(100, 30, 5)); }
duration step = 1us; stretch rest; int[32] ones = 0; bit c;
#pragma braket result probability
for int p in [0:1] { for int i in [1:2] { reset $0; x $0; delay[p * step] $0; c = measure $0; ones += c; } }
if (ones > 2) x $0;
box [rest] { nop $0; delay[rest] $0; }
