"""The two colours of an edition, made readable. Pure.

The style sheets mix every tint from an ink and an accent; a pair that reads badly on the page's paper is darkened here
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
    return f":root {{ --edition-ink: {readable(ink)}; --edition-accent: {readable(accent)}; }}\n"


def readable(colour: str, *, paper: str = PAPER) -> str:
    """Return ``colour``, darkened step by step where it stands less than 4.5 to 1 out of ``paper``.

    Raises ValueError for anything but "#rrggbb" in lower-case hexadecimal.
    """
    shown = colour
    for darker in range(1, round(1 / STEP) + 1):
        if contrast(shown, paper) >= ENOUGH:
            break
        shown = mix("#000000", colour, darker * STEP)
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
