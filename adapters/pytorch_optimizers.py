"""PyTorch's own optimizers, schedules, clipping and averages, in the same order as jax_optimizers.py."""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch.nn.utils import clip_grad_norm_, clip_grad_value_
from torch.optim import lr_scheduler
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from .base import Unsupported


class Rule(NamedTuple):
    """An optimizer of torch.optim, and the reference's options in its words."""

    kind: Callable[..., Any]
    words: Callable[..., dict[str, Any]] = dict


def _adam(amsgrad: str, **options: Any) -> dict[str, Any]:
    if amsgrad == "corrected":
        raise Unsupported("pytorch's amsgrad takes the largest v as it is: amsgrad = 'raw'")
    return options | {"amsgrad": amsgrad == "raw"}


def _sparse_adam(parameters: Any, **options: Any) -> Any:
    """Gradients are made sparse before the step, by what their first axis counts: a row of zeros is absent."""

    def sparse(optimizer: Any, *_: Any) -> None:
        for p in [p for group in optimizer.param_groups for p in group["params"] if p.grad is not None]:
            p.grad = p.grad.to_sparse(1)

    optimizer = torch.optim.SparseAdam(parameters, **options)
    optimizer.register_step_pre_hook(sparse)
    return optimizer


def _lbfgs(line_search: str, **options: Any) -> dict[str, Any]:
    if line_search == "zoom":
        raise Unsupported("torch.optim.LBFGS searches along the line as minFunc does: line_search = 'strong_wolfe'")
    # one direction a step, and as many points along it as its search takes
    fixed = {"max_iter": 1, "max_eval": 26, "tolerance_grad": 0.0, "tolerance_change": 0.0}
    return options | fixed | {"line_search_fn": None if line_search == "off" else line_search}


def _muon(scale: str, **options: Any) -> dict[str, Any]:
    if scale == "columns":
        raise Unsupported("torch.optim.Muon scales by rows, or for an RMS: scale = 'rows' or 'rms'")
    return options | {"adjust_lr_fn": "original" if scale == "rows" else "match_rms_adamw"}


