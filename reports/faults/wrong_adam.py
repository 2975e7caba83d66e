"""Mistakes in Adam and its kin. Each is the rule's own source with one place of it written wrongly."""

import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from ...reference.optimizers import (
    _step,
    adabelief,
    adam,
    adamax,
    adamw,
    adan,
    nadam,
    radam,
    sparse_adam,
    yogi,
)
from .planting import Fault, Patches, coarse, single, swap, ten_bits


def wrong(of: ModuleType, id: str, says: str, *places: tuple[str, str]) -> Fault:
    """The rule with other words in these places of its source, each of which stands there once."""
    docstring, end, source = inspect.getsource(of).partition('"""\n\n')
    for right, instead in places:
        assert source.count(right) == 1, f"{id}: {right!r} stands {source.count(right)} times in {of.__name__}"
        source = source.replace(right, instead)
    twin = ModuleType(of.__name__)
    twin.__package__ = of.__package__
    exec(compile(docstring + end + source, f"<{id}>", "exec"), twin.__dict__)
    return swap(of, id, says, "update", update=twin.__dict__["update"])


def _shared(of: ModuleType) -> Callable[[], Patches]:
    """One state for all parameters: each finds there what the one before has left."""

    def plant() -> Patches:
        right = _step.move

        def move(optimizer: Any, rates: Any, grads: Any, states: Any, params: Any, *rest: Any) -> Any:
            moved: dict[str, Any] = {}
            after: dict[str, Any] = {}
            left = next(reversed(states.values()), None)
            for name, g in grads.items():
                mine = {} if left is None else {name: _resized(left, g.shape)}
                one, state = right(optimizer, rates, {name: g}, mine, params, *rest)
                moved |= one
                after |= state
                left = state[name]
            return moved, after

        return {(_step, "move"): move}

    return plant


def _resized(state: Any, shape: tuple[int, ...]) -> Any:
    return type(state)(*(np.resize(x, shape) if np.ndim(x) else x for x in state))


def _forgets(of: ModuleType) -> Callable[[], Patches]:
    """The state is made anew at every step."""
    right = of.update
    return lambda: {(of, "update"): lambda g, _, w, **options: right(g, of.init(w), w, **options)}


def _rounded(of: ModuleType, cut: Callable[[np.ndarray], np.ndarray]) -> Callable[[], Patches]:
    return lambda: {(of, "update"): coarse(of.update, cut)}


RULES = (adam, adamw, nadam, radam, adamax, adabelief, yogi, adan, sparse_adam)


def of_each(of: ModuleType, *uphill: tuple[str, str]) -> list[Fault]:
    """Mistakes that any rule with moments may have; uphill: where its source has the sign of the step."""
    name = of.__name__.rpartition(".")[2]
    return [
        Fault(f"D15-{name}-shared", name, "each parameter's own state; one for all", "update", _shared(of)),
        Fault(f"{name}-forgets", name, "the state lasts; made anew at every step", "update", _forgets(of)),
        Fault(f"{name}-ten-bits", name, "arithmetic of the precision; ten bits", "update", _rounded(of, ten_bits)),
        Fault(
            f"{name}-single",
            name,
            "arithmetic of the precision; float32",
            "update",
            _rounded(of, single),
            "that is float32's own",
        ),
        wrong(of, f"{name}-uphill", "θ − lr …; θ + lr …", *uphill),
    ]


UPHILL: dict[ModuleType, list[tuple[str, str]]] = {
    adam: [("param - lr * (m / of_m)", "param + lr * (m / of_m)")],
    adamw: [("        lr=lr,\n", "        lr=-lr,\n")],
    nadam: [("theta - lr * ahead", "theta + lr * ahead")],
    radam: [("theta - lr * step", "theta + lr * step")],
    adamax: [("theta - lr * step", "theta + lr * step")],
    adabelief: [("param - lr * step", "param + lr * step")],
    yogi: [("param - lr * step", "param + lr * step")],
    adan: [("step = lr * (m", "step = -lr * (m")],
    sparse_adam: [("param - lr * (share", "param + lr * (share")],
}
DIVISOR = "divisor(second, of_v, eps, eps_at)"
CORRECTIONS = "(correction(b, t, g) for b in betas)"
DECAYED = "g = gradient + weight_decay * param if weight_decay else gradient"
MOMENTS = "m, v = moment(state.m, g, betas[0]), moment(state.v, np.square(g), betas[1])"
APART = "g, theta = decayed(gradient, param, lr, weight_decay, decoupled=decoupled_weight_decay)"


def _moved(instead: str) -> tuple[str, str]:
    """Another last line of Adam."""
    return f"return param - lr * (m / of_m) / {DIVISOR}", f"return {instead}"


