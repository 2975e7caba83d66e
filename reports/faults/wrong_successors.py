"""Mistakes in the rules that came after Adam. Each is the rule's own source with one place of it written wrongly."""

from ...reference.optimizers import (
    acprop,
    ademamix,
    adopt,
    fromage,
    madgrad,
    optimistic_adam,
    optimistic_gradient_descent,
    simplified_ademamix,
)
from .wrong_adam import of_each, wrong

ADOPT = [
    wrong(
        adopt,
        "adopt-own-gradient",
        "the divisor of the steps before; with this step's g², as Adam",
        ("np.sqrt(state.v)", "np.sqrt(moment(state.v, np.square(gradient), betas[1]))"),
    ),
    wrong(
        adopt,
        "adopt-averages-first",
        "n is averaged; g is, and then divided",
        ("moment(state.m, normed, betas[0])", "moment(state.m, gradient, betas[0])"),
        ("param - lr * step", "param - lr * step / np.maximum(np.sqrt(state.v), eps)"),
    ),
    wrong(
        adopt,
        "adopt-first-gradient-moves",
        "the first gradient moves nothing; a step by its sign",
        ("return param, State(1", "return param - lr * np.sign(gradient), State(1"),
    ),
    wrong(
        adopt,
        "adopt-v-from-zero",
        "v₁ = g²; (1 − β₂) g²",
        ("State(1, state.m, np.square(gradient))", "State(1, state.m, moment(state.v, np.square(gradient), betas[1]))"),
    ),
    wrong(
        adopt,
        "D14-adopt-corrected",
        "m as it is; divided by 1 − β₁ᵗ, as Adam",
        ("param - lr * step", "param - lr * step / (1 - gradient.dtype.type(betas[0]) ** state.t)"),
    ),
    wrong(
        adopt,
        "D12-adopt-clips-one-late",
        "clipped to ±(t − 1)^¼; to ±t^¼",
        ("constants.whole(state.t, gradient)", "constants.whole(state.t + 1, gradient)"),
    ),
    wrong(adopt, "adopt-clips-at-root", "(t − 1)^¼; (t − 1)^½", ("np.sqrt(np.sqrt(constants", "(np.sqrt(constants")),
    wrong(adopt, "adopt-never-clipped", "clipped where asked for; never", ("if clipped:", "if False:")),
    wrong(adopt, "adopt-always-clipped", "as it is where asked for; clipped", ("if clipped:", "if True:")),
    wrong(
        adopt,
        "adopt-clips-one-side",
        "between −c and c; at most c",
        ("np.maximum(np.minimum(normed, limit), -limit)", "np.minimum(normed, limit)"),
    ),
    wrong(
        adopt,
        "D07-adopt-eps-added",
        "max(√v, ε); √v + ε",
        ("np.maximum(np.sqrt(state.v), eps)", "(np.sqrt(state.v) + eps)"),
    ),
    wrong(
        adopt,
        "D07-adopt-eps-inside",
        "max(√v, ε); √max(v, ε)",
        ("np.maximum(np.sqrt(state.v), eps)", "np.sqrt(np.maximum(state.v, eps))"),
    ),
    wrong(adopt, "adopt-begins-whole", "(1 − β₁) n at first; n", ('and first == "whole" else', "else")),
    wrong(
        adopt, "adopt-begins-averaged", "n at first where asked for; (1 − β₁) n", ('== "whole" else', "is None else")
    ),
    wrong(adopt, "D19-adopt-no-nesterov", "looks ahead where told to; never", ("if nesterov else", "if False else")),
]


