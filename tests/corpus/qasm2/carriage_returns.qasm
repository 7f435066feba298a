// oldqreg q[2];h q[0]; // acx q[0],q[1];
x "";