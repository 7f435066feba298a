OPENQASM 3.0;
include "stdgates.inc";
const int pairs = 3;
def bell(qubit[2] two) { reset two; h two[0]; cx two[0], two[1]; }
qubit sent; qubit[2 * pairs] q; bit result;
ry(0.7) sent;
let first = q[0:1];
for int i in [0:pairs - 1] {
  let two = q[2 * i:2 * i + 1]; bit[2] seen;
  bell(two);
  if (i == 0) { cx sent, two[0]; h sent; seen[0] = measure sent; }
  else { cx q[2 * i - 1], two[0]; h q[2 * i - 1]; seen[0] = measure q[2 * i - 1]; }
  seen[1] = measure two[0];
  if (seen[0] == 1) z two[1];
  if (seen[1] == 1) x two[1];
}
ry(-0.7) q[-1]; result = measure q[-1];
