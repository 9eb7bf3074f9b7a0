"""The compiled functions as nutpie sees them.

Through a Python function every evaluation waits for the interpreter's lock and crosses two
languages, which costs more than the evaluation itself. nutpie compiles PyMC models to two C
functions; its class for them is used, which is not a documented part. Where it is missing or has
changed, `native_model` returns None and the sampler calls the Python function: the same density,
slower.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesnu.types import Array


def native_model(size: int, block: NDArray[np.int64], start: Callable[[int], Array]) -> Any | None:
    """Return a model that `nutpie.sample` takes, of one variable ``u`` on the unbounded scale.

    Parameters
    ----------
    size : int
        Number of parameters.
    block : ndarray of int
        What the compiled log-posterior reads.
    start : callable
        Chain's seed -> starting point, shape (parameters,).

    Returns
    -------
    CompiledModel or None
        None if nutpie has no such class.
    """
    from bayesnu.inference.machine_code import address

    try:
        from nutpie.compile_pymc import CompiledPyMCModel

        return CompiledPyMCModel(
            dims={},
            _coords={},
            _shapes={"u": (size,)},
            _n_dim=size,
            compiled_logp_func=SimpleNamespace(address=address("log_posterior")),
            compiled_expand_func=SimpleNamespace(address=address("copy")),
            initial_point_func=start,
            shared_data={},
            shared_var_keys={},
            user_data=block,
            n_expanded=size,
            shape_info=(["u"], [slice(0, size)], [(size,)]),
            logp_func=None,
            expand_func=None,
            reparameterized_names=None,
        )
    except (ImportError, AttributeError, TypeError):
        return None
