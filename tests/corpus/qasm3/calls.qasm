qubit[2] q; def f(int n, qubit[2] a) -> int { if (n == 0) return 1; x a[n % 2]; return n * f(n - 1, a); } rx(f(4, q)) q; def g(g_) { }
