"""Pictures of circuits, states and counts, of training and of what was learned.

Every function draws on the axes it is given, or on new ones, and returns them; none calls
``plt.show()``.
"""

from ketgrad.plots.amplitudes import state_bars
from ketgrad.plots.boundaries import decision_boundary
from ketgrad.plots.circuits import draw_circuit
from ketgrad.plots.counts import histogram
from ketgrad.plots.learning_rates import learning_rate_curve
from ketgrad.plots.look import COLORS, style
from ketgrad.plots.losses import loss_curve
from ketgrad.plots.predictions import confusion_matrix, predicted_vs_true
from ketgrad.plots.spheres import bloch

__all__ = [
    "COLORS",
    "bloch",
    "confusion_matrix",
    "decision_boundary",
    "draw_circuit",
    "histogram",
    "learning_rate_curve",
    "loss_curve",
    "predicted_vs_true",
    "state_bars",
    "style",
]
