"""Optax's own optimizers, schedules, clipping and averages, in the same order as pytorch_optimizers.py."""

import warnings
from collections.abc import Callable
from typing import Any

import optax

from .base import Unsupported


def _decayed(weight_decay: float, rule: Any) -> Any:
    """Weight decay in the gradient, before the rule sees it."""
    return optax.chain(optax.add_decayed_weights(weight_decay), rule) if weight_decay else rule


def _adam(lr: Any, betas: Any, eps: float, eps_at: str, weight_decay: float, amsgrad: str) -> Any:
    if amsgrad == "raw":
        raise Unsupported("optax.amsgrad takes the largest v after its correction: amsgrad = 'corrected'")
    if eps_at == "hat":
        raise Unsupported("optax.adam adds eps to the root, or inside it: eps_at = 'root' or 'inside'")
    rule = optax.adam if amsgrad == "off" else optax.amsgrad
    at = {"eps": 0.0, "eps_root": eps} if eps_at == "inside" else {"eps": eps}
    return _decayed(weight_decay, rule(lr, *betas, **at))


def _rmsprop(lr: Any, alpha: float, initial: float, eps_at: str, weight_decay: float, **options: Any) -> Any:
    options["momentum"] = options["momentum"] or None
    rule = optax.rmsprop(lr, decay=alpha, initial_scale=initial, eps_in_sqrt=eps_at == "inside", **options)
    return _decayed(weight_decay, rule)


def _adamw(lr: Any, betas: Any, eps: float, eps_at: str, weight_decay: float) -> Any:
    if eps_at == "hat":
        raise Unsupported("optax.adamw adds eps to the root, or inside it: eps_at = 'root' or 'inside'")
    at = {"eps": 0.0, "eps_root": eps} if eps_at == "inside" else {"eps": eps}
    return optax.adamw(lr, *betas, **at, weight_decay=weight_decay)


def _nadam(lr: Any, betas: Any, eps: float, weight_decay: float, decoupled_weight_decay: bool) -> Any:
    if decoupled_weight_decay:
        return optax.nadamw(lr, *betas, eps, weight_decay=weight_decay)
    return _decayed(weight_decay, optax.nadam(lr, *betas, eps))


def _radam(lr: Any, betas: Any, eps: float, eps_at: str, weight_decay: float, nesterov: bool, threshold: float) -> Any:
    if eps_at == "hat":
        raise Unsupported("optax.radam adds eps to the root, or inside it: eps_at = 'root' or 'inside'")
    at = {"eps": 0.0, "eps_root": eps} if eps_at == "inside" else {"eps": eps}
    return _decayed(weight_decay, optax.radam(lr, *betas, **at, threshold=threshold, nesterov=nesterov))


def _adamax(lr: Any, betas: Any, eps: float, weight_decay: float, decoupled_weight_decay: bool) -> Any:
    if decoupled_weight_decay:
        return optax.adamaxw(lr, *betas, eps, weight_decay)
    return _decayed(weight_decay, optax.adamax(lr, *betas, eps))


def _yogi(lr: Any, betas: Any, eps: float, initial: float) -> Any:
    """optax.yogi has no word for where the moments begin; what it is made of has."""
    scaled = optax.scale_by_yogi(*betas, eps, initial_accumulator_value=initial)
    return optax.chain(scaled, optax.scale_by_learning_rate(lr))


def _lamb(lr: Any, betas: Any, eps: float, eps_at: str, weight_decay: float) -> Any:
    at = {"eps": 0.0, "eps_root": eps} if eps_at == "inside" else {"eps": eps, "eps_root": 0.0}
    return optax.lamb(lr, *betas, **at, weight_decay=weight_decay)


