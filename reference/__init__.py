"""The mathematics, by hand: layers, activations, losses, penalties and optimizers in plain NumPy.

One operation is one module, and its name is the operation's name in case files. Forward and backward
stand together, backward in the reverse order of forward; `d` before a name is ∂L/∂ of that name.

    a layer with parameters     forward(p, x, *, options) -> (y, Saved)     backward(saved, dy) -> (dx, Params)
                                and, where it saves work, backward_parameters(saved, dy) -> Params
    one without                 forward(x, *, options)    -> (y, Saved)     backward(saved, dy) -> dx
    one of several inputs       forward(x, z, *, options) -> (y, Saved)     backward(saved, dy) -> (dx, dz)
                                None stands for the gradient of what has none: indices, masks
    one with buffers            forward(p, x, running, *, options)  and  buffers(saved) -> Buffers after the step
    a loss                      forward(prediction, target, *, options) -> (loss, Saved)
                                backward(saved, dloss=None) -> dprediction, or a tuple, one for each input that has
                                a gradient or may have one
    a penalty                   forward(w, *, options) -> (penalty, Saved)  backward(saved, dpenalty=None) -> dw
    an optimizer                init(param) -> State
                                update(gradient, state, param, *, lr, options) -> (param, State)
                                where WHOLE, of all parameters as one vector; where NEEDS_VALUE, with the loss as
                                value=; where NEEDS_OBJECTIVE, in training, with the loss anywhere as objective=
    a schedule                  rate(t, lr, *, options) -> the rate after t steps; where NEEDS_VALUES,
                                rate(t, lr, values, *, options) with the losses so far
    a clipping                  clip(grads, params, *, options) -> grads, both by parameter
    an average                  update(average, param, count, *, options) -> the average after count others;
                                where there is a synchronised(count, every) that says so, the parameters become it

Nothing here names a dtype: the same code runs on floats of any precision, on noise and on balls (see
`arithmetic`). Nothing here differentiates automatically.

Dimension letters, used in every `Shapes` line:

    N  batch         D  input features      K  output features      C  classes      ...  any shape
"""

from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
"""A NumPy array of floats, noise or balls; the shape stands in a comment where the array is born."""
