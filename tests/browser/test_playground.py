"""The playground in JupyterLab, by the keyboard alone, in a light and in a dark Lab."""

import json
import shutil

import pytest
from playwright.sync_api import expect

from helpers.core.settings import ROOT, settings
from tests.browser.steps import SECONDS, open_notebook, until

pytestmark = [pytest.mark.services, pytest.mark.proof, pytest.mark.timeout(900)]
THEME = (
    "async name => { await window.jupyterapp.commands.execute('apputils:change-theme', {theme: name}); return true; }"
)
# Lab keeps only the cells in view in the page, so what ran is asked of its model.
CODE = """[...window.jupyterapp.shell.currentWidget.content.model.cells].filter(cell => cell.type == 'code')"""
OUTPUTS = f"() => {CODE}.map(cell => cell.outputs.toJSON())"
RUN_OF = f"at => {CODE}[at].executionCount != null && {CODE}[at].executionState != 'running'"
FOCUS = """async () => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    notebook.activeCellIndex = 0; notebook.mode = 'command'; notebook.activate();
    await notebook.scrollToItem(0);
    return notebook.activeCellIndex == 0 && document.activeElement.closest('.jp-Notebook') != null;
}"""
SHOW = """async start => {
    const notebook = window.jupyterapp.shell.currentWidget.content, cells = [...notebook.model.cells];
    const index = cells.findIndex(cell => cell.type == 'code' && cell.sharedModel.getSource().includes(start));
    notebook.activeCellIndex = index; notebook.mode = 'command'; notebook.activate();
    await notebook.scrollToItem(index, 'start');
    await new Promise(done => setTimeout(done, 1500));
    return notebook.activeCellIndex == index;
}"""
# The least contrast of texts in the outputs that are in view, as WCAG counts it, and which text it is.
CONTRAST = """() => {
    const parts = text => (text.match(/[\\d.]+/g) ?? []).map(Number);
    const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
        .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
    const ground = node => {
        for (let one = node; one; one = one.parentElement) {
            const color = parts(getComputedStyle(one).backgroundColor);
            if (color.length == 3 || color[3] > 0.99) return color;
        }
        return [255, 255, 255];
    };
    let least = [99, ''];
    for (const node of document.querySelectorAll(
            '.jp-OutputArea-output p, .jp-OutputArea-output td, .jp-OutputArea-output th, .jp-OutputArea-output pre,'
            + '.jp-OutputArea-output svg text, .jp-OutputArea-output .widget-label')) {
        if (!node.textContent.trim() || !node.getClientRects().length) continue;
        const style = getComputedStyle(node), svg = node.namespaceURI.endsWith('svg');
        const both = [light(parts(svg ? style.fill : style.color)), light(ground(node))];
        const [one, other] = both.sort((a, b) => b - a);
        const ratio = (one + 0.05) / (other + 0.05);
        if (ratio < least[0]) least = [ratio, node.textContent.slice(0, 40)];
    }
    return least;
}"""
LONG = "spark.sql('SELECT count(*) FROM range(1000000000000)').collect()"


@pytest.fixture
def playground(lab):
    """Lab with a fresh copy of the playground: (port, token)."""
    copy = settings().desk / "playground.ipynb"
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "notebooks" / "playground.ipynb", copy)
    return lab()


def run_all(page):
    """Shift+Enter from the first cell to the last, one after the other; the outputs of the code cells."""
    until(page, FOCUS)
    cells = page.evaluate("[...window.jupyterapp.shell.currentWidget.content.model.cells].map(cell => cell.type)")
    code = -1
    for kind in cells:
        page.keyboard.press("Shift+Enter")
        if kind == "code":
            code += 1
            until(page, RUN_OF, code, seconds=200)
    return page.evaluate(OUTPUTS)


def look(page, start, folder, name):
    """Bring a cell to the top by what it contains, and keep what is seen; the contrast of its texts is enough."""
    until(page, SHOW, start)
    if name.endswith("plot"):
        expect(page.locator(".jp-OutputArea-output svg.main-svg .lines path").first).to_be_attached()
        assert page.locator(".jp-OutputArea-output svg.main-svg").first.bounding_box()["height"] > 300
    page.screenshot(path=folder / f"{name}.png")
    ratio, text = page.evaluate(CONTRAST)
    assert ratio >= 4, f"{text!r} has a contrast of {ratio:.1f}"


def test_it_runs_by_the_keyboard_and_can_be_read_in_light_and_dark(playground, page, tmp_path):
    port, token = playground
    one = page()
    open_notebook(one, port, token, "playground.ipynb")
    outputs = run_all(one)
    said = json.dumps(outputs)
    # The pipeline has not filled its tables here: that is told in sentences.
    assert "Traceback" not in said
    for told in (
        "leading zeros would be lost",
        "several rows with the same",
        "5 messages into desk.meters",
        "Running quer",
    ):
        assert told in said, told
    for theme in ("Light", "Dark"):
        until(one, THEME, f"JupyterLab {theme}")
        for name, start in (
            ("sql", "%%sql by_kind"),
            ("plot", "plot(power"),
            ("own", "own_data(path)"),
            ("profile", "profile(own"),
        ):
            look(one, start, tmp_path, f"{theme.lower()}-{name}")


def test_a_running_query_is_stopped_by_keys_while_its_cell_runs(playground, page, tmp_path):
    port, token = playground
    one = page()
    open_notebook(one, port, token, "playground.ipynb")
    until(one, FOCUS)
    # Below the first cell, which is of text: the import's, then two of one's own.
    one.keyboard.press("ArrowDown")
    one.keyboard.press("Shift+Enter")
    for text in ("running().buttons()", LONG):
        one.keyboard.press("a")
        one.keyboard.press("Enter")
        one.keyboard.insert_text(text)
        one.keyboard.press("Shift+Enter")
    bar = one.locator(".jp-Notebook .widget-label", has_text="tasks, ")
    expect(bar).to_be_visible(timeout=120 * SECONDS)
    one.screenshot(path=tmp_path / "running.png")
    button = one.get_by_role("button", name="Stop", exact=True)
    for _ in range(200):
        one.keyboard.press("Shift+Tab")
        if button.evaluate("node => node == document.activeElement"):
            break
    expect(button).to_be_focused()
    one.keyboard.press("Enter")
    expect(one.get_by_text("OPERATION_CANCELED").first).to_be_visible(timeout=60 * SECONDS)
    expect(one.locator(".jp-Notebook .widget-label", has_text="over")).to_be_visible(timeout=30 * SECONDS)
    one.screenshot(path=tmp_path / "stopped.png")
