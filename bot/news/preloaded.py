"""What the workers' common parent loads before it forks any of them; to import it is all that it can be told.

So each worker begins with everything at hand, and what no two of them change lies in memory once.
"""

from __future__ import annotations

from bot.news.finding import survey  # noqa: F401 - for the workers
from bot.news.jobs import warm_up

warm_up()
