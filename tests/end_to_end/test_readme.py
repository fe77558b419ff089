"""Every command that the README shows, run as it stands there (conda's excepted: it is not reachable here)."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from helpers.core.settings import ROOT, child_environment, settings
from helpers.exercises import lesson
from tests.conftest import listening

pytestmark = [pytest.mark.proof, pytest.mark.services, pytest.mark.timeout(1800)]

# In the order in which they are run: services go down after all that wants them up.
RUN = (
    "make",
    "make clean",
    "make check",
    "make doctor",
    ".venv/bin/gridbridge translate QUERY.sql --dialect oracle --schema TABLES.sql --verify",
    "make services",
    ".venv/bin/gridbridge services status --json",
    ".venv/bin/gridbridge services logs kafka",
    ".venv/bin/gridbridge pipeline run --help",
    ".venv/bin/gridbridge pipeline run --recordings rsf,serf-east --fault-rate 0.1 --seed 11",
    ".venv/bin/gridbridge pipeline run --recording FILE --mapping datasets/example-mapping.toml",
    ".venv/bin/papermill notebooks/pipeline.ipynb OUT.ipynb -p recordings small",
    ".venv/bin/gridbridge services up connect",
    ".venv/bin/gridbridge author check 01 --exercise size_class --seeds 1",
    "make services-down",
    'make pipeline ARGS="--recordings small"',
    "make pipeline",
)
NEW, JOB = ".venv/bin/gridbridge new pipeline", ".venv/bin/gridbridge job"
# A file of tests, and what stands in it where the command is run; the first two run these tests.
ELSEWHERE = {
    "make test": (".ci/run", "make test"),
    "make proof": (".ci/run", "make proof"),
    "make bench": ("tests/end_to_end/test_readme.py", '"bench", "ARGS=pipeline'),
    "make lab": ("tests/end_to_end/test_readme.py", '"make", "lab"'),
    'make lab PAIR="Ada & Edgar"': ("tests/browser/test_lab.py", 'lab("--pair", "Ada & Edgar")'),
    "make lab ARGS=--allow-root": ("tests/end_to_end/test_readme.py", "ARGS=--allow-root"),
    "make distclean": ("tests/end_to_end/test_readme.py", '"make", "distclean"'),
    "make setup PYTHON=/path/to/python3.11": ("tests/unit/project/test_makefile.py", "PYTHON="),
    ".venv/bin/gridbridge lab --read-only": ("tests/unit/cli/test_lab.py", "--read-only"),
    f"{NEW} meter_check --source kafka --source s3 --sink delta --sink postgres": (
        "tests/unit/cli/test_new.py",
        '"new", "pipeline", "roofs"',
    ),
    f"{JOB} meter_check --every 15": ("tests/services/test_job.py", '"--every", "0.02"'),
    f"{JOB} meter_check --on s3://peak-landing/pipelines/meter_check/": ("tests/services/test_job.py", "s3://"),
    f"{JOB} status meter_check": ("tests/unit/cli/test_job.py", '"status", "roofs"'),
    "KEEP=1": ("tests/unit/project/test_makefile.py", "KEEP=1"),
}


def typed():
    text = (ROOT / "README.md").read_text()
    lines = re.findall(r"(?m)^ {4}((?:make|\.venv/bin/\w+)(?: [^#\n]+)?)", text)
    lines += re.findall(r"`(make(?: [^`]+)?|\.venv/bin/\w+ [^`]+|KEEP=1)`", text)
    return {line.strip() for line in lines}


def test_no_command_of_the_readme_is_left_out():
    assert typed() == {*RUN, *ELSEWHERE}
    for command, (file, words) in ELSEWHERE.items():
        # Once more than in this table, where it is this file's.
        assert (ROOT / file).read_text().count(words) > (Path(__file__) == ROOT / file), command


@pytest.fixture
def place(empty_work, tmp_path):
    """What the commands' placeholders stand for: a recording that the example mapping fits, an output, a query."""
    rows = [f"2024-03-30 {h:02d}:{m:02d},{1000 + h}.5" for h in range(24) for m in (0, 15, 30, 45)]
    (tmp_path / "roof.csv").write_text("\n".join(["time,power_w", *rows]) + "\n")
    files = {
        "QUERY.sql": "SELECT s.*, NVL(o.cost, 0) AS cost FROM sites s, orders o WHERE s.id = o.id(+)",
        "TABLES.sql": "CREATE TABLE sites (id NUMBER(5)); CREATE TABLE orders (id NUMBER(5), cost NUMBER(9,2));",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    names = {name: str(tmp_path / name) for name in (*files, "OUT.ipynb")}
    return {**names, "FILE": str(tmp_path / "roof.csv")}


def test_the_commands_of_the_readme_do_what_they_say(place):
    said = {}
    # As in a shell: a make that runs in another one (`make proof`) tells its folder too.
    alone = child_environment(drop=("MAKEFLAGS", "MAKELEVEL", "MFLAGS"))
    for line in RUN:
        words = [place.get(word, word) for word in shlex.split(line)]
        done = subprocess.run(words, cwd=ROOT, env=alone, capture_output=True, text=True, timeout=900)
        assert done.returncode == 0, f"{line}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        said[line] = done.stdout
    status = json.loads(said[".venv/bin/gridbridge services status --json"])
    assert {one["name"]: one["state"] for one in status} == dict.fromkeys(("kafka", "s3", "postgres"), "ready")
    sizes = {folder: size for size, folder in (line.split("\t") for line in said["make clean"].splitlines())}
    assert {".venv", ".cache/jars", ".cache/localstack"} <= set(sizes)
    assert all(re.fullmatch(r"[\d.]+[KMGT]?", size) for size in sizes.values()), sizes
    assert "# proved: " in next(text for line, text in said.items() if "translate" in line)
    assert "Started: kafka, s3, postgres" in said["make services"]
    assert "make pipeline" in said["make"]
    for line in (*(line for line in RUN if "pipeline run --rec" in line), RUN[-2], RUN[-1]):
        assert "100.0000%" in said[line], line
    full = max((settings().work / "runs").glob("*/summary.json"), key=lambda path: path.stat().st_mtime)
    summary = json.loads(full.read_text())
    # The package's recordings, all of them, with 2 % of planted faults.
    assert summary["events"] > 450_000
    assert summary["accuracy"] == 1.0
    assert summary["gold_cells"]["different"] == 0
    print({name: summary[name] for name in ("stage_seconds", "cpu_seconds", "events_per_cpu_second", "gold_hash")})


def test_lab_answers_on_the_loopback_with_its_token_only(empty_work):
    words = ["make", "lab", "ARGS=--allow-root --no-browser --ServerApp.port=0"]
    process = subprocess.Popen(
        words,
        cwd=ROOT,
        env=child_environment({"JUPYTER_RUNTIME_DIR": str(empty_work / "jupyter")}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        server = _server(empty_work / "jupyter")
        assert server["url"].startswith("http://127.0.0.1:")
        for page in ("start.ipynb", "lessons/01-rows-and-null/lesson.ipynb"):
            assert _status(f"{server['url']}api/contents/{page}?token={server['token']}") == 200
            assert _status(f"{server['url']}api/contents/{page}") == 403
        make = psutil.Process(process.pid)
        sockets = listening([make, *make.children(recursive=True)])
        assert server["port"] in {address.port for address in sockets}
        assert {address.ip for address in sockets} == {"127.0.0.1"}
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)


@retry(stop=stop_after_delay(120), wait=wait_fixed(0.5), retry=retry_if_exception_type((ValueError, OSError)))
def _server(folder):
    (found,) = folder.glob("jpserver-*.json")
    server = json.loads(found.read_text())
    _status(server["url"] + "api")
    return server


def _status(url):
    try:
        return urllib.request.urlopen(url, timeout=20).status
    except urllib.error.HTTPError as error:
        return error.code


def test_bench_measures_a_run_and_its_repetition(empty_work):
    words = ["make", "--no-print-directory", "bench", "ARGS=pipeline --recordings small --json"]
    done = subprocess.run(words, cwd=ROOT, env=child_environment(), capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    first, again = json.loads(done.stdout[done.stdout.index("{") :])["pipeline"]
    assert first["messages"] > 2000
    assert again["messages"] == 0
    assert first["gold_hash"] == again["gold_hash"]
    assert 0 < sum(first["stage_seconds"].values()) < first["seconds"]
    # Measured in a folder of its own: the user's lake is not touched.
    assert not (empty_work / "runs").exists()


def test_bench_measures_the_checks_and_the_opening_of_a_lesson(empty_work):
    words = [sys.executable, "-m", "helpers", "bench", "lessons", "--lesson", "01", "--json"]
    done = subprocess.run(words, cwd=ROOT, env=child_environment(), capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    (found,) = json.loads(done.stdout[done.stdout.index("{") :])["lessons"].values()
    exercises = lesson("01").exercises
    assert found["right"]["count"] == sum(len(one.solutions) for one in exercises)
    assert found["refused"]["count"] == sum(len(one.wrong) for one in exercises)
    assert 0 < found["right"]["p50"] <= found["right"]["p95"]
    assert 0 < found["opening"]["bare"] < found["opening"]["seconds"]


def test_distclean_deletes_what_set_up_made_and_no_work(tmp_path):
    shutil.copy(ROOT / "Makefile", tmp_path)
    for folder in (".venv/bin", ".cache/jars", "gridbridge.egg-info", "work/runs", "helpers", "tests"):
        (tmp_path / folder).mkdir(parents=True)
    subprocess.run(["make", "distclean"], cwd=tmp_path, check=True, capture_output=True)
    assert {path.name for path in tmp_path.iterdir()} == {"Makefile", "work", "helpers", "tests"}
    assert (tmp_path / "work" / "runs").is_dir()