ADEMAMIX = [
    wrong(
        ademamix,
        "D14-ademamix-slow-corrected",
        "the slow momentum as it is; corrected as the fast one",
        ("share * s)", "share * s / (1 - slow**t))"),
    ),
    wrong(
        ademamix,
        "D14-ademamix-fast-uncorrected",
        "the fast momentum is corrected; as it is",
        ("(m / of_m + share", "(m + share"),
    ),
    wrong(ademamix, "D14-ademamix-v-uncorrected", "v̂; v", ("np.sqrt(v / of_v + eps_root)", "np.sqrt(v + eps_root)")),
    wrong(
        ademamix,
        "ademamix-slow-of-fast",
        "the slow momentum of g; of the fast one",
        ("(1 - slow) * gradient", "(1 - slow) * m"),
    ),
    wrong(ademamix, "ademamix-slow-sum", "(1 − β₃) g; g", ("(1 - slow) * gradient", "gradient")),
    wrong(
        ademamix,
        "ademamix-mean-of-both",
        "m̂ + α s; (m̂ + α s) / (1 + α)",
        ("(m / of_m + share * s)", "(m / of_m + share * s) / (1 + share)"),
    ),
    wrong(
        ademamix,
        "ademamix-convex",
        "m̂ + α s; (1 − α) m̂ + α s",
        ("(m / of_m + share * s)", "((1 - share) * m / of_m + share * s)"),
    ),
    wrong(ademamix, "ademamix-no-slow", "m̂ + α s; m̂", (" + share * s)", ")")),
    wrong(
        ademamix,
        "ademamix-betas-swapped",
        "β₂ for v, β₃ for s; the other way round",
        ("np.square(gradient), betas[1])", "np.square(gradient), betas[2])"),
        ("for b in betas[:2])", "for b in (betas[0], betas[2]))"),
        ("constants.decimal(betas[2], gradient)", "constants.decimal(betas[1], gradient)"),
    ),
    wrong(
        ademamix,
        "D12-ademamix-warms-up-late",
        "α of the first step is α / warm-up; 0",
        ("constants.whole(t, gradient) / alpha_warmup", "constants.whole(t - 1, gradient) / alpha_warmup"),
    ),
    wrong(
        ademamix,
        "ademamix-straight-beta",
        "half-lives on a straight line; β₃ itself",
        ("np.exp(first * last / ((1 - done) * last + done * first))", "start + (end - start) * done"),
    ),
    wrong(
        ademamix,
        "ademamix-ends-swapped",
        "from β₁ to β₃; from β₃ to β₁",
        ("((1 - done) * last + done * first)", "((1 - done) * first + done * last)"),
    ),
    wrong(
        ademamix,
        "D12-ademamix-one-late",
        "t = 1 at the first step; 2",
        ("t = state.t + 1", "t = state.t + 2"),
        ("State(t, m", "State(state.t + 1, m"),
    ),
    wrong(ademamix, "D07-ademamix-eps-inside", "√v̂ + ε; √(v̂ + ε)", ("+ eps_root) + eps)", "+ eps_root + eps))")),
    wrong(
        ademamix,
        "D05-ademamix-decay-in-gradient",
        "λ θ beside the step; in the gradient",
        ("    t = state.t + 1\n", "    t, gradient = state.t + 1, gradient + weight_decay * param\n"),
        ("(step + weight_decay * param)", "step"),
    ),
    wrong(
        ademamix,
        "D05-ademamix-decay-without-rate",
        "lr λ θ; λ θ",
        ("lr * (step + weight_decay * param)", "lr * step - weight_decay * param"),
    ),
]

