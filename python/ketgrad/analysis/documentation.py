"""What the documentation of this room's functions shares."""

from ketgrad._docs import documented
from ketgrad._jobs import DOCUMENTATION

document = documented(
    state_program="""
        Program or Circuit
            Prepares the states; a circuit whose parameters are all weights is compiled.""",
    weighted_program="""
        Program or Circuit
            With weights; a circuit whose parameters are all weights is compiled.""",
    sample="""
        array-like of shape (n_inputs,), default=None
            The sample, for a program with inputs.""",
    seed_of_weights="""
        int, default=None
            Of the weights; None takes fresh entropy.""",
    samples_and_target="""
        program : Program
            Prepares the states; its inputs are the features.
        X : array-like of shape (n_samples, n_inputs)
            The samples.
        target : array-like of shape (n_samples, n_samples)
            What the kernel should be, as of :func:`ketgrad.kernel_target_alignment`.""",
    kernel="""
        center : bool, default=False
            Whether the kernels are centred first.
        kernel : {"fidelity", "projected"}, default="fidelity"
            :func:`ketgrad.fidelity_kernel` or :func:`ketgrad.projected_kernel`.
        gamma : float, default=1.0
            Of the projected kernel.""",
    optimizer="""
        str, default="adam"
            One of ``optimizer_names(gradient_only=True)``.""",
    best="""
        Returns
        -------
        result : MinimizeResult
            The best weights that were seen; its history is the best loss up to each step.

        Raises
        ------
        ValueError
            For numbers out of range, shapes that do not fit and losses that are not finite.""",
    ending="""
        target : float, default=None
            Ends the search once a loss is no higher.
        patience : int, default=None
            Ends it where the best loss has fallen by no more than tolerance in so many steps.
        tolerance : float, default=0.0
            See patience.
        callback : callable, default=None
            Called after every step with the number of the ``step``, and the ``value`` and the
            ``weights`` of the best so far, in a dict; False ends the search.
        seed : int, default=None
            Of all random numbers; None takes fresh entropy.""",
    n_jobs=DOCUMENTATION,
    jobs_of_rows="""
        n_jobs : int, default=None
            Jobs of joblib, by the backend of its ``parallel_config``; -1 is one a processor. The
            loss is then called with parts of the rows, 8 or more each (with all, where there are
            less than 16), that depend on their number alone. None is as many as
            ``parallel_config`` says, where there is one, and else one call a batch.""",
    too_large="""
        MemoryError
            For a population larger than memory.""",
)