RULES: dict[str, Rule] = {
    "sgd": Rule(torch.optim.SGD),
    "asgd": Rule(torch.optim.ASGD),
    "adagrad": Rule(torch.optim.Adagrad, lambda initial, **options: options | {"initial_accumulator_value": initial}),
    "adadelta": Rule(torch.optim.Adadelta),
    "rmsprop": Rule(torch.optim.RMSprop),
    "rprop": Rule(torch.optim.Rprop),
    "adam": Rule(torch.optim.Adam, _adam),
    "adamw": Rule(torch.optim.AdamW, _adam),
    "sparse_adam": Rule(_sparse_adam),
    "adamax": Rule(torch.optim.Adamax),
    "nadam": Rule(torch.optim.NAdam),
    "radam": Rule(torch.optim.RAdam),
    "adafactor": Rule(torch.optim.Adafactor),
    "muon": Rule(torch.optim.Muon, _muon),
    "lbfgs": Rule(torch.optim.LBFGS, _lbfgs),
}
BUFFERS: dict[str, dict[str, str]] = {  # the reference's name for what a rule remembers -> PyTorch's, "" if it has none
    "sgd": {"momentum": "momentum_buffer"},
    "asgd": {"rate": "", "average": "ax"},
    "adagrad": {"sum": "sum"},
    "adadelta": {"v": "square_avg", "u": "acc_delta"},
    "rmsprop": {"v": "square_avg", "mean": "grad_avg", "momentum": "momentum_buffer"},
    "rprop": {"size": "step_size", "before": "prev"},
    "adam": {"m": "exp_avg", "v": "exp_avg_sq", "largest": "max_exp_avg_sq"},
    "adamw": {"m": "exp_avg", "v": "exp_avg_sq", "largest": "max_exp_avg_sq"},
    "sparse_adam": {"m": "exp_avg", "v": "exp_avg_sq"},
    "adamax": {"m": "exp_avg", "u": "exp_inf"},
    "nadam": {"m": "exp_avg", "v": "exp_avg_sq", "product": ""},  # float32, whatever the parameter is
    "radam": {"m": "exp_avg", "v": "exp_avg_sq"},
    "adafactor": {"row": "row_var", "col": "col_var", "v": "variance", "m": ""},
    "muon": {"m": "momentum_buffer"},
    "lbfgs": {"gamma": ""},
}
SCHEDULES: dict[str, Callable[..., Any]] = {  # called with the optimizer
    "constant_lr": lr_scheduler.ConstantLR,
    "step_lr": lr_scheduler.StepLR,
    "multi_step_lr": lr_scheduler.MultiStepLR,
    "exponential_lr": lr_scheduler.ExponentialLR,
    "polynomial_lr": lr_scheduler.PolynomialLR,
    "linear_lr": lr_scheduler.LinearLR,
    "cosine_lr": lambda optimizer, T, min_lr: lr_scheduler.CosineAnnealingLR(optimizer, T, min_lr),
    "cosine_restarts_lr": lambda optimizer, T, T_mult, min_lr: lr_scheduler.CosineAnnealingWarmRestarts(
        optimizer, T, T_mult, min_lr
    ),
    "one_cycle_lr": lambda optimizer, **options: lr_scheduler.OneCycleLR(
        optimizer, [group["lr"] for group in optimizer.param_groups], cycle_momentum=False, **options
    ),
    "cyclic_lr": lambda optimizer, max_lr, **options: lr_scheduler.CyclicLR(
        optimizer, [group["lr"] for group in optimizer.param_groups], max_lr, cycle_momentum=False, **options
    ),
    "reduce_on_plateau": lr_scheduler.ReduceLROnPlateau,
}
CLIPPING: dict[str, Callable[..., Any]] = {  # called with the parameters
    "clip_value": clip_grad_value_,
    "clip_norm": lambda parameters, max_norm: [clip_grad_norm_([p], max_norm) for p in parameters],
    "clip_global_norm": clip_grad_norm_,
}
AVERAGES: dict[str, Callable[..., Any]] = {  # called with a module of the parameters
    "exponential_average": lambda module, decay: AveragedModel(module, multi_avg_fn=get_ema_multi_avg_fn(decay)),
    "stochastic_average": AveragedModel,
}
CONVENTIONS: dict[str, dict[str, Any]] = {  # what PyTorch has fixed
    "sgd": {"first_step": "undamped"},
    "adagrad": {"eps_at": "root"},
    "rmsprop": {
        "eps_at": "root",
        "nesterov": False,
        "rate_in_buffer": False,
        "bias_correction": False,
        "initial": 0.0,
    },
    "rprop": {"bounds": "always"},
    "adam": {"eps_at": "root", "bias_correction": True},
    "adamw": {"eps_at": "root", "bias_correction": True},
    "adamax": {"eps_at": "size", "decoupled_weight_decay": False, "bias_correction": True},
    "nadam": {"momentum": "rising", "moments": "adam"},
    "radam": {"eps_at": "hat", "nesterov": False, "threshold": 5.0, "at_threshold": "plain"},
    "adafactor": {
        "eps_at": "floor",
        "rate": "capped",
        "relative": True,
        "decay": "with_rate",
        "momentum": 0.0,
        "axes": "last",
        "min_size": 0,
    },
    "muon": {"bias_correction": False, "eps_at": "floor"},
    "lbfgs": {"first": "taxicab", "curvature": "positive", "scaled": True},
    "exponential_lr": {"steps": 1},
    "polynomial_lr": {"min_lr": 0.0},
    "cosine_lr": {"floor": "rate", "after": "rises"},
    "one_cycle_lr": {"ends": "last", "pct_final": None},
    "reduce_on_plateau": {"floor": "rate", "sees": "past"},
    "clip_norm": {"eps": 1e-6, "measure": "norm"},
    "clip_global_norm": {"eps": 1e-6},
    "exponential_average": {"start": "copy"},
}
LACKING: dict[str, str] = {  # what PyTorch has not
    "sgd_velocity": "torch.optim.SGD keeps the learning rate outside of its buffer",
    "sign_sgd": "PyTorch has no descent by signs",
    "lion": "PyTorch has no Lion",
    "adabelief": "PyTorch has no AdaBelief",
    "yogi": "PyTorch has no Yogi",
    "adan": "PyTorch has no Adan",
    "adopt": "PyTorch has no ADOPT",
    "ademamix": "PyTorch has no AdEMAMix",
    "simplified_ademamix": "PyTorch has no Simplified AdEMAMix",
    "madgrad": "PyTorch has no MADGRAD",
    "acprop": "PyTorch has no ACProp",
    "optimistic_gradient_descent": "PyTorch has no optimistic gradient descent",
    "optimistic_adam": "PyTorch has no optimistic Adam",
    "novograd": "PyTorch has no NovoGrad",
    "sm3": "PyTorch has no SM3",
    "lamb": "PyTorch has no LAMB",
    "lars": "PyTorch has no LARS",
    "fromage": "PyTorch has no Fromage",
    "polyak_sgd": "PyTorch has no Polyak step",
    "dowg": "PyTorch has no DoWG",
    "dog": "PyTorch has no DoG",
    "cocob": "PyTorch has no COCOB",
    "schedule_free_sgd": "PyTorch has no schedule-free SGD",
    "schedule_free_adamw": "PyTorch has no schedule-free AdamW",
    "prodigy": "PyTorch has no Prodigy",
    "dadapt_adamw": "PyTorch has no D-Adaptation",
    "momo": "PyTorch has no MoMo",
    "momo_adam": "PyTorch has no MoMo",
    "mechanic_sgd": "PyTorch has no Mechanic",
    "interpolated_lr": "PyTorch has no such schedule: the function that LambdaLR calls is the user's own",
    "inverse_sqrt_lr": "PyTorch has no such schedule: the function that LambdaLR calls is the user's own",
    "lookahead": "PyTorch has no Lookahead: its averages leave the parameters alone",
    "adaptive_clip": "PyTorch clips by value and by norm alone",
}
