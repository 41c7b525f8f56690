"""What holds for every test: speed is for benches, so no example of a property is timed by the wall clock."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("newsgist", deadline=None)
settings.load_profile("newsgist")
