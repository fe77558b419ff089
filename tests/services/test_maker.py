"""The telemetry maker against the real broker and the real S3: what was sent, what the truth says, what survives."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from hashlib import sha256
from itertools import count

import numpy as np
import pandas as pd
import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic
from tenacity import retry, stop_after_delay, wait_fixed

from helpers import services
from helpers.core.errors import ServiceError, UserError
from helpers.core.settings import ROOT, settings
from helpers.peak.maker import replay
from helpers.peak.plan import plan
from helpers.peak.recordings import catalogue, from_mapping
from helpers.peak.sender import Sender
from helpers.peak.topics import CONFIG, LARGEST, ensure_topics, extent, read_back, topic_names
from helpers.peak.truth import truth_store
from helpers.peak.weather import drop_weather, weather_drop

pytestmark = pytest.mark.services
BY_FILE = {found.file: found for found in catalogue()}
RSF, SNOW, MESA, SRRL = (
    BY_FILE[name]
    for name in (
        "nrel_RSF_II.csv", "snow_data.csv", "nrel_1axis_tracker_mesa_ac_power.csv", "midc_bms_ghi_20220120.csv",
    )
)  # fmt: skip
PREFIXES = (f"maker{number}" for number in count())

REPLAY = """
import sys
from helpers.peak.maker import replay
from helpers.peak.recordings import catalogue

files, seed, faulty, rate = sys.argv[1].split(","), *map(float, sys.argv[2:])
print(replay([r for r in catalogue() if r.file in files], int(seed), faulty, rate=rate), flush=True)
"""


@pytest.fixture
def prefix(running, monkeypatch):
    """Topics of one's own."""
    chosen = next(PREFIXES)
    monkeypatch.setenv("TOPIC_PREFIX", chosen)
    settings.cache_clear()
    yield chosen
    settings.cache_clear()


def config():
    return services.endpoints().kafka_client_config


def contents(prefix):
    """(topic, partition) → [(key, body)] as the broker holds them."""
    topics = ensure_topics(config(), prefix)
    return {
        place: [(key, body) for _, key, body in read_back(config(), *place, [(begin, end)] if end > begin else [])]
        for place, (begin, end) in extent(config(), topics).items()
    }


def held(prefix):
    """How many messages the broker holds."""
    return sum(end - begin for begin, end in extent(config(), ensure_topics(config(), prefix)).values())


def assert_truth_is_the_topics(prefix):
    """Each message in the topics has one row of truth, with its bytes; and the other way round."""
    rows = truth_store(config()).messages(["topic", "partition", "offset", "sha256"]).to_pylist()
    told = {(row["topic"], row["partition"], row["offset"]): row["sha256"] for row in rows}
    assert len(told) == len(rows)
    found = {
        (*place, offset): None if body is None else sha256(body).hexdigest()
        for place, messages in contents(prefix).items()
        for offset, (_, body) in enumerate(messages)
    }
    assert told == found


def expected(recordings, seed, rate, times=1):
    """Every (key, body) that the plans say, counted."""
    plans = [plan(one, seed, rate) for one in recordings]
    return Counter({key: n * times for key, n in Counter((p.key, b) for p in plans for b in p.bodies).items()})


def found_in(prefix):
    return Counter(message for messages in contents(prefix).values() for message in messages)


