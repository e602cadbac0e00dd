"""A real Chromium, driven as people use it, and the journeys of each of them through a running demonstration.

``python tests/journeys/browsing.py ADDRESS SIGN-INS`` walks them on a demonstration that already runs, SIGN-INS being
what its start printed.
"""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, expect, sync_playwright

REPOSITORY = Path(__file__).parents[2]
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 360, "height": 760}
DATA = REPOSITORY / "challenges" / "atelier" / "marnage"
EDITION, PASSWORD = "atelier", "quatre mots font un bon mot de passe"
# A name of its own for each walk, so that a demonstration may be walked again.
MARK = str(os.getpid())
TEAM = f"Les Bouées {MARK}"


@dataclass
class Journey:
    """A demonstration that runs: its address, its sign-ins by role, and where screenshots go."""

    address: str
    signs: dict[str, list[tuple[str, str]]]
    shots: Path
    browser: Browser

    @contextmanager
    def person(
        self,
        role: str = "",
        *,
        number: int = 0,
        phone: bool = False,
        language: str = "fr",
        scheme: Literal["light", "dark"] = "light",
        scripts: bool = True,
    ) -> Iterator[Page]:
        """Open a window of its own, signed in with a role; what its console complains of fails the journey."""
        context = self.browser.new_context(
            viewport=PHONE if phone else WIDE,
            locale={"fr": "fr-FR", "en": "en-GB"}[language],
            color_scheme=scheme,
            accept_downloads=True,
            java_script_enabled=scripts,
        )
        context.set_default_timeout(20_000)
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if role:
            email, password = self.signs[role][number]
            self.go(page, "/account/sign-in")
            page.fill("input[name=email]", email)
            page.fill("input[name=password]", password)
            page.click("main form button[type=submit]")
            expect(page.locator("h1")).to_be_visible()
        yield page
        # A refused form answers 4xx on purpose, and Chromium writes that into its console.
        serious = [said for said in complaints if "the server responded with a status of 4" not in said]
        context.close()
        assert serious == [], serious

    def go(self, page: Page, path: str) -> None:
        """Open an address, which must answer well, fit the window and ask nothing of anybody else."""
        answer = page.goto(self.address + path)
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"
        self.fits(page)

    def press(self, page: Page, button: str) -> None:
        """Send a form and wait for the page that answers: going elsewhere meanwhile would break off one of the two."""
        with page.expect_navigation():
            page.click(button)

    def fits(self, page: Page) -> None:
        """Check that nothing sticks out sideways."""
        page.wait_for_load_state("domcontentloaded")
        sideways = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert sideways <= 0, f"{page.url} is {sideways} px too wide"

    def shoot(self, page: Page, name: str) -> None:
        """Keep a picture of the whole page, wide and as on a phone."""
        self.shots.mkdir(parents=True, exist_ok=True)
        before = page.viewport_size or WIDE
        for kind, size in (("wide", WIDE), ("phone", PHONE)):
            page.set_viewport_size(size)
            self.fits(page)
            page.screenshot(path=self.shots / f"{name}-{kind}.png", full_page=True)
        page.set_viewport_size(before)


@contextmanager
def journey(address: str, printed: list[str], shots: Path) -> Iterator[Journey]:
    """Start Chromium for a running demonstration; ``printed`` are the lines its start wrote."""
    signs: dict[str, list[tuple[str, str]]] = {}
    for line in printed:
        role, *rest = line.split()
        if len(rest) == 2:
            signs.setdefault(role, []).append((rest[0], rest[1]))
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, chromium_sandbox=False, args=FLAGS)
        try:
            yield Journey(address, signs, shots, browser)
        finally:
            browser.close()


def visitor(here: Journey) -> None:
    """Read what is public, without an account."""
    with here.person() as page:
        for path, name in (
            ("/", "home"),
            ("/e/2025", "edition"),
            ("/e/2025/c/metiers-secteurs", "challenge"),
            ("/e/2025/c/metiers-secteurs/leaderboard", "leaderboard"),
            ("/e/2025/teams", "teams"),
            ("/e/2025/gallery", "gallery"),
            ("/e/2025/results", "results"),
            ("/e/2025/documents/rules", "rules"),
            ("/legal/help", "help"),
        ):
            here.go(page, path)
            here.shoot(page, f"visitor-{name}")
        here.go(page, "/e/2025/gallery")
        page.click("main a[href*='/e/2025/p/'] >> nth=0")
        expect(page.locator("h1")).to_be_visible()
        here.shoot(page, "visitor-production")
        here.go(page, "/e/2025/results?lang=en")
        expect(page.locator("html")).to_have_attribute("lang", "en")
        here.shoot(page, "visitor-results-english")


