"""The comparison as Markdown."""

from __future__ import annotations

import os
import platform
import time
from typing import TYPE_CHECKING

from summarizer import split_sentences
from summarizer.classic.methods import classic_order
from summarizer.cleaning.report import clean
from tests.bench.summaries.corpus import list_files, read_examples
from tests.bench.summaries.quality import LEAD, lead_interval, means_over, score_files
from tests.bench.summaries.speed import (
    LENGTHS,
    articles_per_s,
    articles_per_s_together,
    import_s,
    peak_mb,
    runs,
    seconds_by_length,
)
from tests.bench.summaries.systems import BUDGETS, systems
from tests.support.sumys import SUMY, sumys_order

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from summarizer import Document, Method
    from tests.bench.summaries.quality import Scores, Table

# What ``train_summaries`` reads by default: there news is not judged on what it has not seen.
_LEARNT_FROM = frozenset({"cnndm", "cnndm_train", "orangesum_train", "vietnews_train"})

_TIMED = 150
_MEASURED = 50
_COMPARED = 40


def bench(corpus: Path | None, *, documents: int | None, plots: Path | None = None) -> list[str]:
    """Compare all systems; return Markdown.

    Args:
        corpus: a folder of files with references; ``None``: our own small one.
        documents: how many of each file, the first; ``None``: all.
        plots: where pictures go, if any.
    """
    files = list_files(corpus)
    # Texts of the usual length are in the file of CNN, where there is one.
    timed = [path for path in files if path.stem == "cnndm"] or files
    articles = [one.document for path in timed for one in read_examples(path, _TIMED // len(timed))]
    known = {name: [one for one in articles if system.knows(one)] for name, system in systems().items()}
    speeds = {name: articles_per_s(work, known.get(name, articles)) for name, work in runs().items()}
    together = articles_per_s_together(known.get("news", articles))
    memory = {name: peak_mb(name, known[name][:_MEASURED]) for name in systems()}
    lengths = seconds_by_length() if plots else {}
    found = score_files(files, documents)
    if plots:
        from tests.bench.summaries.plots import draw  # noqa: PLC0415 - matplotlib is optional, and slow to load

        draw(plots, lengths, {name: means_over(_at_400(found, name)) for name in systems()}, speeds)
    size = sum(len(one.text) for one in articles) / len(articles)
    return [
        f"ROUGE-1 / ROUGE-2 F1 (characters used), under them the 95 % intervals of the distances from the lead (paired "
        f"bootstrap over documents). Speed and memory: raw text in, 400 characters out, the first {len(articles)} "
        f"texts of {', '.join(path.stem for path in timed)} "
        f"({size:.0f} characters on average), processor time of one thread, best of three "
        f"rounds; peak resident memory of a fresh process after {min(_MEASURED, len(articles))} texts. For sumy's "
        f"algorithms: ours, computed by matrices, then sumy's own code. {_conditions()}.",
        "",
        *_main_table(found, [path.stem for path in files], speeds, memory),
        "",
        *_notes(found, [path.stem for path in files]),
        f"- `import summarizer` takes {import_s():.3f} s, best of five.",
        *_agreement(files),
        f"- By how much it is faster from raw text to summary: {_ratios(speeds)}.",
        f"- `summarize_many` gives {together:,.0f} articles/s of news, {_times_fastest(speeds, together)}.",
        *_length_table(lengths),
    ]


def _conditions() -> str:
    return (
        f"{platform.python_implementation()} {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores"
    )


def _at_400(found: Table, name: str) -> list[Scores]:
    return [scores for (budget, system, _), scores in found.items() if budget == "400 characters" and system == name]


def _main_table(found: Table, stems: list[str], speeds: dict[str, float], memory: dict[str, float]) -> list[str]:
    heads = [f"{stem}{'*' if stem in _LEARNT_FROM else ''} ({len(_of(found, stem))})" for stem in stems]
    lines = [
        "| budget | method | " + " | ".join(heads) + " | articles/s | memory, MiB |",
        "|---|---|" + "---|" * len(heads) + "---|---|",
    ]
    for budget in BUDGETS:
        for name in systems():
            cells = [_cell(found, budget, name, stem) for stem in stems]
            own = speeds.get(f"{name}, its own code")
            speed = f"{speeds[name]:,.0f}" + (f"; {own:,.0f}" if own else "")
            # Both are measured at that budget alone.
            tail = f"{speed} | {memory[name]:.0f}" if budget == "400 characters" else " | "
            lines.append(f"| {budget} | {name} | " + " | ".join(cells) + f" | {tail} |")
    return lines


def _of(found: Table, stem: str) -> NDArray[np.float64]:
    return found[next(iter(BUDGETS)), LEAD, f"{stem}.jsonl"].rouge


def _cell(found: Table, budget: str, name: str, stem: str) -> str:
    scores = found.get((budget, name, f"{stem}.jsonl"))
    if scores is None:
        return "–"
    one, two = scores.rouge.mean(0)
    cell = f"{one:.2f} / {two:.2f} ({scores.chars.mean():.0f})"
    lead = found[budget, LEAD, f"{stem}.jsonl"]
    if name != LEAD:
        bounds = lead_interval(scores, lead)
        cell += "<br>" + ", ".join(f"{low:+.2f} … {high:+.2f}" for low, high in bounds)
    return cell + (f" on {len(scores.rouge)}" if len(scores.rouge) < len(lead.rouge) else "")


def _notes(found: Table, stems: list[str]) -> list[str]:
    """Say where news stands above the lead, and whether one of sumy's algorithms stands above news."""
    lines = []
    for budget in BUDGETS:
        sure, below = [], []
        for stem in stems:
            ours, lead = (found[budget, name, f"{stem}.jsonl"] for name in ("news", LEAD))
            if (lead_interval(ours, lead)[:, 0] > 0).all():
                sure.append(stem)
            for name in systems():
                other = found.get((budget, name, f"{stem}.jsonl"))
                if name.startswith("sumy ") and other is not None:
                    ahead = (other.rouge.mean(0) > ours.rouge[: len(other.rouge)].mean(0)).tolist()
                    below += [
                        f"{name[5:]} on {stem} in ROUGE-{n}"
                        for n, is_ahead in zip((1, 2), ahead, strict=True)
                        if is_ahead
                    ]
        lines.append(
            f"- {budget}: news is above the lead in ROUGE-1 and -2 with the whole interval on "
            f"{', '.join(sure) or 'no file'}; of sumy's algorithms above news: {', '.join(below) or 'none'}."
        )
    if learnt := sorted(_LEARNT_FROM & set(stems)):
        lines.append(f"- \\* news has learnt from {', '.join(learnt)}.")
    return lines


def _times_fastest(speeds: dict[str, float], together: float) -> str:
    """Say how many times as fast as the fastest of sumy's algorithms, by its own code, that is, and one at a time."""
    own, name = max((speed, name) for name, speed in speeds.items() if name.endswith(", its own code"))
    fastest = name.removesuffix(", its own code")
    return f"{together / own:.1f} times {fastest}'s own code; `summarize` one by one {speeds['news'] / own:.1f} times"


def _ratios(speeds: dict[str, float]) -> str:
    owns = {name: own for name in speeds if (own := speeds.get(f"{name}, its own code"))}
    return ", ".join(f"{name.removeprefix('sumy ')} {speeds[name] / own:.1f}" for name, own in owns.items())


def _agreement(files: list[Path]) -> list[str]:
    """Say how often ours and sumy's own code put all sentences of a text into one order, and how long each took."""
    documents = [one.document for path in files for one in read_examples(path, _COMPARED)]
    compared = {method: [_compare(method, document) for document in documents] for method in SUMY}
    same = {method: sum(is_same for is_same, _, _ in found) for method, found in compared.items()}
    ratios = {method: sum(one[2] for one in found) / sum(one[1] for one in found) for method, found in compared.items()}
    return [
        f"- Of {len(documents)} texts ours and sumy's own code put all sentences into the same order in: "
        f"{', '.join(f'{method} {count}' for method, count in same.items())}. (sumy's LSA rates many sentences "
        "alike and tells them apart by rounding, which changes from run to run.)",
        "- By how much ours is faster there with the stems of common words remembered, finding and cleaning sentences "
        "apart, which both need: "
        f"{', '.join(f'{method} {ratio:.1f}' for method, ratio in ratios.items())}.",
    ]


def _compare(method: Method, document: Document) -> tuple[bool, float, float]:
    """Tell whether both orders are the same, and the seconds that ours and sumy's took."""
    text, title, lang = document.text, document.title, document.lang or "en"
    pieces = clean(text, split_sentences(text, lang), lang)
    classic_order(method, text, title, pieces, lang)  # after this the stems of its words are remembered
    begin = time.process_time()
    ours = classic_order(method, text, title, pieces, lang)
    middle = time.process_time()
    theirs = sumys_order(method, text, title, pieces, lang)
    return ours == theirs, middle - begin, time.process_time() - middle


def _length_table(lengths: dict[str, dict[int, float]]) -> list[str]:
    if not lengths:
        return []
    return [
        "",
        "Seconds for one made-up article, by its sentences; – where more than half a minute was to be expected.",
        "",
        "| method | " + " | ".join(f"{length:,}" for length in LENGTHS) + " |",
        "|---|" + "---|" * len(LENGTHS),
        *(
            f"| {name} | " + " | ".join(f"{took[one]:.3g}" if one in took else "–" for one in LENGTHS) + " |"
            for name, took in lengths.items()
        ),
    ]