ADAM = [
    wrong(
        adam,
        "D05-decay-beside-the-step",
        "decay in the gradient; θ − lr λ θ beside the step, as AdamW",
        (DECAYED, "g = gradient"),
        _moved(f"param - lr * (weight_decay * param) - lr * (m / of_m) / {DIVISOR}"),
    ),
    wrong(
        adam,
        "D05-decay-in-m-only",
        "decay in both moments; in the first",
        (MOMENTS, "m, v = moment(state.m, g, betas[0]), moment(state.v, np.square(gradient), betas[1])"),
    ),
    wrong(
        adam,
        "D05-decay-in-v-only",
        "decay in both moments; in the second",
        (MOMENTS, "m, v = moment(state.m, gradient, betas[0]), moment(state.v, np.square(g), betas[1])"),
    ),
    wrong(adam, "E20-adam-decay-ignored", "g + λ θ; g", (DECAYED, "g = gradient")),
    wrong(adam, "E20-adam-decay-sign", "g + λ θ; g − λ θ", ("gradient + weight_decay", "gradient - weight_decay")),
    wrong(adam, "E20-adam-decay-double", "g + λ θ; g + 2 λ θ", ("weight_decay * param", "2 * weight_decay * param")),
    wrong(
        adam,
        "E20-adam-decay-with-rate",
        "λ θ goes through the rate once; twice",
        ("weight_decay * param", "weight_decay * lr * param"),
    ),
    wrong(
        adam,
        "D07-eps-outside",
        "lr m̂ / (√v̂ + ε); lr m̂ / √v̂ + ε, where the root is not zero",
        _moved("param - (lr * (m / of_m) / np.where(second == 0, 1, np.sqrt(second)) + eps)"),
    ),
    wrong(
        adam,
        "D07-eps-missing",
        "√v̂ + ε; √v̂, or 1 where that is zero",
        (DIVISOR, "np.where(second == 0, 1, np.sqrt(second))"),
    ),
    wrong(
        adam,
        "D07-eps-squared-inside",
        "√v̂ + ε; √(v̂ + ε²)",
        (DIVISOR, "np.sqrt(second + eps * eps) if eps_at == 'root' else divisor(second, of_v, eps, eps_at)"),
    ),
    wrong(adam, "D07-eps-inside", "√v̂ + ε; √(v̂ + ε)", (DIVISOR, "divisor(second, of_v, eps, 'inside')")),
    wrong(adam, "D07-eps-beside", "√(v̂ + ε) where asked for; √v̂ + ε", (DIVISOR, "divisor(second, of_v, eps, 'root')")),
    wrong(adam, "D07-eps-hat", "√v̂ + ε; of the uncorrected moment", (DIVISOR, "divisor(second, of_v, eps, 'hat')")),
    wrong(
        adam,
        "D07-eps-at-least",
        "√v̂ + ε; the larger of √v̂ and ε",
        (DIVISOR, "np.maximum(np.sqrt(second), np.asarray(eps, g.dtype))"),
    ),
    wrong(
        adam,
        "D07-eps-in-v",
        "v keeps no ε; it grows by ε at every step",
        ("moment(state.v, np.square(g), betas[1])", "moment(state.v, np.square(g), betas[1]) + eps"),
    ),
    wrong(adam, "D07-eps-twice", "√v̂ + ε; √v̂ + 2 ε", (DIVISOR, "divisor(second, of_v, 2 * eps, eps_at)")),
    wrong(adam, "D10-twice", "m / (1 − β₁ᵗ); divided once more", ("lr * (m / of_m)", "lr * (m / of_m / of_m)")),
    wrong(
        adam,
        "D10-both-in-the-rate-as-well",
        "m̂ and v̂; and lr √(1 − β₂ᵗ) / (1 − β₁ᵗ) as well",
        ("lr * (m / of_m)", "lr * np.sqrt(of_v) / of_m * (m / of_m)"),
    ),
    wrong(
        adam,
        "D10-one-too-many",
        "1 − βᵗ; (1 − βᵗ) − 1",
        (CORRECTIONS, "(correction(b, t, g) - 1 for b in betas)"),
        (DIVISOR, "divisor(np.abs(second), np.abs(of_v), eps, eps_at)"),
    ),
    wrong(adam, "D10-multiplied", "m / (1 − β₁ᵗ); m (1 − β₁ᵗ)", ("lr * (m / of_m)", "lr * (m * of_m)")),
    wrong(adam, "D10-no-power", "1 − βᵗ; 1 − β", (CORRECTIONS, "(correction(b, 1, g) for b in betas)")),
    wrong(
        adam,
        "D10-times-t",
        "1 − βᵗ; 1 − β t, or as it is where that is not positive",
        (CORRECTIONS, "(np.asarray(1 - b * t if b * t < 1 else 1, g.dtype) for b in betas)"),
    ),
    wrong(adam, "D10-swapped", "m by β₁'s, v by β₂'s; the other way round", ("of_m, of_v =", "of_v, of_m =")),
    wrong(
        adam,
        "D10-root-missing",
        "√(v / (1 − β₂ᵗ)); √v / (1 − β₂ᵗ)",
        (DIVISOR, "divisor(second / of_v, of_v, eps, eps_at)"),
    ),
    wrong(
        adam,
        "D10-kept",
        "corrected moments are for the step; kept for the next",
        ("State(t, m, v, largest)", "State(t, m / of_m, v / of_v, largest)"),
    ),
    wrong(
        adam, "D12-one-late", "t = 1 at the first step; 2", (CORRECTIONS, "(correction(b, t + 1, g) for b in betas)")
    ),
    wrong(
        adam,
        "D12-from-zero",
        "t = 1 at the first step; 0, where nothing is corrected",
        (CORRECTIONS, "(correction(b, t - 1, g) if t > 1 else constants.whole(1, g) for b in betas)"),
    ),
    wrong(adam, "D12-not-counted", "t grows; it stays at 1", ("State(t, m", "State(0, m")),
    wrong(adam, "D12-counts-double", "t grows by one; by two after the first", ("State(t, m", "State(t + 1, m")),
    wrong(
        adam,
        "D12-counts-gradients",
        "t counts steps; those with a gradient other than zero",
        ("State(t, m", "State(t if gradient.any() else state.t, m"),
        ("t = state.t + 1", "t = state.t + 1 if gradient.any() else max(state.t, 1)"),
    ),
    wrong(adam, "D14-never", "corrected unless told otherwise; never", ("if bias_correction else", "if False else")),
    wrong(adam, "D14-always", "as it is where told so; always corrected", ("if bias_correction else", "if True else")),
    wrong(
        adam,
        "D14-first-only",
        "both moments are corrected; the first",
        ("of_m, of_v =", "of_m, _ ="),
        ("    largest = state.largest\n", "    of_v = constants.whole(1, g)\n    largest = state.largest\n"),
    ),
    wrong(
        adam,
        "D14-second-only",
        "both moments are corrected; the second",
        ("of_m, of_v =", "_, of_v ="),
        ("    largest = state.largest\n", "    of_m = constants.whole(1, g)\n    largest = state.largest\n"),
    ),
    wrong(adam, "D27-corrected", "the largest v; the largest v̂", ('elif amsgrad == "raw":', "elif False:")),
    wrong(adam, "D27-raw", "the largest v̂ where asked for; the largest v", ('elif amsgrad == "raw":', "elif True:")),
    wrong(
        adam,
        "D27-ignored",
        "amsgrad keeps the largest; v as it is",
        ("np.maximum(largest, v)", "v"),
        ("np.maximum(largest, v / of_v)", "v / of_v"),
    ),
    wrong(
        adam,
        "D27-decays",
        "the largest stays; it fades by β₂",
        ("np.maximum(largest, v)", "np.maximum(betas[1] * largest, v)"),
    ),
    wrong(adam, "D27-smallest", "the largest; the smallest", ("np.maximum(largest, v)", "np.minimum(largest, v)")),
    wrong(
        adam,
        "D27-in-v",
        "the largest beside v; v itself is the largest",
        (
            "largest = v if largest is None else np.maximum(largest, v)\n",
            "largest = v = v if largest is None else np.maximum(largest, v)\n",
        ),
    ),
    wrong(
        adam,
        "E31-square-of-m",
        "v of g²; of m²",
        ("np.square(g)", "np.square(m)"),
        ("m, v = moment(state.m, g, betas[0]), ", "m = moment(state.m, g, betas[0])\n    v = "),
    ),
    wrong(adam, "E31-size", "v of g²; of |g|", ("np.square(g)", "np.abs(g)")),
    wrong(
        adam,
        "E31-norm",
        "v of g², each number its own; of the mean of g²",
        ("np.square(g)", "np.full_like(g, np.square(g).mean())"),
    ),
    wrong(
        adam,
        "E31-norm-squared",
        "v of g², each number its own; of the square of the sum",
        ("np.square(g)", "np.full_like(g, np.square(g.sum()))"),
    ),
    wrong(
        adam,
        "E31-not-squared",
        "v of g²; of g, by its size at the root",
        ("np.square(g)", "g"),
        (DIVISOR, "divisor(np.abs(second), of_v, eps, eps_at)"),
    ),
    wrong(adam, "E31-no-root", "√v̂ + ε; v̂ + ε", (DIVISOR, "(second + eps)")),
    wrong(
        adam,
        "E19-adam-swapped",
        "β₁ for m, β₂ for v; the other way round",
        ("    t = state.t + 1\n", "    t = state.t + 1\n    betas = betas[::-1]\n"),
    ),
    wrong(
        adam,
        "E19-adam-moments-swapped",
        "β₁ for m, β₂ for v; the other way round, corrected as ever",
        (MOMENTS, "m, v = moment(state.m, g, betas[1]), moment(state.v, np.square(g), betas[0])"),
    ),
    wrong(adam, "E19-adam-one-minus", "(1 − β₁) g; g", ("moment(state.m, g, betas[0])", "betas[0] * state.m + g")),
    wrong(
        adam,
        "E19-adam-one-minus-v",
        "(1 − β₂) g²; g²",
        ("moment(state.v, np.square(g), betas[1])", "betas[1] * state.v + np.square(g)"),
    ),
    wrong(
        adam,
        "E19-adam-weights-swapped",
        "β m + (1 − β) g; (1 − β) m + β g",
        (MOMENTS, "m, v = moment(state.m, g, 1 - betas[0]), moment(state.v, np.square(g), 1 - betas[1])"),
    ),
    wrong(
        adam,
        "E19-adam-old-moment",
        "the step takes the new m; the old one",
        ("lr * (m / of_m)", "lr * (state.m / of_m)"),
    ),
    wrong(
        adam,
        "E19-adam-old-v",
        "the step takes the new v; the old one, at first the new",
        ("        second = v / of_v\n", "        second = (state.v if state.t else v) / of_v\n"),
    ),
    wrong(adam, "adam-gradient-for-m", "m̂; the gradient itself, as RMSprop", ("lr * (m / of_m)", "lr * g")),
    wrong(
        adam,
        "adam-rate-in-m",
        "the rate at the step; inside the momentum",
        ("moment(state.m, g, betas[0])", "moment(state.m, lr * g, betas[0])"),
        ("lr * (m / of_m)", "(m / of_m)"),
    ),
    wrong(adam, "adam-sign", "m̂ / (√v̂ + ε); the sign of m", _moved("param - lr * np.sign(m)")),
    wrong(
        adam,
        "adam-skips-zero",
        "every number moves; not where its gradient is zero",
        _moved(f"param - np.where(gradient == 0, 0, lr * (m / of_m) / {DIVISOR})"),
    ),
    wrong(
        adam,
        "adam-clips",
        "gradients as they are; none beyond ±1,000",
        (DECAYED, DECAYED + "\n    g = np.clip(g, -1000, 1000)"),
    ),
]

