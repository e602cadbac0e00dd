"""How things are written on a page: instants in the edition's zone, numbers and sizes by language, texts of editions."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton
from babel.lists import format_list
from babel.numbers import format_decimal
from flask import Flask, g
from flask_babel import get_locale
from flask_babel import gettext as _
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from datathon.kernel.errors import Refusal, TooLarge
from datathon.web.i18n.typography import spaced
from datathon.web.i18n.written_in import written_in
from datathon.web.markdown import TABLE, render

ZONE = ZoneInfo("Europe/Paris")
MINUS = "\u2212"
_WHOLE: Final[dict[str, Literal["long", "full"]]] = {"d MMMM y": "long", "EEEE d MMMM y": "full"}
_PARTS = {"d MMM": "MMMd", "d MMMM": "MMMMd"}
"""What a date holds, by its English pattern, for the languages that write it in an order of their own."""
_FIRST = re.compile(r"(?<!\d)1 (?!h\b)(?=[^\W\d])")


def language() -> str:
    """Return the language of the request: "fr", "en" or another one that has a file in i18n."""
    return str(get_locale() or "fr")[:2]


def zone() -> ZoneInfo:
    """Return the zone of the edition that the page is about, Paris without one."""
    edition = getattr(getattr(g, "scope", None), "edition", None)
    return edition.zone if edition is not None else ZONE


def zone_name() -> str:
    """Return the zone as people say it: "heure de Paris", "Paris time"."""
    town = zone().key.rsplit("/", 1)[-1].replace("_", " ")
    return _("%(town)s time", town=town)


def _dated(value: datetime, french: str, english: str) -> str:
    local = value.astimezone(zone())
    if language() in {"fr", "en"}:
        return _first(format_datetime(local, french if language() == "fr" else english, locale=language()))
    # Any other language has its own order and words of a date; hours are those of 24, as on the whole platform.
    parts = (_usual(part, local) for part in english.split(", "))
    return ", ".join(parts)


def _usual(pattern: str, local: datetime) -> str:
    if pattern in _WHOLE:
        return format_date(local, _WHOLE[pattern], locale=language())
    if pattern in _PARTS:
        return format_skeleton(_PARTS[pattern], local, locale=language())
    return format_datetime(local, pattern, locale=language())


def _first(said: str) -> str:
    """Return a French date with the first of a month as an ordinal: "1er décembre"; hours and English stay."""
    return _FIRST.sub("1er ", said, count=1) if language() == "fr" else said


def instant(value: datetime) -> str:
    """Return "3 décembre 2025, 14 h 32, heure de Paris"."""
    said = _dated(value, "d MMMM y, H\u00a0'h'\u00a0mm", "d MMMM y, HH:mm")
    return f"{said}, {zone_name()}"


def instant_s(value: datetime) -> str:
    """Return an instant to the second, as receipts show it."""
    said = _dated(value, "d MMMM y, H\u00a0'h'\u00a0mm\u00a0'min'\u00a0ss\u00a0's'", "d MMMM y, HH:mm:ss")
    return f"{said}, {zone_name()}"


def instant_short(value: datetime) -> str:
    """Return "3 déc., 14 h 32", for tables whose head names the zone."""
    return _dated(value, "d MMM, H\u00a0'h'\u00a0mm", "d MMM, HH:mm")


def moment(value: datetime) -> str:
    """Return "3 décembre, 14 h 32", for sentences beside one that names the zone."""
    return _dated(value, "d MMMM, H\u00a0'h'\u00a0mm", "d MMMM, HH:mm")


def clock(value: datetime) -> str:
    """Return the time of day to the second."""
    return _dated(value, "H\u00a0'h'\u00a0mm\u00a0'min'\u00a0ss", "HH:mm:ss")


def hour(value: datetime) -> str:
    """Return the time of day to the minute."""
    return _dated(value, "H\u00a0'h'\u00a0mm", "HH:mm")


def day(value: datetime | date) -> str:
    """Return "3 décembre 2025"."""
    local = value.astimezone(zone()).date() if isinstance(value, datetime) else value
    return _day(local, "d MMMM y")


def day_short(value: datetime | date) -> str:
    """Return "3 déc."."""
    local = value.astimezone(zone()).date() if isinstance(value, datetime) else value
    return _day(local, "d MMM")


def _day(local: date, pattern: str) -> str:
    midnight = datetime.combine(local, datetime.min.time())
    if language() in {"fr", "en"}:
        return _first(format_datetime(midnight, pattern, locale=language()))
    return _usual(pattern, midnight)


def weekday(value: datetime) -> str:
    """Return "Mercredi 3 décembre 2025"."""
    said = _dated(value, "EEEE d MMMM y", "EEEE d MMMM y")
    return said[:1].upper() + said[1:]


def duration(value: timedelta | float) -> str:
    """Return a length of time in its two largest units: "42 s", "3 min 20 s", "2 h 05" (English "2 h 5 min"), "3 jours"."""
    seconds = max(0, round(value.total_seconds() if isinstance(value, timedelta) else value))
    if seconds < 60:
        return f"{seconds}\u00a0s"
    if seconds < 3600:
        return f"{seconds // 60}\u00a0min" + (f" {seconds % 60}\u00a0s" if seconds % 60 else "")
    if seconds < 86400 * 2:
        hours, minutes = seconds // 3600, seconds % 3600 // 60
        if language() != "fr":
            return f"{hours}\u00a0h" + (f" {minutes}\u00a0min" if minutes else "")
        return f"{hours}\u00a0h\u00a0{minutes:02d}"
    return _("%(days)s days", days=seconds // 86400)


def decimal(value: float, decimals: int | None = None) -> str:
    """Return a number in the page's language: with ``decimals`` digits, or as many as it needs up to six. Zero has no sign."""
    pattern = "#,##0.######" if decimals is None else "#,##0" + ("." + "0" * decimals if decimals else "")
    said = format_decimal(value, pattern, locale=language())
    return said.replace("-", MINUS if re.search("[1-9]", said) else "")


