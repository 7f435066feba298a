qubit q; bit b = 1; int i; while (b && i < 3) { h q; b = measure q; i += 1; } int k = 3; while (k > 0) { k -= 1; if (k == 1) continue; x q; } end; nonsense