def participant(here: Journey) -> None:
    """Register, form a team, submit a wrong file and a right one, choose it, hand in a dossier."""
    with here.person() as page:
        _register(here, page)
        here.go(page, f"/e/{EDITION}/team")
        page.fill("input[name=name]", TEAM)
        page.fill("input[name=town]", "Granville")
        page.check("input[name=rules]")
        here.shoot(page, "participant-new-team")
        page.click("main form button.main")
        expect(page.locator("h1")).to_have_text(TEAM)
        here.shoot(page, "participant-team")
        here.go(page, f"/e/{EDITION}/c/marnage")
        with page.expect_download() as download:
            page.click("main a[href$='train.csv']")
        assert Path(download.value.path()).read_bytes() == (DATA / "public" / "train.csv").read_bytes()
        _submit(here, page)
        _hand_in(here, page)


def _register(here: Journey, page: Page) -> None:
    here.go(page, f"/account/register?next=/e/{EDITION}/team")
    page.fill("input[name=name]", "Armelle Le Goff")
    page.fill("input[name=email]", f"armelle-{MARK}@example.org")
    page.fill("input[name=password]", PASSWORD)
    here.shoot(page, "participant-register")
    page.click("main form button.main")
    page.click("main a[href$='/outbox']")
    here.shoot(page, "participant-outbox")
    page.click("main .letter a >> nth=0")
    page.click("main form button.main")
    page.wait_for_url(f"**/e/{EDITION}/team")


def _submit(here: Journey, page: Page) -> None:
    here.go(page, f"/e/{EDITION}/c/marnage/submit")
    right = (DATA / "baselines" / "3nn.csv").read_text(encoding="utf-8")
    wrong = right.replace(".", ",", 1)
    page.set_input_files("input[name=file]", {"name": "faux.csv", "mimeType": "text/csv", "buffer": wrong.encode()})
    page.fill("input[name=message]", "Virgule décimale du tableur")
    page.click("main form button.main")
    first = page.locator("article.entry").first
    # The page follows by itself: no reload stands between here and the refusal.
    expect(first.locator(".notice.stop")).to_be_visible(timeout=30_000)
    expect(first.locator("tbody tr").first).to_contain_text(re.compile(r"\d+,\d+"))
    here.shoot(page, "participant-refused")
    page.set_input_files("input[name=file]", {"name": "voisins.csv", "mimeType": "text/csv", "buffer": right.encode()})
    page.fill("input[name=message]", "Trois voisins")
    page.click("main form button.main")
    first = page.locator("article.entry").first
    expect(first.locator(".figures")).to_be_visible(timeout=30_000)
    expect(first.locator(".figures dd").first).to_have_text("0,7645")
    here.shoot(page, "participant-scored")
    here.go(page, f"/e/{EDITION}/c/marnage/final")
    page.check("input[name=chosen] >> nth=0")
    here.press(page, "main form button.main")
    here.go(page, f"/e/{EDITION}/c/marnage/leaderboard")
    expect(page.locator("table.board")).to_contain_text(TEAM)
    here.shoot(page, "participant-leaderboard")


def _hand_in(here: Journey, page: Page) -> None:
    here.go(page, f"/e/{EDITION}/c/populations-2023/prototype")
    page.click("main form button[value=submit]")
    expect(page.locator(".err").first).to_be_visible()
    here.shoot(page, "participant-dossier-incomplete")
    for field in page.locator("main textarea, main input[name^='f-']:not([type=file])").all():
        kind = field.get_attribute("type") or "text"
        field.fill("https://example.org/bouees" if kind == "url" else "Une carte des marées pour les plaisanciers.")
    page.locator("main input[name^='f-']:not([type=file])").first.fill("Balises")
    page.check("input[name=public]")
    page.click("main form button[value=submit]")
    expect(page.locator("main form button[value=submit]")).to_have_count(0)
    here.shoot(page, "participant-dossier")


