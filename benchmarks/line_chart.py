"""Draw a few lines as a plain SVG, both axes logarithmic: what a benchmark grows like, without a plotting package."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

WIDTH, HEIGHT, LEFT, BOTTOM = 640, 360, 70, 50
COLOURS = ("#0b6e99", "#b35c00", "#2f7d32", "#8e24aa")


def draw(path: Path, lines: Mapping[str, Sequence[tuple[float, float]]], *, title: str, x: str, y: str) -> None:
    """Write an SVG with one polyline a name; every point is (x, y), both above 0."""
    points = [point for line in lines.values() for point in line]
    spans = [_decades([p[axis] for p in points]) for axis in (0, 1)]

    def place(point: tuple[float, float]) -> tuple[float, float]:
        across, up = ((math.log10(v) - low) / (high - low) for v, (low, high) in zip(point, spans, strict=True))
        return LEFT + across * (WIDTH - LEFT - 20), HEIGHT - BOTTOM - up * (HEIGHT - BOTTOM - 40)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'font-family="sans-serif" font-size="12"><title>{title}</title>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/><text x="{LEFT}" y="20" font-size="14">{title}</text>',
        f'<text x="{WIDTH / 2}" y="{HEIGHT - 8}" text-anchor="middle">{x}</text>',
        f'<text x="14" y="{HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 14 {HEIGHT / 2})">{y}</text>',
    ]
    for power in range(spans[0][0], spans[0][1] + 1):
        at = place((10.0**power, 10.0 ** spans[1][0]))
        parts.append(f'<text x="{at[0]:.1f}" y="{at[1] + 18:.1f}" text-anchor="middle">{10.0**power:g}</text>')
    for power in range(spans[1][0], spans[1][1] + 1):
        at = place((10.0 ** spans[0][0], 10.0**power))
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - 20}" y1="{at[1]:.1f}" y2="{at[1]:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{at[1] + 4:.1f}" text-anchor="end">{10.0**power:g}</text>')
    for index, (name, line) in enumerate(lines.items()):
        colour = COLOURS[index % len(COLOURS)]
        path_points = " ".join(f"{px:.1f},{py:.1f}" for px, py in map(place, line))
        parts.append(f'<polyline points="{path_points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="{LEFT + 14}" y="{46 + 16 * index}" fill="{colour}">{name}</text>')
    path.write_text("\n".join([*parts, "</svg>"]) + "\n", encoding="utf-8")


def _decades(values: Sequence[float]) -> tuple[int, int]:
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)
