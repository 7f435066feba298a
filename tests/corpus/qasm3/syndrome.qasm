OPENQASM 3.0;
include "stdgates.inc";
def parities(qubit[3] data, qubit[2] helper) -> bit[2] {
  bit[2] found;
  reset helper;
  for int i in [0:1] { cx data[i], helper[i]; cx data[i + 1], helper[i]; }
  measure helper -> found;
  return found;
}
qubit[3] data; qubit[2] helper; bit[3] read_out; bit[2] found;
x data[1];
found = parities(data, helper);
switch (uint[2](found)) { case 1 { x data[0]; } case 2 { x data[2]; } case 3 { x data[1]; } }
read_out = measure data;
