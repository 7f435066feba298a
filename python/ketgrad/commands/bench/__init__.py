"""The bench command: how time grows with the number of qubits."""
