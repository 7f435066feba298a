"""Analysis of circuits, search over weights, and the alignment of quantum kernels.

What a circuit can express and how well it trains come from populations of random weights. NumPy is
all that is needed here.
"""

from ketgrad.analysis.alignment import kernel_target_alignment, target_kernel
from ketgrad.analysis.alignment_derivative import alignment_gradient
from ketgrad.analysis.alignment_training import AlignedKernel, align_kernel
from ketgrad.analysis.covariance import cma_es
from ketgrad.analysis.entanglement import entangling_capability, meyer_wallach
from ketgrad.analysis.expressiveness import expressibility
from ketgrad.analysis.fisher import effective_dimension, fisher_information
from ketgrad.analysis.fourier import FourierSpectrum, fourier_spectrum
from ketgrad.analysis.genetic import genetic_algorithm
from ketgrad.analysis.plateaus import PlateauScan, gradient_variance, plateau_scan
from ketgrad.analysis.search import evolution_strategy, random_restarts
from ketgrad.analysis.structures import EvolvedCircuit, structure_search
from ketgrad.analysis.swarm import particle_swarm

__all__ = [
    "AlignedKernel",
    "EvolvedCircuit",
    "FourierSpectrum",
    "PlateauScan",
    "align_kernel",
    "alignment_gradient",
    "cma_es",
    "effective_dimension",
    "entangling_capability",
    "evolution_strategy",
    "expressibility",
    "fisher_information",
    "fourier_spectrum",
    "genetic_algorithm",
    "gradient_variance",
    "kernel_target_alignment",
    "meyer_wallach",
    "particle_swarm",
    "plateau_scan",
    "random_restarts",
    "structure_search",
    "target_kernel",
]
