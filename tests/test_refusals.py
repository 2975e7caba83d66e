"""What an operation cannot compute it refuses, in one line that begins with its name."""

from typing import Any

import numpy as np
import pytest

from backproof.reference import operations

X = np.linspace(-2.0, 2.0, 12).reshape(3, 4)
SIGNS = np.sign(X)
LABELS = np.array([0, 3, 1])
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
    # layers and activations
    ("tril", (X[0],), {}, "no two axes"),
    ("one_hot", (operations.find("one_hot", "layers").Params(1.0, 0.0), LABELS), {"num_classes": 3}, "from 0 to 2"),
    ("one_hot", (operations.find("one_hot", "layers").Params(1.0, 0.0), X), {"num_classes": 3}, "from 0 to 2"),
    ("scatter_add", (X, LABELS, X), {}, "index must hold integers"),
    ("abs", (X,), {"at_zero": 2.0}, "between -1 and 1"),
    ("relu", (X,), {"at_zero": 2.0}, "between 0 and 1"),
    ("l1_penalty", (X,), {"strength": 0.1, "at_zero": 2.0}, "between -1 and 1"),
]  # fmt: skip


@pytest.mark.parametrize(("op", "arguments", "options", "says"), REFUSED)
def test_it_is_refused_in_one_line(op: str, arguments: tuple[Any, ...], options: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says) as raised:
        operations.find(op, *operations.KINDS).forward(*arguments, **options)
    assert str(raised.value).startswith(f"{op}: ")
    assert "\n" not in str(raised.value)
