"""What a run promises on real services: the same gold however often it runs and however the stream was cut."""

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import psycopg
import pyarrow as pa
import pytest
from deltalake import write_deltalake

from helpers import services
from helpers import spark as spark_room
from helpers.core.errors import LeaseHeld, StageFailed
from helpers.core.settings import settings
from helpers.peak.plan import plan
from helpers.peak.shares import merge, share
from helpers.pipeline.lease import Lease
from helpers.pipeline.parameters import parameters
from tests.conftest import STAGES

# Several runs a test: minutes on a busy machine, and a hang is still told.
pytestmark = [pytest.mark.services, pytest.mark.timeout(1800)]

# Everything silver may answer; a run with many faults meets them all.
REASONS = {
    *("CLOCK_NOT_SET", "CONFLICT", "EMPTY", "FUTURE", "MALFORMED_JSON", "MISSING_FIELD", "NOT_UTF8"),
    *("OUT_OF_RANGE", "OVERSIZE", "TOMBSTONE", "TOO_LATE", "UNKNOWN_ASSET", "UNKNOWN_UNIT", "WRONG_TYPE"),
}


def served(table):
    with psycopg.connect(services.endpoints().postgres_dsn) as connection:
        return connection.execute(f"SELECT count(*) FROM {settings().serving_schema}.{table}").fetchone()[0]


def measured(name):
    """The highest value of a metric of the last hour's runs."""
    now, hour = datetime.now(UTC), timedelta(hours=1)
    found = services.aws("cloudwatch").get_metric_statistics(
        Namespace="Gridbridge/Pipeline",
        MetricName=name,
        Dimensions=[{"Name": "Pipeline", "Value": "peak"}],
        Period=3600,
        Statistics=["Maximum"],
        StartTime=now - hour,
        EndTime=now + hour,
    )["Datapoints"]
    return max((point["Maximum"] for point in found), default=None)


def assert_measured(facts):
    """CloudWatch has the run's error rate, and the alarm on it stands in the state that the rate asks for."""
    share = 100 * facts["quarantined_rows"]["run"] / facts["events_sent"]["run"]
    assert measured("ErrorRate") >= share > 5
    cloudwatch = services.aws("cloudwatch")
    (alarm,) = cloudwatch.describe_alarms(AlarmNamePrefix="gridbridge-error-rate-peak")["MetricAlarms"]
    assert alarm["AlarmActions"] == [facts["alarm_topic"]]


@pytest.mark.proof
def test_a_run_a_second_one_and_a_resend(fresh, play):
    first = play().facts
    assert first["accuracy"] == 1.0
    assert first["foreign"] == 0
    assert first["gold_cells"]["different"] == 0
    assert first["gold_cells"]["compared"] > 10_000
    assert set(first["quarantined"]) == REASONS
    assert first["events"] == first["events_sent"]["total"] == first["events_sent"]["run"]
    assert first["lag_messages"] == 0
    assert 0 < first["freshness_seconds"]["p50"] <= first["freshness_seconds"]["p99"]
    assert first["late_rows"]["run"] > 0
    assert first["cpu_seconds"] > 1
    assert served("energy") == first["served"]["energy"]["rows"] > 1000
    assert_measured(first)

    second = play().facts
    assert second["gold_hash"] == first["gold_hash"]
    assert second["bronze_rows"] == {"run": 0, "total": first["bronze_rows"]["total"]}
    assert second["events_sent"]["run"] == 0
    assert all(found["written"] == found["deleted"] == 0 for found in second["served"].values())

    again = play(resend=True).facts
    assert again["gold_hash"] == first["gold_hash"]
    assert again["bronze_rows"]["run"] > 1000
    assert again["duplicates"]["run"] > 1000
    assert again["silver_rows"]["run"] == 0
    assert again["gold_rows"]["run"] == 0
    assert again["accuracy"] == 1.0


@pytest.mark.proof
def test_what_is_lost_altered_or_misfiled_in_the_lake_costs_exactly_that(fresh, play):
    run = play(stages=STAGES[:-2])
    lake = run.stores.lake
    silver = lake.arrow("silver/readings").to_pandas()
    places = silver[["topic", "partition", "offset"]].drop_duplicates().head(3).itertuples(index=False)
    lost, altered, misfiled = (
        f"topic = '{p.topic}' AND partition = {p.partition} AND offset = {p.offset}" for p in places
    )
    moved = silver.query(misfiled.replace("=", "==").replace("AND", "and")).iloc[0]
    lake.open("silver/readings").delete(lost)
    lake.open("silver/readings").update({"value": "value + 0.000001"}, predicate=altered)
    lake.open("silver/readings").delete(misfiled)
    refused = {
        **{name: [moved[name]] for name in ("topic", "partition", "offset", "arrival_time", "event_id")},
        "raw": [b""],
        "reasons": [["TOO_LATE"]],
        "arrival_month": [f"{moved.arrival_time:%Y-%m}"],
    }
    schema = lake.arrow("silver/quarantine").schema
    write_deltalake(
        lake.open("silver/quarantine"), pa.table(refused).select(schema.names).cast(schema), mode="append"
    )
    run.reconcile()
    events = run.facts["events"]
    assert {name: run.facts[name] for name in ("missing", "wrong", "misfiled", "duplicated")} == {
        "missing": 1, "wrong": 1, "misfiled": 1, "duplicated": 0,
    }  # fmt: skip
    assert run.facts["accuracy"] == (events - 3) / events
    assert {row["class"] for row in run.facts["examples"]} == {"missing", "wrong", "misfiled"}
    run.release()


