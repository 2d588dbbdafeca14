"""The page in a real browser: by mouse, finger and keyboard, on a phone and on a desk."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Locator,
    Page,
    Route,
    expect,
    sync_playwright,
)

PHONE, DESK = (360, 740), (1280, 800)
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
PATIENCE = 30_000  # ms; the machine may do other things beside
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("there is no Chromium; `apt install chromium` brings one, CHROMIUM= names one")
    # Chromium refuses to isolate itself for root, as whom CI may run.
    alone = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=alone)
        yield running
        running.close()


@pytest.fixture
def view(browser: Browser, server: Any) -> Iterator[Open]:
    """Open the page; nothing may go wrong on it, and no other host may be asked."""
    contexts, wrong, outside = [], [], []

    def open_page(
        path: str = "/", size: tuple[int, int] = DESK, forgiven: str = "nothing", **more: Any
    ) -> Page:
        width, height = size
        context = browser.new_context(
            viewport={"width": width, "height": height},
            permissions=["clipboard-read", "clipboard-write"],
            **more,
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()

        def heard(said: ConsoleMessage) -> None:
            if said.type in ("error", "warning") and forgiven not in said.text:
                wrong.append(said.text)

        page.on("console", heard)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "request",
            lambda asked: asked.url.startswith(server.origin) or outside.append(asked.url),
        )
        page.goto(server.origin + path)
        return page

    expect.set_options(timeout=PATIENCE)
    yield open_page
    for context in contexts:
        context.close()
    assert not wrong
    assert not outside


def ask(page: Page, text: str) -> Locator:
    """Say something and return the last part of the answer."""
    page.get_by_label("Your message").fill(text)
    page.keyboard.press("Enter")
    return answered(page)


def answered(page: Page) -> Locator:
    expect(page.locator("#waiting")).to_be_empty()
    return page.locator("#log > .it").last


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_a_whole_conversation(view: Open, size: tuple[int, int]) -> None:
    page = view(size=size)
    page.get_by_role("button", name="What is deep learning?").click()
    expect(answered(page).locator("strong").first).to_be_visible()

    code = ask(page, "code for k-means")
    expect(code.locator("pre .kn").first).to_have_text("from")
    code.get_by_role("button", name="Copy").click()
    assert page.evaluate("navigator.clipboard.readText()").startswith("from sklearn")

    chart = ask(page, "show the chart as a picture").get_by_role("img")
    expect(chart).to_have_attribute("alt", re.compile(r"^; Machine learning; Deep learning; Lear"))
    neuron = ask(page, "show me a picture of a neuron")
    seen = re.compile("^Three circles with the inputs")
    expect(neuron.get_by_role("img")).to_have_attribute("alt", seen)
    expect(neuron.locator(".picture + .choices")).to_be_visible()

    picture = ask(page, "5.1 3.5 1.4 0.2").get_by_role("link", name="Iris setosa")
    expect(page.locator("#log table").last).to_contain_text("setosa")
    seen = re.compile("sepal 5.1 × 3.5 cm, petal 1.4 × 0.2 cm")
    expect(picture.get_by_role("img")).to_have_attribute("alt", seen)
    picture.click()
    large = page.get_by_role("dialog").get_by_role("img")
    expect(large).to_have_attribute("alt", seen)
    expect(large).to_be_visible()
    assert large.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") > 500
    assert not scrolls(page)
    page.get_by_role("button", name="Full size").click()
    assert large.evaluate("picture => picture.clientWidth == picture.naturalWidth")
    assert scrolls(page)
    page.get_by_role("button", name="Whole picture").click()
    assert not scrolls(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()

    page.get_by_role("button", name="With k=7").click()
    expect(answered(page)).to_be_visible()
    expect(page.locator("#log")).to_contain_text("k = 7")
    assert not overflow(page)

    expect(page.get_by_role("button", name="Copied")).to_have_count(0)
    said = page.locator("#log > li").all_inner_texts()
    page.reload()
    expect(page.locator("#log > li")).to_have_count(len(said))
    assert page.locator("#log > li").all_inner_texts() == said
    expect(page.locator("#log pre .kn").first).to_have_text("from")


def scrolls(page: Page) -> bool:
    """Return whether the large picture has more to it than is seen."""
    script = "box => box.scrollHeight > box.clientHeight || box.scrollWidth > box.clientWidth"
    return bool(page.get_by_role("dialog").evaluate(script))


def test_a_new_conversation_knows_nothing_and_the_last_one_comes_back(view: Open) -> None:
    page = view()
    ask(page, "what is dropout?")
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator("#log > li")).to_have_count(0)
    expect(page.get_by_role("button", name="What can I ask?")).to_be_visible()
    assert "ropout" not in ask(page, "why?").inner_text()
    page.get_by_role("button", name="Bring the last one back").click()
    expect(page.locator("#log > li").first).to_contain_text("what is dropout?")
    assert "ropout" in ask(page, "why?").inner_text()


def test_the_keyboard_is_enough(view: Open) -> None:
    page = view()
    page.get_by_role("heading", name="Fathom").click()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("region", name="Conversation")).to_be_focused()
    page.get_by_label("Your message").focus()
    page.keyboard.type("what is")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("dropout")
    page.keyboard.press("Enter")
    expect(page.locator("#log > .me")).to_have_text("You: what is\ndropout")
    answered(page).get_by_role("button", name="Why").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#log > .me").last).to_contain_text("Why")
    answered(page)


def test_who_waits_sees_it_and_may_go_on_typing(view: Open) -> None:
    page = view()
    held: list[Route] = []
    page.route("**/webhook", lambda route: held.append(route))
    field = page.get_by_label("Your message")
    for text in ("what is dropout?", "what is overfitting?"):
        field.fill(text)
        field.press("Enter")
    expect(page.get_by_text("Fathom is thinking")).to_be_visible()
    with page.expect_request("**/webhook"):
        held[0].continue_()
    expect(page.locator("#log > .it")).to_have_count(1)
    expect(page.locator("#log > .it")).to_contain_text("Dropout")
    # The second waited for the answer to the first.
    expect(page.get_by_text("Fathom is thinking")).to_be_visible()
    page.wait_for_timeout(100)  # for the route to be told of the request
    held[1].continue_()
    expect(answered(page)).to_contain_text("Overfitting")


@pytest.mark.parametrize(
    "text",
    [
        "<img src=x onerror='window.caught=1'>",
        "<script>window.caught=1</script> what is <b>dropout</b>?",
        "classify this review: a <img src=x onerror='window.caught=1'> joy <a href=//x>x</a>",
        "classify this review: a joy ![x](https://evil.example/x.png) [y](javascript:caught=1)",
        "5.1 3.5 1.4 0.2 </li><iframe src='https://evil.example'></iframe>",
        "what is **dropout** </script><svg onload='window.caught=1'>",
    ],
)
def test_nothing_that_a_person_types_becomes_html(view: Open, text: str) -> None:
    page = view()
    ask(page, text)
    ask(page, "why?")
    page.reload()
    expect(page.locator("#log > .me").first).to_have_text(f"You: {text}")
    assert page.evaluate("window.caught") is None
    strange = "#log :is(script, iframe, svg, a:not(.picture), b, [onerror], [onload])"
    assert page.locator(strange).count() == 0
    assert page.locator("#log img:not(.picture img)").count() == 0

    page = view("/#review")
    page.get_by_label("A film review").fill(text)
    expect(page.locator("#marked")).to_have_text(text)
    assert page.locator("#marked :not(mark)").count() == 0


def test_a_server_that_is_gone_is_told_and_asked_again(view: Open) -> None:
    page = view(forgiven="503")
    refuse = {"status": 503, "body": '{"error": "please try again in a moment"}'}
    page.route("**/webhook", lambda route: route.fulfill(**refuse))
    trouble = ask(page, "what is dropout?")
    expect(trouble).to_contain_text("please try again in a moment")
    page.unroute("**/webhook")
    trouble.get_by_role("button", name="Try again").click()
    expect(answered(page)).to_contain_text("Dropout")


def test_what_was_said_in_a_turn_that_failed_is_taken_back(view: Open) -> None:
    page = view()
    body = '{"text": "a", "html": "<p>half an answer</p>"}\n{"error": "please try again"}\n'
    page.route("**/webhook", lambda route: route.fulfill(status=200, body=body))
    expect(ask(page, "what is dropout?")).to_contain_text("please try again")
    expect(page.locator("#log")).not_to_contain_text("half an answer")
    page.reload()
    expect(page.locator("#log > li")).to_have_count(1)


# ---- the playground


def playground(view: Open, state: str = "", **more: Any) -> Page:
    page = view(f"/#flowers{state}", **more)
    expect(page.locator("#species")).not_to_be_empty()
    return page


def drag(page: Page, panel: str, x: float, y: float) -> None:
    """Drag the star to a share of the panel's width and height."""
    page.locator(f"#{panel}").scroll_into_view_if_needed()
    star = page.locator(f"#{panel} .star").bounding_box()
    box = page.locator(f"#{panel}").bounding_box()
    assert star and box
    page.mouse.move(star["x"] + star["width"] / 2, star["y"] + star["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=12)
    page.mouse.up()


def test_a_flower_is_dragged_by_mouse_and_the_model_follows(view: Open) -> None:
    page = playground(view)
    expect(page.locator("#species")).to_have_text("Iris versicolor")
    before = page.locator("#sepals .regions").inner_html()
    drag(page, "petals", 0.2, 0.8)
    expect(page.locator("#species")).to_have_text("Iris setosa")
    expect(page.locator("#votes p").first).to_contain_text("3")
    assert page.locator("#sepals .regions").inner_html() != before
    assert page.locator("#petals .rings circle").count() == 3
    drag(page, "petals", 0.9, 0.2)
    expect(page.locator("#species")).to_have_text("Iris virginica")
    times = page.evaluate(
        "performance.getEntriesByType('resource')"
        ".filter(({name}) => name.includes('page/flower?')).map(({duration}) => duration)"
    )
    assert len(times) > 5
    assert min(times[1:]) < 100  # ms; the quickest, as others use the machine too


def test_a_flower_is_dragged_by_finger_while_the_page_still_scrolls(view: Open) -> None:
    page = playground(view, size=PHONE, has_touch=True, is_mobile=True)
    page.locator("#petals").scroll_into_view_if_needed()
    page.wait_for_timeout(200)
    star, box = (page.locator(name).bounding_box() for name in ("#petals .star", "#petals"))
    assert star and box
    hand = page.context.new_cdp_session(page)

    def touch(kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": x, "y": y} for x, y in places]
        hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    x, y = star["x"] + star["width"] / 2, star["y"] + star["height"] / 2
    to_x, to_y = box["x"] + 0.2 * box["width"], box["y"] + 0.8 * box["height"]
    scrolled = page.evaluate("scrollY")
    touch("touchStart", (x, y))
    for step in range(1, 11):
        touch("touchMove", (x + (to_x - x) * step / 10, y + (to_y - y) * step / 10))
    touch("touchEnd")
    expect(page.locator("#species")).to_have_text("Iris setosa")
    assert page.evaluate("scrollY") == scrolled
    assert (
        page.locator("#petals").evaluate("panel => getComputedStyle(panel).touchAction") == "auto"
    )


def test_the_playground_by_keyboard_and_its_address(view: Open) -> None:
    page = playground(view)
    star = page.get_by_role("slider", name="Your flower among the petals")
    star.focus()
    for _ in range(6):
        page.keyboard.press("Shift+ArrowLeft")
    for _ in range(13):
        page.keyboard.press("ArrowDown")
    expect(star).to_have_attribute("aria-valuetext", "length 1.2 cm, width 0.2 cm")
    expect(page.locator("#species")).to_have_text("Iris setosa")
    page.get_by_label("Neighbours, k").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.get_by_label("Scale the features").focus()
    page.keyboard.press("Space")
    page.get_by_label("Share for training").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#tested")).to_contain_text("Trained on 112 flowers")
    expect(page.locator("#neighbours tr")).to_have_count(5)
    page.wait_for_timeout(500)
    state = page.url.partition("#flowers")[2]
    assert state == "?flower=5.9,3,1.2,0.2&k=5&scaled=1&train=75"

    other = playground(view, state)
    expect(other.locator("#species")).to_have_text("Iris setosa")
    expect(other.get_by_label("Petal length")).to_have_value("1.2")
    expect(other.get_by_label("Scale the features")).to_be_checked()
    assert other.locator("#neighbours").inner_text() == page.locator("#neighbours").inner_text()


@pytest.mark.parametrize(
    "state", ["?", "?flower=a", "?flower=99,99,99,99&k=1e9&train=x", "?flower=<b>&k=-1&scaled=2"]
)
def test_an_address_that_says_nothing_shows_a_flower_all_the_same(view: Open, state: str) -> None:
    page = playground(view, state)
    expect(page.locator("#note")).to_be_empty()


def test_the_chat_answers_for_the_flower_and_the_model_of_the_playground(view: Open) -> None:
    page = playground(view, "?flower=6.1,2.8,4.9,1.8&k=9&scaled=1&train=60")
    expect(page.locator("#neighbours tr")).to_have_count(9)
    nearest = page.locator("#neighbours tr td:last-child").all_inner_texts()
    assert told(page, 9) == nearest
    page.get_by_role("link", name="Flowers", exact=True).click()
    page.get_by_role("button", name="As in the article").click()
    expect(page.locator("#neighbours tr")).to_have_count(3)
    nearest = page.locator("#neighbours tr td:last-child").all_inner_texts()
    assert told(page, 3) == nearest


def told(page: Page, k: int) -> list[str]:
    """Send the flower to the chat and return how far away it calls the neighbours."""
    page.get_by_role("button", name="Send to the chat").click()
    expect(page.locator("#log > .me").last).to_contain_text("6.1 2.8 4.9 1.8")
    answered(page)
    table = page.locator("#log table").last
    expect(table.locator("tbody tr")).to_have_count(k)
    return list(table.locator("tbody td:last-child").all_inner_texts())


# ---- the review desk


def test_the_desk_follows_what_is_typed(view: Open) -> None:
    page = view("/#review")
    own, article = page.locator("#model-default"), page.locator("#model-article")
    page.get_by_label("A film review").press_sequentially("A great film")
    expect(own.locator(".big")).to_have_text("Positive")
    expect(article.locator(".under")).to_contain_text("% likely")
    expect(page.locator("#marked mark.praise").first).to_be_visible()
    page.get_by_label("A film review").fill("An awful, boring mess. I want my money back")
    page.get_by_label("A film review").press_sequentially(".")
    expect(own.locator(".big")).to_have_text("Negative")
    expect(page.locator("#words li").first).to_contain_text("−")
    expect(page.locator("#judged")).to_contain_text("Negative")
    page.get_by_label("A film review").fill("")
    expect(own.locator(".big")).to_have_text("–")


# ---- for everybody


def overflow(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_axe_finds_nothing_to_object_to(view: Open, size: tuple[int, int], theme: str) -> None:
    page = view(size=size, color_scheme=theme)
    for text in ("code for k-means", "5.1 3.5 1.4 0.2"):
        ask(page, text)
    judge(page)
    page.get_by_role("link", name="Iris setosa").click()
    expect(page.get_by_role("dialog").get_by_role("img")).to_be_visible()
    page.get_by_role("button", name="Full size").click()
    judge(page)
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Flowers", exact=True).click()
    expect(page.locator("#species")).not_to_be_empty()
    judge(page)
    page.get_by_role("link", name="Reviews", exact=True).click()
    page.get_by_label("A film review").fill("The cast is great, the plot is an awful mess.")
    expect(page.locator("#marked mark").first).to_be_visible()
    judge(page)


def judge(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert not overflow(page)


def test_the_address_is_told_when_the_server_answers(view: Open, server: Any) -> None:
    expect(view()).to_have_title("Fathom")
    assert f"fathom: ready at {server.origin}/; Ctrl-C stops" in server.log.read_text()
