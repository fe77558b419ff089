"""The desk with narrow rights, as on production: what is denied is told, what is not is shown."""

from concurrent.futures import Future
from types import SimpleNamespace
from uuid import uuid4

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from helpers import services
from helpers.core.errors import ServiceError, UserError
from helpers.desk.playground import broker, bucket, buckets, groups, topic, topics
from helpers.exercises.sandbox.objects import drop_bucket
from helpers.peak.topics import silent

pytestmark = pytest.mark.services


@pytest.fixture
def places(running):
    """Two buckets, the second with an object."""
    names, s3 = [f"desk-{uuid4().hex[:6]}" for _ in range(2)], services.aws("s3")
    for name in names:
        s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=names[1], Key="a/b.txt", Body=b"x")
    yield names
    for name in names:
        drop_bucket(s3, name)


@pytest.fixture
def s3_denies(monkeypatch):
    """Called with operations, and with a bucket if of one only: S3 denies them. code: what it says."""
    real = services.aws

    def deny(*operations, only=None, code="AccessDenied"):
        def refuse(params, **_):
            if only is None or only in params["url"]:
                answer = {"Error": {"Code": code, "Message": "No"}, "ResponseMetadata": {"HTTPStatusCode": 403}}
                return SimpleNamespace(status_code=403), answer
            return None

        def client(name):
            made = real(name)
            for one in operations:
                made.meta.events.register(f"before-call.s3.{one}", refuse)
            return made

        monkeypatch.setattr(services, "aws", client)

    return deny


def test_a_bucket_that_is_denied_is_told_beside_the_others(places, s3_denies):
    s3_denies("ListObjectsV2", only=places[0])
    rows = {row["name"]: row["objects"] for row in buckets().rows.read(0, 1000).to_pylist()}
    assert (rows[f"{places[0]} (denied)"], rows[places[1]]) == (None, 1)
    with pytest.raises(ServiceError, match="AccessDenied"):
        bucket(places[0])


def test_a_bucket_is_opened_by_who_may_not_list_them(places, s3_denies):
    s3_denies("ListBuckets")
    assert [row["name"] for row in bucket(places[1]).browse().table.to_pylist()] == ["a/"]
    with pytest.raises(UserError, match="There is no bucket 'desk-none'"):
        bucket("desk-none")
    with pytest.raises(ServiceError, match="list the buckets"):
        buckets()
    s3_denies("ListBuckets", "HeadBucket")
    with pytest.raises(ServiceError, match="tell whether there is a bucket"):
        bucket(places[1])


def test_keys_that_s3_does_not_know_are_no_denied_row(places, s3_denies):
    s3_denies("ListObjectsV2", code="InvalidAccessKeyId")
    with pytest.raises(ServiceError, match="InvalidAccessKeyId"):
        buckets()


@pytest.fixture
def read_by_two(running):
    """A topic that two groups read: (topic, the groups)."""
    name, admin = f"desk-{uuid4().hex[:6]}", running["kafka"].client()
    admin.create_topics([NewTopic(name, 1, 1)])[name].result(30)
    config = silent(services.endpoints().kafka_client_config)
    producer = Producer(config)
    producer.produce(name, "x")
    producer.flush(30)
    readers = [f"{name}-a", f"{name}-b"]
    for group in readers:
        consumer = Consumer({**config, "group.id": group})
        consumer.commit(offsets=[TopicPartition(name, 0, 1)], asynchronous=False)
        consumer.close()
    yield name, readers
    admin.delete_topics([name])[name].result(30)


@pytest.fixture
def kafka_denies(monkeypatch):
    """Called with a call of the admin client, an error's code and, if of one only, a group: Kafka denies it."""

    def deny(call, code, only=None):
        failed = Future()
        failed.set_exception(KafkaException(KafkaError(code)))

        class Narrow(AdminClient):
            pass

        def refuse(self, *given, **options):
            asked = given[0][0] if given else None
            if only is not None and asked.group_id != only:
                return getattr(AdminClient, call)(self, *given, **options)
            return failed if asked is None else {getattr(asked, "group_id", asked): failed}

        setattr(Narrow, call, refuse)
        for module in (broker, groups):
            monkeypatch.setattr(module, "AdminClient", Narrow)

    return deny


def test_a_group_that_is_denied_is_told_beside_the_others(read_by_two, kafka_denies):
    name, (one, other) = read_by_two
    kafka_denies("list_consumer_group_offsets", KafkaError.GROUP_AUTHORIZATION_FAILED, one)
    (row,) = [row for row in topics().rows.read(0, 1000).to_pylist() if row["topic"] == name]
    assert row["groups"] == other
    assert f"Denied: how far {one} read." in str(topics())
    assert [row["group"] for row in topic(name).groups().table.to_pylist()] == [other]
    assert f"Denied: how far {one} read." in str(topic(name).groups())


def test_topics_are_told_where_groups_are_denied(read_by_two, kafka_denies):
    name, _ = read_by_two
    kafka_denies("list_consumer_groups", KafkaError.CLUSTER_AUTHORIZATION_FAILED)
    assert name in {row["topic"] for row in topics().rows.read(0, 1000).to_pylist()}
    assert "Which groups there are is denied." in str(topics())


def test_a_topic_whose_settings_are_denied_is_opened(read_by_two, kafka_denies):
    name, _ = read_by_two
    kafka_denies("describe_configs", KafkaError.TOPIC_AUTHORIZATION_FAILED)
    assert "its settings: denied" in str(topic(name))
    assert topic(name).tail(1).table.num_rows == 1


def test_a_broker_that_fails_otherwise_is_told(read_by_two, kafka_denies):
    kafka_denies("list_consumer_groups", KafkaError.BROKER_NOT_AVAILABLE)
    with pytest.raises(ServiceError, match="the groups could not be listed"):
        topics()
