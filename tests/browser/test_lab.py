"""What one learner, and what two, see and type in JupyterLab."""

import re

import nbformat
import pytest
from playwright.sync_api import expect
from tenacity import Retrying, stop_after_delay, wait_fixed

from helpers.core.settings import settings
from helpers.exercises import exercise, lesson
from tests.browser.steps import SECONDS, SETTLED, edit, open_notebook, run, until, write

pytestmark = [pytest.mark.services, pytest.mark.timeout(400)]
LESSON = "lessons/02-joins/lesson.ipynb"
NAME = "sites_with_urgent_orders"
WRONG = f"""def {NAME}(sites, work_orders):
    urgent = work_orders.where("closed_at IS NULL AND priority = 1")
    return sites.join(urgent, "site_id").select("name", "kind")


check({NAME})
"""
RIGHT = WRONG.replace('"site_id")', '"site_id", "left_semi")')

# A kernel that is still starting lets it pass without a word.
RUN_ABOVE = """async () => {
    const {commands, shell} = window.jupyterapp;
    commands.execute('notebook:run-all-above');
    await new Promise(done => setTimeout(done, 2000));
    const [first] = [...shell.currentWidget.content.model.cells].filter(cell => cell.type == 'code');
    return first.executionState == 'running' || first.executionCount != null;
}"""
KERNEL = "window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.id"
SOURCES = "() => [...window.jupyterapp.shell.currentWidget.content.model.cells].map(c => c.sharedModel.getSource())"


def test_a_learner_is_wrong_takes_a_hint_is_right_and_finds_it_on_the_start_page(lab, page):
    port, token = lab()
    one, task = page(), exercise(NAME)
    # Of the notebook in front: the start page's stays open behind it.
    output = one.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell.jp-mod-active .jp-OutputArea-output")
    open_notebook(one, port, token, "start.ipynb")
    one.get_by_role("link", name="2. Joins").click()
    until(one, SETTLED, LESSON)
    edit(one, f"def {NAME}")
    until(one, RUN_ABOVE)
    write(one, f"def {NAME}", WRONG)
    run(one)
    expect(output.get_by_text("✗ Different")).to_be_visible(timeout=120 * SECONDS)
    expect(output.get_by_text(task.wrong[0].words)).to_be_visible()

    write(one, f"def {NAME}", f'buttons("{NAME}")')
    run(one)
    output.get_by_role("button", name="Hint").click(timeout=30 * SECONDS)
    expect(output.get_by_text(task.hints[0])).to_be_visible(timeout=30 * SECONDS)

    write(one, f'buttons("{NAME}")', RIGHT)
    run(one)
    expect(output.get_by_text("✓ Right")).to_be_visible(timeout=30 * SECONDS)

    write(one, f"def {NAME}", 'from helpers.desk import plan\nplan(peak["sites"])')
    run(one)
    expect(output.locator("svg, img").first).to_be_visible(timeout=30 * SECONDS)

    open_notebook(one, port, token, "start.ipynb")
    edit(one, "from helpers.desk import")
    run(one)
    solved = f"1 of {len(lesson('02').exercises)}"
    expect(output.get_by_role("row", name=re.compile(f"Joins.*{solved}"))).to_be_visible(timeout=60 * SECONDS)


@pytest.mark.proof
def test_two_type_in_one_notebook_and_one_loses_the_connection_for_30_s(lab, page, line):
    port, token = lab("--pair", "Ada & Edgar")
    wire = line(port)
    ada, edgar = page(), page()
    for one, way in ((ada, port), (edgar, wire.port)):
        open_notebook(one, way, token, LESSON)
    edit(ada, f"def {NAME}")
    edit(edgar, "def technicians_without_reports")
    assert ada.evaluate(KERNEL) == edgar.evaluate(KERNEL)
    for one in (ada, edgar):
        one.keyboard.press("Control+Home")
    for number in range(8):
        ada.keyboard.type(f"# a{number}\n")
        edgar.keyboard.type(f"# e{number}\n")
    both = [*(f"# a{number}" for number in range(8)), *(f"# e{number}" for number in range(8))]
    both_have(ada, edgar, both)

    with wire.lost():
        ada.keyboard.type("# while Edgar was away\n")
        # Lab says so at one of its next polls and takes the focus, so that typing before it might be lost.
        said = edgar.locator(".jp-Dialog", has_text="connection to the Jupyter server could not be established")
        said.get_by_text("Do not show this message again").click(timeout=30 * SECONDS)
        said.get_by_role("button", name="Close").click()
        edgar.keyboard.type("# while away\n")
        edgar.wait_for_timeout(30 * SECONDS)
    both_have(ada, edgar, [*both, "# while Edgar was away", "# while away"])

    copy = settings().work / "pairs" / "ada-edgar" / LESSON
    ada.wait_for_timeout(3 * SECONDS)
    kept = "\n".join(cell.source for cell in nbformat.read(copy, as_version=4).cells).splitlines()
    assert [kept.count(text) for text in ("# a0", "# e7", "# while Edgar was away", "# while away")] == [1, 1, 1, 1]


def both_have(ada, edgar, texts):
    """Both show each of these lines once, and the same cells."""
    for attempt in Retrying(stop=stop_after_delay(60), wait=wait_fixed(0.3), reraise=True):
        with attempt:
            cells = ada.evaluate(SOURCES)
            assert cells == edgar.evaluate(SOURCES)
            lines = "\n".join(cells).splitlines()
            assert {text: lines.count(text) for text in texts} == dict.fromkeys(texts, 1)
