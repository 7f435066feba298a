# Written by scripts/stubs.py from the signatures of the bindings; do not edit.
"""
The C++ core of ketgrad; use the names from the package itself.
"""

from __future__ import annotations
import collections.abc
import numpy
import numpy.typing
import os
import typing

__all__: list[str] = [
    "Channel",
    "Circuit",
    "ClassicalShadow",
    "DensityMatrix",
    "Expression",
    "MatrixObservable",
    "MinimizeResult",
    "Model",
    "NoiseModel",
    "NoisyProgram",
    "Optimizer",
    "Parameter",
    "ParameterVector",
    "PauliSum",
    "Program",
    "Result",
    "State",
    "Trainer",
    "amplitude_map",
    "angle_map",
    "ansatz",
    "ansatz_layers",
    "ansatz_names",
    "available_memory",
    "basic_entangler",
    "bloch_vectors",
    "class_probabilities",
    "class_targets",
    "compile",
    "compile_noisy",
    "cos",
    "embedding",
    "entanglement_names",
    "entangling_pairs",
    "exp",
    "feature_map",
    "feature_map_names",
    "fidelity",
    "fidelity_kernel",
    "fidelity_vjp",
    "hardware_efficient",
    "iqp_map",
    "log",
    "loss_names",
    "make_model",
    "minimize",
    "minimizer_names",
    "num_threads",
    "optimizer_names",
    "overlap",
    "overlap_vjp",
    "projected_kernel",
    "readout",
    "reupload",
    "schedule_names",
    "set_num_threads",
    "set_simd_target",
    "shift_rule",
    "simd_target",
    "simd_targets",
    "sin",
    "sqrt",
    "strongly_entangling",
    "tan",
    "two_local",
]

class Expression:
    """
    An arithmetic expression of parameters.

    Made by + - * / ** and sin, cos, tan, exp, log, sqrt; numbers convert by themselves. Immutable.

    >>> x = ParameterVector('x', 2)
    >>> (3.5 - x[0]) * (3.5 - x[1])
    Expression('(3.5 - x[0])*(3.5 - x[1])')
    """
    def __add__(self, other: Expression | Parameter | typing.SupportsFloat) -> Expression: ...
    def __eq__(self, other: object) -> bool: ...
    def __getstate__(self) -> tuple[str]: ...
    def __hash__(self) -> int: ...
    def __init__(self, value: Expression | Parameter | typing.SupportsFloat) -> None: ...
    def __mul__(self, other: Expression | Parameter | typing.SupportsFloat) -> Expression: ...
    def __neg__(self) -> Expression: ...
    def __pow__(self, other: Expression | Parameter | typing.SupportsFloat) -> Expression: ...
    def __radd__(self, other: Expression | Parameter | typing.SupportsFloat) -> Expression: ...
    def __reduce__(self) -> typing.Any:
        """
        Pickle as protocol 2 does, by any: what object does for 0 and 1 ends the process here.
        """
    def __repr__(self) -> str: ...
    def __rmul__(self, other: Expression | Parameter | typing.SupportsFloat) -> Expression: ...
    def __rpow__(self, other: Expression | Parameter | typing.SupportsFloat) -> Expression: ...
    def __rsub__(self, other: Expression | Parameter | typing.SupportsFloat) -> Expression: ...
    def __rtruediv__(self, other: Expression | Parameter | typing.SupportsFloat) -> Expression: ...
    def __setstate__(self, arg0: tuple[typing.Any, ...]) -> None: ...
    def __str__(self) -> str: ...
    def __sub__(self, other: Expression | Parameter | typing.SupportsFloat) -> Expression: ...
    def __truediv__(self, other: Expression | Parameter | typing.SupportsFloat) -> Expression: ...
    def evaluate(self, values: collections.abc.Mapping[str, typing.SupportsFloat]) -> float:
        """
        The value, given every parameter's by name.

        >>> (Parameter('a') * 2).evaluate({'a': 1.5})
        3.0
        """
    @property
    def parameters(self) -> list[str]:
        """
        Names in order of appearance, each once.
        """

class Parameter:
    """
    A named real number that gets its value when a program runs.

    Two parameters of one name are the same parameter.

    >>> theta = Parameter('theta')
    >>> 2 * theta + 1
    Expression('(2*theta) + 1')
    """
    def __add__(self, other: Expression | Parameter | typing.SupportsFloat) -> Expression: ...
    def __eq__(self, other: object) -> bool: ...
    def __getstate__(self) -> tuple[str, int]: ...
    def __hash__(self) -> int: ...
    def __init__(self, name: str) -> None: ...
    def __mul__(self, other: Expression | Parameter | typing.SupportsFloat) -> Expression: ...
    def __neg__(self) -> Expression: ...
    def __pow__(self, other: Expression | Parameter | typing.SupportsFloat) -> Expression: ...
    def __radd__(self, other: Expression | Parameter | typing.SupportsFloat) -> Expression: ...
    def __reduce__(self) -> typing.Any:
        """
        Pickle as protocol 2 does, by any: what object does for 0 and 1 ends the process here.
        """
    def __repr__(self) -> str: ...
    def __rmul__(self, other: Expression | Parameter | typing.SupportsFloat) -> Expression: ...
    def __rpow__(self, other: Expression | Parameter | typing.SupportsFloat) -> Expression: ...
    def __rsub__(self, other: Expression | Parameter | typing.SupportsFloat) -> Expression: ...
    def __rtruediv__(self, other: Expression | Parameter | typing.SupportsFloat) -> Expression: ...
    def __setstate__(self, arg0: tuple[typing.Any, ...]) -> None: ...
    def __str__(self) -> str: ...
    def __sub__(self, other: Expression | Parameter | typing.SupportsFloat) -> Expression: ...
    def __truediv__(self, other: Expression | Parameter | typing.SupportsFloat) -> Expression: ...
    @property
    def name(self) -> str:
        """
        The parameter's name.
        """

class ParameterVector:
    """
    The parameters name[0], name[1], …

    >>> w = ParameterVector('w', 3)
    >>> w[-1], len(w)
    (Parameter('w[2]'), 3)
    """
    @typing.overload
    def __getitem__(self, index: typing.SupportsIndex) -> Parameter: ...
    @typing.overload
    def __getitem__(self, index: slice) -> list[Parameter]: ...
    def __getstate__(self) -> tuple[str, int]: ...
    def __init__(self, name: str, size: typing.SupportsIndex) -> None: ...
    def __iter__(self) -> collections.abc.Iterator[Parameter]: ...
    def __len__(self) -> int: ...
    def __reduce__(self) -> typing.Any:
        """
        Pickle as protocol 2 does, by any: what object does for 0 and 1 ends the process here.
        """
    def __repr__(self) -> str: ...
    def __setstate__(self, arg0: tuple[typing.Any, ...]) -> None: ...
    @property
    def name(self) -> str:
        """
        The common part of the names.
        """

class PauliSum:
    """
    A Hermitian observable: a real sum of Pauli strings.

    Text shows qubit 0 rightmost, so 'ZIX' is Z on qubit 2 and X on qubit 0. A sum is given as one
    string, as {string: coefficient}, or as sparse text; n_qubits=0 takes as many as it needs. Raises
    ValueError for text it cannot read and for coefficients that are not real.

    >>> PauliSum('ZI')
    PauliSum('ZI')
    >>> PauliSum({'ZZ': 0.5, 'XI': -1.0})
    PauliSum('0.5*ZZ - XI')
    >>> PauliSum({'Z0 Z2': 0.5, 'X1': -1.0})
    PauliSum('0.5*ZIZ - IXI')
    >>> PauliSum('0.5*Z0 Z1 - X1', n_qubits=3)
    PauliSum('0.5*IZZ - IXI')
    >>> sum([PauliSum('ZI'), PauliSum('IZ')]) / 2 + 0.5
    PauliSum('0.5*II + 0.5*IZ + 0.5*ZI')
    """
    @staticmethod
    def from_json(text: str) -> PauliSum:
        """
        The sum that to_json wrote. Raises ValueError naming what it cannot read.

        >>> PauliSum.from_json(PauliSum({'ZZ': 0.5}).to_json())
        PauliSum('0.5*ZZ')
        """
    @staticmethod
    def from_sparse(
        terms: collections.abc.Sequence[
            tuple[str, collections.abc.Sequence[typing.SupportsIndex], typing.SupportsFloat]
        ],
        n_qubits: typing.SupportsIndex,
    ) -> PauliSum:
        """
        A sum of (letters, qubits, coefficient), letters[k] acting on qubits[k].

        >>> PauliSum.from_sparse([('XZ', [0, 2], 0.5)], n_qubits=3)
        PauliSum('0.5*ZIX')
        """
    @typing.overload
    def __add__(self, other: PauliSum) -> PauliSum: ...
    @typing.overload
    def __add__(self, other: typing.SupportsFloat) -> PauliSum: ...
    def __eq__(self, other: object) -> bool: ...
    def __getstate__(self) -> tuple[int, list[tuple[float, int, int]]]: ...
    def __hash__(self) -> int: ...
    @typing.overload
    def __init__(self, text: str, n_qubits: typing.SupportsIndex = 0) -> None: ...
    @typing.overload
    def __init__(
        self, terms: dict[str, typing.Any], n_qubits: typing.SupportsIndex = 0
    ) -> None: ...
    def __len__(self) -> int: ...
    def __matmul__(self, other: PauliSum) -> PauliSum:
        """
        The operator product. Raises ValueError where it is not Hermitian.
        """
    def __mul__(self, factor: typing.SupportsFloat) -> PauliSum: ...
    def __neg__(self) -> PauliSum: ...
    def __radd__(self, other: typing.SupportsFloat) -> PauliSum: ...
    def __reduce__(self) -> typing.Any:
        """
        Pickle as protocol 2 does, by any: what object does for 0 and 1 ends the process here.
        """
    def __repr__(self) -> str: ...
    def __rmul__(self, factor: typing.SupportsFloat) -> PauliSum: ...
    def __rsub__(self, other: typing.SupportsFloat) -> PauliSum: ...
    def __setstate__(self, arg0: tuple[typing.Any, ...]) -> None: ...
    def __str__(self) -> str: ...
    @typing.overload
    def __sub__(self, other: PauliSum) -> PauliSum: ...
    @typing.overload
    def __sub__(self, other: typing.SupportsFloat) -> PauliSum: ...
    def __truediv__(self, divisor: typing.SupportsFloat) -> PauliSum: ...
    def commuting_groups(self, grouping: str = "qubitwise") -> list[PauliSum]:
        """
        Sums of terms that can be measured together, without the identity.

        They commute qubit by qubit ('qubitwise') or altogether ('full'); 'none' gives every term by itself.

        >>> PauliSum({'XX': 1.0, 'ZZ': 0.5, 'ZI': 0.25}).commuting_groups()
        [PauliSum('XX'), PauliSum('0.25*ZI + 0.5*ZZ')]
        >>> len(PauliSum({'XX': 1.0, 'YY': 1.0, 'ZZ': 1.0}).commuting_groups('full'))
        1
        """
    def matrix(self) -> numpy.typing.NDArray[numpy.complex128]:
        """
        The dense matrix, shape (2**n, 2**n), n up to 12.
        """
    def to_json(self) -> str:
        """
        The sum as JSON text: {"format": "ketgrad.pauli_sum", ...}.
        """
    @property
    def n_qubits(self) -> int:
        """
        Qubits the sum is over.
        """
    @property
    def terms(self) -> list[tuple[str, float]]:
        """
        The terms as (string, coefficient).
        """

class MatrixObservable:
    """
    A Hermitian matrix as an observable on a few qubits.

    The matrix has shape (2**k, 2**k) for k qubits; qubits[0] is the least significant bit of its index.
    Raises ValueError unless it is Hermitian.

    >>> import numpy as np
    >>> MatrixObservable(np.diag([0.0, 1.0]), qubits=[2]).qubits
    [2]
    """

    __hash__: typing.ClassVar[None] = None  # type: ignore[assignment]
    @staticmethod
    def from_json(text: str) -> MatrixObservable:
        """
        The observable that to_json wrote. Raises ValueError naming what it cannot read.

        >>> number = MatrixObservable([[0, 0], [0, 1]], qubits=[1])
        >>> MatrixObservable.from_json(number.to_json()) == number
        True
        """
    def __eq__(self, other: object) -> bool: ...
    def __getstate__(self) -> tuple[numpy.typing.NDArray[numpy.complex128], list[int]]: ...
    def __init__(
        self, matrix: numpy.typing.ArrayLike, qubits: collections.abc.Iterable[typing.SupportsIndex]
    ) -> None: ...
    def __reduce__(self) -> typing.Any:
        """
        Pickle as protocol 2 does, by any: what object does for 0 and 1 ends the process here.
        """
    def __setstate__(self, arg0: tuple[typing.Any, ...]) -> None: ...
    def to_json(self) -> str:
        """
        The observable as JSON text: {"format": "ketgrad.matrix_observable", ...}.
        """
    @property
    def eigenvalues(self) -> list[float]:
        """
        Its eigenvalues, ascending.
        """
    @property
    def matrix(self) -> numpy.typing.NDArray[numpy.complex128]:
        """
        The matrix.
        """
    @property
    def qubits(self) -> list[int]:
        """
        The qubits it acts on.
        """

