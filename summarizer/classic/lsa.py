"""sumy's LSA without the decomposition: it keeps every dimension, and then its ratings are the columns' own lengths."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

_SMOOTH = 0.4

# What the sums in another order would tell apart is equal.
_DIGITS = 9


def lsa(sentences: Sequence[Sequence[str]], known: Collection[str]) -> NDArray[np.float64]:
    """Rate sentences by LSA (Steinberger and Ježek, 2004), as sumy understands it.

    With A = UΣVᵀ the rating of sentence s is √Σᵢ σᵢ² vₛᵢ²; over all dimensions, which sumy keeps, that is √(AᵀA)ₛₛ. So
    sentences with as many words alike are equal here, and keep their order; there the decomposition's rounding, which
    changes from run to run, tells them apart.

    Args:
        sentences: the stems of each, stop words among them.
        known: the stems that are counted: of all words but stop words, the headline's too.
    """
    ratings = []
    for stems in sentences:
        times = [count for stem, count in Counter(stems).items() if stem in known]
        most = max(times, default=0)
        spread = Counter(times)
        present = sum(spread[count] * (_SMOOTH + (1.0 - _SMOOTH) * count / most) ** 2 for count in sorted(spread))
        ratings.append(present + (len(known) - len(times)) * _SMOOTH**2 if most else 0.0)
    rounded: NDArray[np.float64] = np.round(np.sqrt(np.array(ratings)), _DIGITS)
    return rounded
