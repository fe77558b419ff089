"""The engine's side of exercises on services: one that is well made, and answers that do what they should not."""

import os
import signal
import time

import pytest
from confluent_kafka import Producer

from helpers import services
from helpers.core.errors import ExerciseBroken
from helpers.exercises import ServiceExercise, Wrong, judge
from helpers.exercises.author import prove
from helpers.exercises.service import judge_on_services

LOST = "A message was committed before its work was done: the crash lost it."
TWICE = "All messages are read again after a restart: nothing was committed."


def consume(config, group):
    from confluent_kafka import Consumer

    settings = {"group.id": group, "enable.auto.commit": False, "auto.offset.reset": "earliest"}
    return Consumer({**config, **settings})


def right(config, topic, group, count, work):
    consumer = consume(config, group)
    consumer.subscribe([topic])
    for _ in range(count - len(work.done)):
        message = consumer.poll(10)
        work(message.value().decode())
        consumer.commit(message, asynchronous=False)
    consumer.close()


def commit_first(config, topic, group, count, work):
    consumer = consume(config, group)
    consumer.subscribe([topic])
    while (message := consumer.poll(4)) is not None:
        consumer.commit(message, asynchronous=False)
        work(message.value().decode())
    consumer.close()


def never_commit(config, topic, group, count, work):
    consumer = consume(config, group)
    consumer.subscribe([topic])
    while (message := consumer.poll(4)) is not None:
        work(message.value().decode())
    consumer.close()


def trial(sandbox):
    sandbox.step("Five messages are sent.")
    topic, group = sandbox.broker.topic(), sandbox.broker.group()
    sent = [f"m{at}" for at in range(5)]
    sandbox.broker.send(topic, [(b"k", one.encode()) for one in sent])
    given = {"config": sandbox.broker.consumer, "topic": topic, "group": group, "count": 5}
    sandbox.step("Your function is killed in the middle of the third.")
    ended = sandbox.call_alone(**given, work=sandbox.work(kill_at=3, noted=False))
    sandbox.require("the kill in the middle", ended.killed, "Your function never came to the third message.")
    sandbox.step("It is started again.")
    work = sandbox.work()
    sandbox.call_alone(**given, work=work)
    sandbox.require("every message was worked on", set(work.done) == set(sent), LOST, work.done)
    sandbox.expect("work done", work.done, sent, TWICE)
    sandbox.expect("the group's offsets", sandbox.broker.committed(group, topic), {0: 5}, "Commit the last one, too.")


EXERCISE = ServiceExercise(
    id="sample.work_through",
    title="Work through a topic",
    task="Work on each message of the topic once, and commit it.",
    gives={
        "config": "settings for a client",
        "topic": "the topic",
        "group": "your group",
        "count": "how many messages there are",
        "work": "call it for each message",
    },
    promises=("After a kill nothing is lost.",),
    services=("kafka",),
    trial=trial,
    hints=("a", "b", "c"),
    solutions=(right, right),
    wrong=(
        Wrong("commit, then work", commit_first, LOST),
        Wrong("never commit", never_commit, TWICE),
        Wrong("never commit, again", never_commit, TWICE),
        Wrong("commit first, again", commit_first, LOST),
    ),
    remember="Work, then commit.",
)


@pytest.fixture(scope="module", autouse=True)
def kafka(running):
    services.ensure("kafka", "s3")


def given(answer):
    return judge(answer, EXERCISE, None)


@pytest.mark.proof
def test_it_is_proved():
    proof = prove(EXERCISE, None, (1,))
    assert proof.problems == ()
    assert (proof.mutants, proof.own) == (0, 4)


def test_steps_are_told_while_they_happen_and_a_verdict_shows_what_was_found():
    told = []
    verdict = judge(commit_first, EXERCISE, None, tell=told.append)
    assert [words.split()[0] for words in told] == ["Five", "Your", "It"]
    assert verdict.kind == "different"
    assert verdict.looked_at == "every message was worked on"
    assert verdict.yours.column("value").to_pylist() == ["m0", "m1", "m3", "m4"]


def test_a_blank_answer_starts_nothing():
    def work_through(topic): ...

    begin = time.monotonic()
    assert given(work_through).kind == "not attempted"
    assert time.monotonic() - begin < 1


def test_what_an_answer_raises_in_its_own_process_is_told_with_its_line():
    def work_through(topic):
        print("here")
        return topic.no_such_thing

    verdict = given(work_through)
    assert verdict.kind == "error"
    assert "no_such_thing" in verdict.sentence
    assert verdict.error_line == "line 3: return topic.no_such_thing"
    assert verdict.printed == "here\n"


def test_a_client_that_was_imported_by_its_name_works_in_a_process_of_its_own():
    # `from confluent_kafka import Producer`, as at the top of this file.
    def work_through(config, topic):
        with Producer(config) as producer:
            producer.produce(topic, "sent")

    def trial(sandbox):
        topic = sandbox.broker.topic()
        sandbox.call_alone(config=sandbox.broker.config, topic=topic)
        sandbox.expect("values", [one.value for one in sandbox.broker.records(topic)], [b"sent"], "so")

    one = ServiceExercise(**{**vars(EXERCISE), "trial": trial})
    verdict = judge(work_through, one, None)
    assert verdict.kind == "right", verdict.sentence


def test_a_client_from_outside_the_function_is_the_answers_fault():
    outside = Producer(services.endpoints().kafka_client_config)

    def work_through(topic):
        outside.produce(topic, "sent")

    verdict = given(work_through)
    assert verdict.kind == "error"
    assert "Make it inside the function" in verdict.sentence


