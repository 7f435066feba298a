OPENQASM 3.0;
const uint[8] rows = 2;
array[int[8], 4] whole = {5, 2 + 1, -7, 8}; array[float[64], rows, 3] numbers;
array[float[32], rows, rows] given = {{0.5, 1.0}, {-0.25, 2e-1}};
array[float[32], 2] row = given[0];
whole[1] = 9; given[1, 0] += row[1]; given[0] = row; numbers[1][2] = sizeof(numbers, 1) + sizeof(whole);
def change(mutable array[int[8], 4] a, readonly array[float[32], #dim = 2] b) { a[0] = sizeof(b); }
change(whole, given);
qubit q; rx(whole[0] + numbers[1, 2] + given[1, 0] + whole[-1]) q;
for float t in row { ry(t) q; }