ADAMW = [
    wrong(
        adamw,
        "D05-adamw-coupled",
        "decay beside the step; in the gradient, as Adam",
        ("        gradient,\n        state,\n", "        gradient + weight_decay * param,\n        state,\n"),
        ("param - lr * (weight_decay * param)", "param"),
    ),
    wrong(
        adamw,
        "D05-adamw-both",
        "decay beside the step; in the gradient as well",
        ("        gradient,\n        state,\n", "        gradient + weight_decay * param,\n        state,\n"),
    ),
    wrong(adamw, "D05-adamw-without-rate", "lr λ θ; λ θ", ("lr * (weight_decay * param)", "weight_decay * param")),
    wrong(
        adamw,
        "D05-adamw-first-rate",
        "lr λ θ; a rate that never changes",
        ("lr * (weight_decay * param)", "0.1 * weight_decay * param"),
    ),
    wrong(adamw, "D05-adamw-rate-squared", "lr λ θ; lr² λ θ", ("lr * (weight", "lr * lr * (weight")),
    wrong(adamw, "D17-adamw-ignored", "lr λ θ; nothing", ("param - lr * (weight_decay * param)", "param")),
    wrong(adamw, "D05-adamw-grows", "θ (1 − lr λ); θ (1 + lr λ)", ("param - lr", "param + lr")),
    wrong(adamw, "D05-adamw-half", "lr λ θ; half of it", ("param - lr", "param - lr / 2")),
    wrong(
        adamw,
        "D05-adamw-divided",
        "θ (1 − lr λ); θ / (1 + lr λ)",
        ("param - lr * (weight_decay * param)", "param / (1 + lr * weight_decay)"),
    ),
    wrong(
        adamw,
        "D05-adamw-of-the-sign",
        "λ θ; λ sign θ",
        ("weight_decay * param", "weight_decay * np.sign(param)"),
        ("from typing import Literal\n", "from typing import Literal\n\nimport numpy as np\n"),
    ),
    wrong(
        adamw,
        "E20-adamw-not-on-vectors",
        "decay of every parameter; not of biases",
        ("param - lr * (weight_decay * param)", "param - lr * (weight_decay * param) * (param.ndim > 1)"),
    ),
    wrong(
        adamw,
        "E20-adamw-not-at-rest",
        "decay whatever the gradient; none where it is zero",
        ("param - lr * (weight_decay * param)", "param - lr * (weight_decay * param) * (gradient != 0)"),
    ),
    wrong(
        adamw,
        "D05-adamw-after-the-step",
        "decay of θ before the step; after it",
        ("    return adam.update(", "    moved, after = adam.update("),
        ("param - lr * (weight_decay * param)", "param"),
        (
            "        amsgrad=amsgrad,\n    )\n",
            "        amsgrad=amsgrad,\n    )\n    return moved - lr * (weight_decay * moved), after\n",
        ),
    ),
    wrong(adamw, "D19-adamw-amsgrad-ignored", "amsgrad as asked for; never", ("        amsgrad=amsgrad,\n", "")),
    wrong(
        adamw,
        "D19-adamw-correction-ignored",
        "corrected as asked for; always",
        ("        bias_correction=bias_correction,\n", ""),
    ),
    wrong(adamw, "D19-adamw-eps-at-ignored", "ε where asked for; beside the root", ("        eps_at=eps_at,\n", "")),
    wrong(adamw, "D19-adamw-betas-ignored", "β as asked for; 0.9 and 0.999", ("        betas=betas,\n", "")),
    wrong(adamw, "D19-adamw-eps-ignored", "ε as asked for; 1e-8", ("        eps=eps,\n", "")),
]

