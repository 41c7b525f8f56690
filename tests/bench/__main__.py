"""Every bench in one run: ``python -m tests.bench [--corpus FOLDER] [NAME …]``.

Each bench compares ours with a peer on the same inputs in the same run, and prints a Markdown table. Without a corpus
the inputs are generated; with one, quality is measured too.
"""

import argparse
import importlib
import os
import platform
from pathlib import Path

NAMES = ("summaries", "sentences", "feeds", "hostile", "pages", "storage", "sending", "polling", "lists")


def main() -> None:
    """Run the benches that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--corpus", type=Path, help="folder with summaries/, feeds/ and pages/ to measure quality on")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(NAMES):
        parser.error(f"there is no bench {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    print(
        f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}"
    )
    for name in arguments.names or NAMES:
        print(f"\n### {name}\n", flush=True)
        for line in importlib.import_module(f"tests.bench.{name}").run(arguments.corpus):
            print(line, flush=True)


if __name__ == "__main__":
    main()
