"""The site in headless Chromium with the network cut: mathematics is there, nothing is asked for, nothing overflows, links lead somewhere.

Run by the tox environment `documents`, which builds the site first; NTPPROOFS_SITE names another build.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest
from browser import Page, chromium

SITE = Path(os.environ.get("NTPPROOFS_SITE") or Path(__file__).resolve().parent.parent / "docs" / "_build" / "html")
PAGES = sorted(path for path in SITE.rglob("*.html") if not {"_static", "_modules", "_sources", "_downloads"} & set(path.relative_to(SITE).parts))
# Wide and narrow windows for these; every other page is loaded once, in the narrow one.
CHOSEN = (
    "index.html",
    "guide/start.html",
    "guide/flow.html",
    "guide/comparison.html",
    "generated/statements.html",
    "generated/papers/linear-ntp.html",
    "generated/statements/foundations.max-margin.html",
    "generated/statements/linear-ntp.gradient-descent-bias.html",
    "generated/conjectures.html",
    "generated/commands.html",
    "generated/api/index.html",
    "gallery/index.html",
)
PAPERS = tuple(
    path.relative_to(SITE).as_posix() for path in PAGES if path.parent.name == "papers" and path.relative_to(SITE).as_posix() not in CHOSEN
)
# TeX that a reader would see: commands and dollars outside of code.
TEX = r"""(() => { const copy = document.querySelector('article').cloneNode(true);
  copy.querySelectorAll('code, pre, script, style, math, .command').forEach(e => e.remove());
  const found = copy.textContent.match(/\\[a-zA-Z]{2,}|\$[^$\n]{1,80}\$/g); return found || []; })()"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    assert PAGES, f"no site in {SITE}: run tox -e docs"
    with chromium() as found:
        yield found


@pytest.fixture(autouse=True)
def nothing_is_asked_for(page: Page) -> Iterator[None]:
    page.requests.clear()
    page.errors.clear()
    yield
    assert page.requests == [] and page.errors == []


def test_there_is_a_page_for_every_statement_and_paper() -> None:
    from ntpproofs.checking.registry import collect

    statements = collect()
    names = {path.relative_to(SITE).as_posix() for path in PAGES}
    assert {f"generated/statements/{label}.html" for label in statements} <= names
    assert {f"generated/papers/{statement.area}.html" for statement in statements.values()} <= names


@pytest.mark.parametrize("width", [360, 1400])
@pytest.mark.parametrize("name", (*CHOSEN, *PAPERS))
def test_pages_fit_and_show_mathematics(page: Page, name: str, width: int) -> None:
    page.open(SITE / name, width)
    assert page.ask("document.querySelector('article').clientHeight") > 200
    assert page.ask(TEX) == []
    assert page.overflow() == 0


def test_formulas_are_drawn(page: Page) -> None:
    page.open(SITE / "guide/flow.html", 1400)
    assert page.ask("document.querySelectorAll('math').length") > 50
    sizes = page.ask("Array.from(document.querySelectorAll('math')).map(m => m.getBoundingClientRect().width)")
    assert min(sizes) > 2


def test_no_page_asks_the_network_shows_tex_or_scrolls_sideways(page: Page) -> None:
    shown, wide = {}, {}
    for path in PAGES:
        page.open(path, 360)
        if more := page.overflow():
            wide[path.relative_to(SITE).as_posix()] = more
        # The Python interface quotes docstrings as they stand.
        if "api" not in path.parts and (found := page.ask(TEX)):
            shown[path.relative_to(SITE).as_posix()] = found[:3]
    assert shown == {} and wide == {}


def test_no_page_prints_a_memory_address() -> None:
    assert [path.relative_to(SITE).as_posix() for path in PAGES if " object at 0x" in path.read_text(encoding="utf-8")] == []


def test_every_link_inside_the_site_leads_somewhere_anchors_included() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in SITE.rglob("*.html")}
    places = {path.resolve(): {unescape(name) for name in re.findall(r'\s(?:id|name)="([^"]+)"', text)} for path, text in texts.items()}
    dead = set()
    for path in PAGES:
        for address in set(re.findall(r'<a\b[^>]*?\shref="([^"]+)"', texts[path])) - {"#"}:
            file, _, place = unescape(address).partition("#")
            target = (path.parent / unquote(file.partition("?")[0])).resolve() if file else path.resolve()
            if not re.match(r"[a-z]+:", address) and (not target.exists() or (place and unquote(place) not in places.get(target, {place}))):
                dead.add((path.relative_to(SITE).as_posix(), address))
    assert dead == set()


def test_every_copy_button_copies_something(page: Page) -> None:
    for name in ("generated/statements/foundations.max-margin.html", "generated/papers/mesa.html", "generated/conjectures.html"):
        page.open(SITE / name, 1400)
        page.ask("window.copied = []; Object.defineProperty(navigator, 'clipboard', {value: {writeText: text => { window.copied.push(text);"
                 " return Promise.resolve(); }}})")  # fmt: skip
        buttons = page.ask("Array.from(document.querySelectorAll('article button.copy')).map(b => b.click()).length")
        assert len(page.ask("window.copied.filter(text => text.trim())")) == buttons > 0, name


def test_the_graph_of_the_front_page_leads_to_statements(page: Page) -> None:
    page.open(SITE / "index.html", 1400)
    assert page.ask("document.querySelectorAll('svg.graph a[data-node]').length") > 150
    page.press("svg.graph a[data-node='foundations.max-margin'] .node")
    assert page.ask("location.pathname").endswith("/generated/statements/foundations.max-margin.html")


def test_a_statement_page_copies_latex_bibtex_and_command(page: Page) -> None:
    page.open(SITE / "generated/statements/linear-ntp.gradient-descent-bias.html", 1400)
    page.ask("Object.defineProperty(navigator, 'clipboard', {value: {writeText: text => { window.copied = text; return Promise.resolve(); }}})")
    copied = []
    for button in ("article .command button.copy", "article .copies button.copy:nth-child(1)", "article .copies button.copy:nth-child(2)"):
        page.press(button)
        copied.append(page.ask("window.copied"))
    assert copied[0] == "ntpproofs show linear-ntp.gradient-descent-bias"
    assert copied[1].startswith("\\begin{theorem}") and copied[2].startswith("@misc{thrampoulidis2024")