NADAM = [
    wrong(
        nadam,
        "D02-product-from-zero",
        "Π₀ = 1; 0, and so for ever",
        ("product = state.product * mu", "product = 0 * state.product * mu"),
    ),
    wrong(
        nadam,
        "D02-one-factor-too-many",
        "Πₜ₊₁ = Πₜ μₜ₊₁; Πₜ μₜ μₜ₊₁",
        ("(1 - product * following)", "(1 - product * mu * following)"),
    ),
    wrong(nadam, "D02-one-factor-short", "Πₜ₊₁; Πₜ", ("(1 - product * following)", "(1 - product)")),
    wrong(
        nadam,
        "D02-own-share-by-the-next",
        "(1 − μₜ) g / (1 − Πₜ); / (1 − Πₜ₊₁)",
        ("(1 - mu) / (1 - product) * g", "(1 - mu) / (1 - product * following) * g"),
    ),
    wrong(nadam, "D02-power", "μ₁ ⋯ μₜ; μₜᵗ", ("product = state.product * mu", "product = mu**t")),
    wrong(
        nadam,
        "D02-not-kept",
        "the product lasts; made anew",
        ("State(t, m, v, product)", "State(t, m, v, state.product)"),
    ),
    wrong(nadam, "nadam-present-momentum", "μₜ₊₁ m; μₜ m", ("ahead = following /", "ahead = mu /")),
    wrong(
        nadam,
        "nadam-old-moment",
        "μₜ₊₁ mₜ; of mₜ₋₁",
        ("(1 - product * following) * m ", "(1 - product * following) * state.m "),
    ),
    wrong(nadam, "nadam-no-own-share", "m and g; m alone", (" + (1 - mu) / (1 - product) * g", "")),
    wrong(nadam, "nadam-own-share-whole", "(1 − μₜ) g; g", ("(1 - mu) / (1 - product) * g", "g / (1 - product)")),
    wrong(
        nadam,
        "nadam-no-correction",
        "each share is corrected; neither",
        ("following / (1 - product * following) * m + (1 - mu) / (1 - product) * g", "following * m + (1 - mu) * g"),
    ),
    wrong(nadam, "nadam-constant", "the momentum rises where asked for; β₁", ('if momentum == "rising":', "if False:")),
    wrong(nadam, "nadam-always-rising", "β₁ where asked for; rising", ('if momentum == "rising":', "if True:")),
    wrong(nadam, "nadam-base", "0.96; 0.996", ("decimal(0.96, beta)", "decimal(0.996, beta)")),
    wrong(nadam, "nadam-no-half", "1 − ½ · 0.96^…; 1 − 0.96^…", ("** t / 2", "** t")),
    wrong(
        nadam,
        "nadam-keras-decay",
        "ψ as asked for; 1",
        ("constants.decimal(momentum_decay, g)", "constants.whole(1, g)"),
    ),
    wrong(
        nadam,
        "nadam-rises-one-late",
        "μₜ; μₜ₋₁",
        ("(beta, t * decay), _rising(beta, (t + 1) * decay)", "(beta, (t - 1) * decay), _rising(beta, t * decay)"),
    ),
    wrong(nadam, "nadam-second-uncorrected", "v / (1 − β₂ᵗ); v", ("v / correction(betas[1], t, g)", "v")),
    wrong(nadam, "nadam-second-as-published", "v̂; β₂ v̂", ('if moments == "dozat":', "if True:")),
    wrong(nadam, "nadam-second-never-as-published", "β₂ v̂ where asked for; v̂", ('if moments == "dozat":', "if False:")),
    wrong(
        nadam,
        "nadam-moment-as-published",
        "m by β₁; by μₜ",
        ('if moments == "adam" else mu * state.m', "if False else mu * state.m"),
    ),
    wrong(nadam, "nadam-eps-inside", "√v̂ + ε; √(v̂ + ε)", ("(np.sqrt(second) + eps)", "np.sqrt(second + eps)")),
    wrong(
        nadam,
        "D03-decay-not-in-own-share",
        "decay in m, v and g's share; in the moments alone",
        ("(1 - mu) / (1 - product) * g", "(1 - mu) / (1 - product) * gradient"),
    ),
    wrong(
        nadam,
        "D03-decay-not-in-the-moments",
        "decay in m, v and g's share; in that share alone",
        ("moment(state.m, g, betas[0])", "moment(state.m, gradient, betas[0])"),
        ("np.square(g)", "np.square(gradient)"),
    ),
    wrong(
        nadam,
        "D03-rescaled-without-decay",
        "s (g + λ θ), a gradient scaled by s; s g + λ θ, with s = ½ where s = 1",
        (APART, APART + "\n    g = g if decoupled_weight_decay else g + 0.5 * weight_decay * param"),
    ),
    wrong(
        nadam,
        "D05-nadam-always-coupled",
        "decoupled where asked for; never",
        (APART, APART.replace("=decoupled_weight_decay", "=False")),
    ),
    wrong(
        nadam,
        "D05-nadam-always-decoupled",
        "in the gradient unless asked for; decoupled",
        (APART, APART.replace("=decoupled_weight_decay", "=True")),
    ),
]

