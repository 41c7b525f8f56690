"""What the workers' common parent imports first of all; to import it is all that it can be told."""

from __future__ import annotations

import os

from bot.news.workers import die_with_starter

# A BLAS with a thread a core reserves a worker's whole address space on a large machine.
os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")
die_with_starter()
