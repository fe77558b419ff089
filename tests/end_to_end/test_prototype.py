"""A pipeline as `gridbridge new pipeline` makes it, run on the real services; a failed run, and one that waits."""

import json
import os
import subprocess
import sys
from datetime import datetime
from decimal import Decimal

import psycopg
import pytest

from helpers import services
from helpers.core.errors import GridbridgeError, LeaseHeld, UserError
from helpers.core.settings import ROOT, child_environment
from helpers.peak.topics import extent, present, read_back
from helpers.pipeline.draft import SINKS, SOURCES, draft
from helpers.pipeline.prototype import sinks, sources, start
from helpers.pipeline.prototype.place import Place
from helpers.pipeline.prototype.sample import truth
from helpers.pipeline.prototype.sinks import Columns
from helpers.pipeline.stores import Stores

pytestmark = [pytest.mark.services, pytest.mark.timeout(900)]


@pytest.fixture
def pipeline(fresh, drafted):
    """The same on services with an empty lake."""
    return drafted


def played(name, layers, given, wanted):
    """One run from the notebook's cells: rows of the run by source, and what there is afterwards."""
    run = start(name, layers, {})
    run.prepare(
        [getattr(sources, SOURCES[kind])() for kind in given], [getattr(sinks, SINKS[kind])() for kind in wanted]
    )
    run.fill()
    read = run.read().set_index("source").to_dict("index")
    totals = dict(run.totals().itertuples(index=False, name=None))
    run.finish()
    return run, read, totals


def expected(name, given, wanted):
    told, place = truth(given), Place(name)
    readings, refused = told.pop("readings"), told.pop("quarantine")
    held = {getattr(sinks, SINKS[kind])().told(place): readings for kind in wanted}
    return {**held, f"{place.prefix}/quarantine": refused, **{f"  {reason}": n for reason, n in told.items()}}


def check(pipeline, given, wanted):
    name, layers = pipeline()
    run, read, totals = played(name, layers, given, wanted)
    assert totals == expected(name, given, wanted)
    assert {kind: row["rows"] for kind, row in read.items()} == dict.fromkeys(given, 12)
    assert {row["repeated"] for row in read.values()} == {1}
    assert run.facts["status"] == "succeeded"
    listed = services.aws("cloudwatch").list_metrics(Dimensions=[{"Name": "Pipeline", "Value": name}])["Metrics"]
    assert {"ErrorRate", "ProcessingTime", "Quarantined", "Failed"} <= {one["MetricName"] for one in listed}
    again, read, totals = played(name, layers, given, wanted)
    assert totals == expected(name, given, wanted)
    assert [row["rows"] for row in read.values()] == [0] * len(given)
    assert again.id != run.id
    return name


def test_what_it_holds_is_the_truth_about_its_rows_and_a_repetition_changes_nothing(pipeline):
    check(pipeline, ["kafka"], ["delta"])


@pytest.mark.proof
@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        *[([kind], [sink]) for kind in SOURCES for sink in SINKS if (kind, sink) != ("kafka", "delta")],
        (list(SOURCES), list(SINKS)),
    ],
)
def test_so_does_every_other_pair_of_source_and_sink_and_all_at_once(pipeline, given, wanted):
    name = check(pipeline, given, wanted)
    if len(wanted) == len(SINKS):
        assert in_delta(name) == in_postgres(name) == in_kafka(name)


REMOTE = """
import importlib.util, json, sys
from helpers.pipeline.prototype import sinks, sources, start
spec = importlib.util.spec_from_file_location("layers", sys.argv[2])
layers = importlib.util.module_from_spec(spec)
spec.loader.exec_module(layers)
run = start(sys.argv[1], layers, {})
run.prepare([sources.Kafka(), sources.S3(), sources.Postgres()], [sinks.Delta(), sinks.Postgres(), sinks.Kafka()])
run.fill()
run.read()
totals = dict(run.totals().itertuples(index=False, name=None))
run.finish()
print(json.dumps([totals, run.facts["services_started"]]))
"""


