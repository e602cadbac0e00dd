"""The journeys of participant, juror and organiser by the keyboard alone, with scripts and without."""

from browsing import DATA, EDITION, MARK, Journey
from playwright.sync_api import Page, expect

FAR = 150
"""How often one may have to press Tab before something is out of reach."""


def reach(page: Page, selector: str) -> None:
    """Press Tab until the keyboard stands on what the selector names."""
    for _ in range(FAR):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"{page.url}: Tab does not lead to {selector}")


def press(page: Page, selector: str, key: str = "Enter") -> None:
    """Go to something and press a key on it."""
    reach(page, selector)
    page.keyboard.press(key)
    page.wait_for_load_state()


def enter(here: Journey, page: Page, role: str, number: int) -> None:
    """Sign in."""
    email, password = here.signs[role][number]
    here.go(page, "/account/sign-in")
    reach(page, "main input[name=email]")
    page.keyboard.type(email)
    reach(page, "main input[name=password]")
    page.keyboard.type(password)
    page.keyboard.press("Enter")
    expect(page.locator("a.account")).not_to_contain_text("Se connecter")


def participant(here: Journey, *, scripts: bool) -> None:
    """Submit a file, then choose it as the one that counts."""
    with here.person(scripts=scripts) as page:
        enter(here, page, "participant", 2)
        here.go(page, f"/e/{EDITION}/c/marnage/submit")
        reach(page, "main input[type=file]")
        # The dialogue that follows belongs to the system, not to the page.
        # A file of its own for each walk: one that was sent before is not taken twice.
        right = (DATA / "baselines" / "3nn.csv").read_text(encoding="utf-8").splitlines()
        right[1] += f"{MARK}{scripts:d}"
        file = {"name": "clavier.csv", "mimeType": "text/csv", "buffer": "\n".join(right).encode()}
        page.set_input_files("input[name=file]", file)  # type: ignore[arg-type]  # a typed dictionary, spelled out
        reach(page, "main input[name=message]")
        message = f"Au clavier, {'avec' if scripts else 'sans'} script"
        page.keyboard.type(message)
        press(page, "main form button.main")
        expect(page.locator("article.entry").first).to_contain_text(message, timeout=20_000)
        here.go(page, f"/e/{EDITION}/c/marnage/final")
        press(page, "main input[name=chosen]", "Space")
        press(page, "main form button.main")
        expect(page.locator("main")).to_be_visible()


def juror(here: Journey, *, scripts: bool) -> None:
    """Declare no conflict of interest; another juror grades a sheet and keeps it as a draft."""
    with here.person(scripts=scripts) as page:
        enter(here, page, "juror", 0)
        here.go(page, f"/jury/{EDITION}/declare")
        if not scripts:
            press(page, "main input[name=sincere]", "Space")
        press(page, "main form button.main")
        expect(page.locator("h1")).to_be_visible()
    with here.person(scripts=scripts, phone=True) as page:
        enter(here, page, "juror", 1)
        here.go(page, "/jury/")
        press(page, f"main a[href='/jury/{EDITION}/{'les-estuaires' if scripts else 'compte-rond'}']")
        criteria = page.locator("fieldset.criterion")
        expect(criteria.first).to_be_visible()
        for _ in range(criteria.count()):
            reach(page, "fieldset.criterion input[type=radio]")
            page.keyboard.press("ArrowDown")
        assert page.locator("fieldset.criterion:has(input:checked)").count() == criteria.count()
        reach(page, "textarea[name=comment_team]")
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type("Clair, et refaisable.")
        press(page, "button[value=draft]")
        expect(page.locator("textarea[name=comment_team]")).to_have_value("Clair, et refaisable.")


def organiser(here: Journey, *, scripts: bool) -> None:
    """Read the day, close a phase and open it again."""
    with here.person(scripts=scripts) as page:
        enter(here, page, "organiser", 0)
        here.go(page, f"/organise/{EDITION}")
        press(page, f"nav a[href$='/organise/{EDITION}/phases']")
        for state in ("closed", "open"):
            button = f"form[action$='/phases/prototypes'] button[value={state}]"
            if page.locator(button).count():
                press(page, button)
                expect(page.locator("main [role=status]").first).to_be_visible()


def walk_by_keyboard(here: Journey) -> None:
    """Walk all three, first without scripts, then with them."""
    for scripts in (False, True):
        for one in (participant, juror, organiser):
            one(here, scripts=scripts)
