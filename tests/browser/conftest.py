"""JupyterLab as a browser shows it: the Chromium that is there, driven by Playwright."""

import re
import shutil
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest
from playwright.sync_api import sync_playwright
from tenacity import Retrying, stop_after_delay, wait_fixed

from helpers import services
from helpers.core.settings import ROOT, child_environment
from helpers.services import process

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


# No longer than a file: Playwright keeps an event loop running, in which no other test can run one of its own.
@pytest.fixture(scope="module")
def chromium():
    """A browser without a window."""
    if CHROMIUM is None:
        pytest.skip("no Chromium here: Lab in a browser was left out (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@pytest.fixture
def lab(running, tmp_path_factory):
    """Called with options of `gridbridge lab`, it starts Lab and returns (port, token); Lab ends with the test."""
    services.ensure("connect")
    started = []

    def start(*options):
        port = process.free_port(0)[0]
        log = tmp_path_factory.mktemp("lab") / "lab.log"
        words = ["-m", "helpers", "lab", *options, "--", "--no-browser", "--allow-root", f"--port={port}"]
        # What a browser test asks of Lab beside clicks and keys: to bring a cell into view.
        words.append("--LabApp.expose_app_in_browser=True")
        with log.open("w") as out:
            environment = child_environment({"JUPYTER_CONFIG_DIR": str(log.parent)})
            started.append(
                subprocess.Popen([sys.executable, *words], cwd=ROOT, env=environment, stdout=out, stderr=out)
            )
        for attempt in Retrying(stop=stop_after_delay(90), wait=wait_fixed(0.3), reraise=True):
            with attempt:
                token = re.findall(r"token=(\w+)", log.read_text())[0]
        return port, token

    yield start
    for one in started:
        # Once asks, in a terminal; twice ends it.
        one.terminate()
        one.terminate()
        one.wait(90)


@pytest.fixture
def page(chromium):
    """Called, it returns a page of a new browser profile."""
    made = []

    def new():
        made.append(chromium.new_context(viewport={"width": 1400, "height": 900}))
        return made[-1].new_page()

    yield new
    for one in made:
        one.close()


class Line:
    """A connection to a port of this machine, which can be cut."""

    def __init__(self, port):
        self.target, self.cut, self.open = port, False, []
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self.server.accept()
            except OSError:
                return
            if self.cut:
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self.target))
            self.open += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._copy, args=(one, other), daemon=True).start()

    def _copy(self, one, other):
        try:
            while data := one.recv(65536):
                other.sendall(data)
        except OSError:
            pass
        for end in (one, other):
            self._end(end)

    @staticmethod
    def _end(end):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        end.close()

    @contextmanager
    def lost(self):
        """Within it nothing passes, and what was connected is not."""
        self.cut = True
        for end in self.open:
            self._end(end)
        self.open.clear()
        try:
            yield
        finally:
            self.cut = False


@pytest.fixture
def line():
    """Called with a port, a line to it that can be cut."""
    made = []

    def new(port):
        made.append(Line(port))
        return made[-1]

    yield new
    for one in made:
        one.server.close()
