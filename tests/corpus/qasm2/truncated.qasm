OPENQASM 2.0;
include "qelib1.inc";
qreg q[3];
gate g(a,b) x,y { rx(a*(b+