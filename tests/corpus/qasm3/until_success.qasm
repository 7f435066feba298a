OPENQASM 3.0;
include "stdgates.inc";
def attempt(qubit[2] helper, qubit target) -> bit[2] {
  reset helper; h helper; ccx helper[0], helper[1], target; s target;
  ccx helper[0], helper[1], target; z target; h helper;
  return measure helper;
}
qubit target; qubit[2] helper; bit[2] flags = "11"; bit result; int[8] tries;
h target;
while (int[2](flags) != 0 && tries < 4) { flags = attempt(helper, target); tries += 1; }
result = measure target;