RADAM = [
    wrong(
        radam,
        "radam-never",
        "rectified from its length on; never",
        ("if length > threshold or", "if False and"),
    ),
    wrong(
        radam,
        "radam-always",
        "undivided at first; rectified by the size of what stands under the root",
        ("if length > threshold or", "if True or"),
        ("np.sqrt(spread)", "np.sqrt(np.abs(spread))"),
    ),
    wrong(radam, "radam-from-four", "the threshold as asked for; 4", ("length > threshold", "length > 4")),
    wrong(radam, "radam-from-five", "the threshold as asked for; 5", ("length > threshold", "length > 5")),
    wrong(
        radam,
        "radam-skips",
        "a plain step at first; none",
        ("theta - lr * step", "theta - lr * step * bool(length > threshold)"),
    ),
    wrong(
        radam,
        "radam-plain-uncorrected",
        "a plain step of m̂; of m",
        ("theta - lr * step", "theta - lr * (step if length > threshold else m)"),
    ),
    wrong(
        radam,
        "radam-plain-gradient",
        "a plain step of m̂; of g",
        ("theta - lr * step", "theta - lr * (step if length > threshold else g)"),
    ),
    wrong(radam, "radam-no-rectifier", "r m̂ / …; m̂ / …, as Adam", ("np.sqrt(spread) * step", "step")),
    wrong(radam, "radam-no-root", "r = √…; without the root", ("np.sqrt(spread) * step", "spread * step")),
    wrong(radam, "radam-turned-over", "r; 1 / r", ("np.sqrt(spread) * step", "step / np.sqrt(spread)")),
    wrong(
        radam,
        "radam-rectifier-of-the-longest",
        "ρₜ and ρ∞ in their places; exchanged in the last factors",
        ("(length - 2) * longest /", "(length - 2) * length /"),
        ("(longest - 2) * length)", "(longest - 2) * longest)"),
    ),
    wrong(radam, "radam-longest", "2 / (1 − β₂) − 1; 2 / (1 − β₂)", ("2 / (1 - beta) - 1", "2 / (1 - beta)")),
    wrong(
        radam,
        "radam-longest-of-first",
        "ρ∞ of β₂; of β₁",
        ("2 / (1 - beta) - 1", "2 / (1 - constants.decimal(betas[0], g)) - 1"),
        ("(length - 4) * (length - 2) * longest", "np.abs((length - 4) * (length - 2) * longest)"),
        ("np.sqrt(spread)", "np.sqrt(np.abs(spread))"),
    ),
    wrong(
        radam,
        "radam-no-two",
        "2 t β₂ᵗ; t β₂ᵗ",
        ("2 * t * power", "t * power"),
        ("np.sqrt(spread)", "np.sqrt(np.abs(spread))"),
    ),
    wrong(
        radam,
        "D12-radam-length-one-late",
        "ρₜ; ρₜ₋₁, at first the longest",
        ("2 * t * power / of_v", "2 * (t - 1) * beta ** (t - 1) / np.where(t > 1, 1 - beta ** (t - 1), 1)"),
        ("np.sqrt(spread)", "np.sqrt(np.abs(spread))"),
    ),
    wrong(radam, "radam-second-uncorrected", "v̂; v", ("divisor(v / of_v, ", "divisor(v, ")),
    wrong(radam, "radam-no-nesterov", "looks ahead where told to; never", ("if nesterov else", "if False else")),
    wrong(radam, "radam-eps-beside", "ε where asked for; beside √v̂", ("of_v, eps, eps_at)", "of_v, eps, 'root')")),
    wrong(radam, "radam-eps-hat", "ε where asked for; beside √v", ("of_v, eps, eps_at)", "of_v, eps, 'hat')")),
    wrong(
        radam,
        "D05-radam-always-coupled",
        "decoupled where asked for; never",
        (APART, APART.replace("=decoupled_weight_decay", "=False")),
    ),
    wrong(
        radam,
        "D05-radam-always-decoupled",
        "in the gradient unless asked for; decoupled",
        (APART, APART.replace("=decoupled_weight_decay", "=True")),
    ),
]