def _adafactor(
    lr: Any,
    beta2_decay: float,
    eps: Any,
    d: float,
    relative: bool,
    weight_decay: float,
    momentum: float,
    min_size: int,
) -> Any:
    if relative and eps[1] != 1e-3:
        raise Unsupported("optax.adafactor has 0.001 for the second eps")
    return optax.adafactor(
        lr,
        min_dim_size_to_factor=min_size,
        decay_rate=-beta2_decay,
        multiply_by_parameter_scale=relative,
        clipping_threshold=d,
        momentum=momentum or None,
        dtype_momentum=None,
        weight_decay_rate=weight_decay or None,
        eps=eps[0],
    )


def _muon(lr: Any, momentum: float, ns_coefficients: Any, scale: str, **options: Any) -> Any:
    if scale == "rows":
        raise Unsupported("optax.contrib.muon scales by columns, or for an RMS: scale = 'columns' or 'rms'")
    rms = 0.2 if scale == "rms" else None
    return optax.contrib.muon(lr, ns_coefficients, beta=momentum, consistent_rms=rms, **options)


def _lbfgs(lr: Any, history_size: int, scaled: bool, line_search: str) -> Any:
    if line_search == "strong_wolfe":
        raise Unsupported("optax.lbfgs searches along the line in its own way: line_search = 'zoom'")
    zoom = optax.scale_by_zoom_linesearch(max_linesearch_steps=20, initial_guess_strategy="one")  # its own default
    return optax.lbfgs(lr, history_size, scaled, zoom if line_search == "zoom" else None)


def _restarts(lr: float, T: int, T_mult: int, min_lr: float) -> Any:
    """Ten cycles, each given by its length: Optax has no end to end them by."""
    cycle = {"init_value": lr, "peak_value": lr, "warmup_steps": 0, "end_value": min_lr}
    return optax.sgdr_schedule([cycle | {"decay_steps": T * T_mult**i} for i in range(10)])


def _one_cycle(lr: float, anneal_strategy: str, three_phase: bool, pct_final: float | None, **options: Any) -> Any:
    given = {"peak_value": lr, "transition_steps": options.pop("total_steps"), **options}
    if anneal_strategy == "linear":
        if not three_phase or pct_final is None:
            raise Unsupported("optax.linear_onecycle_schedule has three phases, and wants to be told pct_final")
        return optax.linear_onecycle_schedule(pct_final=pct_final, **given)
    if three_phase:
        raise Unsupported("optax.cosine_onecycle_schedule has two phases")
    return optax.cosine_onecycle_schedule(**given)


def _ademamix(lr: Any, betas: Any, alpha: float, alpha_warmup: int, beta3_warmup: int, **options: Any) -> Any:
    if beta3_warmup:
        raise Unsupported("Optax leaves it to the user to write the function by which β₃ warms up")
    warming = optax.linear_schedule(0.0, alpha, alpha_warmup)
    mixed = (lambda count: warming(count + 1)) if alpha_warmup else alpha
    return optax.contrib.ademamix(lr, *betas, mixed, **options)


def _acprop(lr: Any, betas: Any, centre: str, **options: Any) -> Any:  # noqa: ARG001 - see below
    """The distance that its docstring has is asked of it as well as the one that it takes."""
    return optax.contrib.acprop(lr, *betas, **options)


def _optimistic_adam(lr: Any, betas: Any, alpha: float, beta: float, optimism: str, **options: Any) -> Any:
    if optimism == "share":
        return optax.optimistic_adam_v2(lr, alpha=alpha, beta=beta, b1=betas[0], b2=betas[1], **options)
    if alpha != 1 or callable(lr):
        raise Unsupported("optax.optimistic_adam, whose optimism is a rate, has no alpha and takes no schedule")
    with warnings.catch_warnings():  # it is deprecated
        warnings.simplefilter("ignore", DeprecationWarning)
        return optax.optimistic_adam(lr, beta, *betas, **options)


def _novograd(lr: Any, betas: Any, eps: float, eps_at: str, weight_decay: float) -> Any:
    at = {"eps": 0.0, "eps_root": eps} if eps_at == "inside" else {"eps": eps}
    return optax.novograd(lr, *betas, weight_decay=weight_decay, **at)