def cuts(seed, rate, pieces=5):
    """Sizes of slices of the merged stream: one cut in a duplicate pair, one in a late group, others at random."""
    chosen = [r for r in parameters({"recordings": "small"}).chosen() if r.kind != "weather"]
    topics = {f"{settings().topic_prefix}.{kind}": 2 for kind in ("scada", "iot")}
    shares = [share(plan(r, seed, rate), 1, np.empty(0, np.int64), settings().topic_prefix, topics) for r in chosen]
    owner, sequence = merge(shares)
    faults = [shares[o].plan.messages["fault"][int(s)].as_py() for o, s in zip(owner, sequence, strict=True)]
    ids = [shares[o].plan.messages["event_id"][int(s)].as_py() for o, s in zip(owner, sequence, strict=True)]
    copy = faults.index("duplicate")
    original = ids.index(ids[copy])
    assert original < copy
    late = [at for at, fault in enumerate(faults) if fault == "late"]
    chooser = random.Random(seed)
    points = {chooser.randint(original + 1, copy), late[len(late) // 2]}
    while len(points) < pieces - 1:
        points.add(chooser.randrange(1, len(faults)))
    edges = [0, *sorted(points), len(faults)]
    return [b - a for a, b in pairwise(edges)]


@pytest.mark.proof
@pytest.mark.parametrize("seed", [7, 11, 12])
def test_five_slices_end_in_the_same_gold_as_one_run(fresh, play, seed):
    whole = play(seed=seed).facts
    fresh()
    for size in cuts(seed, 0.2):
        sliced = play(seed=seed, limit=size).facts
    assert sliced["events_sent"]["total"] == whole["events_sent"]["total"]
    assert sliced["accuracy"] == 1.0
    assert sliced["gold_hash"] == whole["gold_hash"]
    assert sliced["duplicates"]["total"] == whole["duplicates"]["total"]


def test_a_second_run_at_once_is_refused_and_told_by_whom(fresh, play):
    run = play(stages=["prepare"])
    with pytest.raises(LeaseHeld) as refused:
        play(stages=["prepare"])
    assert run.id in refused.value.cause
    run.release()


def test_a_lease_that_was_taken_over_stops_the_old_run(fresh, play):
    run = play(stages=["prepare", "replay"])
    assert run.stores.lag() == sum(run.facts["planted"].values()) > 0
    before = run.stores.lake.rows("bronze/messages")
    s3, bucket = services.aws("s3"), settings().lake_bucket
    s3.delete_object(Bucket=bucket, Key="_lease/writer.json")
    with Lease.acquire(s3, bucket, "writer", "the other one"), pytest.raises(Exception, match="the other one"):
        run.bronze()
    assert run.stores.lake.rows("bronze/messages") == before
    assert run.facts["status"] == "failed"
    assert measured("Failed") == 1


@pytest.mark.proof
def test_a_service_that_goes_down_is_named_and_nothing_is_half_visible(fresh, play, running):
    """One after the other: each run gets as far as to the stage that needs it, and fails there."""
    for name, stage in (("kafka", "bronze"), ("s3", "silver"), ("postgres", "serve")):
        run = play(stages=STAGES[: STAGES.index(stage)])
        with running[name].stopped(), pytest.raises(StageFailed) as failed:
            getattr(run, stage)()
        assert name in failed.value.cause
        assert run.facts["error"]["stage"] in {stage, "serving"}
        assert (run.folder / "report.html").exists()
    ended = play().facts
    assert ended["accuracy"] == 1.0
    assert ended["gold_cells"]["different"] == 0
    assert served("energy") == ended["served"]["energy"]["rows"]


@pytest.mark.proof
@pytest.mark.parametrize("saved", [False, True], ids=["nothing saved", "an older lake saved"])
def test_gold_is_rebuilt_from_the_broker_after_the_lake_was_lost(fresh, play, running, saved):
    if saved:
        play(limit=1000)
        with running["s3"].stopped():
            pass
    before = play().facts
    running["s3"].kill()
    # As in life: the next run is another process, with another JVM.
    spark_room.stop()
    after = play().facts
    assert after["events_sent"]["run"] == 0
    assert (after["bronze_rows"]["run"] < after["bronze_rows"]["total"]) == saved
    assert after["gold_hash"] == before["gold_hash"]
    assert after["accuracy"] == 1.0
    assert any("not been stopped cleanly" in note for note in after["notes"])
