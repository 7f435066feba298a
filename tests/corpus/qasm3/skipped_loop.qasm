qubit[3] q; bit[2] c;
for int i in [1:0] for uint[8] j in {1, 2} if ((c[0])) { x q[{0, j}]; } else if (c == 1) for k in [0:q[{1}]] ;
else { let a = q[0:i]; c[{0, 1}] = measure a; }
h q;
