import orjson

from helpers.pipeline.prototype.sample import KINDS, sample, truth


def ids(kind):
    return [orjson.loads(body).get("event_id") for body in sample(kind).bodies]


def test_each_kind_of_source_has_rows_of_its_own_and_one_comes_twice():
    for kind in KINDS:
        assert len(sample(kind).bodies) == 12
        assert len(set(sample(kind).bodies)) == 11
    assert len({one for kind in KINDS for one in ids(kind) if one}) >= 3 * 10


def test_the_same_seed_gives_the_same_bytes():
    assert sample("s3", 7).bodies == sample.__wrapped__("s3", 7).bodies
    assert sample("s3", 8).bodies != sample("s3", 7).bodies


def test_the_truth_adds_up():
    assert truth(["kafka"]) == {
        "readings": 8,
        "quarantine": 3,
        "MISSING_FIELD": 1,
        "OUT_OF_RANGE": 1,
        "UNKNOWN_UNIT": 1,
    }
    assert truth(KINDS)["readings"] == 24
