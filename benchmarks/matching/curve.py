"""The reliability curve as a picture: what is told, and how much of it is right."""

from collections.abc import Sequence

SIZE, MARGIN = 320, 44


def drawn(bands: Sequence[dict[str, float]]) -> str:
    """An SVG. A point on the diagonal is a confidence that holds; the more lines it has, the larger it is."""

    def at(told: float, right: float) -> tuple[float, float]:
        return MARGIN + told * SIZE, MARGIN + (1 - right) * SIZE

    most = max(band["lines"] for band in bands)
    points = [(*at(band["told"], band["right"]), band) for band in bands]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{3 + 6 * (band["lines"] / most) ** 0.5:.1f}" fill="#1a5fb4">'
        f'<title>told {band["told"]:.2f}, right {band["right"]:.2f}, {band["lines"]:,} lines</title></circle>'
        for x, y, band in points
    )  # fmt: skip
    ticks = "".join(
        f'<text x="{MARGIN + share * SIZE:.0f}" y="{MARGIN + SIZE + 18}" text-anchor="middle">{share:g}</text>'
        f'<text x="{MARGIN - 8}" y="{MARGIN + (1 - share) * SIZE + 4:.0f}" text-anchor="end">{share:g}</text>'
        for share in (0, 0.25, 0.5, 0.75, 1)
    )
    whole = SIZE + 2 * MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {whole}" width="{whole}" height="{whole}" '
        f'font-family="sans-serif" font-size="12" role="img" aria-label="Reliability of the confidence">'
        f'<rect width="{whole}" height="{whole}" fill="#fff"/>'
        f'<rect x="{MARGIN}" y="{MARGIN}" width="{SIZE}" height="{SIZE}" fill="none" stroke="#999"/>'
        f'<path d="M{MARGIN} {MARGIN + SIZE}L{MARGIN + SIZE} {MARGIN}" stroke="#bbb" stroke-dasharray="4"/>'
        f'<polyline points="{path}" fill="none" stroke="#1a5fb4" stroke-width="1.5"/>{dots}{ticks}'
        f'<text x="{MARGIN + SIZE / 2}" y="{whole - 6}" text-anchor="middle">confidence</text>'
        f'<text transform="translate(12 {MARGIN + SIZE / 2}) rotate(-90)" text-anchor="middle">right</text>'
        f"</svg>\n"
    )
