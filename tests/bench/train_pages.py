"""Learn which blocks of a page are its article: ``python -m tests.bench.train_pages --corpus FOLDER``.

Reads ``FOLDER/pages/gold.jsonl`` and the gzipped pages that it names, with the text of each. A block counts as the
article's where that text holds it. One set of trees knows the blocks alone; where it doubts, two others vote: one
has seen each page with its draft, the other also without, so that it knows what to do where the draft failed. Writes
``bot/news/pages/block_trees.json``. First, by sites in turn left
out, it prints the word F1 of pages of sites not seen, beside that of the draft and of the best possible choice.
Takes two minutes on one core, and gives the same file each time.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

import lightgbm
import numpy as np

from bot.news.pages.article_text import draft_text, hints_of
from bot.news.pages.block_features import ALONE, FEATURES, PageBlocks, Shingles, tokens_of
from bot.news.pages.block_filter import TREES_FILE, PageTrees, compose, read_trees
from bot.news.pages.blocks import find_blocks
from bot.news.pages.metadata import read_metadata
from bot.news.pages.tree import parse_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Lesson: TypeAlias = tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]
    """What is known of blocks, whether each is the article's, and what each weighs."""

_HELD = 0.6
"""A block is the article's where its text holds so much of the block's triples of words."""
_WITHOUT_DRAFT = 0.3
"""What a page without its draft weighs beside the same page with it."""
_FOLDS = 6
_PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.08,
    "min_data_in_leaf": 20,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "feature_fraction": 0.5,
    "lambda_l2": 5.0,
    "verbose": -1,
    "num_threads": 1,
    "seed": 7,
    "deterministic": True,
}
_ALONE = {"num_boost_round": 140, "num_leaves": 12, "max_depth": 4}
_BESIDE = {"num_boost_round": 90, "num_leaves": 14, "max_depth": 7}


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A page: its blocks, what is known of each with the draft and without, and whether it is the article's."""

    site: str
    corpus: str
    text: str
    draft: str
    root: Any
    """Keeps the elements of the blocks alive."""
    page: PageBlocks
    features: NDArray[np.float64]
    without_draft: NDArray[np.float64]
    wanted: NDArray[np.bool_]


def read_examples(corpus: Path) -> list[Example]:
    """Read every page that has a text."""
    lines = (corpus / "gold.jsonl").read_text(encoding="utf-8").splitlines()
    return [_example(row, gzip.decompress((corpus / row["html"]).read_bytes())) for row in map(json.loads, lines)]


def _example(row: dict[str, Any], html: bytes) -> Example:
    root = parse_page(html)
    page = PageBlocks(find_blocks(root), hints_of(read_metadata(root, url=row["url"])))
    draft = draft_text(root, url=row["url"])
    gold = Shingles(tokens_of(row["text"]))
    lines = {" ".join(tokens_of(line)) for line in row["text"].splitlines()}
    held = [
        " ".join(each) in lines if len(each) < 3 else gold.cover(each, triples) > _HELD
        for each, triples in zip(page.tokens, page.triples, strict=True)
    ]
    return Example(
        site=".".join((urlsplit(row["url"]).hostname or "").removeprefix("www.").split(".")[-3:]),
        corpus=row["corpus"],
        text=row["text"],
        draft=draft,
        root=root,
        page=page,
        features=page.beside(tokens_of(draft)),
        without_draft=page.beside([]),
        wanted=np.array(held, dtype=np.bool_),
    )


def fit(examples: Sequence[Example]) -> dict[str, Any]:
    """Learn; give what the file of trees holds."""
    features = np.vstack([one.features for one in examples])
    wanted = np.concatenate([one.wanted for one in examples])
    weight = np.sqrt(np.concatenate([[len(each) for each in one.page.tokens] for one in examples]))
    both = np.vstack([features, *(one.without_draft for one in examples)])
    return {
        "alone": _stated(ALONE, _ALONE, (features[:, : len(ALONE)], wanted, weight)),
        "beside": _stated(
            FEATURES,
            _BESIDE,
            (features, wanted, weight),
            (both, np.tile(wanted, 2), np.concatenate([weight, _WITHOUT_DRAFT * weight])),
        ),
    }