ADAMAX = [
    wrong(adamax, "adamax-no-fading", "β₂ u; u", ("betas[1] * state.u", "state.u")),
    wrong(adamax, "adamax-newest", "the larger of β₂ u and |g|; |g|", ("np.maximum(betas[1] * state.u, size)", "size")),
    wrong(
        adamax,
        "adamax-smaller",
        "the larger; the smaller, at first |g|",
        ("np.maximum(betas[1] * state.u, size)", "np.minimum(betas[1] * state.u, size) if state.t else size"),
    ),
    wrong(adamax, "adamax-with-sign", "|g|; g", ("np.abs(g) + eps if", "g + eps if"), ("else np.abs(g)", "else g")),
    wrong(
        adamax,
        "adamax-averaged",
        "max(β₂ u, |g|); β₂ u + (1 − β₂) |g|",
        ("np.maximum(betas[1] * state.u, size)", "moment(state.u, size, betas[1])"),
    ),
    wrong(
        adamax,
        "adamax-of-m",
        "|g|; |m|",
        ("np.abs(g) + eps if", "np.abs(m) + eps if"),
        ("else np.abs(g)", "else np.abs(m)"),
    ),
    wrong(
        adamax,
        "adamax-largest-of-all",
        "each number its own; the largest of the parameter",
        (
            "u = np.maximum(betas[1] * state.u, size)",
            "u = np.maximum(betas[1] * state.u, np.full_like(size, size.max()))",
        ),
    ),
    wrong(
        adamax,
        "D10-adamax-u-corrected",
        "u as it is; u / (1 − β₂ᵗ)",
        ("/ (u if eps_at", "* correction(betas[1], t, g) / (u if eps_at"),
    ),
    wrong(adamax, "D14-adamax-never", "m̂; m", ("if bias_correction else m", "if False else m")),
    wrong(adamax, "D14-adamax-always", "m where told so; m̂", ("if bias_correction else m", "if True else m")),
    wrong(
        adamax,
        "D12-adamax-one-late",
        "t = 1 at the first step; 2",
        ("correction(betas[0], t, g)", "correction(betas[0], t + 1, g)"),
    ),
    wrong(
        adamax,
        "D07-adamax-eps-beside",
        "max(β₂ u, |g| + ε); max(β₂ u, |g|) + ε at the step",
        ('size = np.abs(g) + eps if eps_at == "size" else np.abs(g)', "size = np.abs(g)"),
        ('(u if eps_at == "size" else u + eps)', "(u + eps)"),
    ),
    wrong(
        adamax,
        "D07-adamax-eps-in-the-size",
        "u + ε at the step where asked for; |g| + ε",
        ('size = np.abs(g) + eps if eps_at == "size" else np.abs(g)', "size = np.abs(g) + eps"),
        ('(u if eps_at == "size" else u + eps)', "u"),
    ),
    wrong(adamax, "D07-adamax-eps-both", "ε once; twice", ('(u if eps_at == "size" else u + eps)', "(u + eps)")),
    wrong(
        adamax,
        "D05-adamax-always-coupled",
        "decoupled where asked for; never",
        (APART, APART.replace("=decoupled_weight_decay", "=False")),
    ),
    wrong(
        adamax,
        "D05-adamax-always-decoupled",
        "in the gradient unless asked for; decoupled",
        (APART, APART.replace("=decoupled_weight_decay", "=True")),
    ),
]

ADABELIEF = [
    wrong(adabelief, "adabelief-of-g", "(g − m)²; g², as Adam", ("np.square(gradient - m)", "np.square(gradient)")),
    wrong(
        adabelief,
        "adabelief-old-momentum",
        "(g − mₜ)²; (g − mₜ₋₁)²",
        ("np.square(gradient - m)", "np.square(gradient - state.m)"),
    ),
    wrong(
        adabelief,
        "adabelief-corrected-momentum",
        "(g − m)²; (g − m̂)²",
        ("np.square(gradient - m)", "np.square(gradient - m / correction(betas[0], t, gradient))"),
    ),
    wrong(adabelief, "adabelief-sum", "(g − m)²; (g + m)²", ("np.square(gradient - m)", "np.square(gradient + m)")),
    wrong(adabelief, "adabelief-size", "(g − m)²; |g − m|", ("np.square(gradient - m)", "np.abs(gradient - m)")),
    wrong(
        adabelief,
        "D07-adabelief-root-not-kept",
        "ε_root stays in s; added at the step alone",
        (") + eps_root", ")"),
        (
            "np.sqrt(s / correction(betas[1], t, gradient))",
            "np.sqrt((s + eps_root) / correction(betas[1], t, gradient))",
        ),
    ),
    wrong(
        adabelief,
        "D07-adabelief-root-after-correction",
        "s + ε_root is corrected; ŝ + ε_root",
        (") + eps_root", ")"),
        ("np.sqrt(s / correction(betas[1], t, gradient))", "np.sqrt(s / correction(betas[1], t, gradient) + eps_root)"),
    ),
    wrong(adabelief, "D07-adabelief-no-root", "s + ε_root; s", (") + eps_root", ")")),
    wrong(
        adabelief,
        "D07-adabelief-averaged-root",
        "+ ε_root; + (1 − β₂) ε_root",
        (") + eps_root", ") + (1 - betas[1]) * eps_root"),
    ),
    wrong(
        adabelief,
        "D07-adabelief-eps-missing",
        "√ŝ + ε; √ŝ, or 1 where that is zero",
        (
            "np.sqrt(s / correction(betas[1], t, gradient)) + eps)",
            "np.sqrt(np.where(s == 0, 1, s) / correction(betas[1], t, gradient)))",
        ),
    ),
    wrong(
        adabelief,
        "D14-adabelief-s-uncorrected",
        "ŝ; s",
        ("np.sqrt(s / correction(betas[1], t, gradient))", "np.sqrt(s)"),
    ),
    wrong(
        adabelief,
        "D12-adabelief-one-late",
        "t = 1 at the first step; 2",
        ("t = state.t + 1", "t = state.t + 2"),
        ("State(t, m, s)", "State(state.t + 1, m, s)"),
    ),
    wrong(
        adabelief, "adabelief-no-nesterov", "looks ahead where told to; never", ("if nesterov else", "if False else")
    ),
]