class Circuit:
    """
    A list of gates on n qubits that start in |0…0>, and on classical bits that start as 0.

    Circuit(n_qubits, n_bits=0), or Circuit([('a', 2), ('b', 1)], [('c', 3)]) with registers by name.
    A circuit holds no values of its parameters. Methods that add a gate return the circuit, so calls
    chain; angles come first, then controls, then targets. `controls` adds more: a list of qubits that
    must be 1, or {qubit: 0 or 1}. Raises IndexError for qubits out of range and ValueError for anything
    else that is wrong, without adding anything.

    >>> bell = Circuit(2).h(0).cx(0, 1)
    >>> print(bell.draw())  # doctest: +SKIP
    >>> bell.state().real.round(3)
    array([0.707, 0.   , 0.   , 0.707])
    """

    __hash__: typing.ClassVar[None] = None  # type: ignore[assignment]
    @staticmethod
    def _display_width(text: str) -> int:
        """
        The columns that a terminal gives the text.
        """
    @staticmethod
    def from_json(text: str) -> Circuit:
        """
        The circuit that to_json wrote. Raises ValueError naming what it cannot read.
        """
    @staticmethod
    def from_qasm(
        text: str,
        version: typing.SupportsIndex | None = None,
        strict: bool = False,
        name: str = "<qasm>",
        max_operations: typing.SupportsIndex = 10000000,
    ) -> Circuit:
        """
        The circuit that OpenQASM 2 or 3 describes; docs/qasm.md says what is read.

        Without a version the header tells it. Version 2 is read as people write it: a missing header or
        include and stray commas do no harm, and all gates of Qiskit's qelib1.inc are there; strict=True reads
        it to the letter. Raises ValueError with `name`, line, column, the word found and what was expected;
        so it does for more than max_operations operations, of which those on many wires count several times.

        >>> text = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; h q[0]; cx q[0], q[1];'
        >>> Circuit.from_qasm(text) == Circuit(2).h(0).cx(0, 1)
        True
        >>> Circuit.from_qasm('qreg q[2]; cx q[0];', name='bell.qasm')
        Traceback (most recent call last):
        ValueError: bell.qasm:1:12: gate 'cx' acts on 2 qubit(s), got 1
        """
    @staticmethod
    def from_qasm_file(
        path: os.PathLike[str] | str,
        version: typing.SupportsIndex | None = None,
        strict: bool = False,
        max_operations: typing.SupportsIndex = 10000000,
    ) -> Circuit:
        """
        The circuit in a file of OpenQASM, as from_qasm() reads it. Raises OSError without the file.

        >>> import pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, 'bell.qasm')
        ...     _ = path.write_text(Circuit(2).h(0).cx(0, 1).to_qasm())
        ...     Circuit.from_qasm_file(path).count_gates()
        {'cx': 1, 'h': 1}
        """
    def __copy__(self) -> Circuit: ...
    def __deepcopy__(self, memo: dict[typing.Any, typing.Any]) -> Circuit: ...
    def __eq__(self, other: object) -> bool: ...
    def __getstate__(self) -> tuple[str]: ...
    @typing.overload
    def __init__(
        self,
        qubits: collections.abc.Sequence[tuple[str, typing.SupportsIndex]],
        bits: collections.abc.Sequence[tuple[str, typing.SupportsIndex]] = [],
    ) -> None: ...
    @typing.overload
    def __init__(
        self, n_qubits: typing.SupportsIndex, n_bits: typing.SupportsIndex = 0
    ) -> None: ...
    def __len__(self) -> int: ...
    def __reduce__(self) -> typing.Any:
        """
        Pickle as protocol 2 does, by any: what object does for 0 and 1 ends the process here.
        """
    def __repr__(self) -> str: ...
    def __setstate__(self, arg0: tuple[typing.Any, ...]) -> None: ...
    def __str__(self) -> typing.Any: ...
    def _repr_svg_(self) -> str | None: ...
    def _scene(self) -> tuple[float, float, list[typing.Any]]:
        """
        Width, height and the shapes of the SVG picture, for other painters.
        """
    def add_bits(self, name: str, size: typing.SupportsIndex) -> Circuit:
        """
        Add a register of classical bits, behind those there are.

        >>> Circuit(2, 2).add_bits('syndrome', 1).n_bits
        3
        """
    def assign(
        self, values: collections.abc.Mapping[str, Expression | Parameter | typing.SupportsFloat]
    ) -> Circuit:
        """
        The circuit with parameters, by name, replaced by numbers or expressions.

        >>> Circuit(1).rx(Parameter('a'), 0).assign({'a': 0.5}).parameters
        []
        """
    def barrier(
        self, qubits: collections.abc.Iterable[typing.SupportsIndex] | None = None
    ) -> Circuit:
        """
        A line across qubits (by default all) in drawings and files; it does nothing.

        >>> Circuit(2).h(0).barrier().h(0).depth()
        2
        """
    def ccx(
        self,
        control0: typing.SupportsIndex,
        control1: typing.SupportsIndex,
        target: typing.SupportsIndex,
        controls: collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex] = (),
    ) -> Circuit:
        """
        Pauli X, the bit flip, under 2 control(s). Returns the circuit itself.

        >>> Circuit(3).ccx(0, 1, 2).count_gates()
        {'ccx': 1}
        """
    def ccz(
        self,
        control0: typing.SupportsIndex,
        control1: typing.SupportsIndex,
        target: typing.SupportsIndex,
        controls: collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex] = (),
    ) -> Circuit:
        """
        Pauli Z, the phase flip, under 2 control(s). Returns the circuit itself.

        >>> Circuit(3).ccz(0, 1, 2).count_gates()
        {'ccz': 1}
        """
    def ch(
        self,
        control: typing.SupportsIndex,
        target: typing.SupportsIndex,
        controls: collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex] = (),
    ) -> Circuit:
        """
        Hadamard gate, under 1 control(s). Returns the circuit itself.

        >>> Circuit(2).ch(0, 1).count_gates()
        {'ch': 1}
        """
    def channel(
        self,
        channel: Channel,
        qubits: typing.SupportsIndex | collections.abc.Iterable[typing.SupportsIndex],
    ) -> Circuit:
        """
        Append a channel, noise on one qubit or a list of them. Returns the circuit itself.

        Raises ValueError where the number of qubits is not the channel's.

        >>> round(Circuit(2).h(0).channel(Channel.depolarizing(0.1), 0).density_matrix().purity(), 12)
        0.905
        """
    def compose(
        self,
        other: Circuit,
        qubits: collections.abc.Iterable[typing.SupportsIndex] | None = None,
        bits: collections.abc.Iterable[typing.SupportsIndex] | None = None,
    ) -> Circuit:
        """
        Append another circuit, its qubit k on qubits[k] and its bit k on bits[k] (by default on k).

        >>> Circuit(3).compose(Circuit(2).cx(0, 1), [2, 0]).count_gates()
        {'cx': 1}
        """
    def control(self, values: collections.abc.Iterable[typing.SupportsIndex] = (1,)) -> Circuit:
        """
        The circuit on n + k qubits that acts where qubits n, n+1, … have the given values.

        >>> Circuit(1).x(0).control([1, 1]).count_gates()
        {'ccx': 1}
        """
    def count_gates(self) -> dict[str, int]:
        """
        How many gates there are of each name.
        """
    def cp(
        self,
        theta: Expression | Parameter | typing.SupportsFloat,
        control: typing.SupportsIndex,
        target: typing.SupportsIndex,
        controls: collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex] = (),
    ) -> Circuit:
        """
        Phase e^{iθ} on |1>, under 1 control(s). Returns the circuit itself.

        >>> Circuit(2).cp(0.5, 0, 1).count_gates()
        {'cp': 1}
        """
    def crx(
        self,
        theta: Expression | Parameter | typing.SupportsFloat,
        control: typing.SupportsIndex,
        target: typing.SupportsIndex,
        controls: collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex] = (),
    ) -> Circuit:
        """
        exp(-i θ/2 X), under 1 control(s). Returns the circuit itself.

        >>> Circuit(2).crx(0.5, 0, 1).count_gates()
        {'crx': 1}
        """
    def cry(
        self,
        theta: Expression | Parameter | typing.SupportsFloat,
        control: typing.SupportsIndex,
        target: typing.SupportsIndex,
        controls: collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex] = (),
    ) -> Circuit:
        """
        exp(-i θ/2 Y), under 1 control(s). Returns the circuit itself.

        >>> Circuit(2).cry(0.5, 0, 1).count_gates()
        {'cry': 1}
        """
    def crz(
        self,
        theta: Expression | Parameter | typing.SupportsFloat,
        control: typing.SupportsIndex,
        target: typing.SupportsIndex,
        controls: collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex] = (),
    ) -> Circuit:
        """
        exp(-i θ/2 Z), under 1 control(s). Returns the circuit itself.

        >>> Circuit(2).crz(0.5, 0, 1).count_gates()
        {'crz': 1}
        """
    def cswap(
        self,
        control: typing.SupportsIndex,
        qubit0: typing.SupportsIndex,
        qubit1: typing.SupportsIndex,
        controls: collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex] = (),
    ) -> Circuit:
        """
        Exchanges two qubits, under 1 control(s). Returns the circuit itself.

        >>> Circuit(3).cswap(0, 1, 2).count_gates()
        {'cswap': 1}
        """
    def csx(
        self,
        control: typing.SupportsIndex,
        target: typing.SupportsIndex,
        controls: collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex] = (),
    ) -> Circuit:
        """
        Square root of X, under 1 control(s). Returns the circuit itself.

        >>> Circuit(2).csx(0, 1).count_gates()
        {'csx': 1}
        """
    def cx(
        self,
        control: typing.SupportsIndex,
        target: typing.SupportsIndex,
        controls: collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex] = (),
    ) -> Circuit:
        """
        Pauli X, the bit flip, under 1 control(s). Returns the circuit itself.

        >>> Circuit(2).cx(0, 1).count_gates()
        {'cx': 1}
        """
    def cy(
        self,
        control: typing.SupportsIndex,
        target: typing.SupportsIndex,
        controls: collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex] = (),
    ) -> Circuit:
        """
        Pauli Y, under 1 control(s). Returns the circuit itself.

        >>> Circuit(2).cy(0, 1).count_gates()
        {'cy': 1}
        """
    def cz(
        self,
        control: typing.SupportsIndex,
        target: typing.SupportsIndex,
        controls: collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex] = (),
    ) -> Circuit:
        """
        Pauli Z, the phase flip, under 1 control(s). Returns the circuit itself.

        >>> Circuit(2).cz(0, 1).count_gates()
        {'cz': 1}
        """
    def density_matrix(
        self,
        values: collections.abc.Mapping[str, typing.SupportsFloat] = {},
        noise: NoiseModel | None = None,
        precision: str = "double",
    ) -> DensityMatrix:
        """
        The density matrix it prepares, given every parameter's value by name.

        Measurements, resets, channels and conditions act exactly: it is the mean over all their outcomes.
        noise is a NoiseModel. Raises MemoryError, before allocating, for more bytes than are available.

        >>> Circuit(1, 1).h(0).measure(0, 0).density_matrix().matrix().real.round(12)
        array([[0.5, 0. ],
               [0. , 0.5]])
        """
    def depth(self) -> int:
        """
        Length of the longest chain of gates that share qubits.
        """
    def draw(self, width: typing.SupportsIndex | None = None) -> str:
        """
        The circuit as text, qubit 0 on top, registers of classical bits below.

        Folds at `width` columns: None takes those of the terminal, where Python prints to one, and 0 never
        folds. Raises ValueError for a negative width and for pictures of more than 50 million characters.

        >>> print(Circuit(2).h(0).cx(0, 1).draw())
             ┌───┐
        q0: ─┤ H ├──●──
             └───┘  │
        q1: ────────⊕──
        """
    def evolution(
        self,
        theta: Expression | Parameter | typing.SupportsFloat,
        generator: PauliSum
        | str
        | collections.abc.Mapping[str, typing.SupportsFloat]
        | numpy.typing.ArrayLike,
        qubits: collections.abc.Iterable[typing.SupportsIndex],
        controls: collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex] = (),
        label: str = "",
    ) -> Circuit:
        """
        exp(-i theta G) for a Hermitian matrix, shape (2**k, 2**k), or PauliSum G on k qubits.

        G may also be what a PauliSum is made from, such as 'ZI' or {'ZI': 0.5}.

        >>> Circuit(2).evolution(0.3, PauliSum('XX') + PauliSum('YY'), [0, 1]).size
        1
        """
    def h(
        self,
        qubit: typing.SupportsIndex,
        controls: collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex] = (),
    ) -> Circuit:
        """
        Hadamard gate. Returns the circuit itself.

        >>> Circuit(1).h(0).count_gates()
        {'h': 1}
        """
    def id(
        self,
        qubit: typing.SupportsIndex,
        controls: collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex] = (),
    ) -> Circuit:
        """
        Identity, which does nothing. Returns the circuit itself.

        >>> Circuit(1).id(0).count_gates()
        {'id': 1}
        """
    def initialize(self, amplitudes: numpy.typing.ArrayLike) -> Circuit:
        """
        Start from amplitudes, at most 2**n of them; bit k of an amplitude's index is qubit k.

        They are complex numbers, or real ones, parameters and expressions; those do not mix with complex
        numbers. They are normalised when the program runs. Only as the first operation.

        >>> Circuit(1).initialize([3, 4]).state()
        array([0.6+0.j, 0.8+0.j])
        >>> Circuit(1).initialize([3, 4j]).state()
        array([0.6+0.j , 0. +0.8j])
        """
    def inverse(self) -> Circuit:
        """
        The inverse circuit.

        >>> Circuit(1).s(0).inverse().count_gates()
        {'sdg': 1}
        """
    def iswap(
        self,
        qubit0: typing.SupportsIndex,
        qubit1: typing.SupportsIndex,
        controls: collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex] = (),
    ) -> Circuit:
        """
        Exchanges two qubits, with a factor i where they differ. Returns the circuit itself.

        >>> Circuit(2).iswap(0, 1).count_gates()
        {'iswap': 1}
        """
    def iswapdg(
        self,
        qubit0: typing.SupportsIndex,
        qubit1: typing.SupportsIndex,
        controls: collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex] = (),
    ) -> Circuit:
        """
        Inverse of iswap. Returns the circuit itself.

        >>> Circuit(2).iswapdg(0, 1).count_gates()
        {'iswapdg': 1}
        """
    def matrix(
        self, values: collections.abc.Mapping[str, typing.SupportsFloat] = {}
    ) -> numpy.typing.NDArray[numpy.complex128]:
        """
        The circuit as a matrix, shape (2**n, 2**n), up to 12 qubits.

        >>> Circuit(1).x(0).matrix().real
        array([[0., 1.],
               [1., 0.]])
        """
    def measure(
        self,
        qubit: typing.SupportsIndex | collections.abc.Iterable[typing.SupportsIndex],
        bit: typing.SupportsIndex | collections.abc.Iterable[typing.SupportsIndex],
    ) -> Circuit:
        """
        Measure a qubit into a classical bit, or qubits[k] into bits[k] for two lists.

        >>> Circuit(2, 2).h(0).cx(0, 1).measure(0, 0).measure([1], [1]).count_gates()
        {'cx': 1, 'h': 1, 'measure': 2}
        """
    def measure_all(self) -> Circuit:
        """
        Measure qubit k into bit k, for all qubits; adds the bits if the circuit has none.

        >>> Circuit(3).h(0).measure_all().n_bits
        3
        """
    def p(
        self,
        theta: Expression | Parameter | typing.SupportsFloat,
        qubit: typing.SupportsIndex,
        controls: collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex] = (),
    ) -> Circuit:
        """
        Phase e^{iθ} on |1>. Returns the circuit itself.

        >>> Circuit(1).p(0.5, 0).count_gates()
        {'p': 1}
        """
    def pauli_rotation(
        self,
        theta: Expression | Parameter | typing.SupportsFloat,
        letters: str,
        qubits: collections.abc.Iterable[typing.SupportsIndex],
        controls: collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex] = (),
    ) -> Circuit:
        """
        exp(-i theta/2 P) for the Pauli string with letters[k] on qubits[k].

        >>> Circuit(3).pauli_rotation(0.1, 'XZY', [0, 1, 2]).size
        1
        """
    def power(
        self,
        exponent: typing.SupportsFloat,
        values: collections.abc.Mapping[str, typing.SupportsFloat] = {},
    ) -> Circuit:
        """
        The circuit to a power: an integer repeats it, any other exponent takes the principal power.

        Fractional powers build the matrix (up to 12 qubits) and need a value for every parameter.

        >>> import numpy as np
        >>> bool(np.allclose(Circuit(1).x(0).power(0.5).matrix(), Circuit(1).sx(0).matrix()))
        True
        """
    def repeat(self, times: typing.SupportsIndex) -> Circuit:
        """
        The circuit that many times in a row.

        >>> Circuit(1).x(0).repeat(3).size
        3
        """
    def reset(self, qubit: typing.SupportsIndex) -> Circuit:
        """
        Set a qubit to |0>, whatever it was.

        >>> Circuit(1).x(0).reset(0).is_unitary
        False
        """
    def run(
        self,
        shots: typing.SupportsIndex = 1024,
        *,
        seed: typing.SupportsIndex | None = None,
        values: collections.abc.Mapping[str, typing.SupportsFloat] = {},
        noise: NoiseModel | None = None,
        method: str = "auto",
        precision: str = "double",
        postselect: tuple[str, typing.SupportsIndex]
        | collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex]
        | None = None,
        progress: collections.abc.Callable[[int, int], typing.Any] | None = None,
    ) -> Result:
        """
        Run it shot by shot, given every parameter's value by name, and return a Result.

        Measurements, resets, channels and conditions act as they come; shots whose outcomes agree share
        their work. Each shot's outcomes follow from the seed and its number alone; None draws a fresh seed.
        noise is a NoiseModel. method is 'trajectories' (or 'statevector', the default 'auto') or
        'density_matrix': exact probabilities, from which the shots are drawn, for up to some 13 qubits.
        postselect is a condition as of when(): only shots that fulfil it are kept. progress(shots_done, shots)
        is called some ten times a second at most, and once with all shots done; where it raises, the run ends.
        Raises ValueError for a circuit that measures nothing and where no shot fulfils the condition,
        MemoryError, before it starts, for more than there is.

        >>> bell = Circuit(2, 2).h(0).cx(0, 1).measure_all()
        >>> bell.run(1000, seed=1).counts()
        {'00': 476, '11': 524}
        >>> bell.run(1000, seed=1, postselect={0: 1}).shots
        524
        >>> result = bell.run(1000, progress=lambda done, shots: print(done, 'of', shots))
        1000 of 1000
        """
    def rx(
        self,
        theta: Expression | Parameter | typing.SupportsFloat,
        qubit: typing.SupportsIndex,
        controls: collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex] = (),
    ) -> Circuit:
        """
        exp(-i θ/2 X). Returns the circuit itself.

        >>> Circuit(1).rx(0.5, 0).count_gates()
        {'rx': 1}
        """
    def rxx(
        self,
        theta: Expression | Parameter | typing.SupportsFloat,
        qubit0: typing.SupportsIndex,
        qubit1: typing.SupportsIndex,
        controls: collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex] = (),
    ) -> Circuit:
        """
        exp(-i θ/2 XX). Returns the circuit itself.

        >>> Circuit(2).rxx(0.5, 0, 1).count_gates()
        {'rxx': 1}
        """
    def ry(
        self,
        theta: Expression | Parameter | typing.SupportsFloat,
        qubit: typing.SupportsIndex,
        controls: collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex] = (),
    ) -> Circuit:
        """
        exp(-i θ/2 Y). Returns the circuit itself.

        >>> Circuit(1).ry(0.5, 0).count_gates()
        {'ry': 1}
        """
    def ryy(
        self,
        theta: Expression | Parameter | typing.SupportsFloat,
        qubit0: typing.SupportsIndex,
        qubit1: typing.SupportsIndex,
        controls: collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex] = (),
    ) -> Circuit:
        """
        exp(-i θ/2 YY). Returns the circuit itself.

        >>> Circuit(2).ryy(0.5, 0, 1).count_gates()
        {'ryy': 1}
        """
    def rz(
        self,
        theta: Expression | Parameter | typing.SupportsFloat,
        qubit: typing.SupportsIndex,
        controls: collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex] = (),
    ) -> Circuit:
        """
        exp(-i θ/2 Z). Returns the circuit itself.

        >>> Circuit(1).rz(0.5, 0).count_gates()
        {'rz': 1}
        """
    def rzz(
        self,
        theta: Expression | Parameter | typing.SupportsFloat,
        qubit0: typing.SupportsIndex,
        qubit1: typing.SupportsIndex,
        controls: collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex] = (),
    ) -> Circuit:
        """
        exp(-i θ/2 ZZ). Returns the circuit itself.

        >>> Circuit(2).rzz(0.5, 0, 1).count_gates()
        {'rzz': 1}
        """
    def s(
        self,
        qubit: typing.SupportsIndex,
        controls: collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex] = (),
    ) -> Circuit:
        """
        Square root of Z. Returns the circuit itself.

        >>> Circuit(1).s(0).count_gates()
        {'s': 1}
        """
    def sdg(
        self,
        qubit: typing.SupportsIndex,
        controls: collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex] = (),
    ) -> Circuit:
        """
        Inverse of S. Returns the circuit itself.

        >>> Circuit(1).sdg(0).count_gates()
        {'sdg': 1}
        """
    def state(
        self,
        values: collections.abc.Mapping[str, typing.SupportsFloat] = {},
        precision: str = "double",
    ) -> numpy.typing.NDArray[typing.Any]:
        """
        The state it prepares from |0…0>, shape (2**n,), given every parameter's value by name.

        >>> Circuit(2).x(1).state()
        array([0.+0.j, 0.+0.j, 1.+0.j, 0.+0.j])
        """
    def svg(self) -> str:
        """
        The circuit as an SVG picture, which notebooks show by itself.

        Where the pointer rests on an operation, its title tells all about it. Raises ValueError for pictures of
        more than two million shapes.

        >>> Circuit(1).h(0).svg().startswith('<svg')
        True
        """
    def swap(
        self,
        qubit0: typing.SupportsIndex,
        qubit1: typing.SupportsIndex,
        controls: collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex] = (),
    ) -> Circuit:
        """
        Exchanges two qubits. Returns the circuit itself.

        >>> Circuit(2).swap(0, 1).count_gates()
        {'swap': 1}
        """
    def sx(
        self,
        qubit: typing.SupportsIndex,
        controls: collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex] = (),
    ) -> Circuit:
        """
        Square root of X. Returns the circuit itself.

        >>> Circuit(1).sx(0).count_gates()
        {'sx': 1}
        """
    def sxdg(
        self,
        qubit: typing.SupportsIndex,
        controls: collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex] = (),
    ) -> Circuit:
        """
        Inverse of the square root of X. Returns the circuit itself.

        >>> Circuit(1).sxdg(0).count_gates()
        {'sxdg': 1}
        """
    def t(
        self,
        qubit: typing.SupportsIndex,
        controls: collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex] = (),
    ) -> Circuit:
        """
        Fourth root of Z. Returns the circuit itself.

        >>> Circuit(1).t(0).count_gates()
        {'t': 1}
        """
    def tdg(
        self,
        qubit: typing.SupportsIndex,
        controls: collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex] = (),
    ) -> Circuit:
        """
        Inverse of T. Returns the circuit itself.

        >>> Circuit(1).tdg(0).count_gates()
        {'tdg': 1}
        """
    def to_json(self) -> str:
        """
        The circuit as JSON text.

        >>> Circuit.from_json(Circuit(1).h(0).to_json()) == Circuit(1).h(0)
        True
        """
    def to_qasm(self, version: typing.SupportsIndex = 3) -> str:
        """
        The circuit as OpenQASM 3 or 2, which from_qasm() reads back equal, to the last bit.

        In version 2, controls on |0> become X gates around a control on |1>; parameters and most controlled
        gates need version 3. Raises ValueError for what the version cannot hold: matrices, amplitudes,
        channels, readout errors.

        >>> print(Circuit(2).rx(Parameter('w'), 0).cx(0, 1).to_qasm())
        OPENQASM 3.0;
        include "stdgates.inc";
        input float w;
        qubit[2] q;
        rx(w) q[0];
        cx q[0], q[1];
        <BLANKLINE>
        """
    def u(
        self,
        theta: Expression | Parameter | typing.SupportsFloat,
        phi: Expression | Parameter | typing.SupportsFloat,
        lam: Expression | Parameter | typing.SupportsFloat,
        qubit: typing.SupportsIndex,
        controls: collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex] = (),
    ) -> Circuit:
        """
        General one-qubit gate U(θ, φ, λ) = P(φ) RY(θ) P(λ). Returns the circuit itself.

        >>> Circuit(1).u(0.5, 0.5, 0.5, 0).count_gates()
        {'u': 1}
        """
    def unitary(
        self,
        matrix: numpy.typing.ArrayLike,
        qubits: collections.abc.Iterable[typing.SupportsIndex],
        controls: collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex] = (),
        label: str = "",
    ) -> Circuit:
        """
        Any unitary matrix, shape (2**k, 2**k), on k qubits.

        qubits[0] is the least significant bit of its index. Raises ValueError unless it is unitary.

        >>> import numpy as np
        >>> Circuit(1).unitary(np.array([[0, 1], [1, 0]]), [0]).size
        1
        """
    def when(
        self,
        condition: tuple[str, typing.SupportsIndex]
        | collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex],
        then: Circuit,
        otherwise: Circuit | None = None,
    ) -> Circuit:
        """
        Append a circuit that acts where a condition on classical bits holds.

        condition: {bit: 0 or 1, …}, bits that must all be 1, or (register, value), a register's bits as a
        number, bit 0 the least significant. `otherwise` acts where it does not hold. Raises ValueError
        where a measurement would change the condition before all that depends on it has come.

        >>> c = Circuit(2, 1).h(0).measure(0, 0)
        >>> c.when({0: 1}, Circuit(2).x(1)).when(('c', 0), Circuit(2).h(1)).size
        4
        """
    def without_final_measurements(self) -> Circuit:
        """
        The circuit without the measurements and barriers that nothing comes after.

        >>> Circuit(1).h(0).measure_all().without_final_measurements() == Circuit(1).h(0)
        True
        """
    def x(
        self,
        qubit: typing.SupportsIndex,
        controls: collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex] = (),
    ) -> Circuit:
        """
        Pauli X, the bit flip. Returns the circuit itself.

        >>> Circuit(1).x(0).count_gates()
        {'x': 1}
        """
    def y(
        self,
        qubit: typing.SupportsIndex,
        controls: collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex] = (),
    ) -> Circuit:
        """
        Pauli Y. Returns the circuit itself.

        >>> Circuit(1).y(0).count_gates()
        {'y': 1}
        """
    def z(
        self,
        qubit: typing.SupportsIndex,
        controls: collections.abc.Iterable[typing.SupportsIndex]
        | collections.abc.Mapping[int, typing.SupportsIndex] = (),
    ) -> Circuit:
        """
        Pauli Z, the phase flip. Returns the circuit itself.

        >>> Circuit(1).z(0).count_gates()
        {'z': 1}
        """
    @property
    def bit_registers(self) -> list[tuple[str, int]]:
        """
        Name and size of each register of classical bits.
        """
    @property
    def is_unitary(self) -> bool:
        """
        Whether it has no measurements, resets, channels and conditions, and so a state.
        """
    @property
    def n_bits(self) -> int:
        """
        The number of classical bits.
        """
    @property
    def n_qubits(self) -> int:
        """
        The number of qubits.
        """
    @property
    def parameters(self) -> list[str]:
        """
        Parameter names by first appearance, each once; vectors as a whole, in their own order.

        >>> w = ParameterVector('w', 3)
        >>> Circuit(1).rx(w[1], 0).ry(Parameter('a'), 0).rx(w[0], 0).parameters
        ['w[0]', 'w[1]', 'w[2]', 'a']
        """
    @property
    def qubit_registers(self) -> list[tuple[str, int]]:
        """
        Name and size of each register of qubits; those of the first come first.
        """
    @property
    def size(self) -> int:
        """
        The number of operations.
        """