SIMPLIFIED = [
    wrong(
        simplified_ademamix,
        "simplified-ademamix-average",
        "β₁ m + g; β₁ m + (1 − β₁) g",
        ("betas[0] * state.m + gradient", "moment(state.m, gradient, betas[0])"),
    ),
    wrong(
        simplified_ademamix,
        "D14-simplified-ademamix-m-corrected",
        "m as it is; m̂",
        ("(m + alpha", "(m / correction(betas[0], t, gradient) + alpha"),
    ),
    wrong(
        simplified_ademamix,
        "D14-simplified-ademamix-v-uncorrected",
        "v̂; v",
        ("v / correction(betas[1], t, gradient)", "v"),
    ),
    wrong(
        simplified_ademamix,
        "simplified-ademamix-alpha-of-m",
        "m + α g; α m + g",
        ("(m + alpha * gradient)", "(alpha * m + gradient)"),
    ),
    wrong(
        simplified_ademamix,
        "simplified-ademamix-convex",
        "m + α g; (1 − α) m + α g",
        ("(m + alpha", "((1 - alpha) * m + alpha"),
    ),
    wrong(simplified_ademamix, "simplified-ademamix-no-gradient", "m + α g; m", (" + alpha * gradient", "")),
    wrong(
        simplified_ademamix,
        "simplified-ademamix-old-momentum",
        "mₜ + α g; mₜ₋₁ + α g",
        ("(m + alpha", "(state.m + alpha"),
    ),
    wrong(
        simplified_ademamix,
        "D12-simplified-ademamix-one-late",
        "t = 1 at the first step; 2",
        ("t = state.t + 1", "t = state.t + 2"),
        ("State(t, m", "State(state.t + 1, m"),
    ),
    wrong(
        simplified_ademamix,
        "D07-simplified-ademamix-eps-inside",
        "√v̂ + ε; √(v̂ + ε)",
        ("+ eps_root) + eps)", "+ eps_root + eps))"),
    ),
    wrong(
        simplified_ademamix,
        "D05-simplified-ademamix-decay-in-gradient",
        "λ θ beside the step; in the gradient",
        ("    t = state.t + 1\n", "    t, gradient = state.t + 1, gradient + weight_decay * param\n"),
        ("(step + weight_decay * param)", "step"),
    ),
    wrong(
        simplified_ademamix,
        "D05-simplified-ademamix-decay-without-rate",
        "lr λ θ; λ θ",
        ("lr * (step + weight_decay * param)", "lr * step - weight_decay * param"),
    ),
]

MADGRAD = [
    wrong(
        madgrad,
        "madgrad-from-here",
        "from where the parameter began; from where it is",
        ("z = state.start - s", "z = param - s"),
    ),
    wrong(
        madgrad,
        "madgrad-square-root",
        "the cube root; the square root",
        ("constants.whole(1, g) / 3", "constants.whole(1, g) / 2"),
    ),
    wrong(
        madgrad,
        "madgrad-weighs-alike",
        "λ = lr √t; lr",
        ("counted = np.sqrt(constants.whole(t, g))", "counted = constants.whole(1, g)"),
    ),
    wrong(
        madgrad, "madgrad-weighs-by-t", "λ = lr √t; lr t", ("np.sqrt(constants.whole(t, g))", "constants.whole(t, g)")
    ),
    wrong(
        madgrad,
        "D12-madgrad-counts-from-zero",
        "√t, t = 1 at the first step; t = 0",
        ("constants.whole(t, g)", "constants.whole(t - 1, g)"),
    ),
    wrong(
        madgrad,
        "madgrad-latest-rate",
        "each gradient keeps its λ; all have the latest",
        ("s, v = state.s + weight * g", "s, v = state.s + counted * g"),
        ("state.start - s /", "state.start - lr * s /"),
    ),
    wrong(
        madgrad,
        "madgrad-v-unweighed",
        "v + λ g²; v + g²",
        ("state.v + weight * np.square(g)", "state.v + np.square(g)"),
    ),
    wrong(
        madgrad,
        "madgrad-v-weighed-twice",
        "v + λ g²; v + (λ g)²",
        ("weight * np.square(g)", "np.square(weight * g)"),
    ),
    wrong(madgrad, "madgrad-v-of-last", "the sum of λ g²; the last", ("state.v + weight * np", "weight * np")),
    wrong(
        madgrad,
        "madgrad-momentum-turned-round",
        "momentum θ + (1 − momentum) z; the other way round",
        (
            "momentum * param + (1 - constants.decimal(momentum, g)) * z",
            "momentum * z + (1 - constants.decimal(momentum, g)) * param",
        ),
    ),
    wrong(
        madgrad,
        "madgrad-no-momentum",
        "momentum θ + (1 − momentum) z; z",
        ("momentum * param + (1 - constants.decimal(momentum, g)) * z", "z"),
    ),
    wrong(
        madgrad,
        "D07-madgrad-eps-inside",
        "∛v + ε; ∛(v + ε)",
        ("np.power(v, constants.whole(1, g) / 3) + eps", "np.power(v + eps, constants.whole(1, g) / 3)"),
    ),
    wrong(
        madgrad,
        "madgrad-rate-without-eps",
        "lr + ε; lr",
        ("lr * counted + eps * counted if rate_eps else lr * counted", "lr * counted"),
    ),
    wrong(
        madgrad,
        "madgrad-rate-with-eps",
        "lr where asked for; lr + ε",
        ("if rate_eps else lr * counted", ""),
    ),
    wrong(
        madgrad,
        "madgrad-undefined",
        "0 where nothing came and ε is 0; 0 / 0",
        ("np.where(root == 0, 1, root)", "root"),
    ),
    wrong(
        madgrad,
        "D05-madgrad-decay-beside",
        "λ θ in the gradient; beside the step",
        ("g = gradient + weight_decay * param if weight_decay else gradient", "g = gradient"),
        ("    return momentum * param +", "    return momentum * param - lr * (weight_decay * param) +"),
    ),
]