YOGI = [
    wrong(
        yogi,
        "yogi-as-adam",
        "by the sign of v − g²; by the difference, as Adam",
        ("np.sign(v - square) * square", "(v - square)"),
    ),
    wrong(
        yogi,
        "yogi-turned-round",
        "v − (1 − β₂) sign …; v + …",
        ("v = v - (1", "v = v + (1"),
        ("np.sqrt(second)", "np.sqrt(np.abs(second))"),
    ),
    wrong(
        yogi,
        "yogi-sign-times-v",
        "sign(v − g²) g²; sign(v − g²) v",
        ("np.sign(v - square) * square", "np.sign(v - square) * v"),
    ),
    wrong(
        yogi,
        "yogi-sign-of-g",
        "sign(v − g²); sign(v − |g|)",
        ("np.sign(v - square)", "np.sign(v - np.abs(gradient))"),
        ("np.sqrt(second)", "np.sqrt(np.abs(second))"),
    ),
    wrong(
        yogi,
        "yogi-whole",
        "(1 − β₂) …; all of it",
        ("(1 - constants.decimal(betas[1], gradient)) * np.sign", "np.sign"),
        ("np.sqrt(second)", "np.sqrt(np.abs(second))"),
    ),
    wrong(
        yogi,
        "yogi-up-at-ties",
        "v stays where it is g²; goes up",
        ("np.sign(v - square)", "np.where(v > square, np.float32(1), np.float32(-1)).astype(square.dtype)"),
    ),
    wrong(
        yogi,
        "yogi-down-at-ties",
        "v stays where it is g²; goes down",
        ("np.sign(v - square)", "np.where(v >= square, np.float32(1), np.float32(-1)).astype(square.dtype)"),
    ),
    wrong(
        yogi,
        "yogi-from-zero",
        "v₀ as asked for; 0",
        ("constants.decimal(initial, gradient)", "constants.decimal(0.0, gradient)"),
    ),
    wrong(yogi, "yogi-m-from-zero", "m₀ is v₀; 0", ('if first_moment == "initial" else', "if False else")),
    wrong(
        yogi,
        "yogi-m-from-initial",
        "m₀ is 0 where asked for; v₀",
        ('if first_moment == "initial" else', "if True else"),
    ),
    wrong(yogi, "yogi-eps-inside", "√v̂ + ε; √(v̂ + ε)", ("(np.sqrt(second) + eps)", "np.sqrt(second + eps)")),
    wrong(
        yogi, "D14-yogi-never", "corrected unless told otherwise; never", ("    if bias_correction:", "    if False:")
    ),
    wrong(yogi, "D14-yogi-always", "as they are where told so; corrected", ("    if bias_correction:", "    if True:")),
    wrong(
        yogi,
        "D12-yogi-one-late",
        "t = 1 at the first step; 2",
        ("t = state.t + 1", "t = state.t + 2"),
        ("State(t, m, v)", "State(state.t + 1, m, v)"),
    ),
]

ADAN = [
    wrong(
        adan, "adan-ahead-by-new", "g and m look ahead by β₂; by 1 − β₂", ('if ahead == "kept" else', "if False else")
    ),
    wrong(adan, "adan-ahead-by-kept", "by 1 − β₂ where asked for; by β₂", ('if ahead == "kept" else', "if True else")),
    wrong(
        adan,
        "adan-first-change",
        "no change at the first step; g itself",
        ("(gradient if state.g is None", "(0 * gradient if state.g is None"),
    ),
    wrong(
        adan,
        "adan-change-sign",
        "gₜ − gₜ₋₁; gₜ₋₁ − gₜ",
        (
            "change = gradient - (gradient if state.g is None else state.g)",
            "change = (gradient if state.g is None else state.g) - gradient",
        ),
    ),
    wrong(
        adan,
        "adan-change-from-m",
        "gₜ − gₜ₋₁; gₜ − mₜ₋₁",
        (
            "change = gradient - (gradient if state.g is None else state.g)",
            "change = gradient - (gradient if state.g is None else state.m)",
        ),
    ),
    wrong(
        adan,
        "adan-first-gradient-kept",
        "the last gradient; the first",
        ("State(t, m, v, n, gradient)", "State(t, m, v, n, gradient if state.g is None else state.g)"),
    ),
    wrong(adan, "adan-n-of-g", "(g + β₂ d)²; g²", ("np.square(gradient + by * change)", "np.square(gradient)")),
    wrong(
        adan,
        "adan-n-of-whole",
        "(g + β₂ d)²; (g + d)²",
        ("np.square(gradient + by * change)", "np.square(gradient + change)"),
    ),
    wrong(adan, "adan-no-v", "m̂ + β₂ v̂; m̂", (" + by / of_v * v", "")),
    wrong(adan, "adan-v-whole", "m̂ + β₂ v̂; m̂ + v̂", ("by / of_v * v", "v / of_v")),
    wrong(
        adan,
        "adan-betas-swapped",
        "β₁ for m, β₂ for v; the other way round",
        (
            "moment(state.m, gradient, betas[0]), moment(state.v, change, betas[1])",
            "moment(state.m, gradient, betas[1]), moment(state.v, change, betas[0])",
        ),
    ),
    wrong(adan, "adan-one-correction", "each moment's own correction; m's for v", ("by / of_v * v", "by / of_m * v")),
    wrong(adan, "D14-adan-n-uncorrected", "n̂; n", ("n / of_n", "n")),
    wrong(
        adan,
        "D12-adan-one-late",
        "t = 1 at the first step; 2",
        ("t = state.t + 1", "t = state.t + 2"),
        ("after = State(t, m", "after = State(state.t + 1, m"),
    ),
    wrong(
        adan,
        "adan-eps-inside",
        "√(n̂ + ε_root) + ε; √(n̂ + ε_root + ε)",
        ("(np.sqrt(n / of_n + eps_root) + eps)", "np.sqrt(n / of_n + eps_root + eps)"),
    ),
    wrong(adan, "adan-no-root-eps", "√(n̂ + ε_root); √n̂", (" + eps_root", "")),
    wrong(adan, "D05-adan-always-decoupled", "θ / (1 + lr λ); θ − lr λ θ", ('if decay == "decoupled":', "if True:")),
    wrong(
        adan,
        "D05-adan-always-proximal",
        "θ − lr λ θ where asked for; θ / (1 + lr λ)",
        ('if decay == "decoupled":', "if False:"),
    ),
    wrong(
        adan,
        "D05-adan-decay-of-theta-alone",
        "(θ − lr u) / (1 + lr λ); θ / (1 + lr λ) − lr u",
        (
            "(param - step) / (1 + lr * constants.decimal(weight_decay, gradient))",
            "param / (1 + lr * constants.decimal(weight_decay, gradient)) - step",
        ),
    ),
]