class ClassicalShadow:
    """
    Snapshots of a state in random bases, as State.shadow() takes them.

    Any number of observables can be estimated from them afterwards (Huang, Kueng and Preskill 2020,
    doi:10.1038/s41567-020-0932-7); the error grows as 3**k with the number k of qubits of a Pauli string.
    """

    __hash__: typing.ClassVar[None] = None  # type: ignore[assignment]
    def __eq__(self, other: object) -> bool: ...
    def __getstate__(self) -> tuple[typing.Any, ...]: ...
    def __len__(self) -> int: ...
    def __reduce__(self) -> typing.Any:
        """
        Pickle as protocol 2 does, by any: what object does for 0 and 1 ends the process here.
        """
    def __repr__(self) -> str: ...
    def __setstate__(self, arg0: tuple[typing.Any, ...]) -> None: ...
    def expval(
        self,
        observables: PauliSum
        | str
        | collections.abc.Mapping[str, typing.SupportsFloat]
        | collections.abc.Iterable[
            PauliSum | str | collections.abc.Mapping[str, typing.SupportsFloat]
        ],
        groups: typing.SupportsIndex = 1,
    ) -> tuple[numpy.typing.NDArray[numpy.float64], numpy.typing.NDArray[numpy.float64]]:
        """
        Estimates of Pauli sums: (values, standard errors), each of shape (n_observables,).

        Unbiased means over all snapshots; with several groups the median of the groups' means, which rare
        large values disturb less (its error is stated for many groups). Raises ValueError unless
        1 <= groups <= the number of snapshots.

        >>> shadow = State(1).shadow(2000, seed=3)
        >>> values, std = shadow.expval(['Z', 'X'])
        >>> bool((abs(values - [1, 0]) < 4 * std).all())
        True
        """
    @property
    def bases(self) -> list[str]:
        """
        The letters each snapshot was measured in, qubit 0 rightmost.
        """
    @property
    def n_qubits(self) -> int:
        """
        The number of qubits.
        """
    @property
    def outcomes(self) -> numpy.typing.NDArray[numpy.uint64]:
        """
        What came out, shape (n_snapshots,): bit q is 1 where qubit q was found at -1.
        """

class State:
    """
    The 2**n amplitudes of n qubits, starting in |0…0>.

    precision is 'double' or 'single'. Raises MemoryError, before allocating, for more bytes than are
    available. `seed` is that of measure(), fresh unless given; copies carry it on. Bit k of an amplitude's
    index is qubit k.

    >>> State(3)
    <ketgrad.State: 3 qubits, double precision>
    """
    @staticmethod
    def bytes(n_qubits: typing.SupportsIndex, precision: str = "double") -> int:
        """
        Bytes that a state of n qubits takes: 16 or 8 an amplitude, at least 128.

        Circuits, expectation values and variances need a few megabytes of scratch besides; gradients three
        states; copies, amplitudes() and probabilities() what they return. Raises ValueError outside 1 to 62.

        >>> State.bytes(30) == 2**34
        True
        """
    @staticmethod
    def from_amplitudes(
        amplitudes: numpy.typing.ArrayLike,
        precision: str = "double",
        seed: typing.SupportsIndex | None = None,
    ) -> State:
        """
        The state with these amplitudes, shape (2**n,), finite and normalised.

        Bit k of an amplitude's index is qubit k.

        >>> State.from_amplitudes([0.6, 0.8j]).amplitudes()
        array([0.6+0.j , 0. +0.8j])
        """
    @staticmethod
    def load(path: os.PathLike[str] | str) -> State:
        """
        The state that save() wrote to a file, to the bit.

        Raises OSError for a file that cannot be read; ValueError for one that is not a state's, of another
        version, damaged or cut short; MemoryError, before allocating, for more bytes than are available.

        >>> State.load("no such file")
        Traceback (most recent call last):
        FileNotFoundError: [Errno 2] cannot read no such file: No such file or directory
        """
    def __array__(self, dtype: typing.Any = None, copy: typing.Any = None) -> typing.Any: ...
    def __copy__(self) -> State: ...
    def __deepcopy__(self, memo: dict[typing.Any, typing.Any]) -> State: ...
    def __getstate__(self) -> tuple[numpy.typing.NDArray[typing.Any], str, int, int]: ...
    def __init__(
        self,
        n_qubits: typing.SupportsIndex,
        precision: str = "double",
        seed: typing.SupportsIndex | None = None,
    ) -> None: ...
    def __len__(self) -> int: ...
    def __reduce__(self) -> typing.Any:
        """
        Pickle as protocol 2 does, by any: what object does for 0 and 1 ends the process here.
        """
    def __repr__(self) -> str: ...
    def __setstate__(self, arg0: tuple[typing.Any, ...]) -> None: ...
    def amplitudes(self) -> numpy.typing.NDArray[typing.Any]:
        """
        A copy of the amplitudes, shape (2**n,).

        >>> State(1).amplitudes()
        array([1.+0.j, 0.+0.j])
        """
    def apply(
        self, circuit: Circuit, values: collections.abc.Mapping[str, typing.SupportsFloat] = {}
    ) -> State:
        """
        Apply a circuit's gates, given every parameter's value by name. Returns the state itself.

        Ctrl-C in a long circuit leaves the state with part of the gates applied.

        >>> State(1).apply(Circuit(1).x(0)).probabilities()
        array([0., 1.])
        """
    def copy(self) -> State:
        """
        An independent copy.
        """
    def expval(
        self,
        observable: MatrixObservable
        | PauliSum
        | str
        | collections.abc.Mapping[str, typing.SupportsFloat],
    ) -> float:
        """
        The expectation value of a PauliSum (or what it is made from) or MatrixObservable.

        Raises ValueError for an observable over more qubits than the state has.

        >>> State(2).expval('ZI')
        1.0
        """
    def inner(self, other: State) -> complex:
        """
        The inner product <self|other>.

        Raises ValueError for states of different precision or number of qubits.

        >>> State(1).inner(State.from_amplitudes([0.6, 0.8j]))
        (0.6+0j)
        """
    def measure(self, qubit: typing.SupportsIndex, seed: typing.SupportsIndex | None = None) -> int:
        """
        Measure a qubit, collapse the state and return 0 or 1.

        Without a seed the outcome follows from the state's own and the measurements before.

        >>> State(1).apply(Circuit(1).x(0)).measure(0)
        1
        """
    def norm(self) -> float:
        """
        The square root of <psi|psi>.

        >>> State(1).norm()
        1.0
        """
    def probabilities(
        self, qubits: collections.abc.Iterable[typing.SupportsIndex] = ()
    ) -> numpy.typing.NDArray[numpy.float64]:
        """
        The distribution over basis states, shape (2**n,), or over k qubits, shape (2**k,).

        Bit j of the index is qubits[j].

        >>> State(2).apply(Circuit(2).x(1)).probabilities([1])
        array([0., 1.])
        """
    def project(self, qubit: typing.SupportsIndex, value: bool) -> float:
        """
        Project a qubit on 0 or 1, normalise, and return the probability it had.

        Raises ValueError, leaving the state as it was, where that is zero.

        >>> round(State(1).apply(Circuit(1).h(0)).project(0, 1), 6)
        0.5
        """
    def reduced_density_matrix(
        self, qubits: collections.abc.Iterable[typing.SupportsIndex]
    ) -> numpy.typing.NDArray[numpy.complex128]:
        """
        The density matrix of k qubits, all others traced out, shape (2**k, 2**k).

        Bit j of its row and column is qubits[j]. Raises ValueError unless 1 <= k <= 12.

        >>> State(2).apply(Circuit(2).h(0).cx(0, 1)).reduced_density_matrix([1]).round(6)
        array([[0.5+0.j, 0. +0.j],
               [0. +0.j, 0.5+0.j]])
        """
    def sample(
        self, shots: typing.SupportsIndex, seed: typing.SupportsIndex | None = None
    ) -> numpy.typing.NDArray[numpy.uint64]:
        """
        Basis states drawn from the distribution, shape (shots,).

        Bit k of a basis state is the outcome of qubit k. The same seed gives the same draws; None draws a
        fresh one.

        >>> State(2).apply(Circuit(2).x(1)).sample(3)
        array([2, 2, 2], dtype=uint64)
        """
    def save(self, path: os.PathLike[str] | str) -> None:
        """
        Write the state to a file, whole or not at all, without a copy in memory.

        The file holds the exact amplitudes, with checksums, and where the random numbers of measure() stand.
        Raises OSError, leaving a file that was there as it was, where it cannot be written.

        >>> import os, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     State(3).set_basis(5).save(os.path.join(folder, "state"))
        ...     State.load(os.path.join(folder, "state")).sample(2)
        array([5, 5], dtype=uint64)
        """
    def set_amplitudes(self, amplitudes: numpy.typing.ArrayLike) -> State:
        """
        Become a vector of shape (2**n,); bit k of its index is qubit k. Returns the state itself.

        Raises ValueError unless it is finite and normalised. Ctrl-C on a wide state leaves part of it set.

        >>> State(1).set_amplitudes([0.6, 0.8j]).probabilities().round(6)
        array([0.36, 0.64])
        """
    def set_basis(self, basis_state: typing.SupportsIndex) -> State:
        """
        Become a basis state; bit k of it is qubit k. Returns the state itself.

        Raises IndexError from 2**n up. Ctrl-C on a wide state leaves it with part of the amplitudes set.

        >>> State(2).set_basis(2).probabilities()
        array([0., 0., 1., 0.])
        """
    def shadow(
        self, snapshots: typing.SupportsIndex, seed: typing.SupportsIndex | None = None
    ) -> ClassicalShadow:
        """
        Measures every qubit in a random one of the bases X, Y and Z, that many times.

        >>> values, std = State(2).shadow(1000, seed=1).expval('ZZ')
        >>> bool(abs(values - 1) < 4 * std)
        True
        """
    def variance(
        self,
        observable: MatrixObservable
        | PauliSum
        | str
        | collections.abc.Mapping[str, typing.SupportsFloat],
    ) -> float:
        """
        The variance <O**2> - <O>**2 of an observable; arguments as of expval().

        >>> State(1).variance('X')
        1.0
        """
    @property
    def n_qubits(self) -> int:
        """
        The number of qubits.
        """
    @property
    def precision(self) -> str:
        """
        'single' or 'double'.
        """

