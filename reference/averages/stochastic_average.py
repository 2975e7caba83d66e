"""The equal average of a parameter over the steps.

    a = a + (θ − a) / (count + 1)          which is θ itself after the first step

Shapes      average and parameter (...) alike
Source      Izmailov et al. (2018), Averaging weights leads to wider optima and better generalization, algorithm 1;
            torch.optim.swa_utils.AveragedModel
"""

from .. import Array


def update(average: Array, param: Array, count: int) -> Array:
    return average + (param - average) / (count + 1)
