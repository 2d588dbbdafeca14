"""Take the README's pictures of the page: start `make serve`, then run this."""

from __future__ import annotations

import os
import shutil
import sys

from playwright.sync_api import Page, expect, sync_playwright

ADDRESS = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:5005/"
FOLDER = "docs/images"


def main() -> None:
    """Write page-chat.png, page-flowers.png and page-review.png."""
    alone = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=alone)
        page = browser.new_page(viewport={"width": 1000, "height": 700})
        page.goto(ADDRESS)
        for message in ("What is dropout?", "code for k-means"):
            page.get_by_label("Your message").fill(message)
            page.keyboard.press("Enter")
            expect(page.locator("#waiting")).to_be_empty(timeout=60_000)
        save(page, "chat")
        page.set_viewport_size({"width": 1280, "height": 880})
        page.goto(f"{ADDRESS}#flowers?flower=6.3,2.8,5,1.65&k=7&scaled=0&train=80")
        expect(page.locator("#species")).not_to_be_empty(timeout=60_000)
        save(page, "flowers")
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size({"width": 1000, "height": 700})
        page.goto(f"{ADDRESS}#review")
        page.get_by_label("A film review").fill(
            "I wanted to love it. The cast is great, the plot is a mess."
        )
        expect(page.locator("#marked mark").first).to_be_visible(timeout=60_000)
        save(page, "review")


def save(page: Page, name: str) -> None:
    """Keep what is seen, without the cursor that blinks."""
    page.evaluate("document.activeElement.blur()")
    page.wait_for_timeout(500)
    page.screenshot(path=f"{FOLDER}/page-{name}.png")


if __name__ == "__main__":
    main()
