"""The two reports in headless Chromium, wide and narrow: nothing overflows, filter, folding, links and copying work, nothing is asked for.

Run by the tox environment `documents`; the reports are those of a real `verify` and a real `check`, one with a failing statement, and that of
the whole stored run.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browser import Page, chromium

from ntpproofs.checking.registry import collect
from ntpproofs.rendering import render_html, statuses
from ntpproofs.rendering.runs import Run, read_reports, read_run

ROOT = Path(__file__).resolve().parent.parent
LABELS = ("foundations.max-margin", "foundations.separation", "linear-ntp.erratum-lemma-5-exponentials")
WIDTHS = (390, 1400)
SHOWN = "Array.from(document.querySelectorAll('details.statement')).filter(e => !e.hidden).map(e => e.id)"


def command(status: int, *words: str) -> None:
    done = subprocess.run([sys.executable, "-m", "ntpproofs", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    directory = tmp_path_factory.mktemp("reports")
    command(0, "verify", *LABELS, "--report", str(directory / "verify"), "--workers", "1")
    command(1, "check", "examples/conjectures/tied_iff_cyclic.py", "--examples", "150", "--report", str(directory / "check"), "--workers", "1")
    found = read_reports(json.loads((directory / "verify" / "report.json").read_text(encoding="utf-8")))
    first = found[LABELS[0]]
    found[LABELS[0]] = replace(first, mutants=tuple(replace(m, killed=False, witness=None, evidence=None) for m in first.mutants))
    bad = directory / "bad.html"
    bad.write_text(render_html(found, statuses(found), Run("ntpproofs verify", "1.0", 0, "quick", "2026-11-28", 1.0), collect()), encoding="utf-8")
    whole = directory / "stored.html"
    document = json.loads(gzip.decompress((ROOT / "docs" / "run" / "verify.json.gz").read_bytes()))
    everything = read_reports(document)
    whole.write_text(render_html(everything, statuses(everything), read_run(document), collect()), encoding="utf-8")
    return {"stored": whole, "verify": directory / "verify" / "report.html", "check": directory / "check" / "report.html", "bad": bad}


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with chromium() as found:
        yield found


@pytest.fixture(autouse=True)
def nothing_is_asked_for(page: Page) -> Iterator[None]:
    page.requests.clear()
    page.errors.clear()
    yield
    assert page.requests == [] and page.errors == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["verify", "check", "bad", "stored"])
def test_nothing_overflows_folded_or_unfolded(page: Page, reports: dict[str, Path], name: str, width: int) -> None:
    page.open(reports[name], width)
    assert page.ask("document.body.clientHeight") > 300 and page.overflow() == 0
    page.ask("document.getElementById('unfold').click()")
    assert page.ask("document.querySelectorAll('details.statement:not([open])').length") == 0
    page.ask("document.querySelectorAll('details').forEach(e => { e.open = true; })")
    page.settle()
    assert page.overflow() == 0


@pytest.mark.parametrize("width", WIDTHS)
def test_the_filter_says_how_many_it_shows(page: Page, reports: dict[str, Path], width: int) -> None:
    page.open(reports["verify"], width)
    count = "document.getElementById('found').textContent"
    assert page.ask(count) == "3 of 3 shown" and page.ask("document.getElementById('found').getAttribute('aria-live')") == "polite"
    page.press("#needle")
    page.call("Input.insertText", text="max-margin")
    page.settle()
    assert page.ask(SHOWN) == [f"s-{LABELS[0]}"] and page.ask(count) == "1 of 3 shown"
    page.call("Input.insertText", text=" of nothing")
    page.settle()
    assert page.ask(SHOWN) == [] and "Nothing matches" in page.ask(count)
    page.press("#clear")
    assert len(page.ask(SHOWN)) == 3
    assert page.ask("(() => { only.checked = true; only.dispatchEvent(new Event('input')); })()") is None
    assert page.ask(SHOWN) == []


def test_only_what_needs_attention(page: Page, reports: dict[str, Path]) -> None:
    page.open(reports["bad"], 1400)
    page.press("#only")
    assert page.ask(SHOWN) == [f"s-{LABELS[0]}"]
    assert "survived" in page.ask("document.getElementById('attention').textContent")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_hash_unfolds_its_statement_and_clears_the_filter(page: Page, reports: dict[str, Path], width: int) -> None:
    target = f"s-{LABELS[1]}"
    page.open(reports["verify"], width, f"#{target}")
    is_open = f"document.getElementById({target!r}).open"
    assert page.ask(is_open) and page.ask(f"Math.abs(document.getElementById({target!r}).getBoundingClientRect().top) < 40")
    page.open(reports["verify"], width)
    assert not page.ask(is_open)
    page.ask("(() => { needle.value = 'erratum'; needle.dispatchEvent(new Event('input')); })()")
    assert target not in page.ask(SHOWN)
    node = f"document.querySelector('svg a[data-node={json.dumps(LABELS[1])}]')"
    page.ask(f"{node}.dispatchEvent(new MouseEvent('click', {{bubbles: true, cancelable: true}}))")
    page.settle()
    assert target in page.ask(SHOWN) and page.ask(is_open)


def test_a_statement_unfolds_by_a_click_and_every_link_has_its_target(page: Page, reports: dict[str, Path]) -> None:
    for name in ("verify", "check", "bad"):
        page.open(reports[name], 1400)
        missing = "Array.from(document.querySelectorAll('a[href]')).filter(a => !document.getElementById(a.getAttribute('href').slice(1))).length"
        assert page.ask(missing) == 0
        page.ask("document.getElementById('fold').click()")
        page.press("details.statement > summary")
        assert page.ask("document.querySelectorAll('details.statement[open]').length") == 1


def test_tables_are_cards_on_a_narrow_screen(page: Page, reports: dict[str, Path]) -> None:
    display = "getComputedStyle(document.querySelector('table.cards tbody tr')).display"
    for width, shown in ((390, "block"), (1400, "table-row")):
        page.open(reports["verify"], width)
        page.ask("document.getElementById('unfold').click()")
        assert page.ask(display) == shown
    bare = "Array.from(document.querySelectorAll('table')).filter(t => !t.caption || !t.querySelector('th[scope=col]')).length"
    assert page.ask(bare) == 0


def copied(page: Page) -> Any:
    return page.ask("window.copied")


@pytest.mark.parametrize("name", ["verify", "check"])
def test_copy_buttons_copy_the_whole_line(page: Page, reports: dict[str, Path], name: str) -> None:
    page.open(reports[name], 1400)
    page.ask("Object.defineProperty(navigator, 'clipboard', {value: {writeText: text => { window.copied = text; return Promise.resolve(); }}})")
    page.press("header button.copy")
    assert copied(page) == page.ask("document.querySelector('header .command code').textContent")
    assert copied(page).startswith(f"ntpproofs {name} ") and "--seed 0" in copied(page)
    assert page.ask("document.querySelector('header button.copy').textContent") == "Copied"
    assert page.ask("document.querySelectorAll('.command').length === document.querySelectorAll('.command button.copy').length")


def test_the_skip_link_is_the_first_thing_a_keyboard_reaches(page: Page, reports: dict[str, Path]) -> None:
    page.open(reports["verify"], 390)
    for kind in ("keyDown", "keyUp"):
        page.call("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)
    assert page.ask("document.activeElement.className + document.activeElement.getAttribute('href')") == "skip#statements"
    assert page.ask("document.activeElement.getBoundingClientRect().left >= 0")
