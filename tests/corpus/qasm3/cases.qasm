OPENQASM 3.0;
qubit q; bit[8] c;
if (!(c < 77 || c > 99 && !(c == 5)) && bool(c) || int[8](c) == -3) x q;
