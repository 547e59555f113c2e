"""Draws the ratios beside their targets, as SVG."""

import math
from html import escape

from benchmarks.figures import Figure, Results

WIDTH, ROW, TOP, LEFT, BAR = 1000, 30, 76, 400, 380
GOOD, BAD, PLAIN = "#2e7d32", "#c62828", "#78909c"


def draw(results: Results, heading: str) -> str:
    """Draw one bar for each figure that has a target; the line is the target."""
    figures = [figure for figure in results.figures.values() if figure.target]
    height = TOP + ROW * max(1, len(figures)) + 24
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="13">',
        "<title>What was measured, and what must be reached</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        '<text x="16" y="28" font-size="18" fill="#212121">Measured, beside its target</text>',
        f'<text x="16" y="50" fill="#616161">{escape(heading)}</text>',
    ]
    for number, figure in enumerate(figures):
        parts += _bar(figure, TOP + number * ROW)
    return "\n".join([*parts, "</svg>", ""])


def _bar(figure: Figure, y: int) -> list[str]:
    sign, limit = figure.target.split()
    target, value = float(limit), figure.compared
    # The target stands in the middle of every bar; a value ten times as large fills it.
    length = BAR / 2 * min(2.0, max(0.04, 1 + math.log10(max(value / target, 1e-9))))
    colour = GOOD if figure.verdict == "reached" else BAD
    unit = "×" if figure.floors else f" {figure.unit}"
    told = f"{value:.2f}{unit}" if figure.floors else f"{value:.0f}{unit}"
    at_most = "≤" if sign == "<=" else "≥"
    middle = LEFT + BAR / 2
    return [
        f'<text x="{LEFT - 10}" y="{y + 16}" text-anchor="end" fill="#212121">'
        f"{escape(figure.title)}</text>",
        f'<rect x="{LEFT}" y="{y + 2}" width="{length:.0f}" height="20" rx="3" fill="{colour}"/>',
        f'<line x1="{middle}" x2="{middle}" y1="{y - 2}" y2="{y + 26}" stroke="{PLAIN}" '
        'stroke-width="2"/>',
        f'<text x="{LEFT + BAR + 12}" y="{y + 16}" fill="#212121">{told}, '
        f"{at_most} {limit}{unit}: {figure.verdict.lower()}</text>",
    ]
