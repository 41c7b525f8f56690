"""Two pictures: time against length, and quality against speed."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.transforms import Bbox
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from matplotlib.axes import Axes

_OWN = ", its own code"
_OURS = "#b3261e"
_SHADES = ("#3b6ea5", "#6a994e", "#8d6a9f", "#c08552", "#4f9d9d", "#7a7a7a", "#a0a040", "#5a5a9d", "#333333", "#999999")

# Where a point's name may stand: points to the right and up, and which side of it.
_BESIDE = tuple(
    (right, up, side)
    for further in range(0, 60, 6)
    for right, up, side in (
        (6, 3 + further, "left"),
        (-6, 3 + further, "right"),
        (6, -9 - further, "left"),
        (-6, -9 - further, "right"),
    )
)


def draw(
    folder: Path,
    lengths: Mapping[str, Mapping[int, float]],
    quality: Mapping[str, tuple[float, float]],
    speeds: Mapping[str, float],
) -> None:
    """Draw both into a folder.

    Args:
        folder: is made where there is none.
        lengths: seconds by sentences, by method.
        quality: ROUGE-1 and -2 at 400 characters, means over files, by method.
        speeds: articles a second, by method.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _save(_time_against_length(lengths), folder / "time_against_length.png")
    _save(_quality_against_speed(quality, speeds), folder / "quality_against_speed.png")


def _time_against_length(lengths: Mapping[str, Mapping[int, float]]) -> Figure:
    figure = Figure(figsize=(7.5, 4.6), layout="constrained")
    axes = figure.add_subplot()
    shade = {name: _SHADES[number % len(_SHADES)] for number, name in enumerate(_peers(lengths))}
    for name, took in lengths.items():
        if name in {"lead", "news, brief"}:
            continue
        peer = name.removesuffix(_OWN)
        style = "-" if name == "news" or name.endswith(_OWN) or not name.startswith("sumy ") else ":"
        axes.plot(
            list(took),
            list(took.values()),
            style,
            color=_OURS if name == "news" else shade[peer],
            linewidth=2.6 if name == "news" else 1.2,
            marker="o",
            markersize=3,
            label=name.replace(_OWN, "") if style == "-" else f"{name}, ours",
        )
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("sentences")
    axes.set_ylabel("seconds, one thread")
    axes.set_title("One article, 400 characters: time against length")
    axes.grid(alpha=0.25)
    axes.legend(fontsize=6.5, loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
    return figure


def _quality_against_speed(quality: Mapping[str, tuple[float, float]], speeds: Mapping[str, float]) -> Figure:
    figure = Figure(figsize=(7.5, 4.6), layout="constrained")
    axes = figure.add_subplot()
    for name, (one, _) in quality.items():
        is_ours = name.startswith("news")
        axes.plot(speeds[name], one, "o", color=_OURS if is_ours else _SHADES[0], markersize=8 if is_ours else 5)
        if own := speeds.get(name + _OWN):
            axes.plot(own, one, "o", markerfacecolor="none", color=_SHADES[0], markersize=5)
            axes.plot([own, speeds[name]], [one, one], ":", color=_SHADES[0], linewidth=0.8)
    axes.set_xscale("log")
    axes.set_xlabel("articles a second, one thread (hollow: sumy's own code)")
    axes.set_ylabel("ROUGE-1, 400 characters, mean over files")
    axes.set_title("Quality against speed")
    axes.grid(alpha=0.25)
    _name(figure, axes, {name: (speeds[name], one) for name, (one, _) in quality.items()})
    return figure


def _name(figure: Figure, axes: Axes, points: Mapping[str, tuple[float, float]]) -> None:
    """Write beside each point what it is, where it touches no other point and no other name."""
    figure.draw_without_rendering()
    taken = [Bbox.from_bounds(x - 5, y - 5, 10, 10) for x, y in axes.transData.transform(list(points.values()))]
    for name, point in points.items():
        for right, up, side in _BESIDE:
            label = axes.annotate(
                name, point, xytext=(right, up), textcoords="offset points", fontsize=7, horizontalalignment=side
            )
            box = label.get_window_extent()
            if axes.bbox.containsx(box.x1) and axes.bbox.containsx(box.x0) and not box.count_overlaps(taken):
                break
            label.remove()
        else:
            raise ValueError(name)
        taken.append(box)


def _peers(lengths: Mapping[str, Mapping[int, float]]) -> list[str]:
    return list(dict.fromkeys(name.removesuffix(_OWN) for name in lengths if name not in {"news", "lead"}))


def _save(figure: Figure, path: Path) -> None:
    """Save with few colours: the pictures are part of the repository."""
    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=100)
    Image.open(drawn).convert("RGB").quantize(48).save(path, optimize=True)