ACPROP = [
    wrong(
        acprop,
        "acprop-as-adabelief",
        "the divisor of the step before; this step's",
        ("    known = ", "    before = "),
        ("+ eps_root\n", "+ eps_root\n    known = s / correction(betas[1], state.t + 1, gradient)\n"),
    ),
    wrong(acprop, "acprop-step-of-momentum", "the step is g; m", ("lr * (gradient /", "lr * (m /")),
    wrong(
        acprop,
        "acprop-step-of-corrected-momentum",
        "the step is g; m̂",
        ("lr * (gradient /", "lr * (m / correction(betas[0], state.t + 1, gradient) /"),
    ),
    wrong(
        acprop,
        "acprop-from-old-momentum",
        "the distance from mₜ; from mₜ₋₁",
        ('m if centre == "new" else state.m', "state.m"),
    ),
    wrong(
        acprop,
        "acprop-from-new-momentum",
        "the distance from mₜ₋₁ where asked for; from mₜ",
        ('m if centre == "new" else state.m', "m"),
    ),
    wrong(acprop, "acprop-uncentred", "(g − m)²; g², as Adam", ("np.square(gradient - middle)", "np.square(gradient)")),
    wrong(
        acprop,
        "acprop-first-step-rests",
        "g at the first step; nothing",
        ("constants.whole(1, gradient)", "constants.whole(1, gradient) * np.inf"),
    ),
    wrong(
        acprop,
        "acprop-first-step-by-size",
        "g at the first step; its sign",
        ("constants.whole(1, gradient)", "np.where(gradient == 0, 1, np.square(gradient))"),
    ),
    wrong(
        acprop,
        "D14-acprop-uncorrected",
        "ŝ; s",
        ("state.s / correction(betas[1], state.t, gradient)", "state.s"),
    ),
    wrong(
        acprop,
        "D12-acprop-corrected-one-late",
        "1 − β₂ᵗ⁻¹; 1 − β₂ᵗ",
        ("correction(betas[1], state.t, gradient)", "correction(betas[1], state.t + 1, gradient)"),
    ),
    wrong(acprop, "D07-acprop-no-root", "s + ε_root; s", (") + eps_root", ")")),
    wrong(acprop, "D07-acprop-eps-inside", "√ŝ + ε; √(ŝ + ε)", ("(np.sqrt(known) + eps)", "np.sqrt(known + eps)")),
    wrong(
        acprop,
        "D05-acprop-decay-in-gradient",
        "λ θ beside the step; in the gradient",
        ("    m = moment(", "    gradient = gradient + weight_decay * param\n    m = moment("),
        (" + weight_decay * param),", "),"),
    ),
    wrong(
        acprop,
        "D05-acprop-decay-without-rate",
        "lr λ θ; λ θ",
        ("+ eps) + weight_decay * param)", "+ eps)) - weight_decay * param"),
    ),
]

