"""Operators of OpenFermion as sums of Pauli strings: the matrices are OpenFermion's."""

import numpy as np
import openfermion
import pytest

import ketgrad as kg

N = 4


def matrix_of(operator):
    """Qubit 0 is the most significant bit of OpenFermion's index."""
    theirs = openfermion.get_sparse_operator(operator, N).toarray().reshape([2] * (2 * N))
    order = [*range(N)[::-1], *range(N, 2 * N)[::-1]]
    return theirs.transpose(order).reshape(2**N, 2**N)


@pytest.mark.parametrize("encode", [openfermion.jordan_wigner, openfermion.bravyi_kitaev])
def test_hopping_and_repulsion(encode):
    rng = np.random.default_rng(0)
    fermions = openfermion.FermionOperator()
    for i in range(N):
        for j in range(N):
            hop = openfermion.FermionOperator(f"{i}^ {j}", rng.normal() + 1j * rng.normal())
            fermions += hop + openfermion.hermitian_conjugated(hop)
    fermions += openfermion.FermionOperator("0^ 0 1^ 1", 0.7)
    qubits = encode(fermions)
    np.testing.assert_allclose(kg.PauliSum(qubits, N).matrix(), matrix_of(qubits), atol=1e-12)


def test_fermions_need_an_encoding():
    with pytest.raises(TypeError, match="FermionOperator has"):
        kg.PauliSum(openfermion.FermionOperator("0^ 1"))
