"""Recompute a published ranking from its file alone: standard library and numpy, nothing else of this platform.

Written apart from the code that made the ranking, so that a mistake there is found here: the severity model is solved
from its full equations, totals and ties are worked out again from marks, weights and anchors.
"""
