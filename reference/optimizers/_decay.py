"""Weight decay, in the gradient (L2) or beside the step.

L2          g = gradient + λ θ                     goes through all that becomes of the gradient
decoupled   θ = θ − lr λ θ  before the step        the gradient stays as it is
"""

from .. import Array


def decayed(
    gradient: Array, param: Array, lr: float | Array, weight_decay: float, *, decoupled: bool
) -> tuple[Array, Array]:
    """The gradient and the parameter to take the step with."""
    if not weight_decay:
        return gradient, param
    if decoupled:
        return gradient, param - lr * (weight_decay * param)
    return gradient + weight_decay * param, param
