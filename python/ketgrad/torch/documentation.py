"""What the documentation of this room shares."""

from ketgrad._docs import documented

document = documented(
    program="""
        program : Program, Model, ketgrad.layers.Layer or NoisyProgram
            Made by :func:`ketgrad.compile`, of layers, or by :func:`ketgrad.compile_noisy`.""",
    of="""
        {"expval", "probs"}, default="expval"
            Expectation values of the program's observables, or probabilities.""",
    qubits="""
        int or sequence of int, default=None
            The qubits whose probabilities are meant, as in ``Program.probs``; None for all.""",
    not_a_function="""
        TypeError
            For anything but what is named above.
        ValueError
            For another `of`, for qubits that are not the program's, repeated, or given without
            ``of="probs"``, and for a program without observables, or without parameters.""",
)