def _stated(features: Sequence[str], shape: dict[str, int], *lessons: Lesson) -> dict[str, Any]:
    """Boost trees of one shape on each lesson, for an equal vote."""
    votes = [
        lightgbm.train(_PARAMETERS | shape, lightgbm.Dataset(rows, label=wanted, weight=weight, params={"verbose": -1}))
        for rows, wanted, weight in lessons
    ]
    trees = [
        _flat(tree["tree_structure"], 1 / len(votes)) for booster in votes for tree in booster.dump_model()["tree_info"]
    ]
    return {"depth": shape["max_depth"], "features": list(features), "trees": trees}


def _flat(root: dict[str, Any], share: float) -> dict[str, list[float]]:
    """Write a tree as columns, one row for each node; a leaf leads to itself, and its vote counts by ``share``."""
    tree: dict[str, list[float]] = {key: [] for key in ("feature", "threshold", "left", "right", "value")}
    waiting = [(root, -1, "")]
    while waiting:
        node, parent, side = waiting.pop()
        number = len(tree["feature"])
        if parent >= 0:
            tree[side][parent] = number
        is_leaf = "leaf_value" in node
        row = (
            node.get("split_feature", 0),
            _rounded(node.get("threshold", 0.0)),
            number,
            number,
            _rounded(node["leaf_value"] * share) if is_leaf else 0,
        )
        for key, value in zip(tree, row, strict=True):
            tree[key].append(value)
        if not is_leaf:
            waiting += [(node["right_child"], number, "right"), (node["left_child"], number, "left")]
    return tree


def _rounded(number: float) -> float:
    return float(f"{number:.6g}")


def cross_validate(examples: Sequence[Example]) -> list[str]:
    """Judge each page by trees that have seen none of its site; one line for each corpus."""
    sites = sorted({one.site for one in examples})
    np.random.default_rng(3).shuffle(sites)
    fold = {site: number % _FOLDS for number, site in enumerate(sites)}
    scores: dict[str, list[tuple[float, ...]]] = {}
    for number in range(_FOLDS):
        trees = read_trees(fit([one for one in examples if fold[one.site] != number]))
        for one in examples:
            if fold[one.site] == number:
                scores.setdefault(one.corpus, []).append(_judged(one, trees))
    return [
        f"{corpus}: {len(rows)} pages; draft {mean(row[0] for row in rows):.4f}, "
        f"chosen {mean(row[1] for row in rows):.4f}, best choice {mean(row[2] for row in rows):.4f}; "
        f"{mean(row[3] for row in rows):.0%} needed the draft"
        for corpus, rows in scores.items()
    ]


def _judged(one: Example, trees: PageTrees) -> tuple[float, ...]:
    """Score the draft, what the trees choose and the best choice; last, how often they wanted a draft."""
    wanted: list[str] = []

    def draft() -> str:
        wanted.append(one.draft)
        return one.draft

    chosen = trees.chances(one.page, draft) > 0.5
    return _f1(one.draft, one.text), _score(one, chosen), _score(one, one.wanted), len(wanted)


def _score(one: Example, chosen: NDArray[np.bool_]) -> float:
    return _f1("\n".join(part.text for part in compose(one.page, list(chosen))), one.text)


def _f1(found: str, truth: str) -> float:
    ours, theirs = Counter(tokens_of(found)), Counter(tokens_of(truth))
    return 2 * (ours & theirs).total() / ((ours.total() + theirs.total()) or 1)


def main() -> None:
    """Cross-validate, train on everything, and write the trees."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--output", type=Path, default=TREES_FILE)
    parser.add_argument("--only-validate", action="store_true", help="write nothing")
    arguments = parser.parse_args()
    examples = read_examples(arguments.corpus / "pages")
    print(*cross_validate(examples), sep="\n", flush=True)
    if not arguments.only_validate:
        arguments.output.write_text(json.dumps(fit(examples), separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
