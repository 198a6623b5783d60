"""An official at the browser, over a core that lives in the tests' own process."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from playwright.sync_api import Page

from tests.browser.conftest import Look
from tests.office import own_password

T = TypeVar("T")


def aside(work: Callable[[], T]) -> T:
    """Signing a pact runs an event loop of its own, and the browser's runs in this thread."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(work).result()


def sign_in(page: Page, site: str, post: str) -> None:
    """By keyboard, as the official of a post."""
    page.goto(f"{site}/masuk")
    page.get_by_label("Nama pengguna").fill(post)
    page.locator("#password").fill(own_password(post))
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/kotak-masuk/")


def clean_on_every_screen(page: Page, axe: Look) -> None:
    """Nothing for axe to say, and nothing wider than the screen, on a desk and on a phone."""
    for width in (1200, 360):
        page.set_viewport_size({"width": width, "height": 900})
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