def start(files, seed, faulty, rate):
    """A process that replays, in the environment of the running services."""
    command = [sys.executable, "-c", REPLAY, ",".join(r.file for r in files), *map(str, (seed, faulty, rate))]
    return subprocess.Popen(
        command, cwd=ROOT, env=dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@retry(stop=stop_after_delay(60), wait=wait_fixed(0.1), reraise=True)
def until(condition):
    assert condition()


def test_the_topics_hold_the_plans_in_order_and_the_truth_knows_each_message(prefix):
    seen = []
    sent = replay([RSF, SNOW, MESA], 7, 0.3, progress=lambda done, total: seen.append((done, total)))
    plans = {one.key: one for one in (plan(r, 7, 0.3) for r in (RSF, SNOW, MESA))}
    total = sum(len(one) for one in plans.values())
    assert sent.messages == total and seen[-1] == (total, total)
    assert (sent.already, sent.recovered, sent.foreign, sent.warnings) == (0, 0, 0, ())
    assert sent.by_topic == {
        f"{prefix}.iot": len(plans[b"mesa-meter"]),
        f"{prefix}.scada": total - len(plans[b"mesa-meter"]),
    }
    kinds = Counter(kind for one in plans.values() for kind in one.messages["fault"].to_pylist())
    assert sent.planted == {kind: n for kind, n in kinds.items() if kind != "none"}
    assert {"oversize", "tombstone", "empty"} <= set(sent.planted)
    for (topic, _), messages in contents(prefix).items():
        for key in {key for key, _ in messages}:
            assert [body for k, body in messages if k == key] == plans[key].bodies
            assert topic == topic_names(prefix)[plans[key].recording.kind]
    assert_truth_is_the_topics(prefix)
    readings = truth_store(config()).readings()
    assert readings.num_rows == sum(one.readings.num_rows for one in plans.values())


def test_a_recording_is_sent_once_and_again_only_when_told_with_the_same_bytes(prefix):
    first = replay([RSF], 7, 0.1)
    before = contents(prefix)
    again = replay([RSF], 7, 0.1)
    assert (again.messages, again.already) == (0, first.messages)
    assert contents(prefix) == before
    assert replay([RSF], 7, 0.1, resend=True).messages == first.messages
    for place, messages in contents(prefix).items():
        assert messages == before[place] * 2
    assert_truth_is_the_topics(prefix)
    assert set(truth_store(config()).messages(["send"])["send"].to_pylist()) == {1, 2}
    with pytest.raises(UserError, match=r"fault rate 0\.1"):
        replay([RSF], 7, 0.2)


def test_slices_send_what_one_replay_sends_and_a_further_recording_changes_nothing(prefix):
    for limit in (1, 0, 333, 50):
        assert replay([SNOW, MESA], 7, 0.3, limit=limit).messages == limit
    replay([SNOW, MESA], 7, 0.3)
    replay([SNOW, MESA, RSF], 7, 0.3)
    assert found_in(prefix) == expected([SNOW, MESA, RSF], 7, 0.3)
    for messages in contents(prefix).values():
        for key in {key for key, _ in messages}:
            (one,) = (plan(r, 7, 0.3) for r in (SNOW, MESA, RSF) if r.source.encode() == key)
            assert [body for k, body in messages if k == key] == one.bodies
    assert_truth_is_the_topics(prefix)


def test_another_seed_is_another_send_and_unfaulted_events_are_the_same_bytes(prefix):
    replay([MESA], 7, 0.1)
    replay([MESA], 8, 0.1)
    assert found_in(prefix) == expected([MESA], 7, 0.1) + expected([MESA], 8, 0.1)
    assert_truth_is_the_topics(prefix)


def test_the_rate_is_kept(prefix):
    begun = time.monotonic()
    assert replay([MESA], 7, 0.0, rate=100, limit=200).messages == 200
    assert 1.9 < time.monotonic() - begun < 20


def test_what_is_larger_than_the_topic_takes_is_refused_and_five_megabytes_are_not(prefix):
    ensure_topics(config(), prefix)
    sender = Sender(config())
    with pytest.raises(UserError, match=r"8,388,609 bytes is too large"):
        sender.send(0, f"{prefix}.scada", 0, b"rsf", b"x" * (LARGEST + 1))
    body = uuid.uuid4().hex.encode() * (5_000_000 // 32)
    sender.send(1, f"{prefix}.scada", 0, b"rsf", body)
    sender.flush()
    assert sender.taken == [(1, 0)]
    assert contents(prefix)[f"{prefix}.scada", 0] == [(b"rsf", body)]


def test_the_topics_are_made_as_they_must_be_and_others_are_refused(prefix):
    assert ensure_topics(config(), prefix) == {f"{prefix}.scada": 2, f"{prefix}.iot": 2}
    assert ensure_topics(config(), prefix) == {f"{prefix}.scada": 2, f"{prefix}.iot": 2}
    other = next(PREFIXES)
    topic = NewTopic(f"{other}.iot", 3, config={**CONFIG, "retention.ms": "1000"})
    admin = AdminClient(config())
    admin.create_topics([topic])[topic.topic].result(30)
    with pytest.raises(UserError, match=rf"{other}\.iot has retention\.ms=1000"):
        ensure_topics(config(), other)


def test_a_killed_replay_is_told_after_all_and_carried_on(prefix):
    process = start([SNOW, RSF], 7, 0.3, 300)
    try:
        # A piece of the truth is written every 600 messages: at this point some of the messages are not told yet.
        until(lambda: held(prefix) > 650 and process.poll() is None)
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        process.communicate()
    told = truth_store(config()).messages(["offset"]).num_rows
    taken = held(prefix)
    assert 0 < told < taken
    rest = replay([SNOW, RSF], 7, 0.3)
    assert rest.recovered == taken - told
    assert rest.messages == sum(expected([SNOW, RSF], 7, 0.3).values()) - taken
    assert (rest.foreign, rest.warnings) == (0, ())
    assert found_in(prefix) == expected([SNOW, RSF], 7, 0.3)
    assert_truth_is_the_topics(prefix)


def test_a_killed_replay_is_told_also_when_the_next_one_sends_something_else(prefix):
    process = start([SNOW], 7, 0.3, 300)
    try:
        until(lambda: held(prefix) > 100 and process.poll() is None)
    finally:
        process.kill()
        process.communicate()
    taken, told = held(prefix), truth_store(config()).messages(["offset"]).num_rows
    assert replay([MESA], 9, 0.1).recovered == taken - told > 0
    assert_truth_is_the_topics(prefix)
    replay([SNOW], 7, 0.3)
    assert found_in(prefix) == expected([SNOW], 7, 0.3) + expected([MESA], 9, 0.1)


def test_ctrl_c_keeps_the_truth_of_what_was_acknowledged(prefix):
    process = start([SNOW], 7, 0.3, 200)
    try:
        until(lambda: held(prefix) > 50 and process.poll() is None)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()
    assert "KeyboardInterrupt" in stderr
    assert_truth_is_the_topics(prefix)
    assert replay([SNOW], 7, 0.3).recovered == 0
    assert found_in(prefix) == expected([SNOW], 7, 0.3)


@pytest.mark.proof
def test_a_killed_broker_loses_nothing_that_it_acknowledged_and_the_replay_goes_on(running, prefix):
    process = start([SNOW], 7, 0.3, 150)
    try:
        until(lambda: held(prefix) > 100 and process.poll() is None)
        running["kafka"].kill()
        services.ensure("kafka")
        stdout, stderr = process.communicate(timeout=120)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 0, stderr
    assert "messages=" in stdout
    assert found_in(prefix) == expected([SNOW], 7, 0.3)
    assert_truth_is_the_topics(prefix)


def test_a_broker_that_is_down_is_named(running, prefix, monkeypatch):
    with running["kafka"].stopped(), pytest.raises(ServiceError, match="kafka"):
        replay([MESA])
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    settings.cache_clear()
    monkeypatch.setattr("helpers.peak.topics.WAIT", 2.0)
    with pytest.raises(ServiceError, match="Kafka"):
        replay([MESA])


def test_foreign_messages_are_counted_and_disturb_nothing(prefix):
    replay([SNOW], 7, 0.1, limit=100)
    producer = Producer(config())
    for body in (b"who am I", None, b""):
        producer.produce(f"{prefix}.scada", body, b"stranger", 1)
    assert producer.flush(30) == 0
    rest = replay([SNOW], 7, 0.1)
    assert (rest.foreign, rest.recovered) == (3, 0)
    assert replay([SNOW], 7, 0.1).foreign == 3
    mine = found_in(prefix)
    assert mine - expected([SNOW], 7, 0.1) == Counter({(b"stranger", body): 1 for body in (b"who am I", None, b"")})


def test_a_lost_truth_is_written_anew_from_the_topics(prefix):
    replay([SNOW, MESA], 7, 0.3)
    store = truth_store(config())
    store.folder.rename(store.folder.with_name("lost"))
    again = replay([SNOW, MESA], 7, 0.3)
    assert (again.messages, again.foreign) == (0, 0)
    assert again.recovered == held(prefix)
    assert_truth_is_the_topics(prefix)


def test_topics_made_anew_set_the_old_truth_aside(prefix):
    replay([SNOW, MESA], 7, 0.1)
    admin = AdminClient(config())
    for future in admin.delete_topics([f"{prefix}.scada"]).values():
        future.result(30)
    until(lambda: f"{prefix}.scada" not in admin.list_topics(timeout=10).topics)
    again = replay([SNOW, MESA], 7, 0.1)
    assert again.messages == len(plan(SNOW, 7, 0.1))
    (warning,) = again.warnings
    assert f"{prefix}.scada was made anew" in warning
    (aside,) = truth_store(config()).folder.parent.glob("truth-until-*")
    assert str(aside) in warning
    assert found_in(prefix) == expected([SNOW, MESA], 7, 0.1)
    assert_truth_is_the_topics(prefix)


MAPPING = """
source = "own-{kind}"
kind = "{kind}"
site = "home"
time_column = "t"
time_zone = "Europe/Berlin"
interval_seconds = 900
channels = [
  {{ column = "p", name = "ac_power", asset = "own-inv", quantity = "ac_power", unit = "kW" }},
"""


@pytest.mark.parametrize("kind", ["iot", "scada"])
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_users_own_file_is_replayed(prefix, tmp_path, kind, suffix):
    times = pd.date_range("2024-05-01", periods=300, freq="15min")
    wide = pd.DataFrame({"t": times, "p": np.arange(300) / 8, "note": "x", "c": 20.5})
    file = tmp_path / f"own.{suffix}"
    wide.to_csv(file, index=False) if suffix == "csv" else wide.to_parquet(file)
    text = MAPPING.format(kind=kind)
    if kind == "scada":
        text += '  { column = "c", name = "air", asset = "own-s", quantity = "ambient_temperature", unit = "C" },\n'
    (tmp_path / "mapping.toml").write_text(text + "]\n", encoding="utf-8")
    mine = from_mapping(tmp_path / "mapping.toml", file)
    sent = replay([mine], 7, 0.1)
    assert sent.messages >= 300 and sent.planted
    assert found_in(prefix) == expected([mine], 7, 0.1)
    assert_truth_is_the_topics(prefix)
    channels = Counter(truth_store(config()).readings(["channel"])["channel"].to_pylist())
    assert set(channels) == ({"ac_power", "air"} if kind == "scada" else {"ac_power"})
    replay([mine], 7, 0.1)
    assert held(prefix) == sent.messages


def test_weather_is_dropped_once_and_again_where_it_was_lost(prefix):
    bucket, s3 = f"landing-{prefix}", services.aws("s3")
    stations = [r for r in catalogue() if r.source in ("rmis-weather", "serf-east-psm3")]
    first = drop_weather(s3, bucket, [*stations, MESA])
    files = {name: body for one in stations for name, body in weather_drop(one).files.items()}
    assert (first.files, first.put, first.lines) == (5, 5, 11147) and len(files) == 5

    def stored():
        found = s3.list_objects_v2(Bucket=bucket)["Contents"]
        return {one["Key"]: s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read() for one in found}

    assert stored() == files
    rows = truth_store(config()).messages()
    assert rows.num_rows == first.lines and set(rows["topic"].to_pylist()) == set(files)
    assert drop_weather(s3, bucket, stations).put == 0
    lost, changed, *_ = files
    s3.delete_object(Bucket=bucket, Key=lost)
    s3.put_object(Bucket=bucket, Key=changed, Body=b"station,time\n")
    assert drop_weather(s3, bucket, stations).put == 2
    assert stored() == files
    assert truth_store(config()).messages().equals(rows)
    # The topics know nothing of weather: a replay neither sends it nor misses it.
    assert replay([MESA, *stations], 7, 0.0).messages == 576
    assert truth_store(config()).messages().num_rows == rows.num_rows + 576


def test_weather_of_one_source_with_other_lines_is_refused(prefix, tmp_path):
    text = MAPPING.format(kind="weather").replace('"ac_power", asset', '"air_c", asset')
    text = text.replace('quantity = "ac_power", unit = "kW"', 'quantity = "ambient_temperature", unit = "C"')
    (tmp_path / "mapping.toml").write_text(text + "]\n", encoding="utf-8")
    file, s3 = tmp_path / "own.csv", services.aws("s3")
    for value in (1, 2):
        file.write_text(f"t,p\n2024-05-01 00:00,{value}\n", encoding="utf-8")
        mine = from_mapping(tmp_path / "mapping.toml", file)
        if value == 1:
            assert drop_weather(s3, f"landing-{prefix}", [mine]).put == 1
    with pytest.raises(UserError, match="dropped before with other lines"):
        drop_weather(s3, f"landing-{prefix}", [mine])


@pytest.mark.parametrize(
    ("wrong", "says"), [({"rate": 0}, "rate"), ({"limit": -1}, "limit"), ({"fault_rate": 2}, "share")]
)
def test_wrong_arguments_are_one_sentence(prefix, wrong, says):
    with pytest.raises(UserError, match=says):
        replay([MESA], **wrong)
    with pytest.raises(UserError, match="twice at once"):
        replay([MESA, MESA])