def signed(value: float, decimals: int | None = None) -> str:
    """Return a difference with its sign; the minus is a true one."""
    return ("+" if value > 0 else "") + decimal(value, decimals)


def ordinal(value: int) -> str:
    """Return a rank as said: "1er", "3e"; "1st", "3rd"; in any other language "1.", which most of Europe reads."""
    if language() == "fr":
        return f"{value}er" if value == 1 else f"{value}e"
    if language() != "en":
        return f"{value}."
    suffix = "th" if value % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
    return f"{value}{suffix}"


def place(value: int) -> Markup:
    """Return a rank as said, for a page: the letters of its ordinal raised in French."""
    said = ordinal(value)
    figures = str(value)
    raised = (
        Markup("<sup>{}</sup>").format(said.removeprefix(figures)) if language() == "fr" else said.removeprefix(figures)
    )
    return Markup("{}{}").format(figures, raised)


def spelled(count: int) -> str:
    """Return a number that opens a sentence as a word, from two to nine, with a capital; the figures beyond."""
    words = (_("Two"), _("Three"), _("Four"), _("Five"), _("Six"), _("Seven"), _("Eight"), _("Nine"))
    return words[count - 2] if 2 <= count <= 9 else str(count)


def filesize(size: float) -> str:
    """Return a size in decimal units, three figures at most: "412 ko", "1,2 Mo"."""
    units = ("octets", "ko", "Mo", "Go", "To") if language() == "fr" else ("bytes", "kB", "MB", "GB", "TB")
    if size == 1:
        return "1\u00a0octet" if language() == "fr" else "1\u00a0byte"
    step = 0
    while size >= 1000 and step < len(units) - 1:
        size, step = size / 1000, step + 1
    return f"{decimal(round(size, 1) if step and size < 10 else round(size))}\u00a0{units[step]}"


def text(value: Mapping[str, str] | str | None) -> str:
    """Return a text of an edition in the page's language, French where there is no other."""
    if not value:
        return ""
    if isinstance(value, str):
        return spaced(value, language())
    spoken = _tongue(value)
    return spaced(value.get(spoken, ""), spoken)


def _tongue(value: Mapping[str, str]) -> str:
    return next((code for code in (language(), "fr", *value) if value.get(code)), language())


def tongue(value: Mapping[str, str] | str | None) -> Markup:
    """Return the attribute that says in what language ``text`` shows a text, nothing where it is the page's.

    Of what a team or a juror wrote, the words themselves tell; nothing where they do not.
    """
    spoken = "" if not value else written_in(value) if isinstance(value, str) else _tongue(value)
    return Markup("") if spoken in {"", language()} else Markup(' lang="{}"').format(spoken)