class Channel:
    """
    A quantum channel rho -> sum_k K_k rho K_k^dagger: noise on some qubits.

    Made by the methods named after the channels, from probabilities of Pauli strings, or from any Kraus
    operators. In a circuit by Circuit.channel(), behind gates by a NoiseModel.

    >>> Channel.depolarizing(0.01)
    <ketgrad.Channel: depolarizing(0.01) on 1 qubit>
    """

    __hash__: typing.ClassVar[None] = None  # type: ignore[assignment]
    @staticmethod
    def amplitude_damping(gamma: typing.SupportsFloat) -> Channel:
        """
        |1> decays to |0> with probability gamma (Nielsen & Chuang 8.3.5). Aer: amplitude_damping_error(gamma).

        Raises ValueError for values outside of their ranges.

        >>> Channel.amplitude_damping(0.1).n_qubits
        1
        """
    @staticmethod
    def bit_flip(p: typing.SupportsFloat) -> Channel:
        """
        X with probability p, else nothing (Nielsen & Chuang 8.3.3, whose p is 1 − p). Aer: pauli_error([('X', p), ('I', 1 - p)]).

        Raises ValueError for values outside of their ranges.

        >>> Channel.bit_flip(0.1).n_qubits
        1
        """
    @staticmethod
    def bit_phase_flip(p: typing.SupportsFloat) -> Channel:
        """
        Y with probability p, else nothing (Nielsen & Chuang 8.3.3, whose p is 1 − p). Aer: pauli_error([('Y', p), ('I', 1 - p)]).

        Raises ValueError for values outside of their ranges.

        >>> Channel.bit_phase_flip(0.1).n_qubits
        1
        """
    @staticmethod
    def depolarizing(p: typing.SupportsFloat) -> Channel:
        """
        ρ → (1 − p) ρ + p I/2: X, Y and Z with probability p/4 each (Nielsen & Chuang 8.3.4). Aer: depolarizing_error(p, 1).

        Raises ValueError for values outside of their ranges.

        >>> Channel.depolarizing(0.1).n_qubits
        1
        """
    @staticmethod
    def depolarizing2(p: typing.SupportsFloat) -> Channel:
        """
        ρ → (1 − p) ρ + p I/4 on two qubits: each of the 15 Pauli strings with probability p/16. Aer: depolarizing_error(p, 2).

        Raises ValueError for values outside of their ranges.

        >>> Channel.depolarizing2(0.1).n_qubits
        2
        """
    @staticmethod
    def from_kraus(operators: typing.Any, name: str = "kraus") -> Channel:
        """
        Any channel on k qubits from its Kraus operators, each of shape (2**k, 2**k).

        Bit j of a row or column is the j-th qubit the channel is put on. Raises ValueError unless the sum of
        K^dagger K is the identity within 1e-6.

        >>> Channel.from_kraus([[[1, 0], [0, 0]], [[0, 0], [0, 1]]], 'dephase').name
        'dephase'
        """
    @staticmethod
    def generalized_amplitude_damping(
        gamma: typing.SupportsFloat, excited_population: typing.SupportsFloat
    ) -> Channel:
        """
        Relaxation by a share gamma towards a population of |1> (Nielsen & Chuang 8.3.5, whose p is 1 − excited_population). Aer: amplitude_damping_error(gamma, excited_population).

        Raises ValueError for values outside of their ranges.

        >>> Channel.generalized_amplitude_damping(0.1, 0.1).n_qubits
        1
        """
    @staticmethod
    def pauli(probabilities: collections.abc.Mapping[str, typing.SupportsFloat]) -> Channel:
        """
        Pauli strings of one length with probabilities; what is missing to 1 is the identity's.

        The last letter is for the first qubit, as in all text. Raises ValueError for probabilities outside
        [0, 1] or that add up to more than 1. Aer: pauli_error([('X', 0.1), ('I', 0.9)]).

        >>> Channel.pauli({'XX': 0.1, 'ZI': 0.05}).n_qubits
        2
        """
    @staticmethod
    def phase_damping(lambda_: typing.SupportsFloat) -> Channel:
        """
        Coherences shrink to sqrt(1 − lambda_) of themselves (Nielsen & Chuang 8.3.6). Aer: phase_damping_error(lambda_).

        Raises ValueError for values outside of their ranges.

        >>> Channel.phase_damping(0.1).n_qubits
        1
        """
    @staticmethod
    def phase_flip(p: typing.SupportsFloat) -> Channel:
        """
        Z with probability p, else nothing (Nielsen & Chuang 8.3.3, whose p is 1 − p). Aer: pauli_error([('Z', p), ('I', 1 - p)]).

        Raises ValueError for values outside of their ranges.

        >>> Channel.phase_flip(0.1).n_qubits
        1
        """
    @staticmethod
    def reset() -> Channel:
        """
        |0>, whatever it was. Aer: reset_error(1).

        Raises ValueError for values outside of their ranges.

        >>> Channel.reset().n_qubits
        1
        """
    @staticmethod
    def thermal_relaxation(
        t1: typing.SupportsFloat,
        t2: typing.SupportsFloat,
        time: typing.SupportsFloat,
        excited_population: typing.SupportsFloat = 0.0,
    ) -> Channel:
        """
        What a qubit goes through in a time, all times in one unit: its population of |1> nears excited_population as exp(−time/t1), its coherence shrinks as exp(−time/t2); t2 ≤ 2·t1, and either may be infinite. Aer: thermal_relaxation_error(t1, t2, time, excited_population).

        Raises ValueError for values outside of their ranges.

        >>> Channel.thermal_relaxation(1, 1, 1).n_qubits
        1
        """
    def __eq__(self, other: object) -> bool: ...
    def __getstate__(
        self,
    ) -> tuple[str, list[float], list[numpy.typing.NDArray[numpy.complex128]]]: ...
    def __reduce__(self) -> typing.Any:
        """
        Pickle as protocol 2 does, by any: what object does for 0 and 1 ends the process here.
        """
    def __repr__(self) -> str: ...
    def __setstate__(self, arg0: tuple[typing.Any, ...]) -> None: ...
    def superoperator(self) -> numpy.typing.NDArray[numpy.complex128]:
        """
        The matrix that acts on rho with its columns one after the other, shape (4**k, 4**k).

        >>> Channel.phase_flip(0.5).superoperator().real.diagonal()
        array([1., 0., 0., 1.])
        """
    @property
    def kraus(self) -> list[numpy.typing.NDArray[numpy.complex128]]:
        """
        The Kraus operators, a list of matrices.
        """
    @property
    def n_qubits(self) -> int:
        """
        How many qubits it acts on.
        """
    @property
    def name(self) -> str:
        """
        The channel's name.
        """
    @property
    def parameters(self) -> list[float]:
        """
        The numbers it was made from, if it is one of the table.
        """

class NoiseModel:
    """
    Where noise comes in: channels behind gates, and misread measurements.

    Of the rules that fit a gate, those that name its qubits win over those that name the gate only, and
    these over those for any gate; within the winners, channels act in the order in which they were
    added. Circuit.run(), Circuit.density_matrix() and compile_noisy() take a model as `noise`.

    >>> noise = NoiseModel().add(Channel.depolarizing(0.001)).add(Channel.depolarizing2(0.01), 'cx')
    >>> noise.apply(Circuit(2).h(0).cx(0, 1)).count_gates()
    {'channel': 2, 'cx': 1, 'h': 1}
    """

    __hash__: typing.ClassVar[None] = None  # type: ignore[assignment]
    @staticmethod
    def from_json(text: str) -> NoiseModel:
        """
        The model that to_json wrote. Raises ValueError naming what it cannot read, and where.
        """
    def __eq__(self, other: object) -> bool: ...
    def __getstate__(self) -> tuple[str]: ...
    def __init__(self) -> None: ...
    def __reduce__(self) -> typing.Any:
        """
        Pickle as protocol 2 does, by any: what object does for 0 and 1 ends the process here.
        """
    def __repr__(self) -> str: ...
    def __setstate__(self, arg0: tuple[typing.Any, ...]) -> None: ...
    def add(
        self,
        channel: Channel,
        gates: str | collections.abc.Sequence[str] | None = None,
        qubits: typing.SupportsIndex | collections.abc.Iterable[typing.SupportsIndex] | None = None,
    ) -> NoiseModel:
        """
        Put a channel behind gates. Returns the model itself.

        gates: a name such as 'cx' or a list of them; by default all gates, not measurements, resets and
        channels ('reset' may be named). qubits: exactly these, controls first; by default any. A channel on
        one qubit acts on every qubit of the gate, one on k qubits on the gate's k. Raises ValueError for
        names that no gate has and where channel, gate and qubits differ in number.

        >>> NoiseModel().add(Channel.bit_flip(0.1), ['h', 'x'], qubits=[0])
        <ketgrad.NoiseModel: 1 rules, 0 readout errors>
        """
    def add_readout_error(
        self,
        one_for_zero: typing.SupportsFloat,
        zero_for_one: typing.SupportsFloat,
        qubits: typing.SupportsIndex | collections.abc.Iterable[typing.SupportsIndex] | None = None,
    ) -> NoiseModel:
        """
        Misread measurements: how often 1 is read for 0, and 0 for 1. Returns the model itself.

        qubits: those it holds for; by default all that no other readout error names. Raises ValueError for
        probabilities outside [0, 1].

        >>> noise = NoiseModel().add_readout_error(1.0, 0.0)
        >>> Circuit(1).measure_all().run(100, noise=noise).counts()
        {'1': 100}
        """
    def apply(self, circuit: Circuit) -> Circuit:
        """
        The circuit with its noise, as channels and readout errors.

        >>> NoiseModel().add(Channel.bit_flip(0.1)).apply(Circuit(1).x(0)).size
        2
        """
    def to_json(self) -> str:
        """
        The model as JSON text.

        >>> NoiseModel.from_json(NoiseModel().to_json()) == NoiseModel()
        True
        """

class DensityMatrix:
    """
    The density matrix of n qubits, made by Circuit.density_matrix().

    It takes 16 * 4**n bytes in double precision: 1 GiB for 13 qubits.

    >>> Circuit(2).h(0).cx(0, 1).density_matrix()
    <ketgrad.DensityMatrix: 2 qubits, double precision>
    """

    __hash__: typing.ClassVar[None] = None  # type: ignore[assignment]
    def __array__(self, dtype: typing.Any = None, copy: typing.Any = None) -> typing.Any: ...
    def __eq__(self, other: object) -> bool: ...
    def __getstate__(self) -> tuple[typing.Any, ...]: ...
    def __reduce__(self) -> typing.Any:
        """
        Pickle as protocol 2 does, by any: what object does for 0 and 1 ends the process here.
        """
    def __repr__(self) -> str: ...
    def __setstate__(self, arg0: tuple[typing.Any, ...]) -> None: ...
    def expval(
        self,
        observable: MatrixObservable
        | PauliSum
        | str
        | collections.abc.Mapping[str, typing.SupportsFloat],
    ) -> float:
        """
        The expectation value of a PauliSum (or what it is made from) or MatrixObservable.

        Raises ValueError for an observable over more qubits than there are.

        >>> round(Circuit(1).channel(Channel.bit_flip(0.25), 0).density_matrix().expval('Z'), 12)
        0.5
        """
    def fidelity(self, state: typing.Any) -> float:
        """
        <psi|rho|psi> with a State or its amplitudes, shape (2**n,), normalised.

        >>> round(Circuit(1).channel(Channel.bit_flip(0.1), 0).density_matrix().fidelity(State(1)), 12)
        0.9
        """
    def matrix(self) -> numpy.typing.NDArray[numpy.complex128]:
        """
        The matrix, shape (2**n, 2**n), up to 12 qubits. Bit k of a row or column is qubit k.

        >>> Circuit(1).x(0).density_matrix().matrix().real
        array([[0., 0.],
               [0., 1.]])
        """
    def probabilities(
        self, qubits: collections.abc.Iterable[typing.SupportsIndex] = ()
    ) -> numpy.typing.NDArray[numpy.float64]:
        """
        The distribution over basis states, shape (2**n,), or over k qubits, shape (2**k,).

        Bit j of the index is qubits[j].

        >>> Circuit(2).x(1).density_matrix().probabilities([1])
        array([0., 1.])
        """
    def purity(self) -> float:
        """
        The trace of rho squared: 1 for a pure state, 2**-n for the most mixed one.

        >>> round(Circuit(1).channel(Channel.depolarizing(1), 0).density_matrix().purity(), 12)
        0.5
        """
    def trace(self) -> float:
        """
        1, but for rounding and for Kraus operators that are complete within 1e-6 only.

        >>> Circuit(1).density_matrix().trace()
        1.0
        """
    @property
    def n_qubits(self) -> int:
        """
        The number of qubits.
        """
    @property
    def precision(self) -> str:
        """
        'single' or 'double'.
        """

class Result:
    """
    What the classical bits of a circuit hold after each of its shots.

    Made by Circuit.run(). In text, bit 0 stands rightmost; `register` is the name of a register of
    classical bits, and None stands for all bits. Methods raise ValueError for a name there is none of.

    >>> Circuit(2, 2).x(0).measure_all().run(10)
    <ketgrad.Result: 10 shots of 2 bits>
    """

    __hash__: typing.ClassVar[None] = None  # type: ignore[assignment]
    def __eq__(self, other: object) -> bool: ...
    def __getstate__(self) -> tuple[typing.Any, ...]: ...
    def __reduce__(self) -> typing.Any:
        """
        Pickle as protocol 2 does, by any: what object does for 0 and 1 ends the process here.
        """
    def __repr__(self) -> str: ...
    def __setstate__(self, arg0: tuple[typing.Any, ...]) -> None: ...
    def bitstrings(self, register: str | None = None) -> list[str]:
        """
        The bits of every shot as text, in the order of the shots.

        >>> Circuit(2).x(0).measure_all().run(3).bitstrings()
        ['01', '01', '01']
        """
    def counts(self, register: str | None = None) -> dict[str, int]:
        """
        How often each value of the bits occurred, by its text.

        >>> Circuit([('q', 2)], [('a', 1), ('b', 1)]).x(1).measure_all().run(10).counts('b')
        {'1': 10}
        """
    def memory(self) -> numpy.typing.NDArray[numpy.uint8]:
        """
        The bits of every shot, shape (shots, n_bits), 0 or 1.

        >>> Circuit(2).x(0).measure_all().run(2).memory()
        array([[1, 0],
               [1, 0]], dtype=uint8)
        """
    @typing.overload
    def probabilities(
        self, register: str | None = None, *, return_std: typing.Literal[False] = False
    ) -> dict[str, float]: ...
    @typing.overload
    def probabilities(
        self, register: str | None = None, *, return_std: typing.Literal[True]
    ) -> tuple[dict[str, float], dict[str, float]]: ...
    @typing.overload
    def probabilities(
        self, register: str | None = None, *, return_std: bool = False
    ) -> dict[str, float] | tuple[dict[str, float], dict[str, float]]:
        """
        The probability of each value: exact by the density matrix, else as it occurred.

        return_std=True returns (probabilities, standard errors): sqrt(p (1 - p) / shots) of those that come
        from shots, which tells little of values that occurred a few times only; 0 of exact ones.

        >>> result = Circuit(1).h(0).measure_all().run(10, method='density_matrix')
        >>> {bits: round(p, 12) for bits, p in result.probabilities().items()}
        {'0': 0.5, '1': 0.5}
        >>> p, std = Circuit(1).h(0).measure_all().run(10_000, seed=1).probabilities(return_std=True)
        >>> p['1'], round(std['1'], 3)
        (0.5052, 0.005)
        """
    @property
    def exact(self) -> bool:
        """
        Whether probabilities() are exact, as by the density matrix.
        """
    @property
    def n_bits(self) -> int:
        """
        The number of classical bits.
        """
    @property
    def n_branches(self) -> int:
        """
        How many different courses the shots took; each was run once.
        """
    @property
    def n_run(self) -> int:
        """
        The number of shots before postselection.
        """
    @property
    def shots(self) -> int:
        """
        The number of shots, after postselection.
        """

