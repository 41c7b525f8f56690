"""How many examples a property is tried with: the same few in every run of the tests, new ones in ``make explore``."""

from __future__ import annotations

from hypothesis import settings

SAME = "same"
EXPLORE = "explore"
USUAL = 100
"""Examples of a property that does not say otherwise."""

# The first example often loads tables and models; speed is for benches.
settings.register_profile(SAME, deadline=None, derandomize=True, max_examples=USUAL)
settings.register_profile(EXPLORE, deadline=None, max_examples=10 * USUAL)


def examples(usual: int) -> settings:
    """Try a property with another number of examples; exploring, with as many times more as all others."""
    return settings(max_examples=usual * settings().max_examples // USUAL)