def prose(value: Mapping[str, str] | str | None, about: str = "") -> Markup:
    """Return a Markdown text of an edition as safe HTML, in the page's language; ``about`` is the title of its tables."""
    shown = render(text(value))
    if about:
        shown = shown.replace(TABLE, f'{TABLE}<caption class="vh">{escape(about)}</caption>')
    return Markup(shown)  # noqa: S704 - cleaned by nh3 in render, the title escaped


def sentence(refusal: Refusal) -> str:
    """Return what a refusal says, in the page's language, its parameters written as the page writes them."""
    shown = {name: _shown(refusal, value) for name, value in refusal.params.items()}
    return str(_(refusal.message, **shown)) if shown else str(_(refusal.message))


def _shown(refusal: Refusal, value: object) -> object:
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(refusal, TooLarge) and isinstance(value, int):
        return filesize(value)
    if isinstance(value, float):
        return decimal(value)
    if isinstance(value, Mapping):
        return text(value)
    return value


def listed(names: Iterable[str]) -> str:
    """Return names as a sentence lists them: "A, B et C", "A, B, and C"."""
    return format_list(list(names), locale=language())


def short_digest(value: str) -> str:
    """Return the first sixteen figures of a digest, enough to recognise it."""
    return value.removeprefix("sha256:")[:16]


def percent(value: float, decimals: int = 0) -> str:
    """Return a share given in percent, as the language writes it: "40 %" in French, "40%" in English."""
    sign = str(Locale.parse(language()).percent_formats[None].pattern).rpartition("0")[2]
    # The house writes French with the narrow space everywhere.
    return decimal(value, decimals) + (
        sign.replace("\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}") if language() == "fr" else sign
    )


def document_name(name: str) -> str:
    """Return what a legal or help text is called."""
    names = {
        "rules": _("Rules"),
        "privacy": _("Personal data"),
        "conduct": _("Code of conduct"),
        "legal": _("Legal notice"),
        "accessibility": _("Accessibility"),
        "ecodesign": _("Eco-design"),
        "help": _("Help and contact"),
        "glossary": _("Glossary"),
    }
    return names.get(name, name)


def language_name(code: str) -> str:
    """Return what a language calls itself: "Français", "English"."""
    said = Locale.parse(code).get_display_name() or code
    return said[:1].upper() + said[1:]


def part_name(kind: str) -> str:
    """Return what a part of the final ranking is called, by its kind."""
    return {"metric": _("metric"), "jury": _("jury"), "vote": _("public vote")}.get(kind, kind)


def weight_of(kind: str, share: str) -> str:
    """Return "jury 60 %": a part of the final ranking with its share of the weights, which is written already."""
    if kind == "vote":
        return _("public vote %(share)s%%", share=share)
    return _("jury %(share)s%%", share=share) if kind == "jury" else _("metric %(share)s%%", share=share)


FILTERS = {
    "instant": instant, "instant_s": instant_s, "instant_short": instant_short, "moment": moment, "clock": clock, "hour": hour,
    "day": day, "day_short": day_short, "weekday": weekday, "duration": duration, "decimal": decimal,
    "number": decimal, "signed": signed, "ordinal": ordinal, "place": place, "spelled": spelled, "filesize": filesize, "text": text, "tongue": tongue, "prose": prose,
    "sentence": sentence, "short_digest": short_digest, "percent": percent, "document_name": document_name,
    "language_name": language_name, "listed": listed, "part_name": part_name,
}  # fmt: skip


def ask_every_time(app: Flask) -> None:
    """Keep Jinja from computing a filter of a constant once for all, in the language of the first reader.

    A filter that asks for the context is never folded into the compiled template. Call it when all filters are there.
    """
    for name, written in app.jinja_env.filters.items():
        if written.__module__.startswith("datathon."):
            app.jinja_env.filters[name] = _asking(written)


def _asking(written: Callable[..., Any]) -> Callable[..., Any]:
    @pass_context
    def asked(_context: Context, *values: object, **named: object) -> object:
        return written(*values, **named)

    return asked


def init(app: Flask) -> None:
    """Give the templates their filters."""
    app.jinja_env.filters.update(FILTERS)
