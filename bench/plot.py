"""A plot as SVG: points and one line, both axes logarithmic."""

import math
from html import escape

_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 720, 420, 60, 50
_TICKS = (1, 2, 5, 10, 20, 50, 100)


def log_log(lines: list[dict], x: str, y: str) -> str:
    """Lines of more than one point are drawn as such; the others are points with their names."""
    points = [point for line in lines for point in line["points"]]
    across = _scale([p[0] for p in points], _LEFT, _WIDTH - 180)
    up = _scale([p[1] for p in points], _HEIGHT - _BOTTOM, 20)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
    ]
    for tick in _TICKS:
        if _LEFT <= across(tick) <= _WIDTH - 180:
            parts.append(f'<path d="M{across(tick):.0f} 20V{_HEIGHT - _BOTTOM}" stroke="#ddd"/><text x="{across(tick):.0f}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle">{tick}</text>')
        if 20 <= up(tick) <= _HEIGHT - _BOTTOM:
            parts.append(f'<path d="M{_LEFT} {up(tick):.0f}H{_WIDTH - 180}" stroke="#ddd"/><text x="{_LEFT - 8}" y="{up(tick) + 4:.0f}" text-anchor="end">{tick}</text>')
    parts.append(f'<text x="{_LEFT}" y="{_HEIGHT - 10}">{escape(x)}</text><text x="14" y="{_HEIGHT - _BOTTOM}" transform="rotate(-90 14 {_HEIGHT - _BOTTOM})">{escape(y)}</text>')
    for line in lines:
        places = [(across(a), up(b)) for a, b in line["points"]]
        if len(places) > 1:
            parts.append(f'<polyline points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in places)}" fill="none" stroke="#888" stroke-dasharray="4 3"/>')
        else:
            parts.append(f'<circle cx="{places[0][0]:.1f}" cy="{places[0][1]:.1f}" r="5" fill="{"#c30" if line["name"] == "PollPolicy" else "#357"}"/>')
        a, b = places[-1]
        parts.append(f'<text x="{a + 9:.0f}" y="{b + 4:.0f}">{escape(line["name"])}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _scale(values: list[float], begin: float, end: float):
    low, high = math.log(min(values) * 0.8), math.log(max(values) * 1.2)
    return lambda value: begin + (math.log(value) - low) / (high - low) * (end - begin)
