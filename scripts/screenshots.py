"""Take the pictures of README.md from a site with made-up reports, started for it and thrown away.

python -m scripts.screenshots
"""

import os
import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from scripts.site import Site
from scripts.steps import ROOT

FOLDER = ROOT / "docs" / "screenshots"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
COMPLAINTS = "400"
PHONE, DESK = (360, 740), (1280, 800)
STAFF, PASSWORD = "demo.verifikator", "contoh-untuk-dilihat"
STORY = (
    "Lampu jalan di depan SD Negeri padam sejak Senin. Anak-anak pulang les dalam gelap "
    "dan sudah dua motor jatuh di lubang dekat gerbang."
)


def home(page: Page) -> None:
    page.goto("/")


def new(page: Page) -> None:
    page.goto("/keluhan/baru")
    page.fill("#text", STORY)
    page.select_option("#district", index=3)
    page.wait_for_timeout(1500)  # the categories are suggested after a pause in typing


def receipt(page: Page) -> None:
    new(page)
    page.select_option("#village", "unsure")
    page.fill("#landmark", "Depan gerbang SD Negeri")
    page.locator("[data-cards] input").first.check()
    for _attempt in range(3):  # similar reports or advice are shown once before sending
        page.locator("main .btn[value=send]:visible").first.click()
        page.wait_for_load_state()
        if page.locator("[data-tracking-code]").count():
            return
    raise RuntimeError(f"no receipt: {page.inner_text('main')[:400]}")


def reports(page: Page) -> None:
    page.goto("/keluhan")


def report(page: Page) -> None:
    """One that its unit works on."""
    page.goto("/keluhan?status=in_progress")
    page.click(".reps a >> nth=0")


def sign_in(page: Page) -> None:
    page.goto("/petugas/masuk")
    page.fill("[name=username]", STAFF)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/petugas")


def case(page: Page) -> None:
    sign_in(page)
    page.click("main a[href*='/petugas/kasus/'] >> nth=0")


PICTURES: dict[str, tuple[tuple[int, int], Callable[[Page], None]]] = {
    "home": (PHONE, home),
    "new": (PHONE, new),
    "receipt": (PHONE, receipt),
    "list": (DESK, reports),
    "report": (DESK, report),
    "queue": (DESK, sign_in),
    "case": (DESK, case),
}


def take(browser: Browser, address: str, name: str) -> None:
    """Walk to the page as a visitor does and keep what the first screen shows."""
    (width, height), walk = PICTURES[name]
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": height},
        device_scale_factor=2 if width == PHONE[0] else 1,
        locale="id",
    )
    page = context.new_page()
    page.set_default_timeout(10_000)
    walk(page)
    page.wait_for_load_state("networkidle")
    with Image.open(BytesIO(page.screenshot())) as picture:
        picture.save(FOLDER / f"{name}.webp", quality=80, method=6)
    context.close()


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = Site(Path(folder), RATE_LIMITS="off")
        site.prepare()
        print(f"screenshots: {COMPLAINTS} made-up reports …", flush=True)
        site.flask("demo", "--complaints", COMPLAINTS)
        with site:
            browser = playwright.chromium.launch(
                executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
            )
            for name in PICTURES:
                started = time.monotonic()
                take(browser, site.address, name)
                print(f"docs/screenshots/{name}.webp {time.monotonic() - started:.1f} s")
            browser.close()


if __name__ == "__main__":
    main()