class Program:
    """
    A circuit compiled once, to be run many times; made by compile().

    Its methods take inputs of shape (n_inputs,) for one sample or (batch, n_inputs) for several, and
    weights of shape (n_weights,) for all samples or (batch, n_weights), a row each. Where either has a
    batch axis, so have the results, in front: shapes below are for one sample, and for a batch
    (batch, ...). Methods raise ValueError for wrong shapes and for values that are not finite, TypeError
    for values that are not real, and MemoryError, before they start, for results larger than memory.
    Bit k of a basis state's index is qubit k.

    >>> compile(Circuit(2).rx(Parameter('x'), 0).ry(Parameter('w'), 1), inputs=['x'])
    <ketgrad.Program: 2 qubits, 2 steps, 1 inputs, 1 weights, 0 observables, double precision>
    """

    __hash__: typing.ClassVar[None] = None  # type: ignore[assignment]
    @staticmethod
    def from_json(text: str) -> Program:
        """
        The program that to_json wrote, compiled again.

        Raises ValueError naming what it cannot read, and where.

        >>> program = compile(Circuit(1).rx(Parameter('w'), 0), 'Z')
        >>> Program.from_json(program.to_json()) == program
        True
        """
    def __eq__(self, other: object) -> bool: ...
    def __getstate__(
        self,
    ) -> tuple[
        Circuit, list[PauliSum | MatrixObservable], list[str], bool, list[str], str | None
    ]: ...
    def __reduce__(self) -> typing.Any:
        """
        Pickle as protocol 2 does, by any: what object does for 0 and 1 ends the process here.
        """
    def __repr__(self) -> str: ...
    def __setstate__(self, arg0: tuple[typing.Any, ...]) -> None: ...
    def engine(self, batch: typing.SupportsIndex = 1) -> str:
        """
        How the program runs on so many samples: 'blocks', 'stages' or 'tiles'.

        'blocks' takes samples side by side, 8 of them in double and 16 in single precision (up to 12
        qubits). 'stages' takes one sample after the other by the plan of blocks, where a block would be
        mostly idle: few samples on 6 to 12 qubits. 'tiles' takes one sample at a time through the cache.
        compile(engine=) says which; by default it is the fastest. ValueError where the one that was asked
        for cannot run this.

        >>> program = compile(hardware_efficient(8, 1), 'Z' * 8)
        >>> program.engine(), program.engine(100)
        ('stages', 'blocks')
        >>> compile(hardware_efficient(20, 1)).engine()
        'tiles'
        """
    @typing.overload
    def expval(
        self,
        inputs: numpy.typing.ArrayLike | None = None,
        weights: numpy.typing.ArrayLike | None = None,
        shots: typing.SupportsIndex | None = None,
        seed: typing.SupportsIndex | None = None,
        initial_state: typing.Any | None = None,
        grouping: str = "none",
        shot_allocation: str = "each",
        return_std: typing.Literal[False] = False,
    ) -> numpy.typing.NDArray[numpy.float64]: ...
    @typing.overload
    def expval(
        self,
        inputs: numpy.typing.ArrayLike | None = None,
        weights: numpy.typing.ArrayLike | None = None,
        shots: typing.SupportsIndex | None = None,
        seed: typing.SupportsIndex | None = None,
        initial_state: typing.Any | None = None,
        grouping: str = "none",
        shot_allocation: str = "each",
        *,
        return_std: typing.Literal[True],
    ) -> tuple[numpy.typing.NDArray[numpy.float64], numpy.typing.NDArray[numpy.float64]]: ...
    @typing.overload
    def expval(
        self,
        inputs: numpy.typing.ArrayLike | None = None,
        weights: numpy.typing.ArrayLike | None = None,
        shots: typing.SupportsIndex | None = None,
        seed: typing.SupportsIndex | None = None,
        initial_state: typing.Any | None = None,
        grouping: str = "none",
        shot_allocation: str = "each",
        return_std: bool = False,
    ) -> (
        numpy.typing.NDArray[numpy.float64]
        | tuple[numpy.typing.NDArray[numpy.float64], numpy.typing.NDArray[numpy.float64]]
    ):
        """
        Expectation values, shape (n_observables,), or (batch, n_observables) for a batch.

        With shots, each value is the mean of that many simulated measurements of every setting; 0 shots, as
        None, give exact values. The same seed gives the same shots; None draws a fresh one. Raises ValueError
        without observables.

        A setting is a Pauli string of one observable, or one of all their groups of strings that commute
        qubit by qubit (grouping 'qubitwise') or altogether ('full'), which share shots; a matrix observable is
        a setting of its own. shot_allocation says what the number of shots means: 'each' gives that many to
        every setting; it is the total of a sample with 'uniform', spread evenly, and with 'weighted', in
        proportion to the sum over observables of sqrt(sum of coefficients**2) in the setting. With return_std
        the result is (values, standard errors), as estimated without bias from the spread of the same shots,
        with the covariances of strings that share them; infinite for a single shot.

        initial_state, here as in the methods below, is a state to begin with in place of |0...0>: normalised
        complex amplitudes of shape (2**n,), or (batch, 2**n) for one a sample. Raises ValueError where it is
        neither that nor finite nor of norm 1 within 1e-6, and where the circuit has an initialize of its own.

        >>> prog = compile(Circuit(1).rx(Parameter('a'), 0), 'Z')
        >>> prog.expval(weights=[0.0])
        array([1.])
        >>> prog.expval(weights=[[0.0], [3.141592653589793]]).round(6)
        array([[ 1.],
               [-1.]])
        >>> prog.expval(weights=[0.0], shots=100, seed=1)
        array([1.])
        >>> values, std = prog.expval(weights=[1.5], shots=10_000, seed=1, return_std=True)
        >>> bool(abs(values - 0.070737) < 4 * std)
        True
        >>> prog.expval(weights=[0.0], initial_state=[0, 1])
        array([-1.])
        """
    def fisher(
        self,
        inputs: numpy.typing.ArrayLike | None = None,
        weights: numpy.typing.ArrayLike | None = None,
        approx: str | None = None,
        wrt: str = "weights",
    ) -> numpy.typing.NDArray[numpy.float64]:
        """
        The quantum Fisher information of the final state: 4 times metric_tensor().

        Arguments, shapes and errors are those of metric_tensor() (Meyer 2021, arXiv:2103.15191, eq. 18).

        >>> prog = compile(Circuit(1).rx(Parameter('a'), 0))
        >>> prog.fisher(weights=[0.3]).round(6)
        array([[1.]])
        """
    def hessian(
        self,
        inputs: numpy.typing.ArrayLike | None = None,
        weights: numpy.typing.ArrayLike | None = None,
        cotangent: numpy.typing.ArrayLike | None = None,
        wrt: str = "weights",
        of: str = "expval",
    ) -> numpy.typing.NDArray[numpy.float64]:
        """
        Exact second derivatives, shape (n_values, P, P), or (batch, n_values, P, P) for a batch.

        Of the values named by `of`, 'expval' or 'probs', by the P 'weights', 'inputs' or 'all' (inputs, then
        weights) named by wrt. With a cotangent of shape (n_values,), the same for every sample, those of
        sum(cotangent * values), shape (P, P) or (batch, P, P), which takes fewer sweeps.

        Shift rules of single angles are applied to gradients of the adjoint method (Mari et al. 2021,
        arXiv:2008.06517); shared parameters and expressions follow by the chain rule. Raises ValueError, naming
        the parameter, where an angle's expression has no finite first or second derivative.

        >>> prog = compile(Circuit(1).rx(Parameter('a'), 0).ry(Parameter('b'), 0), 'Z')
        >>> prog.hessian(weights=[0.3, 0.4]).round(6)  # <Z> = cos(a) cos(b)
        array([[[-0.879923,  0.115081],
                [ 0.115081, -0.879923]]])
        """
    def hvp(
        self,
        direction: typing.Any,
        inputs: numpy.typing.ArrayLike | None = None,
        weights: numpy.typing.ArrayLike | None = None,
        cotangent: numpy.typing.ArrayLike | None = None,
        wrt: str = "weights",
        of: str = "expval",
    ) -> numpy.typing.NDArray[numpy.float64]:
        """
        The Hessian times a direction of shape (P,): (n_values, P), or (P,) with a cotangent.

        For a batch with (batch, ...) in front. Arguments and errors as of hessian(); the Hessian itself is
        never held in memory.

        >>> prog = compile(Circuit(1).rx(Parameter('a'), 0).ry(Parameter('b'), 0), 'Z')
        >>> prog.hvp([1.0, 0.0], weights=[0.3, 0.4], cotangent=[1.0]).round(6)
        array([-0.879923,  0.115081])
        """
    def jacobian(
        self,
        inputs: numpy.typing.ArrayLike | None = None,
        weights: numpy.typing.ArrayLike | None = None,
        diff_method: str = "adjoint",
        shots: typing.SupportsIndex | None = None,
        seed: typing.SupportsIndex | None = None,
        step: typing.SupportsFloat = 0.0,
        of: str = "expval",
        shot_allocation: str = "each",
        return_std: bool = False,
        return_cov: bool = False,
        initial_state: typing.Any | None = None,
    ) -> tuple[numpy.typing.NDArray[typing.Any], ...]:
        """
        Derivatives of all values by all parameters: (inputs, weights).

        Shapes (n_values, n_inputs) and (n_values, n_weights), for a batch with (batch, ...) in front: of
        'expval' and 'variance' there are n_observables values, of 'probs' and 'state' 2**n, those of 'state'
        complex.

        diff_method is 'adjoint' (default; a backward sweep a value, so vjp() is the one for losses),
        'parameter-shift' (the exact rule of every gate's spectrum, Wierichs et al. 2022, arXiv:2107.12390;
        with shots, an unbiased estimate; not of 'state') or 'finite-diff' (central; with a step of at most
        pi / 2; other methods take none). shots, with the last two, estimate 'expval' and 'probs' as those methods
        do; the same seed gives the same shots, None draws a fresh one.

        A step of 0 is chosen: epsilon**(1/3) of the precision for exact values; with shots (3 / sqrt(shots))**(1/3),
        at most pi / 2, divided by the parameter's highest frequency where that is above 1 (the sum over its gates
        of |d angle / d parameter| times the width of the generator's spectrum, 1 for a rotation; within the step, and
        more where angles are not straight lines there): so the truncation of the difference is about as large as the
        noise of an observable whose outcomes are far from certain.

        With parameter-shift and shots, every shifted circuit of every gate, and on it every Pauli string of
        every observable, is measured by shots of its own, drawn from that circuit's true distribution.
        shot_allocation says what their number means: 'each' gives that many to every string; of a sample's
        whole Jacobian it is the total budget with 'uniform', spread evenly, and with 'weighted', in proportion
        to |coefficient of the string * coefficient of the rule|. return_std appends (inputs_std, weights_std),
        the standard errors, with shapes as those of the derivatives; return_cov appends, for every value, the
        covariances of its derivatives by all parameters, inputs first, shape (n_values, n_parameters,
        n_parameters). Both are estimated from the spread of the same shots (variances without bias), which
        takes 2 shots of everything. Derivatives by different gates' angles are independent: parameters
        correlate as far as they share gates, through expressions. Those of different observables and samples
        are independent; those of different entries of 'probs' come from the same shots and are not.

        initial_state is that of expval(). Raises ValueError for what a method cannot do, a budget that is too small and, naming the parameter,
        where an angle's expression has no finite derivative.

        >>> prog = compile(Circuit(1).rx(Parameter('a'), 0), 'Z')
        >>> prog.jacobian(weights=[1.5], diff_method='parameter-shift')[1].round(6)
        array([[-0.997495]])
        >>> prog.jacobian(weights=[1.5], of='probs')[1].round(6)
        array([[-0.498747],
               [ 0.498747]])
        >>> by_inputs, by_weights, inputs_std, weights_std = prog.jacobian(
        ...     weights=[1.5], diff_method='parameter-shift', shots=1000, seed=1, return_std=True)
        >>> bool(abs(by_weights + 0.997495) < 4 * weights_std)
        True
        """
    def metric_tensor(
        self,
        inputs: numpy.typing.ArrayLike | None = None,
        weights: numpy.typing.ArrayLike | None = None,
        approx: str | None = None,
        wrt: str = "weights",
    ) -> numpy.typing.NDArray[numpy.float64]:
        """
        The Fubini-Study metric of the final state, shape (P, P), or (batch, P, P) for a batch.

        g[i, j] = Re(<d_i psi|d_j psi> - <d_i psi|psi><psi|d_j psi>), by the P 'weights', 'inputs' or 'all'
        (inputs, then weights) named by wrt. Exact for any circuit (Stokes et al. 2020, arXiv:1909.02108).

        approx None computes all entries. 'block-diag' keeps those between parameters of one layer: a
        parameter's layer is the number of gates with parameters that come before its first gate, counted along
        the longest chain of gates that share qubits. 'diag' keeps the diagonal. The other entries are 0.
        Raises ValueError for other names and MemoryError where P states do not fit into memory.

        >>> prog = compile(Circuit(1).h(0).rz(Parameter('a'), 0).ry(Parameter('b'), 0))
        >>> prog.metric_tensor(weights=[0.3, 0.4]).diagonal().round(6)
        array([0.25    , 0.228167])
        >>> prog.metric_tensor(weights=[[0.3, 0.4], [0.5, 0.6]], approx='diag').shape
        (2, 2, 2)
        """
    def probs(
        self,
        inputs: numpy.typing.ArrayLike | None = None,
        weights: numpy.typing.ArrayLike | None = None,
        shots: typing.SupportsIndex | None = None,
        seed: typing.SupportsIndex | None = None,
        initial_state: typing.Any | None = None,
    ) -> numpy.typing.NDArray[numpy.float64]:
        """
        Probabilities of the basis states, shape (2**n,), or (batch, 2**n) for a batch.

        Bit k of the index is qubit k. With shots, the frequencies in that many simulated measurements of
        all qubits. The same seed gives the same shots; None draws a fresh one.

        >>> prog = compile(Circuit(2).x(1).ry(Parameter('a'), 0))
        >>> prog.probs(weights=[0.0])
        array([0., 0., 1., 0.])
        """
    def sample(
        self,
        shots: typing.SupportsIndex,
        inputs: numpy.typing.ArrayLike | None = None,
        weights: numpy.typing.ArrayLike | None = None,
        seed: typing.SupportsIndex | None = None,
        initial_state: typing.Any | None = None,
    ) -> numpy.typing.NDArray[numpy.uint64]:
        """
        Basis states drawn from the distribution, shape (shots,), or (batch, shots) for a batch.

        Bit k of a basis state is the outcome of qubit k. The same seed gives the same draws; None draws a
        fresh one.

        >>> prog = compile(Circuit(2).x(1).ry(Parameter('a'), 0))
        >>> prog.sample(3, weights=[0.0])
        array([2, 2, 2], dtype=uint64)
        """
    def state(
        self,
        inputs: numpy.typing.ArrayLike | None = None,
        weights: numpy.typing.ArrayLike | None = None,
        initial_state: typing.Any | None = None,
    ) -> numpy.typing.NDArray[typing.Any]:
        """
        Final amplitudes, shape (2**n,), or (batch, 2**n) for a batch.

        complex128, or complex64 in single precision. Bit k of an amplitude's index is qubit k.

        >>> prog = compile(Circuit(2).x(1).ry(Parameter('a'), 0))
        >>> prog.state(weights=[0.0])
        array([0.+0.j, 0.+0.j, 1.+0.j, 0.+0.j])
        >>> prog.state(weights=[[0.0], [1.0], [2.0]]).shape
        (3, 4)
        """
    def to_json(self) -> str:
        """
        The program as JSON text: its circuit, observables, names and precision.

        {"format": "ketgrad.program", "version": 1, "circuit": {...}, "observables": [...],
        "inputs": ["x"], "weights": ["w"], "precision": "double"}; the header qsim/json/json.h says what is in
        the parts.
        """
    def value_and_vjp(
        self,
        cotangent: numpy.typing.ArrayLike,
        inputs: numpy.typing.ArrayLike | None = None,
        weights: numpy.typing.ArrayLike | None = None,
        of: str = "expval",
        initial_state: typing.Any | None = None,
    ) -> tuple[
        numpy.typing.NDArray[typing.Any],
        numpy.typing.NDArray[numpy.float64],
        numpy.typing.NDArray[numpy.float64],
    ]:
        """
        The values as well, from the same run: (values, inputs, weights). Arguments as of vjp().

        >>> prog = compile(Circuit(1).rx(Parameter('a'), 0), 'Z')
        >>> prog.value_and_vjp([1.0], weights=[0.0])[0]
        array([1.])
        """
    def variance(
        self,
        inputs: numpy.typing.ArrayLike | None = None,
        weights: numpy.typing.ArrayLike | None = None,
        initial_state: typing.Any | None = None,
    ) -> numpy.typing.NDArray[numpy.float64]:
        """
        Variances <O**2> - <O>**2, shape (n_observables,), or (batch, n_observables) for a batch.

        >>> prog = compile(Circuit(1).rx(Parameter('a'), 0), ['Z', 'X'])
        >>> prog.variance(weights=[0.0]).round(6)
        array([0., 1.])
        """
    def vjp(
        self,
        cotangent: numpy.typing.ArrayLike,
        inputs: numpy.typing.ArrayLike | None = None,
        weights: numpy.typing.ArrayLike | None = None,
        of: str = "expval",
        initial_state: typing.Any | None = None,
    ) -> tuple[numpy.typing.NDArray[numpy.float64], numpy.typing.NDArray[numpy.float64]]:
        """
        Gradients of sum(cotangent * values) by the adjoint method: (inputs, weights).

        The values are those of the method named by `of`: 'expval', 'variance', 'probs' or 'state', whose
        shape the cotangent has. Of 'state' it is complex, and the sum is Re(sum(conj(cotangent) * state)).
        The gradients have the shapes of inputs and weights: where one row of weights serves a whole batch,
        its gradient is summed over the batch. One backward sweep a sample gives everything (Jones & Gacon
        2020, arXiv:2009.02823). initial_state is that of expval(). Raises ValueError, naming the parameter,
        where an angle's expression has no finite derivative.

        >>> prog = compile(Circuit(1).rx(Parameter('a'), 0), 'Z')
        >>> prog.vjp([1.0], weights=[1.5])[1].round(6)
        array([-0.997495])
        >>> prog.vjp([0.0, 1.0], weights=[1.5], of='probs')[1].round(6)
        array([0.498747])

        The gradient of the fidelity |<phi|psi>|**2 with a state phi:

        >>> import numpy as np
        >>> phi = np.array([0, 1j])
        >>> psi = prog.state(weights=[1.5])
        >>> prog.vjp(2 * np.vdot(phi, psi) * phi, weights=[1.5], of='state')[1].round(6)
        array([0.498747])
        """
    @property
    def inputs(self) -> list[str]:
        """
        Names of the inputs, in order.
        """
    @property
    def n_observables(self) -> int:
        """
        The number of observables.
        """
    @property
    def n_passes(self) -> int:
        """
        Trips of a wide state through memory that a run makes.

        Each takes the state, tile by tile in the cache, through as many gates as it can. It is 1 where a
        state fits a tile: up to 14 qubits in double, 15 in single precision.

        >>> circuit = hardware_efficient(20, 8)
        >>> program = compile(circuit)
        >>> program.n_passes < len(circuit) // 24
        True
        """
    @property
    def n_qubits(self) -> int:
        """
        The number of qubits.
        """
    @property
    def n_steps(self) -> int:
        """
        Gates after merging: runs of gates on one qubit are one step.
        """
    @property
    def precision(self) -> str:
        """
        'single' or 'double'.
        """
    @property
    def weights(self) -> list[str]:
        """
        Names of the weights, in order.
        """

