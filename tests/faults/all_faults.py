"""Every fault that somebody wrote; `mutants` makes further ones."""

from . import (
    wrong_activations,
    wrong_convolutions,
    wrong_functions,
    wrong_linear,
    wrong_losses,
    wrong_network,
    wrong_normalisations,
    wrong_pooling,
    wrong_reductions,
    wrong_regressions,
    wrong_sgd,
)

FAULTS = [
    *wrong_linear.FAULTS,
    *wrong_activations.FAULTS,
    *wrong_losses.FAULTS,
    *wrong_sgd.FAULTS,
    *wrong_network.FAULTS,
    *wrong_normalisations.FAULTS,
    *wrong_convolutions.FAULTS,
    *wrong_pooling.FAULTS,
    *wrong_regressions.FAULTS,
    *wrong_functions.FAULTS,
    *wrong_reductions.FAULTS,
]
BY_ID = {fault.id: fault for fault in FAULTS}