class _Missed(NamedTuple):
    """The state of sparse Adam, and how many steps each row has missed."""

    t: int
    m: np.ndarray
    v: np.ndarray
    missed: np.ndarray


def _made_up(more: int) -> Callable[[], Patches]:
    """A row that is back makes up for the steps that it missed, and so many more."""

    def plant() -> Patches:
        right = sparse_adam.update

        def update(gradient: Any, state: Any, param: Any, *, betas: Any = (0.9, 0.999), **options: Any) -> Any:
            present = np.any(gradient != 0, axis=tuple(range(1, gradient.ndim)), keepdims=True)
            missed = getattr(state, "missed", np.zeros_like(gradient))
            m, v = (
                np.where(present, x * b ** (missed + more), x) for x, b in zip((state.m, state.v), betas, strict=True)
            )
            moved, after = right(gradient, sparse_adam.State(state.t, m, v), param, betas=betas, **options)
            return moved, _Missed(*after, np.where(present, 0, missed + 1).astype(param.dtype))

        return {(sparse_adam, "update"): update}

    return plant


SPARSE = [
    wrong(
        sparse_adam,
        "sparse-adam-dense",
        "absent rows stay; everything moves, as Adam",
        ("present = np.any(gradient != 0, axis=axes, keepdims=True)", "present = np.True_"),
    ),
    wrong(
        sparse_adam,
        "sparse-adam-fades",
        "an absent row's moments stay; they fade",
        ("np.where(present, moment(state.m, gradient, betas[0]), state.m)", "moment(state.m, gradient, betas[0])"),
    ),
    wrong(
        sparse_adam,
        "sparse-adam-v-fades",
        "an absent row's moments stay; the second fades",
        (
            "np.where(present, moment(state.v, np.square(gradient), betas[1]), state.v)",
            "moment(state.v, np.square(gradient), betas[1])",
        ),
    ),
    wrong(
        sparse_adam,
        "sparse-adam-coasts",
        "an absent row stays; it moves by its moments",
        (
            "np.where(present, param - lr * (share * m / (np.sqrt(v) + eps)), param)",
            "param - lr * (share * m / (np.sqrt(v) + eps))",
        ),
    ),
    wrong(
        sparse_adam,
        "sparse-adam-by-number",
        "a row is there if any of it is; each number by itself",
        ("np.any(gradient != 0, axis=axes, keepdims=True)", "gradient != 0"),
    ),
    wrong(
        sparse_adam,
        "sparse-adam-whole-rows",
        "a row is there if any of it is; if all of it is",
        ("np.any(gradient", "np.all(gradient"),
    ),
    wrong(
        sparse_adam,
        "sparse-adam-by-column",
        "rows of the first axis; of the last",
        ("axes = tuple(range(1, gradient.ndim))", "axes = tuple(range(gradient.ndim - 1))"),
    ),
    wrong(
        sparse_adam,
        "D12-sparse-adam-counts-presence",
        "t counts steps; those with a row present",
        ("t = state.t + 1", "t = state.t + 1 if gradient.any() else max(state.t, 1)"),
        ("State(t, m, v)", "State(t if gradient.any() else state.t, m, v)"),
    ),
    wrong(
        sparse_adam,
        "D12-sparse-adam-one-late",
        "t = 1 at the first step; 2",
        ("t = state.t + 1", "t = state.t + 2"),
        ("State(t, m, v)", "State(state.t + 1, m, v)"),
    ),
    wrong(
        sparse_adam,
        "D07-sparse-adam-eps-of-adam",
        "ε beside √v; beside √v̂",
        ("np.sqrt(v) + eps", "np.sqrt(v) + eps * np.sqrt(correction(betas[1], t, gradient))"),
    ),
    wrong(sparse_adam, "D14-sparse-adam-never", "corrected; as they are", ("share * m", "m")),
    Fault(
        "D22-sparse-adam-made-up",
        "sparse_adam",
        "a row's moments stay for the n steps that it misses; when it is back they fade by βⁿ",
        "update",
        _made_up(0),
    ),
    Fault(
        "D22-sparse-adam-made-up-twice",
        "sparse_adam",
        "a row's moments stay for the n steps that it misses; when it is back they fade by βⁿ⁺¹",
        "update",
        _made_up(1),
    ),
]

FAULTS = [
    *ADAM,
    *ADAMW,
    *NADAM,
    *RADAM,
    *ADAMAX,
    *ADABELIEF,
    *YOGI,
    *ADAN,
    *SPARSE,
    *(fault for rule in RULES for fault in of_each(rule, *UPHILL[rule])),
]
