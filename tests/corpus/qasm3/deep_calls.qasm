qubit q; def f(int n) -> int { return f(f(n)); } int k = f(1); rx(int(int(int(k)))) q;
