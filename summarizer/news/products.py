"""Products of small matrices on one thread.

OpenBLAS shares out every product beyond a size among its threads. For matrices as small as an article's that doubles
the CPU time and saves none, so they are multiplied in pieces that it does not share out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# OpenBLAS stays on one thread up to so many multiplications (GEMM_MULTITHREAD_THRESHOLD of 4, times 65,536).
_MOST_ALONE = 4 * 65_536


def product(
    left: NDArray[np.float32], right: NDArray[np.float32], out: NDArray[np.float32] | None = None
) -> NDArray[np.float32]:
    """Multiply two matrices, into a third where one is given."""
    rows, step = len(left), _MOST_ALONE // max(right.size, 1)
    if step == 0 or step >= rows:
        # In the first case the matrices are large enough for threads to pay.
        return np.matmul(left, right, out=out)
    multiplied = np.empty((rows, right.shape[1]), np.float32) if out is None else out
    for begin in range(0, rows, step):
        np.matmul(left[begin : begin + step], right, out=multiplied[begin : begin + step])
    return multiplied
