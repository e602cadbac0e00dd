"""The pictures of the two-minute tours in docs/tours, taken anew from a running demonstration.

    python tests/journeys/tour.py ADDRESS SIGN-INS

SIGN-INS is what the start of the demonstration printed. Each picture is one screen as its role sees it, in French and in
English, as WebP that Chromium itself writes.
"""

import base64
import sys
from pathlib import Path

from browsing import REPOSITORY, Journey, journey
from playwright.sync_api import Page

FOLDER = REPOSITORY / "docs" / "tours" / "pictures"
SCREEN = {"width": 1100, "height": 720}
QUALITY = 0.66
# Role -> by what sign-in; name of the picture, address, what stands at the top of it ("" for the page's own top).
TOURS: dict[str, tuple[tuple[str, int], tuple[tuple[str, str, str], ...]]] = {
    "visitor": (
        ("", 0),
        (
            ("home", "/", ""),
            ("board", "/e/2025/c/metiers-secteurs/leaderboard", ""),
            ("rank", "/e/2025/results/maree-haute", ""),
        ),
    ),
    "participant": (
        ("participant", 2),
        (
            ("submit", "/e/atelier/c/marnage/submit", ""),
            ("refused", "/e/2025/c/metiers-secteurs/submit", "article.entry:has(.notice.stop)"),
            ("dossier", "/e/atelier/c/populations-2023/prototype", ""),
        ),
    ),
    "juror": (
        ("juror", 1),
        (
            ("declare", "/jury/atelier/declare", ""),
            ("sheets", "/jury/", ""),
            ("sheet", "/jury/atelier/compte-rond", ".sheet"),
        ),
    ),
    "organiser": (
        ("organiser", 0),
        (
            ("today", "/organise/atelier", ""),
            ("jury", "/organise/atelier/jury", ""),
            ("ranking", "/organise/2025/ranking", ""),
        ),
    ),
    "host": (
        ("organiser", 0),
        (("queue", "/organise/atelier/queue", ""), ("letters", "/organise/atelier/letters", "")),
    ),
}
# The refused file of the story is in the edition of 2025, whose participant is another one.
ELSEWHERE = {("participant", "refused"): ("participant", 0)}
TO_WEBP = """([source, quality]) => new Promise(done => {
  const image = new Image();
  image.onload = () => {
    const canvas = Object.assign(document.createElement("canvas"), {width: image.width, height: image.height});
    canvas.getContext("2d").drawImage(image, 0, 0);
    done(canvas.toDataURL("image/webp", quality));
  };
  image.src = source;
})"""


def take(here: Journey, folder: Path = FOLDER) -> list[Path]:
    """Take every picture in both languages; return where they are."""
    folder.mkdir(parents=True, exist_ok=True)
    taken = []
    for role, (who, pictures) in TOURS.items():
        for name, path, top in pictures:
            kind, number = ELSEWHERE.get((role, name), who)
            for language in ("fr", "en"):
                with here.person(kind, number=number, language=language) as page:
                    page.set_viewport_size(SCREEN)
                    # The account's own language may be another one than the picture's.
                    here.go(page, f"{path}?lang={language}")
                    if top:
                        page.locator(top).first.evaluate("part => part.scrollIntoView({block: 'start'})")
                    taken.append(_keep(here, page, folder / f"{role}-{name}.{language}.webp"))
    return taken


def _keep(here: Journey, page: Page, where: Path) -> Path:
    picture = base64.b64encode(page.screenshot()).decode()
    blank = here.browser.new_page()
    encoded = blank.evaluate(TO_WEBP, [f"data:image/png;base64,{picture}", QUALITY])
    blank.close()
    where.write_bytes(base64.b64decode(encoded.partition(",")[2]))
    return where


if __name__ == "__main__":
    lines = Path(sys.argv[2]).read_text(encoding="utf-8").splitlines()
    with journey(sys.argv[1], lines, FOLDER) as running:
        for made in take(running):
            sys.stdout.write(f"{made.stat().st_size:7} {made.relative_to(REPOSITORY)}\n")