class NoisyProgram:
    """
    A circuit with noise and observables at its end; made by compile_noisy().

    Values are exact, from density matrices, unless a number of trajectories is given: then each is the
    mean over that many runs of the state, and return_std=True returns (values, standard errors). The same
    seed gives the same values, on any number of threads; None draws a fresh one.

    >>> compile_noisy(Circuit(1).rx(Parameter('a'), 0), 'Z')
    <ketgrad.NoisyProgram: 1 qubits, 0 inputs, 1 weights, 1 observables, double precision>
    """

    __hash__: typing.ClassVar[None] = None  # type: ignore[assignment]
    def __eq__(self, other: object) -> bool: ...
    def __getstate__(
        self,
    ) -> tuple[Circuit, list[PauliSum | MatrixObservable], list[str], bool, list[str]]: ...
    def __reduce__(self) -> typing.Any:
        """
        Pickle as protocol 2 does, by any: what object does for 0 and 1 ends the process here.
        """
    def __repr__(self) -> str: ...
    def __setstate__(self, arg0: tuple[typing.Any, ...]) -> None: ...
    @typing.overload
    def expval(
        self,
        inputs: numpy.typing.ArrayLike | None = None,
        weights: numpy.typing.ArrayLike | None = None,
        trajectories: typing.SupportsIndex | None = None,
        seed: typing.SupportsIndex | None = None,
        return_std: typing.Literal[False] = False,
    ) -> numpy.typing.NDArray[numpy.float64]: ...
    @typing.overload
    def expval(
        self,
        inputs: numpy.typing.ArrayLike | None = None,
        weights: numpy.typing.ArrayLike | None = None,
        trajectories: typing.SupportsIndex | None = None,
        seed: typing.SupportsIndex | None = None,
        *,
        return_std: typing.Literal[True],
    ) -> tuple[numpy.typing.NDArray[numpy.float64], numpy.typing.NDArray[numpy.float64]]: ...
    @typing.overload
    def expval(
        self,
        inputs: numpy.typing.ArrayLike | None = None,
        weights: numpy.typing.ArrayLike | None = None,
        trajectories: typing.SupportsIndex | None = None,
        seed: typing.SupportsIndex | None = None,
        return_std: bool = False,
    ) -> (
        numpy.typing.NDArray[numpy.float64]
        | tuple[numpy.typing.NDArray[numpy.float64], numpy.typing.NDArray[numpy.float64]]
    ):
        """
        Expectation values at the end, shape (n_observables,), or (batch, n_observables) for a batch.

        inputs has shape (n_inputs,) or (batch, n_inputs), weights (n_weights,) or (batch, n_weights). Raises
        ValueError for another shape and for values that are not finite.

        >>> noise = NoiseModel().add(Channel.phase_flip(0.25))
        >>> noisy = compile_noisy(Circuit(1).ry(Parameter('a'), 0), ['X', 'Z'], noise)
        >>> noisy.expval(weights=[1.5707963267948966]).round(12)
        array([0.5, 0. ])
        >>> noisy.expval(weights=[0.0], trajectories=100, seed=1, return_std=True)[1]
        array([0., 0.])
        >>> noisy.expval(weights=[[0.0], [1.5707963267948966]]).round(12)
        array([[0. , 1. ],
               [0.5, 0. ]])
        """
    def jacobian(
        self,
        inputs: numpy.typing.ArrayLike | None = None,
        weights: numpy.typing.ArrayLike | None = None,
        trajectories: typing.SupportsIndex | None = None,
        seed: typing.SupportsIndex | None = None,
        return_std: bool = False,
        diff_method: str = "auto",
    ) -> tuple[numpy.typing.NDArray[numpy.float64], ...]:
        """
        Derivatives of the expectation values by all parameters: (inputs, weights).

        Shapes (n_observables, n_inputs) and (n_observables, n_weights), for a batch with (batch, ...) in
        front. diff_method is 'adjoint' (one run forwards and one back, however many angles there are; exact
        only), 'parameter-shift' (each gate's angle is shifted by itself, as its generator's spectrum demands,
        and the chain rule does the rest; each shifted circuit has trajectories of its own), or 'auto':
        adjoint, but parameter-shift for trajectories and where the memory is too small for adjoint.
        return_std appends the standard errors, (inputs_std, weights_std). Raises ValueError for another
        method and, by parameter-shift, for amplitudes given as parameters.

        >>> noise = NoiseModel().add(Channel.phase_flip(0.25))
        >>> noisy = compile_noisy(Circuit(1).ry(2 * Parameter('a'), 0), 'X', noise)
        >>> noisy.jacobian(weights=[0.0])[1].round(12)
        array([[1.]])
        """
    def vjp(
        self,
        cotangent: numpy.typing.ArrayLike,
        inputs: numpy.typing.ArrayLike | None = None,
        weights: numpy.typing.ArrayLike | None = None,
    ) -> tuple[numpy.typing.NDArray[numpy.float64], numpy.typing.NDArray[numpy.float64]]:
        """
        Gradients of sum(cotangent * values), exact, by the adjoint method: (inputs, weights).

        The cotangent has the shape of the values of expval(), the gradients have those of inputs and weights:
        where one row of weights serves a whole batch, its gradient is summed over the batch. One run forwards
        and one back a sample, however many observables and angles there are. Raises ValueError for another
        shape.

        >>> x = Parameter('x')
        >>> circuit = Circuit(1).ry(x, 0).rx(Parameter('w'), 0)
        >>> noise = NoiseModel().add(Channel.depolarizing(0.1))
        >>> noisy = compile_noisy(circuit, 'Z', noise, inputs=x)
        >>> noisy.vjp([[1.0], [1.0]], inputs=[[0.0], [0.0]], weights=[1.5707963267948966])[1].round(12)
        array([-1.62])
        """
    @property
    def inputs(self) -> list[str]:
        """
        Names of the parameters that carry data, in the order of the data's columns.
        """
    @property
    def n_observables(self) -> int:
        """
        The number of observables.
        """
    @property
    def n_qubits(self) -> int:
        """
        The number of qubits.
        """
    @property
    def precision(self) -> str:
        """
        'single' or 'double'.
        """
    @property
    def weights(self) -> list[str]:
        """
        Names of the weights, in order.
        """