@pytest.mark.proof
def test_services_that_the_settings_name_are_used_and_none_is_started(pipeline, tmp_path):
    name, layers = pipeline()
    where, work = services.endpoints(), tmp_path / "work"
    remote = {
        "KAFKA_BOOTSTRAP_SERVERS": where.kafka_bootstrap,
        "AWS_ENDPOINT_URL": where.s3_endpoint,
        "DATABASE_URL": where.postgres_dsn,
        "GRIDBRIDGE_WORK": str(work),
    }
    done = subprocess.run(
        [sys.executable, "-c", REMOTE, name, layers.__file__],
        cwd=ROOT,
        env=child_environment({"PYTHONPATH": str(ROOT), **remote}),
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    totals, started = json.loads(done.stdout.splitlines()[-1])
    assert (totals, started) == (expected(name, list(SOURCES), list(SINKS)), [])
    assert not (work / "services.json").exists()
    # What it wrote lies in the services of this test.
    assert len(in_delta(name)) == len(in_postgres(name)) == len(in_kafka(name)) == truth(SOURCES)["readings"]


def in_delta(name):
    rows = Stores().lake.arrow(f"{Place(name).prefix}/readings", ["event_id", "event_time", "power_kw"]).to_pylist()
    return {(row["event_id"], row["event_time"], row["power_kw"]) for row in rows}


def in_postgres(name):
    with psycopg.connect(services.endpoints().postgres_dsn) as connection:
        connection.execute("SET TIME ZONE 'UTC'")
        query = f"SELECT event_id, event_time, power_kw FROM {Place(name).schema}.readings"
        return set(connection.execute(query.encode()).fetchall())


def in_kafka(name):
    config, topic = services.endpoints().kafka_client_config, Place(name).topic("out")
    found = {}
    for (_, partition), ends in extent(config, present(config, [topic])).items():
        for _, key, body in read_back(config, topic, partition, [ends]):
            found[key] = json.loads(body, parse_float=Decimal, parse_int=Decimal)
    return {
        (row["event_id"], datetime.fromisoformat(row["event_time"]), row["power_kw"].quantize(Decimal("0.000001")))
        for row in found.values()
    }


@pytest.mark.proof
def test_a_failed_run_leaves_its_cause_and_lets_go_of_the_pipeline(pipeline):
    name, layers = pipeline(("unit NOT IN", "unti NOT IN"))
    with pytest.raises(GridbridgeError, match="The rule 'units'"):
        played(name, layers, ["kafka"], ["delta"])
    _, mended = pipeline()
    run, _, totals = played(name, mended, ["kafka"], ["delta"])
    assert totals == expected(name, ["kafka"], ["delta"])
    # What was made before a column was added is told, not written over.
    text = ('"event_id STRING, sensor', '"event_id STRING, grade STRING, sensor')
    _, wider = pipeline(text)
    with pytest.raises(UserError, match=r"lacks the column 'grade'"):
        played(name, wider, ["kafka"], ["delta"])
    held = start(name, mended, {})
    held.prepare([sources.Kafka(), sources.S3()], [sinks.Delta()])
    # Nothing new in the one, nothing at all below the other's prefix.
    assert held.read()["rows"].to_list() == [0, 0]
    with pytest.raises(LeaseHeld, match=f"pipeline-{name}"):
        played(name, mended, ["kafka"], ["delta"])
    held.release()
    assert run.facts["status"] == "succeeded"


@pytest.mark.parametrize("sink", [sinks.Delta(), sinks.Postgres()], ids=["delta", "postgres"])
def test_a_type_that_was_changed_after_the_table_was_made_is_told(pipeline, sink):
    name, layers = pipeline()
    kind = next(kind for kind, title in SINKS.items() if title == type(sink).__name__)
    played(name, layers, ["kafka"], [kind])
    place, stores = Place(name), Stores()
    sink.ready(stores, place, Columns(layers.READINGS, layers.KEY))
    for old, new in (("DECIMAL(18,6)", "DECIMAL(9,3)"), ("late BOOLEAN", "late STRING")):
        changed = Columns(layers.READINGS.replace(old, new), layers.KEY)
        with pytest.raises(UserError, match=r"has the column '\w+' as .*changed after the table was made") as told:
            sink.ready(stores, place, changed)
        assert "begin anew" in told.value.remedy


@pytest.mark.proof
def test_its_folder_passes_as_it_is(running, tmp_path):
    """Its own tests, its notebook against its stored outputs, and papermill as its first cell says."""
    place = draft("every_end", list(SOURCES), list(SINKS), tmp_path / "pipelines")
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    environment = child_environment({"PYTHONPATH": path})
    words = ["-q", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(tmp_path), "-p", "tests.fixtures"]
    tests = subprocess.run(
        [sys.executable, "-m", "pytest", *words, "-p", "no:cacheprovider", str(place)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert tests.returncode == 0, tests.stdout[-4000:]
    assert "13 passed" in tests.stdout
    files = [str(place / "pipeline.ipynb"), str(tmp_path / "out.ipynb")]
    paper = subprocess.run(
        [sys.executable, "-m", "papermill", *files, "--cwd", str(place), "-p", "seed", "7"],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert paper.returncode == 0, paper.stderr[-3000:]