def juror(here: Journey) -> None:
    """Declare conflicts, grade the new prototype on a phone, keep a draft, submit."""
    with here.person("juror", phone=True) as page:
        here.go(page, "/jury/")
        here.shoot(page, "juror-home")
        here.go(page, f"/jury/{EDITION}/declare")
        page.check("input[name=sincere]")
        page.check("input[name=secrecy]")
        page.click("main form button.main")
        # Everybody grades the example before the prototypes.
        page.click(f"main a[href='/jury/{EDITION}/example/sheet']")
        criteria = page.locator("fieldset.criterion")
        expect(criteria).to_have_count(6)
        for criterion in criteria.all():
            criterion.locator("input[type=radio]").nth(1).check()
        here.shoot(page, "juror-example")
        page.click("main form.sheet button.main")
        page.click("main a.main[href='/jury/']")
        page.click(f"main a[href*='les-bouees-{MARK}']")
        expect(page.locator("button[value=draft]")).to_be_visible()
        expect(criteria).to_have_count(6)
        for criterion in criteria.all()[:5]:
            criterion.locator("input[type=radio]").last.check()
        page.fill("textarea[name=comment_team]", "Une idée simple et utile ; dites d’où viennent les horaires.")
        page.fill("textarea[name=comment_private]", "À rapprocher de Greffe.")
        here.press(page, "button[value=draft]")
        expect(page.locator("textarea[name=comment_team]")).to_have_value(re.compile("Une idée simple"))
        here.shoot(page, "juror-draft")
        page.click("button[value=submit]")
        # One criterion is blank: what was typed is kept, and the sheet stays a draft.
        expect(page.locator("main [role=status]").first).to_contain_text("critère")
        criteria.last.locator("input[type=radio]").last.check()
        here.press(page, "button[value=submit]")
        here.go(page, "/jury/")
        expect(page.locator("tr", has_text=TEAM)).to_contain_text("remise")
        here.shoot(page, "juror-submitted")


def organiser(here: Journey) -> None:
    """Read the day, close the phases and the jury, look at the ranking, publish it; everybody reads it."""
    with here.person("organiser", number=0) as page:
        for path in ("", "/queue", "/teams", "/letters", "/journal"):
            here.go(page, f"/organise/{EDITION}{path}")
            here.shoot(page, f"organiser{path.replace('/', '-') or '-today'}")
        for phase in ("submissions", "prototypes", "jury"):
            here.go(page, f"/organise/{EDITION}/phases")
            here.press(page, f"form[action$='/phases/{phase}'] button[value=closed]")
        here.shoot(page, "organiser-phases")
        here.go(page, f"/organise/{EDITION}/jury")
        page.check("input[name=sure]")
        here.shoot(page, "organiser-jury")
        here.press(page, "main form button.stop")
        # The ranking waits for the comparisons two by two of the story.
        here.go(page, f"/organise/{EDITION}/jury/comparisons")
        page.click("main a[href*='/jury/comparisons/']")
        here.press(page, "main form button.stop")
        here.go(page, f"/organise/{EDITION}/ranking")
        here.shoot(page, "organiser-preview")
        page.check("input[name=sure]")
        here.press(page, "main form button.main")
        here.go(page, f"/organise/{EDITION}/ranking")
        expect(page.locator(".notice.done")).to_be_visible()
    with here.person() as page:
        here.go(page, f"/e/{EDITION}/results")
        here.shoot(page, "visitor-new-results")
        here.go(page, f"/e/{EDITION}/gallery")
        expect(page.locator("main")).to_contain_text("Balises")


def walk(here: Journey) -> None:
    """Walk every journey, in the order of an edition's life."""
    for one in (visitor, participant, juror, organiser):
        one(here)


if __name__ == "__main__":
    lines = Path(sys.argv[2]).read_text(encoding="utf-8").splitlines()
    with journey(sys.argv[1], lines, REPOSITORY / "test-output" / "screenshots") as running:
        walk(running)