class MinimizeResult:
    """
    What minimize() and searches over populations found.

    >>> prog = compile(Circuit(1).rx(Parameter('a'), 0), 'Z')
    >>> minimize(prog, [0.5], optimizer='rotosolve')
    <ketgrad.MinimizeResult: value -1 after 11 steps, converged>
    """

    __hash__: typing.ClassVar[None] = None  # type: ignore[assignment]
    def __eq__(self, other: object) -> bool: ...
    def __getstate__(
        self,
    ) -> tuple[
        numpy.typing.NDArray[numpy.float64], float, numpy.typing.NDArray[numpy.float64], bool, str
    ]: ...
    def __init__(
        self,
        weights: numpy.typing.ArrayLike,
        value: typing.SupportsFloat,
        history: typing.Any,
        converged: bool = False,
        message: str = "",
    ) -> None: ...
    def __reduce__(self) -> typing.Any:
        """
        Pickle as protocol 2 does, by any: what object does for 0 and 1 ends the process here.
        """
    def __repr__(self) -> str: ...
    def __setstate__(self, arg0: tuple[typing.Any, ...]) -> None: ...
    @property
    def converged(self) -> bool:
        """
        Whether the value stood still, the gradient was small, and no direction of negative curvature was found among those tried. Never of values from shots.
        """
    @property
    def history(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        The value at the start and after every step, shape (n_steps + 1,).
        """
    @property
    def message(self) -> str:
        """
        Why minimize() ended, and which of the tests of `converged` were passed.
        """
    @property
    def n_steps(self) -> int:
        """
        The number of steps taken.
        """
    @property
    def value(self) -> float:
        """
        The lowest value seen.
        """
    @property
    def weights(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        The weights of the lowest value seen, shape (n_weights,).
        """

class Model:
    """
    A trainable function: output_k = scale_k * <O_k> + bias_k.

    Its parameters are one vector: the circuit's weights, then the scales, then the biases. observables
    is one PauliSum, what it is made from such as 'ZI' or {'ZI': 0.5}, or a list of those, one an output.
    inputs and weights are as for compile().

    >>> c = Circuit(1).ry(Parameter('x'), 0).ry(Parameter('w'), 0)
    >>> model = Model(c, 'Z', inputs='x')
    >>> model.outputs([[0.0]])
    array([[1.]])
    >>> model.parameters
    array([0., 1., 0.])
    """
    @staticmethod
    def from_json(text: str) -> Model:
        """
        The model that to_json wrote. Raises ValueError naming what it cannot read.
        """
    def __copy__(self) -> Model: ...
    def __deepcopy__(self, memo: dict[typing.Any, typing.Any]) -> Model: ...
    def __getstate__(self) -> tuple[str]: ...
    def __init__(
        self,
        circuit: Circuit,
        observables: PauliSum
        | str
        | collections.abc.Mapping[str, typing.SupportsFloat]
        | collections.abc.Iterable[
            PauliSum | str | collections.abc.Mapping[str, typing.SupportsFloat]
        ],
        inputs: ParameterVector | Parameter | str | collections.abc.Iterable[typing.Any] | None,
        precision: str = "double",
        weights: ParameterVector
        | Parameter
        | str
        | collections.abc.Iterable[typing.Any]
        | None = None,
    ) -> None: ...
    def __reduce__(self) -> typing.Any:
        """
        Pickle as protocol 2 does, by any: what object does for 0 and 1 ends the process here.
        """
    def __repr__(self) -> str: ...
    def __setstate__(self, arg0: tuple[typing.Any, ...]) -> None: ...
    def copy(self) -> Model:
        """
        An independent copy.
        """
    def initialize(
        self, seed: typing.SupportsIndex | None = None, spread: typing.SupportsFloat = 0.5
    ) -> None:
        """
        Draw the circuit's weights uniformly from [-spread, spread]; seed None draws a fresh one.
        """
    def loss(
        self,
        loss: str,
        inputs: numpy.typing.ArrayLike,
        targets: numpy.typing.ArrayLike,
        sample_weight: numpy.typing.ArrayLike | None = None,
    ) -> float:
        """
        The weighted mean loss; targets have shape (samples, n_outputs), or (samples,) for one output.
        """
    def loss_and_gradient(
        self,
        loss: str,
        inputs: numpy.typing.ArrayLike,
        targets: numpy.typing.ArrayLike,
        sample_weight: numpy.typing.ArrayLike | None = None,
    ) -> tuple[float, numpy.typing.NDArray[numpy.float64]]:
        """
        The weighted mean loss and its gradient over all parameters.
        """
    def outputs(self, inputs: numpy.typing.ArrayLike) -> numpy.typing.NDArray[numpy.float64]:
        """
        Outputs, shape (samples, n_outputs), for inputs of shape (samples, n_inputs).
        """
    def to_json(self) -> str:
        """
        Everything, exactly, as JSON text.
        """
    @property
    def circuit(self) -> Circuit:
        """
        The circuit.
        """
    @property
    def n_inputs(self) -> int:
        """
        The number of inputs.
        """
    @property
    def n_outputs(self) -> int:
        """
        The number of outputs.
        """
    @property
    def n_parameters(self) -> int:
        """
        The number of trainable parameters.
        """
    @property
    def parameters(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        All trainable parameters, shape (n_parameters,).
        """
    @parameters.setter
    def parameters(self, arg1: numpy.typing.ArrayLike) -> None: ...

class Optimizer:
    """
    Steps against a gradient, for training loops of one's own.

    name is one of optimizer_names(gradient_only=True). None stands for a learning_rate of 0.01, a momentum
    (of momentum and nesterov) of 0.9 and a weight_decay (of adamw) of 0.01. Raises ValueError for an unknown
    name, for optimizers that need more than a gradient, which minimize() and Trainer have, for options out of
    range and for those of other optimizers.

    >>> import numpy as np
    >>> theta, optimizer = np.array([1.0, -1.0]), Optimizer('adam', learning_rate=0.1)
    >>> for _ in range(100):
    ...     theta = optimizer.step(theta, 2 * theta)
    >>> bool(abs(theta).max() < 0.01)
    True
    """

    __hash__: typing.ClassVar[None] = None  # type: ignore[assignment]
    def __eq__(self, other: object) -> bool: ...
    def __getstate__(self) -> tuple[str]: ...
    def __init__(
        self,
        name: str = "adam",
        learning_rate: typing.SupportsFloat | None = None,
        momentum: typing.SupportsFloat | None = None,
        weight_decay: typing.SupportsFloat | None = None,
    ) -> None: ...
    def __reduce__(self) -> typing.Any:
        """
        Pickle as protocol 2 does, by any: what object does for 0 and 1 ends the process here.
        """
    def __repr__(self) -> str: ...
    def __setstate__(self, arg0: tuple[typing.Any, ...]) -> None: ...
    def step(
        self,
        parameters: typing.Any,
        gradient: typing.Any,
        learning_rate_factor: typing.SupportsFloat = 1.0,
    ) -> numpy.typing.NDArray[numpy.float64]:
        """
        The parameters after one step, in the shape given; the factor is a schedule's. Raises ValueError, and remembers nothing, for sizes that do not fit and a gradient that is not finite.
        """
    @property
    def steps(self) -> int:
        """
        The number of steps so far.
        """

class Trainer:
    """
    Minimises a model's loss over mini-batches, in C++ and without the GIL.

    The order of the samples depends on (seed, epoch) alone; seed None draws a fresh one. Ctrl-C leaves the
    model as the last finished step left it. Options that an optimizer does not have are refused; None takes a
    learning_rate (all but l-bfgs) of 0.01, a momentum (momentum, nesterov) of 0.9 and a weight_decay (adamw) of
    0.01. Early stopping ends after `patience` (None: 10) epochs in which the watched loss (of the
    validation_fraction held out, or without one of the training) was not lower by tolerance (None: 1e-4) than
    the best, whose parameters are restored.

    >>> import numpy as np
    >>> model = make_model(1, n_layers=2); model.initialize(seed=1)
    >>> x = np.linspace(-1, 1, 32)[:, None]
    >>> trainer = Trainer(model, loss='squared', learning_rate=0.05, epochs=60, seed=0)
    >>> trainer.fit(x, np.sin(x[:, 0]))
    >>> trainer.history[-1]['loss'] < 0.02
    True
    """
    @staticmethod
    def from_json(text: str) -> Trainer:
        """
        The trainer that to_json wrote; it goes on to the same bits. Raises ValueError naming what it cannot read.
        """
    def __copy__(self) -> Trainer: ...
    def __getstate__(self) -> tuple[str]: ...
    def __init__(
        self,
        model: Model,
        *,
        loss: str = "cross_entropy",
        optimizer: str = "adam",
        learning_rate: typing.SupportsFloat | None = None,
        schedule: str = "constant",
        epochs: typing.SupportsIndex = 100,
        batch_size: typing.SupportsIndex = 32,
        early_stopping: bool = False,
        validation_fraction: typing.SupportsFloat = 0.0,
        patience: typing.SupportsIndex | None = None,
        tolerance: typing.SupportsFloat | None = None,
        seed: typing.SupportsIndex | None = None,
        momentum: typing.SupportsFloat | None = None,
        weight_decay: typing.SupportsFloat | None = None,
    ) -> None: ...
    def __reduce__(self) -> typing.Any:
        """
        Pickle as protocol 2 does, by any: what object does for 0 and 1 ends the process here.
        """
    def __setstate__(self, arg0: tuple[typing.Any, ...]) -> None: ...
    def fit(
        self,
        inputs: numpy.typing.ArrayLike,
        targets: numpy.typing.ArrayLike,
        sample_weight: numpy.typing.ArrayLike | None = None,
        callback: collections.abc.Callable[[dict[str, float]], typing.Any] | None = None,
        *,
        checkpoint: os.PathLike[str] | str | None = None,
        checkpoint_every: typing.SupportsIndex = 1,
    ) -> None:
        """
        Train for the epochs asked for, or until early stopping.

        targets have shape (samples, n_outputs), or (samples,) for a model of one output. callback(record) is
        called after every epoch; training ends where it returns False. With a checkpoint (a path) the trainer
        is written there, whole or not at all, every checkpoint_every epochs and at the end: after a crash,
        Trainer.from_json(text).resume(inputs, targets) goes on to the same bits.
        """
    def is_fit_of(
        self,
        inputs: numpy.typing.ArrayLike,
        targets: numpy.typing.ArrayLike,
        sample_weight: numpy.typing.ArrayLike | None = None,
    ) -> bool:
        """
        Whether a fit on exactly these data is unfinished, so that resume() can go on with it.

        >>> Trainer(make_model(1, n_layers=1), loss='squared').is_fit_of([[0.1]], [0.5])
        False
        """
    def resume(
        self,
        inputs: numpy.typing.ArrayLike,
        targets: numpy.typing.ArrayLike,
        sample_weight: numpy.typing.ArrayLike | None = None,
        callback: collections.abc.Callable[[dict[str, float]], typing.Any] | None = None,
        *,
        checkpoint: os.PathLike[str] | str | None = None,
        checkpoint_every: typing.SupportsIndex = 1,
    ) -> None:
        """
        Go on with a fit that a checkpoint was taken of, on the same data.

        Raises ValueError where no fit is unfinished, or the data are not those of that fit.

        >>> trainer = Trainer(make_model(1, n_layers=1), loss='squared', epochs=2)
        >>> trainer.fit([[0.1]], [[0.5]])
        >>> trainer.resume([[0.1]], [[0.5]])
        Traceback (most recent call last):
        ValueError: there is no unfinished fit to resume
        """
    def step_epoch(
        self,
        inputs: numpy.typing.ArrayLike,
        targets: numpy.typing.ArrayLike,
        sample_weight: numpy.typing.ArrayLike | None = None,
    ) -> dict[str, float]:
        """
        Train one more epoch and return its record.
        """
    def to_json(self) -> str:
        """
        Everything, exactly, as JSON text: model, optimizer's memory, options and history.

        >>> trainer = Trainer(make_model(1, n_layers=1), loss='squared')
        >>> _ = trainer.step_epoch([[0.1], [0.2]], [[0.0], [1.0]])
        >>> again = Trainer.from_json(trainer.to_json())
        >>> again.history[0]['loss'] == trainer.history[0]['loss']
        True
        """
    @property
    def history(self) -> list[dict[str, float]]:
        """
        One dict an epoch: epoch, loss, validation_loss (NaN without a validation split), learning_rate.
        """
    @property
    def model(self) -> Model:
        """
        A copy of the model as it is now.
        """
    @property
    def stopped_early(self) -> bool:
        """
        Whether the last fit() ended because the watched loss had stopped improving, and not after all epochs.
        """

def _pass_seconds(
    circuits: collections.abc.Sequence[Circuit],
    n_qubits: typing.SupportsIndex,
    precision: str = "double",
    repeats: typing.SupportsIndex = 5,
    min_seconds: typing.SupportsFloat = 0.0001,
) -> numpy.typing.NDArray[numpy.float64]:
    """
    Time circuits without parameters on a state: seconds, shape (repeats, 1 + len(circuits)).

    Column 0 is an in-place scale of the state, the plainest pass over its memory; the columns of a row
    are measured one after the other. Each figure is the mean over as many runs as take min_seconds.

    >>> _pass_seconds([Circuit(3).h(0)], 3, repeats=2).shape
    (2, 2)
    """

def _peak_flops(threads: typing.SupportsIndex = 1) -> float:
    """
    Operations a second of multiply-adds in double precision, kept in registers, on that many threads.

    >>> _peak_flops() > 1e8
    True
    """

def _program_seconds(
    program: Program, weights: numpy.typing.ArrayLike, repeats: typing.SupportsIndex = 5
) -> numpy.typing.NDArray[numpy.float64]:
    """
    Time a program without inputs: seconds of a forward run and of forward and gradient, shape (repeats, 2).

    >>> prog = compile(Circuit(1).rx(Parameter('a'), 0), PauliSum('Z'))
    >>> _program_seconds(prog, [0.5], repeats=3).shape
    (3, 2)
    """

def _real(value: typing.Any, what: str) -> float:
    """
    A number as float, where it is real: the rule of all arguments, for those that Python reads.

    >>> _real(1 + 0j, 'gamma')
    1.0
    >>> _real(2j, 'gamma')
    Traceback (most recent call last):
    TypeError: gamma must be a real number, not 2j (complex), which has an imaginary part
    """

def _real_array(values: typing.Any, what: str) -> numpy.typing.NDArray[numpy.float64]:
    """
    Numbers as an array of float64, where they are real: the rule of all arguments.

    >>> _real_array([1, 2 + 0j], 'weights')
    array([1., 2.])
    """

def _try_file(path: bytes) -> None:
    """
    Raise the OSError that _write_whole would; leaves nothing.
    """

def _why_not_real(value: typing.Any) -> str | None:
    """
    What is wrong with a real number, for messages; None where it is one.
    """

def _write_whole(path: bytes, data: bytes) -> None:
    """
    Write a file as a whole or not at all; OSError as of open().
    """

def amplitude_map(n_features: typing.SupportsIndex) -> Circuit:
    """
    The features as amplitudes, normalised when the circuit runs, on ceil(log2(n_features)) qubits.

    >>> amplitude_map(8).n_qubits
    3
    """

def angle_map(
    n_features: typing.SupportsIndex, n_qubits: typing.SupportsIndex = 0, rotation: str = "ry"
) -> Circuit:
    """
    Each feature x[k] as the angle of a rotation on qubit k mod n_qubits (0: one qubit a feature).

    >>> angle_map(2).parameters
    ['x[0]', 'x[1]']
    """

def ansatz(
    name: str, n_qubits: typing.SupportsIndex, n_layers: typing.SupportsIndex, entangle: bool = True
) -> Circuit:
    """
    An ansatz by name; entangle=False leaves out its entangling gates (the separable ablation).

    >>> ansatz('basic_entangler', 2, 1, entangle=False).count_gates()
    {'rx': 2}
    """

def ansatz_layers(
    name: str, n_qubits: typing.SupportsIndex, n_layers: typing.SupportsIndex, entangle: bool = True
) -> list[Circuit]:
    """
    The layers of an ansatz, each with its own range of the weights w.

    >>> len(ansatz_layers('two_local', 2, 3))
    3
    """

def ansatz_names() -> list[str]:
    """
    The names ansatz() takes.
    """

def available_memory() -> int:
    """
    Bytes that a new state may take.
    """

def basic_entangler(
    n_qubits: typing.SupportsIndex, n_layers: typing.SupportsIndex, rotation: str = "rx"
) -> Circuit:
    """
    One rotation on every qubit, then a ring of CNOTs, n_layers times.

    >>> basic_entangler(3, 1).count_gates()
    {'cx': 3, 'rx': 3}
    """

def bloch_vectors(
    program: Program,
    inputs: numpy.typing.ArrayLike | None = None,
    weights: numpy.typing.ArrayLike | None = None,
) -> numpy.typing.NDArray[numpy.float64]:
    """
    <X>, <Y> and <Z> of every qubit, shape (n_qubits, 3), or (batch, n_qubits, 3) for a batch.

    Inputs and weights are as those of the program's methods.

    >>> bloch_vectors(compile(Circuit(2).h(0).x(1))).round(6) + 0
    array([[ 1.,  0.,  0.],
           [ 0.,  0., -1.]])
    """

def class_probabilities(
    outputs: numpy.typing.ArrayLike, n_classes: typing.SupportsIndex, loss: str = "cross_entropy"
) -> numpy.typing.NDArray[numpy.float64]:
    """
    Probabilities, shape (samples, n_classes), from a classifier's outputs.

    >>> class_probabilities([[0.0]], 2)
    array([[0.5, 0.5]])
    """

def class_targets(
    index: numpy.typing.ArrayLike, n_classes: typing.SupportsIndex, loss: str = "cross_entropy"
) -> numpy.typing.NDArray[numpy.float64]:
    """
    Targets of a classifier, shape (samples, outputs): one output for two classes, else one each.

    >>> class_targets([0, 1], 2).ravel()
    array([0., 1.])
    """

def compile(
    circuit: Circuit,
    observables: MatrixObservable
    | PauliSum
    | str
    | collections.abc.Mapping[str, typing.SupportsFloat]
    | collections.abc.Iterable[
        MatrixObservable | PauliSum | str | collections.abc.Mapping[str, typing.SupportsFloat]
    ] = (),
    inputs: ParameterVector | Parameter | str | collections.abc.Iterable[typing.Any] | None = None,
    precision: str = "double",
    weights: ParameterVector | Parameter | str | collections.abc.Iterable[typing.Any] | None = None,
    engine: str | None = None,
) -> Program:
    """
    Compile a circuit and the observables measured at its end.

    observables is one PauliSum, what it is made from such as 'ZI' (qubit 0 rightmost) or {'ZI': 0.5}, or
    MatrixObservable, or a list of those. inputs names the parameters that carry data, in the order of the data's columns: a
    ParameterVector, Parameter or name, or a list of those; the name of a vector stands for all its
    elements. An element that the circuit does not use is an unused column if it uses another element of
    that vector; ValueError for any other input that the circuit lacks, and for observables over more
    qubits than it has. precision is 'double' or 'single'.

    All other parameters are weights: by first appearance, but the elements of a vector together, in its
    order and all of them, so that an array in the order of the vector fits. weights, named as inputs are,
    says another order; it must name every parameter that is no input (ValueError otherwise), and what it
    names beside those has derivative 0.

    engine is 'blocks', 'stages' or 'tiles' to have the program run so and not as is fastest
    (Program.engine); files do not keep it.

    >>> x, w = ParameterVector('x', 2), ParameterVector('w', 2)
    >>> c = Circuit(2).ry(x[0], 0).ry(x[1], 1).cx(0, 1).rx(w[0], 0).rx(w[1], 1)
    >>> prog = compile(c, ['ZI', 'IZ'], inputs=x)
    >>> prog.inputs, prog.weights
    (['x[0]', 'x[1]'], ['w[0]', 'w[1]'])
    >>> a, b = ParameterVector('a', 2), ParameterVector('b', 3)
    >>> c2 = Circuit(1).rx(b[1], 0).ry(a[0], 0).rx(a[1], 0).ry(b[0], 0)
    >>> compile(c2).weights
    ['b[0]', 'b[1]', 'b[2]', 'a[0]', 'a[1]']
    >>> compile(c2, weights=[a, b[0], b[1]]).weights
    ['a[0]', 'a[1]', 'b[0]', 'b[1]']
    >>> prog.expval(inputs=[[0.1, 0.2], [0.3, 0.4]], weights=[0.5, 0.6]).shape
    (2, 2)
    """

def compile_noisy(
    circuit: Circuit,
    observables: MatrixObservable
    | PauliSum
    | str
    | collections.abc.Mapping[str, typing.SupportsFloat]
    | collections.abc.Iterable[
        MatrixObservable | PauliSum | str | collections.abc.Mapping[str, typing.SupportsFloat]
    ],
    noise: NoiseModel | None = None,
    inputs: ParameterVector | Parameter | str | collections.abc.Iterable[typing.Any] | None = None,
    precision: str = "double",
    weights: ParameterVector | Parameter | str | collections.abc.Iterable[typing.Any] | None = None,
) -> NoisyProgram:
    """
    Prepare a circuit with noise for expectation values and their gradients.

    The circuit may have measurements, resets, channels and conditions of its own; noise is a NoiseModel.
    observables, inputs, precision and weights are as for compile(). Observables are of the state:
    measured bits, and readout errors, matter through conditions only.

    >>> noise = NoiseModel().add(Channel.depolarizing(0.1))
    >>> compile_noisy(Circuit(1).rx(Parameter('a'), 0), 'Z', noise).expval(weights=[0.0])
    array([0.9])
    """

def cos(a: Expression | Parameter | typing.SupportsFloat) -> Expression:
    """
    cos(a) of a parameter, expression or number, as an Expression.

    >>> cos(Parameter('x'))
    Expression('cos(x)')
    """

def embedding(
    n_features: typing.SupportsIndex,
    feature_map: str | Circuit = "angle",
    ansatz: str | Circuit | None = None,
    n_qubits: typing.SupportsIndex = 0,
    n_layers: typing.SupportsIndex = 1,
    entangle: bool = True,
) -> Circuit:
    """
    The circuit of a quantum kernel: the feature map, then a layer of the ansatz, n_layers times.

    feature_map and ansatz are names or circuits, as of make_model(); without an ansatz there are no
    weights. A map that sets amplitudes stands once. Raises ValueError for parts that do not fit.

    >>> embedding(2, 'iqp', n_layers=2).count_gates()
    {'h': 4, 'rz': 4, 'rzz': 2}
    >>> embedding(2, ansatz='basic_entangler', n_layers=2).parameters
    ['x[0]', 'x[1]', 'w[0]', 'w[1]', 'w[2]', 'w[3]']
    """

def entanglement_names() -> list[str]:
    """
    The names of the entanglement patterns.
    """

def entangling_pairs(
    pattern: str, n_qubits: typing.SupportsIndex, layer: typing.SupportsIndex = 0
) -> list[tuple[int, int]]:
    """
    The (control, target) pairs of an entanglement pattern.

    >>> entangling_pairs('ring', 3)
    [(0, 1), (1, 2), (2, 0)]
    """

def exp(a: Expression | Parameter | typing.SupportsFloat) -> Expression:
    """
    exp(a) of a parameter, expression or number, as an Expression.

    >>> exp(Parameter('x'))
    Expression('exp(x)')
    """

def feature_map(
    name: str,
    n_features: typing.SupportsIndex,
    n_qubits: typing.SupportsIndex = 0,
    reps: typing.SupportsIndex = 2,
) -> Circuit:
    """
    A feature map by name: 'angle', 'amplitude', 'iqp' or 'zz'.

    >>> feature_map('angle', 3).n_qubits
    3
    """

def feature_map_names() -> list[str]:
    """
    The names feature_map() takes.
    """

def fidelity(
    a: Program,
    b: Program,
    *,
    a_inputs: typing.Any | None = None,
    a_weights: typing.Any | None = None,
    b_inputs: typing.Any | None = None,
    b_weights: typing.Any | None = None,
) -> numpy.typing.NDArray[numpy.float64]:
    """
    Fidelities |<a|b>|**2 of the final states of two programs, shape () or (batch,).

    Arguments and errors as of overlap().

    >>> prog = compile(Circuit(1).ry(Parameter('a'), 0))
    >>> fidelity(prog, prog, a_weights=[0.0], b_weights=[[0.0], [1.0]]).round(6)
    array([1.      , 0.770151])
    """

def fidelity_kernel(
    program: Program,
    X: typing.Any | None = None,
    Y: typing.Any | None = None,
    weights: numpy.typing.ArrayLike | None = None,
) -> numpy.typing.NDArray[numpy.float64]:
    """
    The fidelity kernel |<phi(x)|phi(y)>|**2, shape (len(X), len(Y)) or (len(X), len(X)).

    phi(x) is the final state of the program at the inputs x (Havlicek et al. 2019, arXiv:1804.11326). X
    and Y have shape (n_samples, n_inputs), weights (n_weights,). Without Y it is the Gram matrix of X:
    symmetric, with ones on the diagonal and positive semi-definite up to rounding; weights may then have
    a row for every sample. Every state is prepared once (again where memory does not hold them all), and
    one matrix product has all overlaps. Raises ValueError for shapes that do not fit and MemoryError for
    a matrix larger than memory.

    >>> prog = compile(iqp_map(2), inputs='x')
    >>> fidelity_kernel(prog, [[0.1, 0.2], [0.3, 0.4]]).round(4)
    array([[1.    , 0.1035],
           [0.1035, 1.    ]])
    >>> fidelity_kernel(prog, [[0.1, 0.2]], [[0.3, 0.4]]).shape
    (1, 1)
    """

def fidelity_vjp(
    cotangent: numpy.typing.ArrayLike,
    a: Program,
    b: Program,
    *,
    a_inputs: typing.Any | None = None,
    a_weights: typing.Any | None = None,
    b_inputs: typing.Any | None = None,
    b_weights: typing.Any | None = None,
) -> tuple[
    tuple[numpy.typing.NDArray[numpy.float64], numpy.typing.NDArray[numpy.float64]],
    tuple[numpy.typing.NDArray[numpy.float64], numpy.typing.NDArray[numpy.float64]],
]:
    """
    Gradients of sum(cotangent * fidelity): ((inputs, weights) of a, the same of b).

    The cotangent has the shape of the fidelity. Other arguments and errors as of overlap().

    >>> prog = compile(Circuit(1).ry(Parameter('a'), 0))
    >>> of_a, of_b = fidelity_vjp(1.0, prog, prog, a_weights=[0.0], b_weights=[1.0])
    >>> of_b[1].round(6)  # fidelity = cos((b - a) / 2)**2
    array([-0.420735])
    """

def hardware_efficient(
    n_qubits: typing.SupportsIndex, n_layers: typing.SupportsIndex, pattern: str = "ring"
) -> Circuit:
    """
    RX RY RZ on every qubit, then CNOTs on the pairs of the pattern, n_layers times.

    3 * n_qubits * n_layers weights w[k] (Kandala et al. 2017, arXiv:1704.05018).

    >>> len(hardware_efficient(4, 2).parameters)
    24
    """

def iqp_map(
    n_features: typing.SupportsIndex, reps: typing.SupportsIndex = 2, entanglement: str = "full"
) -> Circuit:
    """
    The second-order (ZZ) feature map of Havlicek et al. 2019 (arXiv:1804.11326).

    H on every qubit, RZ(2 x_i), and RZZ(2 (pi - x_i)(pi - x_j)) on the pairs of the pattern, reps times.

    >>> iqp_map(3, reps=1).count_gates()
    {'h': 3, 'rz': 3, 'rzz': 3}
    """

def log(a: Expression | Parameter | typing.SupportsFloat) -> Expression:
    """
    log(a) of a parameter, expression or number, as an Expression.

    >>> log(Parameter('x'))
    Expression('log(x)')
    """

def loss_names() -> list[str]:
    """
    The losses.
    """

def make_model(
    n_features: typing.SupportsIndex,
    n_outputs: typing.SupportsIndex = 1,
    feature_map: str | Circuit = "angle",
    ansatz: str | Circuit = "strongly_entangling",
    n_qubits: typing.SupportsIndex = 0,
    n_layers: typing.SupportsIndex = 3,
    reupload: bool = True,
    scale_inputs: bool = False,
    entangle: bool = True,
    precision: str = "double",
    observables: PauliSum
    | str
    | collections.abc.Mapping[str, typing.SupportsFloat]
    | collections.abc.Iterable[PauliSum | str | collections.abc.Mapping[str, typing.SupportsFloat]]
    | None = None,
) -> Model:
    """
    A model: the feature map before every layer of the ansatz, then readout() or `observables`.

    feature_map and ansatz are names or circuits: a map with the parameters x[0] to x[n_features - 1],
    and one layer, whose every repetition has weights of its own. n_qubits=0 takes one qubit a feature,
    at most 8. observables is a PauliSum, what it is made from such as 'ZI', or a list of those. Raises
    ValueError for parts that do not fit each other.

    >>> make_model(2, n_layers=2)
    <ketgrad.Model: 2 qubits, 2 inputs, 1 outputs, 14 parameters>
    >>> layer = Circuit(2).rx(Parameter('a'), 0).cx(0, 1)
    >>> make_model(2, ansatz=layer, n_layers=2).circuit.parameters
    ['x[0]', 'x[1]', 'w[0]', 'w[1]']
    """

def minimize(
    program: Program,
    weights: numpy.typing.ArrayLike,
    *,
    optimizer: str = "adam",
    learning_rate: typing.SupportsFloat | None = None,
    steps: typing.SupportsIndex = 1000,
    inputs: numpy.typing.ArrayLike | None = None,
    coefficients: typing.Any | None = None,
    shots: typing.SupportsIndex | None = None,
    seed: typing.SupportsIndex | None = None,
    tolerance: typing.SupportsFloat = 1e-08,
    patience: typing.SupportsIndex = 10,
    callback: collections.abc.Callable[[dict[str, float]], typing.Any] | None = None,
    momentum: typing.SupportsFloat | None = None,
    weight_decay: typing.SupportsFloat | None = None,
    perturbation: typing.SupportsFloat | None = None,
    resamplings: typing.SupportsIndex | None = None,
    regularization: typing.SupportsFloat | None = None,
    metric: str | None = None,
) -> MinimizeResult:
    """
    Minimise expectation values over a program's weights, from weights of shape (n_weights,).

    The value is sum(coefficients * expval), coefficients of shape (n_observables,) being 1 unless given,
    and its mean over the rows of inputs. Runs in C++ without the GIL; Ctrl-C ends it. minimizer_names()
    lists the optimizers:

    sgd, momentum, nesterov, rmsprop, adam, adamw  as in Trainer
    qng        natural gradient: steps by the inverse of metric_tensor(approx=metric) plus regularization
               (Stokes et al. 2020, arXiv:1909.02108)
    spsa       two values a step, whatever the number of weights, at +- perturbation along random signs,
               averaged over `resamplings` (Spall 1998). Steps shrink as learning_rate / t**0.602, in
               units in which the first changes every weight by about learning_rate (its size is found
               from 32 values at the start)
    qnspsa     the same with a metric estimated from four fidelities (Gacon et al. 2021, arXiv:2103.09232)
    rotosolve  one weight after the other to its lowest value (Ostaszewski et al. 2021, arXiv:1905.09692).
               Only where all angles are linear in each weight, as in rx(2 * w[0] + x[0]): ValueError naming
               the weight for others, for weights in amplitudes and for more than 64 frequencies.
    l-bfgs     quasi-Newton with a line search, for exact values (Nocedal & Wright 2006)

    Options that an optimizer does not have are refused. None takes a learning_rate (all but rotosolve and
    l-bfgs) of 0.1, of spsa 0.6, of qnspsa 0.03; a momentum (momentum, nesterov) of 0.9; a weight_decay (adamw) of
    0.01; a perturbation (spsa, qnspsa) of 0.1 and resamplings of 1; a regularization (qng, qnspsa) of 1e-3, of
    qnspsa 0.1; the metric (qng) 'full'.
    With shots, values are estimates and gradients come from parameter shift; metrics and fidelities stay
    exact; the result then is the last place with a value drawn anew, as the lowest value seen would be a
    lucky draw. seed (None: fresh) is that of shots and random directions.

    tolerance, from 0 to below 1, is a share of the size s of the observables, sum(|coefficient|) of their
    strings other than the identity (of a matrix half the width of its spectrum), times |coefficients|: the
    test does not depend on the unit of the values. The optimizers' steps do: learning rates are for values of
    about 1.

    Where the values of `patience` steps in a row lie within tolerance * s, exact ones are tested: the gradient
    has to be small (sqrt(tolerance) * s), and nothing may be lower along the direction of lowest curvature, so
    far as Lanczos iterations on the Hessian tell, and along four random ones. Then the result has converged.
    From a saddle or a maximum the next step leads down instead, and the optimizer begins afresh there. Shots cannot show that a minimum was found: values from
    them that stand still end it too, but never count as converged. Otherwise it ends after `steps` steps, or
    where callback({'step', 'value', 'weights'}), called after every step, returns False; the result's message
    says which. Raises ValueError for options out of range.

    >>> a, b = Parameter('a'), Parameter('b')
    >>> prog = compile(Circuit(2).ry(a, 0).cx(0, 1).ry(b, 1), {'XX': 0.5, 'ZI': 1.0})
    >>> result = minimize(prog, [0.1, 0.2], optimizer='l-bfgs')
    >>> round(result.value, 6), result.converged
    (-1.118034, True)
    """

def minimizer_names() -> list[str]:
    """
    The optimizers that minimize() takes.
    """

def num_threads() -> int:
    """
    The number of threads in use.
    """

def optimizer_names(gradient_only: bool = False) -> list[str]:
    """
    The optimizers of a Trainer, which run in C++, or of those the ones that need a gradient and nothing else, as an Optimizer gets it; minimize() takes more.
    """

def overlap(
    a: Program,
    b: Program,
    *,
    a_inputs: typing.Any | None = None,
    a_weights: typing.Any | None = None,
    b_inputs: typing.Any | None = None,
    b_weights: typing.Any | None = None,
) -> numpy.typing.NDArray[numpy.complex128]:
    """
    Overlaps <a|b> of the final states of two programs, complex, shape () or (batch,).

    Inputs and weights of each have the shapes that its own methods take; where one has no batch axis, it
    stands for every sample of the other. Raises ValueError for different numbers of qubits or samples and
    for different precisions.

    >>> prog = compile(Circuit(1).ry(Parameter('a'), 0))
    >>> overlap(prog, prog, a_weights=[0.0], b_weights=[[0.0], [1.0]]).round(6)
    array([1.      +0.j, 0.877583+0.j])
    """

def overlap_vjp(
    cotangent: numpy.typing.ArrayLike,
    a: Program,
    b: Program,
    *,
    a_inputs: typing.Any | None = None,
    a_weights: typing.Any | None = None,
    b_inputs: typing.Any | None = None,
    b_weights: typing.Any | None = None,
) -> tuple[
    tuple[numpy.typing.NDArray[numpy.float64], numpy.typing.NDArray[numpy.float64]],
    tuple[numpy.typing.NDArray[numpy.float64], numpy.typing.NDArray[numpy.float64]],
]:
    """
    Gradients of Re(sum(conj(cotangent) * overlap)): ((inputs, weights) of a, the same of b).

    The cotangent has the shape of the overlap; gradients have the shapes that Program.vjp gives them.
    Other arguments and errors as of overlap().

    >>> prog = compile(Circuit(1).ry(Parameter('a'), 0))
    >>> of_a, of_b = overlap_vjp(1.0, prog, prog, a_weights=[0.0], b_weights=[1.0])
    >>> of_b[1].round(6)  # overlap = cos((b - a) / 2)
    array([-0.239713])
    """

def projected_kernel(
    program: Program,
    X: typing.Any | None = None,
    Y: typing.Any | None = None,
    weights: numpy.typing.ArrayLike | None = None,
    gamma: typing.SupportsFloat = 1.0,
) -> numpy.typing.NDArray[numpy.float64]:
    """
    The projected kernel exp(-gamma sum_q ||rho_q(x) - rho_q(y)||**2), of the shapes of fidelity_kernel().

    rho_q(x) is the reduced state of qubit q, the norm Frobenius' (Huang et al. 2021, arXiv:2011.01938):
    a Gaussian of the distance between Bloch vectors, with a factor of gamma / 2. Raises what
    fidelity_kernel() does, and ValueError unless gamma is positive and finite.

    >>> prog = compile(angle_map(1), inputs='x')
    >>> projected_kernel(prog, [[0.0], [3.141592653589793]]).round(4)
    array([[1.    , 0.1353],
           [0.1353, 1.    ]])
    """

def readout(n_qubits: typing.SupportsIndex, n_outputs: typing.SupportsIndex) -> list[PauliSum]:
    """
    The observables make_model reads: sums of Z, then X, then Y over groups of qubits.

    Up to three outputs read all qubits; more share the qubits out, up to 3 * n_qubits of them. Raises
    ValueError for more.

    >>> readout(3, 2)
    [PauliSum('IIZ + IZI + ZII'), PauliSum('IIX + IXI + XII')]
    """

def reupload(
    feature_map: Circuit, layers: collections.abc.Sequence[Circuit], scale_inputs: bool = False
) -> Circuit:
    """
    Data re-uploading (Perez-Salinas et al. 2020, arXiv:1907.02085): the map before every layer.

    With scale_inputs, layer l multiplies parameter k of the map by the weight s[l * d + k].

    >>> reupload(angle_map(2), ansatz_layers('basic_entangler', 2, n_layers=3)).count_gates()
    {'cx': 3, 'rx': 6, 'ry': 6}
    """

def schedule_names() -> list[str]:
    """
    The learning-rate schedules.
    """

def set_num_threads(threads: typing.SupportsIndex) -> None:
    """
    Set how many threads are used from now on; 0 restores the default.

    >>> set_num_threads(1)
    >>> num_threads()
    1
    >>> set_num_threads(0)
    """

def set_simd_target(name: str) -> None:
    """
    Use the named instruction set from now on, '' for the best.

    The environment variable KETGRAD_TARGET does the same from the start. Raises ValueError for a name
    that is not in simd_targets().

    >>> set_simd_target('')
    """

def shift_rule(frequencies: numpy.typing.ArrayLike) -> list[tuple[float, float]]:
    """
    The parameter-shift rule of a function with these frequencies, as (coefficient, shift).

    >>> [(round(c, 3), round(s, 3)) for c, s in shift_rule([1.0])]
    [(0.5, 1.571), (-0.5, -1.571)]
    """

def simd_target() -> str:
    """
    The instruction set in use.
    """

def simd_targets() -> list[str]:
    """
    The instruction sets this build and this processor have, best first.

    >>> 'SCALAR' in simd_targets() or 'NEON' in simd_targets()
    True
    """

def sin(a: Expression | Parameter | typing.SupportsFloat) -> Expression:
    """
    sin(a) of a parameter, expression or number, as an Expression.

    >>> sin(Parameter('x'))
    Expression('sin(x)')
    """

def sqrt(a: Expression | Parameter | typing.SupportsFloat) -> Expression:
    """
    sqrt(a) of a parameter, expression or number, as an Expression.

    >>> sqrt(Parameter('x'))
    Expression('sqrt(x)')
    """

def strongly_entangling(n_qubits: typing.SupportsIndex, n_layers: typing.SupportsIndex) -> Circuit:
    """
    RZ RY RZ on every qubit and CNOTs of growing range (Schuld et al. 2020, arXiv:1804.00633).

    >>> strongly_entangling(3, 2).count_gates()
    {'cx': 6, 'ry': 6, 'rz': 12}
    """

def tan(a: Expression | Parameter | typing.SupportsFloat) -> Expression:
    """
    tan(a) of a parameter, expression or number, as an Expression.

    >>> tan(Parameter('x'))
    Expression('tan(x)')
    """

def two_local(
    n_qubits: typing.SupportsIndex,
    n_layers: typing.SupportsIndex,
    rotations: collections.abc.Sequence[str] = ("ry", "rz"),
    entangler: str = "cx",
    pattern: str = "linear",
    final_rotation: bool = True,
) -> Circuit:
    """
    Any rotations and any two-qubit entangler on any pattern, n_layers times.

    >>> two_local(3, 1, ['ry'], 'crx', 'full', final_rotation=False).count_gates()
    {'crx': 3, 'ry': 3}
    """

__version__: str
_libraries: dict[str, str]
