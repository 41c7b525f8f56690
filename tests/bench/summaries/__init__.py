"""Summaries beside those of others: ``python -m tests.bench.summaries [--corpus FOLDER]``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_DOCUMENTS = 100


def run(corpus: Path | None) -> list[str]:
    """Compare on the first documents of each file; the whole takes ``make bench-summaries``."""
    # Processes whose memory is measured load parts of this package, and must not load all of it.
    from tests.bench.summaries.table import bench  # noqa: PLC0415 - see above

    return bench(corpus, documents=_DOCUMENTS)
