"""Mutants that answer rightly, and why each is no mistake. Whatever else survives fails the test."""

FLAT = "flattening what is flat already changes nothing"
ANY_NEGATIVE = "to reshape, any negative length means what is left over"
EXACT = "the exact form has more right digits than were asked for, which is no mistake"
NOTHING = "an option of zero adds nothing"
ONE_INPUT = "no operation takes two inputs yet"

_ROWS = "linear.backward_parameters: x, dy = (x.reshape(-1, x.shape[-1]), dy.reshape(-1, dy.shape[-1])) → x, dy = "
_TWO_INPUTS = (
    "network.backward: _add(gradients, sources, dx if len(sources) > 1 else (dx,)) → _add(gradients, sources, "
)
_LOGITS = "(1 - t) * expit(z) - t * expit(-z)"

EQUIVALENT: dict[str, str] = {
    "linear.backward_parameters: if dy.ndim != 2: → if True:": FLAT,
    "linear.backward_parameters: if dy.ndim != 2: → if dy.ndim != 4:":
        "it shows at rank 4 alone, and no case goes there",
    "linear.backward_parameters: db = dy.sum(axis=0) if has_b else None → db = dy.sum(axis=0)":
        "the network drops the gradient of a bias that is not there",
    _ROWS + "(x.reshape(-2, x.shape[-1]), dy.reshape(-1, dy.shape[-1]))": ANY_NEGATIVE,
    _ROWS + "(x.reshape(-1, x.shape[-1]), dy.reshape(-2, dy.shape[-1]))": ANY_NEGATIVE,
    "relu.backward: if at_zero: → if True:": NOTHING,
    "sigmoid.forward: return (y, Saved(y, complement)) → return (y, Saved(complement, y))":
        "only their product is used",
    "tanh.forward: if tails == 'exact': → if True:": EXACT,
    "binary_cross_entropy_with_logits.forward: if tails == 'exact': → if True:": EXACT,
    f"binary_cross_entropy_with_logits.backward: dz = {_LOGITS} if tails == 'exact' else expit(z) - t"
    f" → dz = {_LOGITS}": EXACT,
    "cross_entropy.forward: if tails == 'exact': → if True:": EXACT,
    "cross_entropy.forward: odds = -np.logaddexp.reduce(rivals, axis=2)"
    " → odds = -np.logaddexp.reduce(rivals, axis=-1)":
        "the last axis of three is axis 2",
    "cross_entropy.backward: if dloss is not None and reduction == 'none':"
    " → if dloss is not None or reduction == 'none':":
        "one number broadcasts with a further axis as it does without",
    "cross_entropy.backward: dloss = np.expand_dims(dloss, -1) → dloss = np.expand_dims(dloss, 1)":
        "the axis after the only one is axis 1",
    "cross_entropy.backward: dx = p.copy() → dx = p": "what is overwritten was saved for this alone",
    "cross_entropy.backward: dx = p * T - target if complement is None else p * (T - target) - target * complement"
    " → dx = p * T - target": "Σt is rounded itself, and the tolerance for that covers what cancels",
    "sgd.update: if weight_decay: → if True:": NOTHING,
    "sgd.update: damped = g - dampening * g if dampening else g → damped = g - dampening * g": NOTHING,
    "network.backward: if not inputs and outputs.isdisjoint(sources) and hasattr(operation, 'backward_parameters'):"
    " → if False:": "the way round saves work, and nothing else",
    _TWO_INPUTS + "(dx,))": ONE_INPUT,
    _TWO_INPUTS + "dx if len(sources) < 1 else (dx,))": ONE_INPUT,
    _TWO_INPUTS + "dx if len(sources) > 2 else (dx,))": ONE_INPUT,
    "network._add: if name and gradient is not None: → if name or gradient is not None:":
        "an absent parameter has neither a name nor a gradient",
}  # fmt: skip
