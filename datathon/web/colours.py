"""The two colours of an edition, made readable. Pure.

The style sheets mix every tint from an ink and an accent; a pair that reads badly on the page's paper is moved here
until it does (WCAG 2.2, 1.4.3: 4.5 to 1 for text).
"""

import re

PAPER = "#f7f8f4"
"""Background of the light scheme, as css/tokens.css has it."""
ENOUGH = 4.5
_HEX = re.compile(r"#[0-9a-f]{6}")
STEP = 0.04


def style_sheet(ink: str, accent: str) -> str:
    """Return the style sheet of an edition with these two colours, each "#rrggbb"."""
    ink, accent = readable(ink), readable(accent)
    light = f":root {{ --edition-ink: {ink}; --edition-accent: {accent}; }}\n"
    paper, *mixed = in_the_dark(ink, accent)
    better = [readable(colour, paper=paper, towards="#ffffff") for colour in mixed]
    if better == mixed:
        return light
    dark = f":root {{ --ink: {better[0]}; --accent: {better[1]}; }}"
    return f"{light}@media (prefers-color-scheme: dark) {{ {dark} }}\n"


def in_the_dark(ink: str, accent: str) -> tuple[str, str, str]:
    """Return paper, ink and accent of the dark scheme, mixed as css/tokens.css mixes them."""
    return mix(ink, "#060b0d", 0.34), mix(ink, "#e2f4f0", 0.26), mix(accent, "#ffd3c2", 0.42)


def readable(colour: str, *, paper: str = PAPER, towards: str = "#000000") -> str:
    """Return ``colour``, moved step by step ``towards`` another where it stands less than 4.5 to 1 out of ``paper``.

    Raises ValueError for anything but "#rrggbb" in lower-case hexadecimal.
    """
    shown = colour
    for step in range(1, round(1 / STEP) + 1):
        if contrast(shown, paper) >= ENOUGH:
            break
        shown = mix(towards, colour, step * STEP)
    return shown


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2, relative luminance of sRGB)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def mix(one: str, other: str, share: float) -> str:
    """Return ``share`` (0 to 1) of one colour mixed into another in sRGB, as ``color-mix(in srgb, …)`` does."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


def _channels(colour: str) -> tuple[int, ...]:
    if not _HEX.fullmatch(colour):
        raise ValueError(f"not a colour as #rrggbb: {colour!r}")
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(share: float) -> float:
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)
