"""What stands around a step so that it needs no schedule: an average of the iterates in the place of a decaying rate.

    y  = (1 − β) z + β x                       the parameters, where gradients are taken
    z  = z − step                              the rule's own iterates
    x  = (1 − c) x + c z                       their average, c = w / Σ w ,  w = rᵖ ,  r the largest rate so far

Only y and z are kept: x = (y − (1 − β) z) / β.
"""

from .. import Array, constants


def share(largest: Array, total: Array, power: float) -> tuple[Array, Array]:
    """Of the newest iterate in the average, 0 while all rates are; and the weights of all."""
    weight = largest**power
    total = total + weight
    return weight / total if total > 0 else weight, total


def between(y: Array, z: Array, moved: Array, of_moved: Array, beta: float) -> Array:
    """The parameters after z has moved."""
    kept = constants.decimal(beta, y)
    x = (y - (1 - kept) * z) / kept
    x = (1 - of_moved) * x + of_moved * moved
    return kept * x + (1 - kept) * moved