DESCENT = [
    wrong(
        optimistic_gradient_descent,
        "optimistic-as-momentum",
        "α g + β (g − g₋₁); α g + β (g₋₁ − g)",
        (
            "optimistic(gradient, state.before, alpha, beta, first)",
            "optimistic(gradient, state.before, alpha, -beta, first)",
        ),
    ),
    wrong(
        optimistic_gradient_descent,
        "optimistic-heavy-ball",
        "g − g₋₁; g₋₁ alone",
        (
            "optimistic(gradient, state.before, alpha, beta, first)",
            "(alpha * gradient - beta * (0 if state.before is None else state.before))",
        ),
    ),
    wrong(
        optimistic_gradient_descent,
        "optimistic-changes-swapped",
        "α of g, β of its change; the other way round",
        ("state.before, alpha, beta, first", "state.before, beta, alpha, first"),
    ),
    wrong(
        optimistic_gradient_descent,
        "optimistic-always-from-zero",
        "no change at the first step; g",
        ("alpha, beta, first)", 'alpha, beta, "zero")'),
    ),
    wrong(
        optimistic_gradient_descent,
        "optimistic-never-from-zero",
        "g at the first step where asked for; no change",
        ("alpha, beta, first)", 'alpha, beta, "same")'),
    ),
    wrong(
        optimistic_gradient_descent,
        "optimistic-plain",
        "α g + β (g − g₋₁); α g",
        ("optimistic(gradient, state.before, alpha, beta, first)", "alpha * gradient"),
    ),
    wrong(
        optimistic_gradient_descent,
        "optimistic-first-gradient-kept",
        "the last gradient; the first",
        ("State(gradient)", "State(gradient if state.before is None else state.before)"),
    ),
    wrong(
        optimistic_gradient_descent,
        "optimistic-change-without-rate",
        "lr β (g − g₋₁); β (g − g₋₁)",
        (
            "param - lr * optimistic(gradient, state.before, alpha, beta, first)",
            "param - optimistic(gradient, state.before, lr * alpha, beta, first)",
        ),
    ),
]

OPTIMISTIC_ADAM = [
    wrong(
        optimistic_adam,
        "optimistic-adam-change-of-gradient",
        "the change of Adam's step; of the gradient",
        ("    after = State(t, m, v, r)\n", "    after = State(t, m, v, gradient)\n"),
    ),
    wrong(
        optimistic_adam,
        "optimistic-adam-of-momentum",
        "the change of Adam's step; of its momentum, before it is divided",
        ("    after = State(t, m, v, r)\n", "    after = State(t, m, v, ahead)\n"),
    ),
    wrong(
        optimistic_adam,
        "optimistic-adam-other-way",
        "α r + β (r − r₋₁); α r − β (r − r₋₁)",
        ("    after =", "    beta = -beta\n    after ="),
    ),
    wrong(
        optimistic_adam,
        "optimistic-adam-plain",
        "α r + β (r − r₋₁); α r",
        ("    after =", "    beta = 0.0\n    after ="),
    ),
    wrong(
        optimistic_adam,
        "optimistic-adam-always-share",
        "β as a rate where asked for; a share of lr",
        ('optimism == "rate"', "False"),
    ),
    wrong(optimistic_adam, "optimistic-adam-always-rate", "β as a share of lr; a rate", ('optimism == "rate"', "True")),
    wrong(
        optimistic_adam,
        "optimistic-adam-always-from-zero",
        "no change at the first step; r",
        ("    after =", '    first = "zero"\n    after ='),
    ),
    wrong(
        optimistic_adam,
        "optimistic-adam-never-from-zero",
        "r at the first step where asked for; no change",
        ("    after =", '    first = "same"\n    after ='),
    ),
    wrong(
        optimistic_adam,
        "D19-optimistic-adam-no-nesterov",
        "looks ahead where told to; never",
        ("if nesterov else", "if False else"),
    ),
    wrong(
        optimistic_adam,
        "D19-optimistic-adam-nesterov",
        "looks ahead where told to; always",
        ("if nesterov else", "if True else"),
    ),
    wrong(optimistic_adam, "D14-optimistic-adam-m-uncorrected", "m̂; m", ("m / correction(betas[0], t, gradient)", "m")),
    wrong(optimistic_adam, "D14-optimistic-adam-v-uncorrected", "v̂; v", ("v / correction(betas[1], t, gradient)", "v")),
    wrong(
        optimistic_adam,
        "D12-optimistic-adam-one-late",
        "t = 1 at the first step; 2",
        ("t = state.t + 1", "t = state.t + 2"),
        ("State(t, m", "State(state.t + 1, m"),
    ),
    wrong(
        optimistic_adam,
        "D07-optimistic-adam-eps-inside",
        "√v̂ + ε; √(v̂ + ε)",
        ("+ eps_root) + eps)", "+ eps_root + eps))"),
    ),
    wrong(optimistic_adam, "D07-optimistic-adam-no-root-eps", "√(v̂ + ε_root); √v̂", (" + eps_root", "")),
]

