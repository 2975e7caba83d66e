"""What an operation cannot compute it refuses, in one line that begins with its name."""

from functools import partial
from typing import Any

import numpy as np
import pytest

from backproof.reference import operations

X = np.linspace(-2.0, 2.0, 12).reshape(3, 4)
SIGNS = np.sign(X)
LABELS = np.array([0, 3, 1])
HEADS = np.linspace(-1.0, 1.0, 48).reshape(2, 2, 3, 4)
CONV = operations.find("conv_tbc", "layers").Params
MAPS = operations.find("multi_head_attention", "layers").Params(X.T, X.T, X.T, X)
REFUSED: list[tuple[str, tuple[Any, ...], dict[str, Any], str]] = [
    # losses: shapes that would broadcast, labels, slopes at the margin
    *((op, (X, X[:1]), {}, r"prediction \(3, 4\) and target \(1, 4\) differ") for op in (
        "mean_squared_error", "l1", "smooth_l1", "huber", "hinge", "squared_hinge", "hinge_embedding", "soft_margin",
        "sigmoid_focal", "log_cosh", "binary_cross_entropy_with_logits",
    )),
    *((op, (X, 0 * SIGNS), {}, "labels −1 and 1") for op in (
        "hinge", "squared_hinge", "hinge_embedding", "soft_margin",
    )),
    *((op, (X, SIGNS), {"at_margin": 1.5}, "at_margin must be between 0 and 1") for op in ("hinge", "hinge_embedding")),
    ("multilabel_soft_margin", (X, X[:1]), {}, r"must both be \(N, C\)"),
    ("margin_ranking", (X, X, SIGNS), {"at_margin": -1.0}, "at_margin must be between 0 and 1"),
    ("margin_ranking", (X, X[:1], SIGNS), {}, "differ"),
    ("cosine_embedding", (X, X, SIGNS), {}, r"target \(3, 4\) \(N,\)"),
    ("cosine_embedding", (X, X, LABELS * 1.0), {}, "labels −1 and 1"),
    ("triplet_margin", (X, X, X), {"p": 0}, "p must be at least 1"),
    ("triplet_margin", (X, X, X[:2]), {}, "differ"),
    ("multi_margin", (X, LABELS), {"at_margin": 2.0}, "at_margin must be between 0 and 1"),
    ("multilabel_margin", (X, LABELS), {}, "integers of that shape"),
    ("cross_entropy", (X, LABELS + 1), {}, "cross_entropy: "),
    ("nll", (X, LABELS - 1), {}, "nll: "),
    ("binary_cross_entropy", (X, X), {}, "between 0 and 1"),
    ("generalized_kl_divergence", (X, X[:1]), {}, "must be the same, with rows"),
    ("multiclass_hinge", (X[0], LABELS), {}, r"must be \(N, C\)"),
    ("multiclass_hinge", (X, LABELS), {"margin": -1.0}, "margin must not be negative"),
    ("ntxent", (X, X), {}, "integers"),
    ("ntxent", (X, LABELS), {"temperature": 0.0}, "temperature must be above 0"),
    ("poly_cross_entropy", (X[0], LABELS), {}, "do not fit"),
    ("softmax_ranking", (X, X[:1]), {}, "all others like it"),
    ("sparsemax", (X, SIGNS), {}, "labels 0 and 1"),
    # layers and activations
    ("tril", (X[0],), {}, "no two axes"),
    ("one_hot", (operations.find("one_hot", "layers").Params(1.0, 0.0), LABELS), {"num_classes": 3}, "from 0 to 2"),
    ("one_hot", (operations.find("one_hot", "layers").Params(1.0, 0.0), X), {"num_classes": 3}, "from 0 to 2"),
    ("scatter_add", (X, LABELS, X), {}, "index must hold integers"),
    ("affine_grid", (X,), {"size": (2, 2)}, r"must be \(N, d, d \+ 1\)"),
    ("channel_shuffle", (X,), {"groups": 3}, "a multiple of groups = 3"),
    ("grid_sample", (X, X), {}, r"must be \(N, C, H, W\)"),
    ("max_unpool", (X[None], LABELS), {"kernel_size": 2}, "an integer for each number"),
    ("max_unpool", (X[None], np.zeros((1, 3, 4), int)), {"kernel_size": 2}, "names a place twice"),
    ("max_unpool", (X[None], np.arange(12).reshape(1, 3, 4)), {"kernel_size": 2}, "from 0 to 7"),
    ("median", (X[:0],), {"axis": 0}, "no numbers along axis 0"),
    ("pdist", (X[0],), {}, r"must be \(N, D\)"),
    ("rrelu", (X, X[:1]), {}, "must have the shape of x"),
    ("conv_tbc", (CONV(HEADS[0], X[0]), X), {}, "do not fit"),
    ("conv_tbc", (CONV(HEADS[0], X[0]), HEADS[0].mT), {"pad": -1}, "pad must be at least 0"),
    ("conv_tbc", (CONV(HEADS[0], X[0]), HEADS[0].mT[:1]), {}, "no shorter than W"),
    ("linear_cross_entropy", (X, LABELS, X[:, :3]), {}, "do not fit"),
    ("linear_cross_entropy", (X, LABELS, X, X[0]), {}, "linear_bias"),
    ("scaled_dot_product_attention", (X, X, X), {}, r"must be \(N, H, places, width\)"),
    ("scaled_dot_product_attention", (HEADS, HEADS, HEADS[:, :, :1]), {}, "a value for each key"),
    ("scaled_dot_product_attention", (HEADS, HEADS[:, :, :0], HEADS[:, :, :0]), {}, "there is no key"),
    ("scaled_dot_product_attention", (HEADS, HEADS[:, :1], HEADS[:, :1]), {}, "with enable_gqa"),
    ("scaled_dot_product_attention", (HEADS[:, :1], HEADS, HEADS), {"enable_gqa": True}, "a multiple"),
    ("scaled_dot_product_attention", (HEADS, HEADS, HEADS, X), {}, "does not broadcast"),
    *(("multi_head_attention", arguments, {"num_heads": heads}, says) for arguments, heads, says in (
        ((MAPS, X, X, X), 1, r"must be \(N, places, width\)"),
        ((MAPS, HEADS[0], HEADS[0], HEADS[0][:, :1]), 1, "a value for each key"),
        ((MAPS, HEADS[0], HEADS[0][:, :0], HEADS[0][:, :0]), 1, "there is no key"),
        ((MAPS, HEADS[0][..., :2], HEADS[0], HEADS[0]), 1, "W_q"),
        ((MAPS._replace(b_o=X), HEADS[0], HEADS[0], HEADS[0]), 1, "b_o"),
        ((MAPS, HEADS[0], HEADS[0], HEADS[0]), 2, "num_heads must divide the width 3"),
        ((MAPS, HEADS[0], HEADS[0], HEADS[0], X), 1, "a mask must hold integers"),
    )),
    ("abs", (X,), {"at_zero": 2.0}, "between -1 and 1"),
    ("relu", (X,), {"at_zero": 2.0}, "between 0 and 1"),
    ("l1_penalty", (X,), {"strength": 0.1, "at_zero": 2.0}, "between -1 and 1"),
]  # fmt: skip
AROUND: list[tuple[str, dict[str, Any], str]] = [
    # optimizers, schedules, clipping, averages
    ("sgd", {"nesterov": True}, "momentum above 0"),
    ("rmsprop", {"nesterov": True}, "momentum above 0"),
    ("adafactor", {"d": 0.5}, "d must be at least 1"),
    ("ademamix", {"betas": (0.0, 0.999, 0.9999), "beta3_warmup": 5}, "must be above 0"),
    ("lbfgs", {"history_size": 0}, "history_size must be at least 1"),
    ("mechanic_sgd", {"memories": 0}, "memories must be at least 1"),
    ("muon", {}, "must be a matrix"),
    ("schedule_free_adamw", {"betas": (0.0, 0.999)}, "must be above 0"),
    ("schedule_free_sgd", {"beta": 0.0}, "must be above 0"),
    ("step_lr", {"step_size": 0}, "step_size must be at least 1"),
    ("constant_lr", {"factor": 0.5, "total_iters": -1}, "total_iters must be at least 0"),
    ("cosine_lr", {"T": 0}, "T must be at least 1"),
    ("cosine_restarts_lr", {"T": 3, "T_mult": 0}, "T_mult must be at least 1"),
    ("cyclic_lr", {"max_lr": 1.0, "step_size_up": 0}, "at least one step"),
    ("exponential_lr", {"gamma": 0.5, "steps": 0}, "steps must be at least 1"),
    ("interpolated_lr", {"milestones": (4, 4), "factors": (0.5, 0.5)}, "must rise from 1"),
    ("interpolated_lr", {"milestones": (4, 8), "factors": (0.5,)}, "with a factor each"),
    ("inverse_sqrt_lr", {"timescale": 0}, "timescale must be at least 1"),
    ("linear_lr", {"start_factor": 0.5, "total_iters": 0}, "total_iters must be at least 1"),
    ("one_cycle_lr", {"total_steps": 2}, "has no length"),
    ("polynomial_lr", {"total_iters": 0}, "must be at least 1"),
    ("reduce_on_plateau", {"factor": 1.5}, "between 0 and 1"),
    ("clip_value", {"clip_value": 0.0}, "must be above 0"),
    ("clip_norm", {"max_norm": 0.0}, "must be above 0"),
    ("clip_global_norm", {"max_norm": -1.0}, "must be above 0"),
    ("adaptive_clip", {"clipping": 0.0}, "must be above 0"),
    ("lookahead", {"every": 0}, "every must be at least 1"),
]  # fmt: skip


@pytest.mark.parametrize(("op", "options", "says"), AROUND)
def test_what_stands_around_a_step_refuses_alike(op: str, options: dict[str, Any], says: str) -> None:
    operation = operations.find(op, *operations.KINDS)
    w, lr = X[0], np.asarray(0.1)
    if hasattr(operation, "init"):
        ask = partial(operation.update, w, operation.init(w), w, lr=0.1)
    elif hasattr(operation, "rate"):
        ask = partial(operation.rate, 1, lr, *([[lr]] if hasattr(operation, "NEEDS_VALUES") else []))
    elif hasattr(operation, "clip"):
        ask = partial(operation.clip, {"w": w}, {"w": w})
    else:
        ask = partial(operation.update, w, w, 0)
    with pytest.raises(ValueError, match=says) as raised:
        ask(**options)
    assert str(raised.value).startswith(f"{op}: ")


@pytest.mark.parametrize(("op", "arguments", "options", "says"), REFUSED)
def test_it_is_refused_in_one_line(op: str, arguments: tuple[Any, ...], options: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says) as raised:
        operations.find(op, *operations.KINDS).forward(*arguments, **options)
    assert str(raised.value).startswith(f"{op}: ")
    assert "\n" not in str(raised.value)