def test_what_a_trial_gives_and_cannot_be_sent_is_the_authors_fault():
    def work_through(config):
        print(config)

    def trial(sandbox):
        sandbox.call_alone(config=Producer(sandbox.broker.config))

    with pytest.raises(ExerciseBroken, match="trial of sample"):
        judge(work_through, ServiceExercise(**{**vars(EXERCISE), "trial": trial}), None)


def test_a_parameter_that_is_not_given_is_named():
    verdict = given(lambda topics: topics)
    assert verdict.kind == "error"
    assert "asks for topics; it is given config, topic" in verdict.sentence


def test_sql_text_is_no_answer():
    assert given("SELECT 1").kind == "error"


def test_a_process_that_ends_itself_is_told():
    def work_through(topic):
        os.kill(os.getpid(), signal.SIGTERM)

    verdict = given(work_through)
    assert verdict.kind == "error"
    assert "ended by itself, with code -15" in verdict.sentence


def test_a_trial_leaves_nothing_behind(running):
    from confluent_kafka.admin import AdminClient

    def trial(sandbox):
        bucket = sandbox.objects.bucket()
        sandbox.objects.put(bucket, "a", b"1")
        sandbox.objects.client()[0].create_multipart_upload(Bucket=bucket, Key="b")
        sandbox.broker.topic()
        sandbox.expect("objects", sandbox.objects.sizes(bucket), {"a": 1}, "so")

    one = ServiceExercise(**{**vars(EXERCISE), "trial": trial, "services": ("kafka", "s3")})
    assert judge(right, one, None).kind == "right"
    admin = AdminClient(services.endpoints().kafka_client_config)
    assert not [name for name in admin.list_topics(timeout=10).topics if name.startswith("lesson.")]
    assert not [one for one in services.aws("s3").list_buckets()["Buckets"] if one["Name"].startswith("lesson-")]


def test_a_query_that_an_answer_leaves_running_ends_with_the_trial(spark, tmp_path):
    def begin(name):
        frame = spark.readStream.format("rate").load()
        return frame.writeStream.format("noop").option("checkpointLocation", str(tmp_path / name)).start()

    left = []

    def work_through(topic):
        left.append(begin("theirs"))

    def trial(sandbox):
        assert sandbox.spark is spark
        sandbox.call(topic="t")
        sandbox.expect("queries left", [query.id for query in sandbox.queries], [left[0].id], "so")

    one = ServiceExercise(**{**vars(EXERCISE), "trial": trial, "services": ("connect",)})
    older = begin("ours")
    try:
        verdict = judge(work_through, one, spark)
        assert verdict.kind == "right", verdict.sentence
        assert (older.isActive, left[0].isActive) == (True, False)
    finally:
        older.stop()


def test_a_call_anew_remembers_nothing_and_cannot_hold_what_cannot_be_sent():
    seen = []

    def work_through(topic):
        seen.append(topic)
        return len(seen)

    def trial(sandbox):
        found = [sandbox.call_anew(topic="t"), sandbox.call_anew(topic="t"), sandbox.call(topic="t")]
        sandbox.expect("calls remembered", found, [1, 1, 1], "so")

    one = ServiceExercise(**{**vars(EXERCISE), "trial": trial})
    assert judge(work_through, one, None).kind == "right"
    seen.append(Producer(services.endpoints().kafka_client_config))
    verdict = judge(work_through, one, None)
    assert verdict.kind == "error"
    assert "Make it inside the function" in verdict.sentence


def test_requests_are_counted_by_their_operation():
    def trial(sandbox):
        bucket = sandbox.objects.bucket()
        s3, asked = sandbox.objects.client()
        s3.put_object(Bucket=bucket, Key="a", Body=b"1")
        s3.list_objects_v2(Bucket=bucket)
        s3.list_objects_v2(Bucket=bucket)
        sandbox.expect("requests", dict(asked), {"PutObject": 1, "ListObjectsV2": 2}, "so")

    one = ServiceExercise(**{**vars(EXERCISE), "trial": trial, "services": ("s3",)})
    assert judge(right, one, None).kind == "right"


def test_a_topic_is_read_to_its_end_where_offsets_are_missing():
    def trial(sandbox):
        topic = sandbox.broker.topic()
        producer = Producer({**sandbox.broker.config, "transactional.id": topic})
        producer.init_transactions(30)
        for values in ("ab", "c"):
            producer.begin_transaction()
            for value in values:
                producer.produce(topic, value)
            # Takes an offset of its own, which no consumer sees.
            producer.commit_transaction(30)
        found = [(one.offset, one.value) for one in sandbox.broker.records(topic)]
        sandbox.expect("records", found, [(0, b"a"), (1, b"b"), (3, b"c")], "so")

    one = ServiceExercise(**{**vars(EXERCISE), "trial": trial})
    assert judge(right, one, None).kind == "right"


@pytest.mark.parametrize("broken", [lambda sandbox: None, lambda sandbox: 1 / 0])
def test_a_trial_that_fails_or_expects_nothing_is_the_authors_fault(broken):
    with pytest.raises(ExerciseBroken, match=r"trial of sample\.work_through"):
        judge(right, ServiceExercise(**{**vars(EXERCISE), "trial": broken}), None)


def test_an_answer_that_waits_for_ever_is_stopped():
    def work_through(topic):
        while True:
            time.sleep(0.1)

    one = ServiceExercise(**{**vars(EXERCISE), "trial": lambda sandbox: sandbox.call(topic="t")})
    verdict = judge_on_services(work_through, one, seconds=1.0)
    assert verdict.kind == "error"
    assert "stopped after 1 s" in verdict.sentence
