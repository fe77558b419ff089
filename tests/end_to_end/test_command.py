"""`gridbridge pipeline run` as people and machines start it: what it leaves behind, what it refuses, how it fails."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys

import nbformat
import pyarrow.parquet as pq
import pytest

from helpers import services
from helpers.core.journal import Journal
from helpers.core.settings import ROOT, child_environment, settings
from helpers.pipeline.stores import Stores

pytestmark = [pytest.mark.services, pytest.mark.timeout(1800)]

COMMAND = [str(ROOT / ".venv/bin/gridbridge"), "pipeline", "run"]
SUMMARY = {
    *("run_id", "events_sent", "bronze_rows", "silver_rows", "duplicates", "late_rows", "quarantined", "gold_rows"),
    *("accuracy", "missing", "wrong", "misfiled", "freshness_seconds", "stage_seconds", "cpu_seconds"),
    *("events_per_cpu_second", "tables", "gold_hash"),
}
COUNTED = ("events_sent", "bronze_rows", "silver_rows", "duplicates", "late_rows", "gold_rows")


def command(*options, **environment):
    return subprocess.run(
        [*COMMAND, *options],
        cwd=ROOT,
        env=child_environment({"COLUMNS": "160", **environment}),
        capture_output=True,
        text=True,
        timeout=900,
    )


def started(*options):
    """A small run in a process group of its own."""
    return subprocess.Popen(
        [*COMMAND, "--recordings", "small", *options],
        cwd=ROOT,
        env=child_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def interrupt(process):
    """Ctrl-C, as a terminal sends it to the whole group; the run says so in one sentence."""
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 130, errors
    assert "Interrupted" in errors
    assert "Traceback" not in errors


def outputs(notebook):
    return [cell for cell in nbformat.read(notebook, as_version=4).cells if cell.cell_type == "code"]


def test_a_run_leaves_its_notebook_report_figures_and_gold(fresh):
    done = command("--recordings", "small", "--run-id", "shown")
    assert done.returncode == 0, done.stderr
    assert "100.0000%" in done.stdout
    folder = settings().work / "runs" / "shown"
    assert str(folder / "report.html") in done.stdout
    summary = json.loads((folder / "summary.json").read_text())
    assert summary.keys() >= SUMMARY
    assert (summary["status"], summary["accuracy"], summary["missing"]) == ("succeeded", 1.0, 0)
    assert set(summary["freshness_seconds"]) == {"p50", "p95", "p99"}
    days = summary["site_days"]
    assert 0 < days["with_ratio"] < days["total"]
    assert f"{days['with_ratio']} of {days['total']} site-days" in (folder / "report.html").read_text()
    assert summary["gold_hash"] in (folder / "report.html").read_text()
    assert f"{summary['points']:,}" in done.stdout
    counts = [summary[name] for name in COUNTED] + list(summary["quarantined"].values())
    assert all(set(found) == {"run", "total"} and found["run"] == found["total"] > 0 for found in counts)
    exported = {path.stem: pq.read_table(path).num_rows for path in (folder / "gold").iterdir()}
    assert set(exported) == {"energy", "daily", "quality", "flags"}
    assert sum(exported.values()) == summary["gold_rows"]["total"]
    for name, location in summary["tables"].items():
        assert location == f"s3a://{settings().lake_bucket}/{name}"
        (column,) = Stores().lake.open(name).metadata().partition_columns
        assert column in {"arrival_month", "event_month", "month"}, name
    cells = outputs(folder / "pipeline.ipynb")
    assert all(cell.execution_count for cell in cells)
    assert "papermill" not in nbformat.read(folder / "pipeline.ipynb", as_version=4).metadata
    again = command("--recordings", "small", "--run-id", "shown")
    assert again.returncode != 0
    assert "shown" in again.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--recordings", "atlantis"], "atlantis"),
        (["--fault-rate", "2"], "fault_rate"),
        (["--seed", "-1"], "seed"),
        (["--recording", "x.csv"], "mapping"),
        (["--run-id", "../up"], "run_id"),
        (["--seed", "many"], "--seed"),
    ],
)
def test_a_wrong_option_is_refused_in_one_sentence_before_anything_starts(tmp_path, options, words):
    done = command(*options, GRIDBRIDGE_WORK=str(tmp_path))
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_spark_connect_server_is_refused_before_anything_starts(tmp_path):
    done = command("--recordings", "small", GRIDBRIDGE_WORK=str(tmp_path), SPARK_REMOTE="sc://localhost:1")
    assert done.returncode == 2
    assert "unset SPARK_REMOTE" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("row", "source", "words"),
    [
        ("2024-03-30 00:00,much", None, "'power_w'"),
        ("1711756800,1.5", None, "holds numbers"),
        ("2024-03-30 00:00,1.5", "serf-west", "Choose another source"),
    ],
)
def test_a_wrong_value_of_ones_own_recording_is_refused_before_anything_starts(tmp_path, row, source, words):
    work = tmp_path / "work"
    (tmp_path / "roof.csv").write_text(f"time,power_w\n{row}\n")
    mapping = (ROOT / "datasets" / "example-mapping.toml").read_text()
    if source:
        mapping = re.sub(r"(?m)^source = .*$", f'source = "{source}"', mapping)
    (tmp_path / "roof.toml").write_text(mapping)
    own = ["--recording", str(tmp_path / "roof.csv"), "--mapping", str(tmp_path / "roof.toml")]
    done = command(*own, GRIDBRIDGE_WORK=str(work))
    assert done.returncode == 2
    assert words in done.stderr
    assert not work.exists() or list(work.iterdir()) == []


def test_plain_papermill_refuses_an_unknown_parameter_before_anything_starts(tmp_path):
    papermill = str(ROOT / ".venv/bin/papermill")
    output = tmp_path / "out.ipynb"
    done = subprocess.run(
        [papermill, "notebooks/pipeline.ipynb", str(output), "-p", "recordings", "small", "-p", "colour", "red"],
        cwd=ROOT,
        env=child_environment({"GRIDBRIDGE_WORK": str(tmp_path / "work")}),
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode != 0
    assert "colour" in done.stderr
    ran = [cell for cell in outputs(output) if cell.execution_count and cell.outputs]
    assert ran[-1].outputs[-1].output_type == "error"
    assert not (tmp_path / "work").exists()


@pytest.mark.proof
def test_a_failed_run_leaves_the_notebook_up_to_the_failing_cell_and_a_readable_cause(fresh, running):
    # A topic with our name that does not keep its messages: the maker refuses to write to it.
    from confluent_kafka.admin import NewTopic

    name = f"{settings().topic_prefix}.iot"
    admin = running["kafka"].client()
    admin.create_topics([NewTopic(name, 1, 1)])[name].result(30)
    done = command("--recordings", "small", "--run-id", "broken")
    assert done.returncode == 1
    assert name in done.stderr
    assert "Next:" in done.stderr
    assert "Traceback" not in done.stderr
    folder = settings().work / "runs" / "broken"
    summary = json.loads((folder / "summary.json").read_text())
    assert (summary["status"], summary["error"]["stage"]) == ("failed", "replay")
    assert "replay" in (folder / "report.html").read_text()
    cells = outputs(folder / "pipeline.ipynb")
    failed = [cell.source for cell in cells if any(out.output_type == "error" for out in cell.outputs)]
    assert failed == ["run.replay()"]
    assert not any(cell.execution_count for cell in cells[[c.source for c in cells].index("run.replay()") + 1 :])


@pytest.mark.proof
def test_an_interrupted_run_says_so_and_the_next_one_goes_on(fresh):
    process = started("--run-id", "cut")
    journal = settings().work / "runs" / "cut" / "journal.jsonl"
    _await(lambda: journal.exists() and '"silver"' in journal.read_text(), process)
    interrupt(process)
    done = command("--recordings", "small", "--run-id", "resumed")
    assert done.returncode == 0, done.stderr
    assert json.loads((settings().work / "runs" / "resumed" / "summary.json").read_text())["accuracy"] == 1.0


@pytest.mark.proof
@pytest.mark.parametrize(("option", "state"), [("--keep", "ready"), ("--stop", "stopped")])
def test_services_that_a_run_started_stay_up_only_where_it_is_told_so(empty_work, option, state):
    process = started("--run-id", "kept", option)
    journal = Journal(empty_work / "runs" / "kept" / "journal.jsonl")
    _await(lambda: any(one.get("state") == "done" for one in journal.events()), process)
    interrupt(process)
    assert {one.name: one.state for one in services.status()} == dict.fromkeys(("kafka", "s3", "postgres"), state)


def _await(seen, process):
    from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

    @retry(stop=stop_after_delay(200), wait=wait_fixed(0.1), retry=retry_if_result(lambda ok: not ok))
    def look():
        assert process.poll() is None, process.communicate()
        return seen()

    look()


@pytest.mark.proof
def test_of_two_that_start_at_once_one_runs_and_the_other_takes_nothing_away_from_it(empty_work):
    """Nothing is up: each starts what the other has not yet; the refused one ends first."""
    runs = {name: started("--run-id", name) for name in ("one", "two")}
    said = {name: process.communicate(timeout=900) for name, process in runs.items()}
    assert sorted(process.returncode for process in runs.values()) == [0, 1], said
    for name, other in (("one", "two"), ("two", "one")):
        if runs[name].returncode:
            assert f"run {other}" in said[name][1]
        else:
            assert "100.0000%" in said[name][0]
    assert not any(one.state == "ready" for one in services.status())


@pytest.mark.proof
def test_services_that_the_settings_name_are_used_and_none_is_started(fresh, tmp_path):
    where = services.endpoints()
    remote = {
        "KAFKA_BOOTSTRAP_SERVERS": where.kafka_bootstrap,
        "AWS_ENDPOINT_URL": where.s3_endpoint,
        "DATABASE_URL": where.postgres_dsn,
    }
    done = command("--recordings", "small", "--run-id", "remote", GRIDBRIDGE_WORK=str(tmp_path), **remote)
    assert done.returncode == 0, done.stderr
    summary = json.loads((tmp_path / "runs" / "remote" / "summary.json").read_text())
    assert (summary["accuracy"], summary["services_started"]) == (1.0, [])
    assert not (tmp_path / "services.json").exists()
    lake = Stores().lake
    assert lake.rows("bronze/messages") + lake.rows("bronze/weather") == summary["bronze_rows"]["total"] > 0


@pytest.mark.proof
def test_your_own_recording_is_replayed(fresh, tmp_path):
    rows = [
        "time,power_w",
        *(f"2024-03-30 {h:02d}:{m:02d},{1000 + h * 10 + m}.5" for h in range(24) for m in (0, 15, 30, 45)),
    ]
    (tmp_path / "roof.csv").write_text("\n".join(rows) + "\n")
    shutil.copy(ROOT / "datasets" / "example-mapping.toml", tmp_path / "roof.toml")
    options = ["--recordings", "nrel_1axis_tracker_mesa_ac_power.csv", "--fault-rate", "0", "--run-id", "own"]
    own = ["--recording", str(tmp_path / "roof.csv"), "--mapping", str(tmp_path / "roof.toml")]
    done = command(*options, *own)
    assert done.returncode == 0, done.stderr
    folder = settings().work / "runs" / "own"
    energy = pq.read_table(folder / "gold" / "energy.parquet").to_pandas()
    tejo = energy[energy.site_id == "tejo"]
    assert len(tejo) == 96
    assert float(tejo.energy_kwh.sum()) == pytest.approx(sum(float(row.split(",")[1]) for row in rows[1:]) / 4000)
    wrong = tmp_path / "wrong.toml"
    wrong.write_text((tmp_path / "roof.toml").read_text().replace('"power_w"', '"power_kw"'))
    refused = command("--recording", str(tmp_path / "roof.csv"), "--mapping", str(wrong), "--run-id", "refused")
    assert refused.returncode == 2
    assert "power_kw" in refused.stderr


def test_importing_the_command_loads_neither_spark_nor_pandas():
    code = "import sys, helpers.cli.main; print([m for m in ('pyspark', 'pandas', 'papermill') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
