"""AdamW: Adam with weight decay beside the step, where the gradient's scale does not reach it.

    mₜ, vₜ, m̂, v̂ as in Adam, of the gradient alone
    θ  = θ − lr λ θ − lr m̂ / (√v̂ + ε)               λ: weight_decay, θ on the right before the step

Shapes      gradient, parameter, m, v and the largest v (...) alike
Convention  The decay is multiplied by the learning rate, as in PyTorch, Optax and Keras; the paper's by the schedule's
            multiplier alone, which is a λ of its own for each base rate. PyTorch shrinks the parameter first and Optax
            adds λ θ to the step: the same. Its default λ is 0.01 in PyTorch, 0.0001 in Optax, 0.004 in Keras.
            eps_at, bias_correction, amsgrad: see Adam.
Source      Loshchilov, Hutter (2019), Decoupled weight decay regularization, algorithm 2
"""

from typing import Literal

from .. import Array
from . import adam

State = adam.State
init = adam.init


def update(
    gradient: Array,
    state: State,
    param: Array,
    *,
    lr: float | Array,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    eps_at: Literal["root", "inside", "hat"] = "root",
    weight_decay: float = 0.01,
    bias_correction: bool = True,
    amsgrad: Literal["off", "raw", "corrected"] = "off",
) -> tuple[Array, State]:
    return adam.update(
        gradient,
        state,
        param - lr * (weight_decay * param),
        lr=lr,
        betas=betas,
        eps=eps,
        eps_at=eps_at,
        bias_correction=bias_correction,
        amsgrad=amsgrad,
    )
