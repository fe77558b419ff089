"""kill -9 in the worst moments: between a table's commit and its query's checkpoint, and of the broker itself."""

import os
import signal
import subprocess
import sys
import threading

import pytest
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from helpers import services
from helpers.core.settings import ROOT, child_environment, settings
from helpers.peak.maker import replay
from helpers.peak.truth import truth_store
from helpers.pipeline.parameters import parameters
from helpers.pipeline.stores import Stores
from helpers.pipeline.tables import TABLES

pytestmark = [pytest.mark.services, pytest.mark.timeout(1800)]

RUN = """
from helpers.pipeline.parameters import parameters
from helpers.pipeline.run import Run
run = Run(parameters({"recordings": "small", "fault_rate": 0.2}))
for stage in ("prepare", "replay", "bronze", "silver", "gold"):
    getattr(run, stage)()
"""


def keys(prefix):
    s3 = services.aws("s3")
    try:
        found = s3.list_objects_v2(Bucket=settings().lake_bucket, Prefix=prefix)
    except s3.exceptions.NoSuchBucket:
        return []
    return [item["Key"].removeprefix(prefix) for item in found.get("Contents", [])]


@retry(stop=stop_after_delay(400), wait=wait_fixed(0.02), retry=retry_if_result(lambda seen: not seen))
def committed(table, process):
    assert process.poll() is None, process.stderr.read().decode()[-2000:]
    return f"{1:020d}.json" in keys(f"{table}/_delta_log/")


def killed_after_commit(table, query):
    """A run in a process of its own, ended by SIGKILL as soon as the table has its first commit with rows."""
    process = subprocess.Popen(
        [sys.executable, "-c", RUN],
        cwd=ROOT,
        env=child_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        committed(table, process)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert "0" in keys(f"_checkpoints/{query}/offsets/")
    assert "0" not in keys(f"_checkpoints/{query}/commits/"), "the kill came too late to prove anything"
    written = Stores().lake.rows(table)
    assert written > 0
    return written


@pytest.mark.proof
def test_batches_run_again_after_kills_are_counted_once(fresh, play):
    """First as after a kill between the last table's commit and the checkpoint's, which no timing would hit for sure.

    Then a new lake's silver is killed between two of its tables, the next run's gold too, and a third run ends all.
    """
    whole = play().facts
    lake = Stores().lake
    before = {name: lake.rows(name) for name in TABLES}
    for query in ("bronze_messages", "silver", "gold"):
        services.aws("s3").delete_object(Bucket=settings().lake_bucket, Key=f"_checkpoints/{query}/commits/0")
    again = play().facts
    assert all("0" in keys(f"_checkpoints/{query}/commits/") for query in ("bronze_messages", "silver", "gold"))
    assert {name: lake.rows(name) for name in TABLES} == before
    assert again["accuracy"] == 1.0
    assert again["gold_hash"] == whole["gold_hash"]

    fresh()
    killed = (("silver/quarantine", "silver"), ("gold/energy", "gold"))
    written = {table: killed_after_commit(table, query) for table, query in killed}
    resumed = play().facts
    # The batches were run again (their checkpoints stand now) and their rows were not written a second time.
    assert all("0" in keys(f"_checkpoints/{query}/commits/") for _, query in killed)
    assert {table: Stores().lake.rows(table) for table in written} == written
    assert resumed["accuracy"] == 1.0
    assert resumed["gold_hash"] == whole["gold_hash"]


@pytest.mark.proof
def test_every_acknowledged_event_survives_a_kill_of_the_broker_while_it_is_sent(fresh, running):
    chosen = parameters({"recordings": "serf-east"}).chosen()
    killed = threading.Event()

    def watch(done, total):
        # While some are sent and most are not.
        if 0 < done < total / 2 and not killed.is_set():
            running["kafka"].kill()
            killed.set()
            reviver.start()

    reviver = threading.Timer(2.0, lambda: services.ensure("kafka"))
    sent = replay(chosen, 7, 0.1, rate=2000, progress=watch)
    reviver.join()
    assert killed.is_set()
    known = truth_store().messages(["topic", "partition", "offset", "sequence", "recording"])
    assert sent.messages == known.num_rows == len(known.group_by(["recording", "sequence"]).aggregate([]))
    ends = sum(high for _, high in extents())
    assert ends == known.num_rows


def extents():
    from helpers.peak.topics import extent

    topics = {f"{settings().topic_prefix}.{kind}": 2 for kind in ("scada", "iot")}
    return extent(services.endpoints().kafka_client_config, topics).values()