FROMAGE = [
    wrong(
        fromage,
        "fromage-never-shorter",
        "(θ − lr r g) / √(1 + lr²); θ − lr r g",
        (" / np.sqrt(1 + np.square(rate))", ""),
    ),
    wrong(
        fromage,
        "fromage-parameter-alone-shorter",
        "(θ − lr r g) / √(1 + lr²); θ / √(1 + lr²) − lr r g",
        (
            "(param - rate * ratio * gradient) / np.sqrt(1 + np.square(rate))",
            "param / np.sqrt(1 + np.square(rate)) - rate * ratio * gradient",
        ),
    ),
    wrong(fromage, "fromage-no-root", "√(1 + lr²); 1 + lr²", ("np.sqrt(1 + np.square(rate))", "(1 + np.square(rate))")),
    wrong(fromage, "fromage-rate-not-squared", "√(1 + lr²); √(1 + lr)", ("np.square(rate)", "rate")),
    wrong(
        fromage,
        "fromage-ratio-turned-over",
        "‖θ‖ / ‖g‖; ‖g‖ / ‖θ‖",
        ("of_param / of_gradient", "of_gradient / of_param"),
    ),
    wrong(fromage, "fromage-no-ratio", "lr r g; lr g", ("rate * ratio * gradient", "rate * gradient")),
    wrong(
        fromage,
        "fromage-gradient-of-length-one",
        "‖θ‖ / ‖g‖; 1 / ‖g‖",
        ("else of_param / of_gradient", "else 1 / of_gradient"),
    ),
    wrong(
        fromage,
        "fromage-least-added",
        "max(‖·‖, min_norm); ‖·‖ + min_norm",
        (
            "np.maximum(length(param), min_norm), np.maximum(length(gradient), min_norm)",
            "length(param) + min_norm, length(gradient) + min_norm",
        ),
    ),
    wrong(
        fromage,
        "fromage-least-of-gradient-alone",
        "both norms are min_norm at least; the gradient's",
        ("np.maximum(length(param), min_norm)", "length(param)"),
    ),
    wrong(
        fromage,
        "fromage-zero-rests",
        "r = 1 where a norm is 0; 0",
        ("constants.whole(1, param) if", "constants.whole(0, param) if"),
    ),
    wrong(
        fromage,
        "fromage-rows",
        "one ratio for a parameter; one for each row",
        (
            "np.maximum(length(param), min_norm), np.maximum(length(gradient), min_norm)",
            "(np.maximum(np.sqrt(np.square(x).sum(-1, keepdims=True)), min_norm) for x in (param, gradient))",
        ),
        (
            "constants.whole(1, param) if of_param == 0 or of_gradient == 0 else of_param / of_gradient",
            "of_param / of_gradient",
        ),
    ),
    wrong(fromage, "fromage-uphill", "θ − lr r g; θ + lr r g", ("param - rate", "param + rate")),
]

FAULTS = [
    *FROMAGE,
    *DESCENT,
    *OPTIMISTIC_ADAM,
    *of_each(
        optimistic_gradient_descent,
        ("param - lr * optimistic", "param + lr * optimistic"),
    ),
    *of_each(
        optimistic_adam,
        ("param - lr * optimistic", "param + lr * optimistic"),
    ),
    *ACPROP,
    *of_each(acprop, ("param - lr * (gradient", "param + lr * (gradient")),
    *MADGRAD,
    *of_each(madgrad, ("state.start - s /", "state.start + s /")),
    *ADEMAMIX,
    *SIMPLIFIED,
    *of_each(ademamix, ("param - lr * (step", "param + lr * (step")),
    *of_each(simplified_ademamix, ("param - lr * (step", "param + lr * (step")),
    *ADOPT,
    *of_each(adopt, ("param - lr * step", "param + lr * step")),
]
