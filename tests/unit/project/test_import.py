import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

PROBE = """
import pkgutil, sys
opened = []
watched = ("socket.connect", "socket.bind", "subprocess.Popen")

def hook(name, args):
    # urllib3 asks whether IPv6 works by binding a socket that it closes at once, before anything listens.
    probe = name == "socket.bind" and args[1][:2] == ("::1", 0)
    if name in watched and not probe:
        opened.append(name)

sys.addaudithook(hook)
import helpers
for module in pkgutil.walk_packages(helpers.__path__, "helpers."):
    if not module.name.endswith("__main__"):
        __import__(module.name)
print(sorted(set(opened)))
"""


def test_importing_all_of_helpers_opens_no_socket_and_starts_no_process():
    done = subprocess.run([sys.executable, "-c", PROBE], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def test_what_a_notebook_imports_first_brings_nothing_that_it_need_not_wait_for():
    """A learner waits for each of these before a lesson's first answer, and most lessons' first cells use none."""
    probe = "import sys, helpers.desk; print(sorted({'sqlglot', 'boto3', 'psycopg', 'nbformat'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "[]", done.stderr
