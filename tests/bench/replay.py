"""Make a folder for ``newsgist run --replay`` out of saved feeds and pages.

    python -m tests.bench.replay CORPUS FOLDER

Each feed of ``CORPUS/feeds/real`` is served at ``https://<its name>.example/<its file name>``, each page of
``CORPUS/pages/gold.jsonl`` at its own address.
"""

import argparse
import json
import re
import shutil
from pathlib import Path

TYPES = {".json": "application/feed+json", ".html": "text/html", ".atom": "application/atom+xml"}


def address_of(file: Path) -> str:
    """Give a saved feed an address of its own."""
    host = re.sub(r"[^a-z0-9]+", "-", file.name.lower()).strip("-")[:60].strip("-")
    return f"https://{host}.example/{file.name}"


def build(corpus: Path, folder: Path) -> dict[str, dict[str, str]]:
    """Copy what is saved into ``folder`` and write its manifest; give the manifest."""
    manifest = {}
    (folder / "feeds").mkdir(parents=True, exist_ok=True)
    for file in sorted((corpus / "feeds" / "real").iterdir()):
        shutil.copyfile(file, folder / "feeds" / file.name)
        kind = TYPES.get(file.suffix, "application/xml")
        manifest[address_of(file)] = {"file": f"feeds/{file.name}", "content_type": kind}
    gold = corpus / "pages" / "gold.jsonl"
    for line in gold.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        target = folder / "pages" / row["html"]
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(gold.parent / row["html"], target)
        manifest[row["url"]] = {"file": f"pages/{row['html']}", "content_type": "text/html"}
    (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")
    return manifest


def main() -> None:
    """Read the arguments and build."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    print(f"{len(build(arguments.corpus, arguments.folder))} addresses in {arguments.folder}/manifest.json")


if __name__ == "__main__":
    main()
