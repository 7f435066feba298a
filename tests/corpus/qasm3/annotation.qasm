@bind a
qubit q;
#pragma x