def _sgd_velocity(lr: Any, momentum: float, nesterov: bool, weight_decay: float) -> Any:
    """The two parts of optax.sgd the other way round: first the rate, and then the momentum."""
    return _decayed(weight_decay, optax.chain(optax.scale_by_learning_rate(lr), optax.trace(momentum, nesterov)))


def _plateau(lr: float, patience: int, threshold: float, threshold_mode: str, min_lr: float, **options: Any) -> Any:  # noqa: ARG001
    """Optax's patience is the loss at which the rate falls, and not how many it lets pass."""
    if threshold == 0:
        raise Unsupported("optax.contrib.reduce_on_plateau wants a threshold above 0")
    by = {"rtol": threshold, "atol": 0.0} if threshold_mode == "rel" else {"rtol": 0.0, "atol": threshold}
    return optax.contrib.reduce_on_plateau(patience=patience + 1, min_scale=min_lr, **by, **options)


OPTIMIZERS: dict[str, Callable[..., Any]] = {
    "sgd": lambda lr, momentum, nesterov, weight_decay: _decayed(
        weight_decay, optax.sgd(lr, momentum or None, nesterov)
    ),
    "sgd_velocity": _sgd_velocity,
    "sign_sgd": lambda lr, momentum: optax.signum(lr, momentum) if momentum else optax.sign_sgd(lr),
    "lion": lambda lr, betas, weight_decay: optax.lion(lr, *betas, weight_decay=weight_decay),
    "adagrad": lambda lr, weight_decay, initial, eps: _decayed(weight_decay, optax.adagrad(lr, initial, eps)),
    "adadelta": optax.adadelta,
    "rmsprop": _rmsprop,
    "rprop": lambda lr, etas, step_sizes: optax.rprop(lr, *etas, *step_sizes),
    "adam": _adam,
    "adamw": _adamw,
    "adamax": _adamax,
    "nadam": _nadam,
    "radam": _radam,
    "adabelief": lambda lr, betas, eps, eps_root, nesterov: optax.adabelief(
        lr, *betas, eps, eps_root, nesterov=nesterov
    ),
    "yogi": _yogi,
    "adan": lambda lr, betas, eps, eps_root, weight_decay: optax.adan(lr, *betas, eps, eps_root, weight_decay),
    "adopt": lambda lr, betas, eps, clipped, nesterov: optax.contrib.adopt(
        lr, *betas, eps, nesterov=nesterov, use_clipping=clipped
    ),
    "ademamix": _ademamix,
    "simplified_ademamix": lambda lr, betas, **options: optax.contrib.simplified_ademamix(lr, *betas, **options),
    "madgrad": lambda lr, **options: optax.contrib.madgrad(lr, **options),
    "acprop": _acprop,
    "optimistic_gradient_descent": lambda lr, **options: optax.optimistic_gradient_descent(lr, **options),
    "optimistic_adam": _optimistic_adam,
    "novograd": _novograd,
    "adafactor": _adafactor,
    "sm3": lambda lr, momentum: optax.sm3(lr, momentum),
    "lamb": _lamb,
    "lars": lambda lr, **options: optax.lars(lr, **options),
    "fromage": lambda lr, min_norm: optax.fromage(lr, min_norm),
    "muon": _muon,
    "lbfgs": _lbfgs,
    "polyak_sgd": lambda lr, **options: optax.polyak_sgd(lr, **options),
    "dowg": lambda lr, initial, eps, weight_decay: optax.contrib.dowg(lr, initial, eps, weight_decay),
    "dog": lambda lr, initial_step, initial, eps, weight_decay: optax.contrib.dog(
        lr, (initial_step, initial), eps, weight_decay
    ),
    "cocob": lambda lr, alpha, eps, weight_decay: optax.contrib.cocob(lr, alpha, eps, weight_decay),
    "schedule_free_sgd": lambda lr, beta, weight_decay, weight_lr_power: optax.contrib.schedule_free_sgd(
        lr, b1=beta, weight_decay=weight_decay or None, weight_lr_power=weight_lr_power
    ),
    "schedule_free_adamw": lambda lr, betas, eps, weight_decay, weight_lr_power: optax.contrib.schedule_free_adamw(
        lr, None, *betas, eps, weight_decay, weight_lr_power
    ),
    "prodigy": lambda lr, betas, beta3, eps, initial, factor, weight_decay, safeguard: optax.contrib.prodigy(
        lr, betas, beta3, eps, initial, factor, weight_decay, safeguard
    ),
    "dadapt_adamw": lambda lr, betas, eps, initial, weight_decay: optax.contrib.dadapt_adamw(
        lr, betas, eps, initial, weight_decay
    ),
    "momo": lambda lr, momentum, lower_bound, adaptive, weight_decay: optax.contrib.momo(
        lr, momentum, lower_bound, weight_decay, adaptive
    ),
    "momo_adam": lambda lr, betas, eps, lower_bound, adaptive, weight_decay: optax.contrib.momo_adam(
        lr, *betas, eps, lower_bound, weight_decay, adaptive
    ),
    "mechanic_sgd": lambda lr, memories, eps, initial, decay: optax.contrib.mechanize(
        optax.sgd(lr), decay, eps, initial, memories
    ),
}
DEFAULTS: dict[str, Callable[..., Any]] = {  # called with a rate and nothing else
    "sgd": optax.sgd,
    "sign_sgd": optax.sign_sgd,
    "lion": optax.lion,
    "adagrad": optax.adagrad,
    "adadelta": optax.adadelta,
    "rmsprop": optax.rmsprop,
    "rprop": optax.rprop,
    "adam": optax.adam,
    "adamw": optax.adamw,
    "adamax": optax.adamax,
    "nadam": optax.nadam,
    "radam": optax.radam,
    "adabelief": optax.adabelief,
    "yogi": optax.yogi,
    "adan": optax.adan,
    "adopt": optax.contrib.adopt,
    "ademamix": optax.contrib.ademamix,
    "simplified_ademamix": optax.contrib.simplified_ademamix,
    "madgrad": optax.contrib.madgrad,
    "acprop": optax.contrib.acprop,
    "optimistic_gradient_descent": optax.optimistic_gradient_descent,
    "optimistic_adam": optax.optimistic_adam_v2,
    "novograd": optax.novograd,
    "adafactor": optax.adafactor,
    "sm3": optax.sm3,
    "lamb": optax.lamb,
    "lars": optax.lars,
    "fromage": optax.fromage,
    "muon": optax.contrib.muon,
    "polyak_sgd": optax.polyak_sgd,
    "dowg": optax.contrib.dowg,
    "dog": optax.contrib.dog,
    "cocob": optax.contrib.cocob,
    "schedule_free_sgd": optax.contrib.schedule_free_sgd,
    "schedule_free_adamw": optax.contrib.schedule_free_adamw,
    "prodigy": optax.contrib.prodigy,
    "dadapt_adamw": optax.contrib.dadapt_adamw,
    "momo": optax.contrib.momo,
    "momo_adam": optax.contrib.momo_adam,
}
BUFFERS: dict[str, dict[str, str]] = {  # the reference's name for what a rule remembers -> Optax's, "" if it has none
    "sgd": {"momentum": "trace"},
    "sgd_velocity": {"v": "trace"},
    "sign_sgd": {"m": "ema"},
    "lion": {"m": "mu"},
    "adagrad": {"sum": "sum_of_squares"},
    "adadelta": {"v": "e_g", "u": "e_x"},
    "rmsprop": {"v": "nu", "mean": "mu", "momentum": "trace"},
    "rprop": {"size": "step_sizes", "before": ""},
    "adam": {"m": "mu", "v": "nu", "largest": "nu_max"},
    "adamw": {"m": "mu", "v": "nu"},
    "adamax": {"m": "mu", "u": "nu"},
    "nadam": {"m": "mu", "v": "nu", "product": ""},
    "radam": {"m": "mu", "v": "nu"},
    "adabelief": {"m": "mu", "s": "nu"},
    "yogi": {"m": "mu", "v": "nu"},
    "adan": {"m": "m", "v": "v", "n": "n", "g": "g"},
    "adopt": {"m": "mu", "v": "nu"},
    "ademamix": {"m": "m1", "s": "m2", "v": "nu"},
    "simplified_ademamix": {"m": "m", "v": "n"},
    "madgrad": {"s": "s", "v": "grad_sum_sq", "start": "x0"},
    "acprop": {"m": "mu", "s": "nu"},
    "optimistic_gradient_descent": {"before": "previous_gradient"},
    "optimistic_adam": {"m": "mu", "v": "nu", "before": "previous_gradient"},
    "novograd": {"v": "nu", "m": "mu"},
    "adafactor": {"row": "", "col": "", "v": "v", "m": "ema"},
    "sm3": {"m": "nu"},
    "lamb": {"m": "mu", "v": "nu"},
    "lars": {"momentum": "trace"},
    "fromage": {},
    "muon": {"m": "mu"},
    "lbfgs": {"gamma": ""},
    "polyak_sgd": {},
    "dowg": {"start": "init_params", "distance": "estim_sq_dist", "weighted": "weighted_sq_norm_grads"},
    "dog": {"start": "init_params", "distance": "max_dist", "squares": "sum_sq_norm_grads"},
    "cocob": {
        "start": "init_particles",
        "largest": "scale",
        "total": "subgradients",
        "reward": "reward",
        "coins": "cumulative_gradients",
    },
    "schedule_free_sgd": {"z": "z", "largest": "", "total": ""},  # which Optax has once for all parameters
    "schedule_free_adamw": {"z": "z", "v": "nu", "largest": "", "total": ""},
    "prodigy": {
        "start": "params0",
        "m": "exp_avg",
        "v": "exp_avg_sq",
        "s": "grad_sum",
        "d": "estim_lr",
        "numerator": "numerator_weighted",
    },
    "dadapt_adamw": {
        "m": "exp_avg",
        "v": "exp_avg_sq",
        "s": "grad_sum",
        "d": "estim_lr",
        "numerator": "numerator_weighted",
    },
    "momo": {"m": "exp_avg", "loss": "barf", "gamma": "gamma", "lower": "lb"},
    "momo_adam": {"m": "exp_avg", "v": "exp_avg_sq", "loss": "barf", "gamma": "gamma", "lower": "lb"},
    "mechanic_sgd": {"start": "x0", "r": "r", "m": "m", "v": "v", "s": "s"},
}
SCHEDULES: dict[str, Callable[..., Any]] = {  # called with the rate
    "constant_lr": lambda lr, factor, total_iters: optax.join_schedules(
        [optax.constant_schedule(factor * lr), optax.constant_schedule(lr)], [total_iters]
    ),
    "step_lr": lambda lr, step_size, gamma: optax.exponential_decay(lr, step_size, gamma, staircase=True),
    "multi_step_lr": lambda lr, milestones, gamma: optax.piecewise_constant_schedule(
        lr, {milestone: gamma ** milestones.count(milestone) for milestone in milestones}
    ),
    "interpolated_lr": lambda lr, milestones, factors, curve: optax.piecewise_interpolate_schedule(
        curve, lr, dict(zip(milestones, factors, strict=True))
    ),
    "exponential_lr": lambda lr, gamma, steps: optax.exponential_decay(lr, steps, gamma),
    "polynomial_lr": lambda lr, total_iters, power, min_lr: optax.polynomial_schedule(lr, min_lr, power, total_iters),
    "linear_lr": lambda lr, start_factor, end_factor, total_iters: optax.linear_schedule(
        start_factor * lr, end_factor * lr, total_iters
    ),
    "cosine_lr": lambda lr, T, min_lr: optax.cosine_decay_schedule(lr, T, min_lr),
    "cosine_restarts_lr": _restarts,
    "one_cycle_lr": _one_cycle,
    "reduce_on_plateau": _plateau,
}
SCALING = ("reduce_on_plateau",)  # not called with a count: transformations that scale what a rule makes
CLIPPING: dict[str, Callable[..., Any]] = {
    "clip_value": lambda clip_value: optax.clip(clip_value),
    "clip_norm": lambda max_norm: optax.clip_by_block_rms(max_norm),
    "clip_global_norm": optax.clip_by_global_norm,
    "adaptive_clip": optax.adaptive_grad_clip,
}
AVERAGES: dict[str, Callable[..., Any]] = {  # called with the average, the parameters, and how many were averaged
    "exponential_average": lambda average, parameters, count, decay: (
        optax.incremental_update(parameters, average, 1 - decay) if count else parameters
    ),
    "lookahead": lambda rule, every, share, reset: optax.lookahead(rule, every, share, reset),
}
WRAPPING = ("lookahead",)  # not called with averages: transformations of the rule
BEGINNING = (  # rules that remember where their parameter began
    "madgrad", "cocob", "dog", "dowg", "prodigy", "schedule_free_sgd", "schedule_free_adamw",
)  # fmt: skip
CONVENTIONS: dict[str, dict[str, Any]] = {  # what Optax has fixed
    "sgd": {"dampening": 0.0, "first_step": "undamped"},
    "adagrad": {"eps_at": "inside", "lr_decay": 0.0},
    "rmsprop": {"rate_in_buffer": True},
    "rprop": {"bounds": "changed"},
    "adam": {"bias_correction": True},
    "adamw": {"bias_correction": True, "amsgrad": "off"},
    "adamax": {"eps_at": "size", "bias_correction": True},
    "nadam": {"momentum": "constant", "momentum_decay": 4e-3, "moments": "adam"},
    "radam": {"decoupled_weight_decay": False, "at_threshold": "rectified"},
    "yogi": {"first_moment": "initial", "bias_correction": True},
    "adan": {"decay": "decoupled", "ahead": "new"},
    "adopt": {"first": "averaged"},
    "madgrad": {"rate_eps": True},
    "optimistic_gradient_descent": {"first": "same"},
    "optimistic_adam": {"first": "same"},
    "adafactor": {"eps_at": "added", "rate": "given", "decay": "alone", "axes": "longest"},
    "sm3": {"eps": 1e-8},
    "lamb": {"bias_correction": True},
    "lars": {"norm": "sum", "rate": "buffer"},
    "muon": {"bias_correction": True, "eps_at": "added"},
    "lbfgs": {"first": "euclidean", "curvature": "any"},
    "polyak_sgd": {"negligible": 2.0**-52},
    "prodigy": {"bias_correction": True},
    "dadapt_adamw": {"bias_correction": True},
    "momo": {"negligible": 2.0**-52},
    "momo_adam": {"negligible": 2.0**-52},
    "cosine_lr": {"floor": "share", "after": "stays"},
    "one_cycle_lr": {"ends": "after"},
    "reduce_on_plateau": {"mode": "min", "floor": "share", "eps": 0.0, "sees": "now"},
    "clip_norm": {"eps": 0.0, "measure": "rms"},
    "clip_global_norm": {"eps": 0.0},
    "adaptive_clip": {"units": "last"},
    "exponential_average": {"start": "copy"},
}
LACKING: dict[str, str] = {  # what Optax has not
    "asgd": "Optax has no ASGD: its averages stand around an optimizer",
    "sparse_adam": "Optax has no Adam for gradients of which rows are absent",
    "inverse_sqrt_lr": "Optax has no such schedule",
    "cyclic_lr": "Optax has no schedule that goes up and down for ever",
    "stochastic_average": "Optax has no equal average of parameters: incremental_update is told the share of each",
}
