"""L2 penalty of a parameter  R = ½ λ Σ w²,  or λ Σ w².

    dw = λ w      or 2 λ w, times ∂L/∂R, which is dpenalty

Under plain SGD with λ = weight_decay the first is what its weight decay adds to the gradient.

Shapes      w (...) -> penalty ()
Convention  scale = "half": with the ½, as the source and weight decay have it; "whole": without, as in Keras's L2 and
            much code of the form  loss + λ * (w ** 2).sum().
Source      Goodfellow, Bengio, Courville (2016), Deep Learning, section 7.1.1
"""

from typing import Literal, NamedTuple

from .. import Array


class Saved(NamedTuple):
    w: Array  # (...)
    factor: float


def forward(w: Array, *, strength: float, scale: Literal["half", "whole"] = "half") -> tuple[Array, Saved]:
    factor = strength * (0.5 if scale == "half" else 1.0)
    return factor * (w * w).sum(), Saved(w, factor)


def backward(saved: Saved, dpenalty: Array | None = None) -> Array:
    w, factor = saved
    dw = 2.0 * factor * w  # (...)
    return dw if dpenalty is None else dw * dpenalty
