"""Pictures of training and of what networks learn. They need matplotlib, imported at first use; `graph` does not.

Every function of matplotlib's draws into figures of pyplot and returns the axes: one `matplotlib.axes.Axes`, or, where
it draws several (`history`, `samples`, `feature_maps`), always a one-dimensional array of them. `ax.figure.savefig`
writes the picture; those that draw one take `ax=` to draw elsewhere. `graph` returns a drawing of its own.
"""

from .boundary import decision_boundary
from .convolution import feature_maps, filters
from .graph import graph
from .pictures import samples, weights
from .plots import confusion, history

__all__ = [
    "confusion",
    "decision_boundary",
    "feature_maps",
    "filters",
    "graph",
    "history",
    "samples",
    "weights",
]
