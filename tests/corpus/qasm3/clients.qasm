OPENQASM 3.0;
bit[3] q;
duration d = 100ns;
h $2; cx $2, $0; delay[d] $1; box[2.5us] { x $1; delay[10dt] $0, $2; }
@note
q[0] = measure $2;
if (q < 5 || !(q[0] | q[1]) && (q & 6) == 2) { z $0; } else if (uint[2](q) >= 1) y $0;
