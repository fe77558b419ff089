"""What tests do in JupyterLab, step by step."""

from tenacity import Retrying, stop_after_delay, wait_fixed

SECONDS = 1000.0
"""A second, as Playwright counts."""

# While it opens Lab may bring another tab to the front by itself.
SETTLED = """async path => {
    const {restored, shell} = window.jupyterapp ?? {};
    await restored;
    const panel = [...(shell?.widgets('main') ?? [])].find(one => one.context?.path?.endsWith(path));
    if (!panel) return false;
    shell.activateById(panel.id);
    await panel.revealed; await panel.context.ready; await panel.sessionContext.ready;
    await new Promise(done => setTimeout(done, 1000));
    return shell.currentWidget == panel && panel.sessionContext.session?.kernel != null;
}"""
# Lab keeps only the cells in view in the page, so a cell is brought there by what it begins with.
EDIT = """async start => {
    const {shell} = window.jupyterapp, panel = shell.currentWidget, notebook = panel?.content;
    const cells = [...(notebook?.model?.cells ?? [])];
    const index = cells.findIndex(cell => cell.sharedModel.getSource().startsWith(start));
    if (index < 0) return false;
    notebook.activeCellIndex = index;
    await notebook.scrollToItem(index);
    notebook.activate(); notebook.mode = 'edit';
    // A notebook that was just opened may still go back to its first cell by itself.
    await new Promise(done => setTimeout(done, 1000));
    return shell.currentWidget == panel && notebook.activeCellIndex == index
        && document.activeElement.classList.contains('cm-content');
}"""


def until(page, script, arg=None, seconds=60):
    """Run an asynchronous script until it says true; Playwright's own wait takes its promise for that."""
    for attempt in Retrying(stop=stop_after_delay(seconds), wait=wait_fixed(0.3), reraise=True):
        with attempt:
            assert page.evaluate(script, arg), f"not within {seconds} s: {arg}"


def open_notebook(page, port, token, path):
    page.goto(f"http://127.0.0.1:{port}/lab/tree/{path}?token={token}", wait_until="commit")
    until(page, SETTLED, path)


def edit(page, start):
    """Put the cursor into the cell that begins so."""
    until(page, EDIT, start)


def write(page, start, text):
    """Put text into that cell, in place of what is there."""
    edit(page, start)
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def run(page):
    page.keyboard.press("Control+Enter")
