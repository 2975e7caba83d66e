"""Dice loss of each class in each picture: one minus twice what prediction and target share, over what they have.

With sums over the pixels, I = Σ p t, A = Σ p (1 − t) (predicted and wrong), B = Σ (1 − p) t (missed) and
D = I + α A + β B + smooth, where nothing cancels in the second form:

    term = 1 − (I + smooth) / D = (α A + β B) / D
    ∂term/∂p = (α (1 − t) − β t − term (t + α (1 − t) − β t)) / D

With apply_softmax the prediction is logits, and p = softmax(x) over the classes, or σ(x) if there is but one, where
this is p (1 − p) dp:

    dx = p (dp − Σ_c p dp)

If balanced, a class that is seen n times in all pictures weighs 1 / (n² + 1e-7), over the mean of these.

Shapes      prediction (N, ..., C), target (N, ..., C), weight (C,) of the classes or none
            -> loss () for mean and sum, (N, C) for none
Convention  α = β = ½ is the Dice coefficient, with smooth counted twice; others are Tversky's. Sums are taken in each
            picture by itself, and smooth is in numerator and denominator, as in Optax. The mean is over all classes,
            whatever they weigh. The balanced loss is Optax's multiclass_generalized_dice_loss; that of Sudre et al. has
            such weights inside the sums of one coefficient for all classes.
Source      Milletari, Navab, Ahmadi (2016), V-Net, section 3, without its squares; Salehi, Erdogmus, Gholipour (2017),
            Tversky Loss Function for Image Segmentation; optax.losses.dice_loss
            Sudre et al. (2017), Generalised Dice Overlap as a Deep Learning Loss Function, for weights of 1 / n²
Raises      ValueError if the two shapes differ, or have no axis beside the classes, a class has no weight, or weights
            are given and balanced at once
"""

import math
from typing import NamedTuple

import numpy as np
from scipy.special import expit

from .. import Array
from ._reduction import Reduction, reduce, spread


class Saved(NamedTuple):
    p: Array  # (N, M, C)
    target: Array  # (N, M, C)
    terms: Array  # (N, C)
    whole: Array  # (N, C)  D
    weight: Array | None  # (C,)
    shape: tuple[int, ...]
    alpha: float
    beta: float
    apply_softmax: bool
    reduction: Reduction


def forward(
    prediction: Array,
    target: Array,
    weight: Array | None = None,
    *,
    reduction: Reduction = "mean",
    smooth: float = 1.0,
    alpha: float = 0.5,
    beta: float = 0.5,
    apply_softmax: bool = True,
    balanced: bool = False,
) -> tuple[Array, Saved]:
    shape = prediction.shape
    _check(shape, target, weight, balanced)
    pixels = (shape[0], math.prod(shape[1:-1]), shape[-1])
    x, t = prediction.reshape(pixels), target.reshape(pixels)  # (N, M, C)
    if balanced:
        rarity = 1 / (np.square(t.sum(axis=(0, 1))) + 1e-7)  # (C,)
        weight = rarity / (rarity.sum() / shape[-1])  # (C,)
    if not apply_softmax:
        p = x
    elif shape[-1] == 1:
        p = expit(x)  # (N, M, 1)
    else:
        exps = np.exp(x - x.max(axis=-1, keepdims=True))  # (N, M, C)
        p = exps / exps.sum(axis=-1, keepdims=True)  # (N, M, C)
    wrong = alpha * (p * (1 - t)).sum(axis=1) + beta * ((1 - p) * t).sum(axis=1)  # (N, C)
    whole = (p * t).sum(axis=1) + wrong + smooth  # (N, C)
    terms = wrong / whole  # (N, C)
    loss = terms if weight is None else terms * weight  # (N, C)
    return reduce(loss, reduction), Saved(p, t, terms, whole, weight, shape, alpha, beta, apply_softmax, reduction)


def backward(saved: Saved, dloss: Array | None = None) -> Array:
    p, t, terms, whole, weight, shape, alpha, beta, apply_softmax, reduction = saved
    scale = 1 / whole if weight is None else weight / whole  # (N, C)
    dterms = spread(scale, dloss, terms.size, reduction)  # (N, C)
    dwrong = alpha * (1 - t) - beta * t  # (N, M, C)
    dp = (dwrong - terms[:, None] * (t + dwrong)) * dterms[:, None]  # (N, M, C)
    dx = p * (dp - (p * dp).sum(axis=-1, keepdims=True)) if apply_softmax else dp  # (N, M, C)
    return dx.reshape(shape)


def _check(shape: tuple[int, ...], target: Array, weight: Array | None, balanced: bool) -> None:
    if shape != target.shape or len(shape) < 2:
        raise ValueError(f"dice: prediction {shape} and target {target.shape} must be alike, (N, ..., C)")
    if weight is not None and weight.shape != shape[-1:]:
        raise ValueError(f"dice: weight must have one number for each of the {shape[-1]} classes, got {weight.shape}")
    if weight is not None and balanced:
        raise ValueError("dice: weight is given, and balanced asks for another; one of the two")
