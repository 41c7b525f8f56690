"""Summaries beside those of others: ``python -m tests.bench.summaries [--corpus FOLDER] [--documents N]``.

Prints Markdown and draws two pictures. Without a corpus it takes the small one of our own.
"""

import argparse
import os
from pathlib import Path

# Before numpy is loaded: threads of the linear algebra would make one thread's speed several's.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from tests.bench.summaries.table import bench

_PLOTS = Path(__file__).parents[1] / "plots"


def main() -> None:
    """Compare, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, help="folder with *.jsonl, or with summaries/*.jsonl")
    parser.add_argument("--documents", type=int, help="only the first so many of each file")
    parser.add_argument("--plots", type=Path, default=_PLOTS, help="folder for the pictures")
    parser.add_argument("--no-plots", action="store_true", help="leave them out, and the lengths that they need")
    arguments = parser.parse_args()
    plots = None if arguments.no_plots else arguments.plots
    for line in bench(arguments.corpus, documents=arguments.documents, plots=plots):
        print(line)


if __name__ == "__main__":
    main()
