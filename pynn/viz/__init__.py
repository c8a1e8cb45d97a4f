"""Pictures of training: curves, confusion matrix, weights, samples. Needs matplotlib, imported at first use.

Every function returns a `matplotlib.figure.Figure` to show or `savefig`; no window, no global state.
"""

from .pictures import samples, weights
from .plots import confusion, history

__all__ = ["confusion", "history", "samples", "weights"]
