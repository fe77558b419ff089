import hashlib
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError

from helpers.core.errors import ServiceError
from helpers.services import buckets
from helpers.services.buckets import restore, save, saved_at


class FakeS3:
    """As much of a boto3 S3 client as saving and restoring need; the real one is in tests/services."""

    meta = SimpleNamespace(region_name="us-east-1")
    exceptions = SimpleNamespace(ClientError=ClientError)

    def __init__(self, **buckets):
        self.clock = datetime(2026, 1, 1, tzinfo=UTC)
        self.buckets = {}
        self.gets = 0
        self.on_get = lambda: None
        for bucket, objects in buckets.items():
            self.create_bucket(bucket)
            for key, body in objects.items():
                self.put(bucket, key, body)

    def put(self, bucket, key, body):
        self.clock += timedelta(seconds=1)
        etag = hashlib.md5(body).hexdigest()
        self.buckets[bucket][key] = {"ETag": etag, "Size": len(body), "LastModified": self.clock, "body": body}

    def bodies(self):
        return {name: {key: one["body"] for key, one in bucket.items()} for name, bucket in self.buckets.items()}

    def list_buckets(self):
        return {"Buckets": [{"Name": name} for name in self.buckets]}

    def get_paginator(self, _):
        def paginate(Bucket):
            yield {"Contents": [{"Key": key, **one} for key, one in sorted(self.buckets[Bucket].items())]}

        return SimpleNamespace(paginate=paginate)

    def get_object(self, Bucket, Key, IfMatch):
        self.gets += 1
        self.on_get()
        found = self.buckets[Bucket].get(Key)
        if found is None:
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        if found["ETag"] != IfMatch:
            raise ClientError({"Error": {"Code": "PreconditionFailed"}}, "GetObject")
        return {"Body": io.BytesIO(found["body"]), "Metadata": {}}

    def create_bucket(self, Bucket):
        self.buckets[Bucket] = {}

    def upload_file(self, path, bucket, key, ExtraArgs, Config):
        self.put(bucket, key, Path(path).read_bytes())


def cut():
    raise OSError("cut")


def restored(folder):
    s3 = FakeS3()
    restore(s3, folder)
    return s3.bodies()


def test_what_was_saved_comes_back_and_nothing_else(tmp_path):
    folder = tmp_path / "saved"
    assert restored(folder) == {}
    assert saved_at(folder) is None
    save(FakeS3(a={"k": b"1"}, empty={}), folder)
    assert restored(folder) == {"a": {"k": b"1"}, "empty": {}}
    save(FakeS3(b={"k": b"2"}), folder)
    assert restored(folder) == {"b": {"k": b"2"}}
    assert saved_at(folder) > datetime(2026, 1, 1, tzinfo=UTC)
    assert len(list((folder / "objects").iterdir())) == 1


def test_only_what_changed_is_copied_again(tmp_path):
    folder = tmp_path / "saved"
    s3 = FakeS3(a={"same": b"1", "changed": b"2", "gone": b"3"})
    assert save(s3, folder) == 3
    s3.put("a", "changed", b"4")
    s3.put("a", "new", b"5")
    del s3.buckets["a"]["gone"]
    s3.gets = 0
    assert save(s3, folder) == 2
    assert s3.gets == 2
    assert restored(folder) == {"a": {"same": b"1", "changed": b"4", "new": b"5"}}


def test_an_object_written_again_with_the_same_body_is_copied_for_its_headers(tmp_path):
    s3 = FakeS3(a={"k": b"1"})
    save(s3, tmp_path)
    s3.put("a", "k", b"1")
    assert save(s3, tmp_path) == 1


def test_after_a_restore_nothing_is_copied_again(tmp_path):
    save(FakeS3(a={"k": b"1", "l": b"2"}), tmp_path)
    at = saved_at(tmp_path)
    s3 = FakeS3()
    assert restore(s3, tmp_path) == 2
    assert saved_at(tmp_path) == at
    assert save(s3, tmp_path) == 0
    assert restored(tmp_path) == {"a": {"k": b"1", "l": b"2"}}


def test_a_save_cut_while_copying_leaves_the_one_before(tmp_path):
    folder = tmp_path / "saved"
    save(FakeS3(a={"k": b"1"}), folder)
    broken = FakeS3(a={"k": b"2"})
    broken.on_get = cut
    with pytest.raises(OSError, match="cut"):
        save(broken, folder)
    assert restored(folder) == {"a": {"k": b"1"}}


@pytest.mark.parametrize("step", ["sync", "replace", "unlink"])
def test_a_save_cut_while_finishing_is_the_old_one_or_the_new_one(tmp_path, monkeypatch, step):
    save(FakeS3(a={"k": b"1"}), tmp_path)
    with monkeypatch.context() as patch:
        owner = buckets.os if step == "sync" else Path
        patch.setattr(owner, step, lambda *args, **kwargs: cut())
        with pytest.raises(OSError, match="cut"):
            save(FakeS3(b={"k": b"2"}), tmp_path)
    assert restored(tmp_path) == ({"b": {"k": b"2"}} if step == "unlink" else {"a": {"k": b"1"}})


def test_what_is_written_during_a_save_is_saved_too(tmp_path):
    s3 = FakeS3(a={"k": b"1"})

    def write_once():
        if "late" not in s3.buckets["a"]:
            s3.put("a", "late", b"2")
            s3.put("a", "k", b"3")

    s3.on_get = write_once
    save(s3, tmp_path)
    assert restored(tmp_path) == {"a": {"k": b"3", "late": b"2"}}


def test_somebody_who_never_stops_writing_is_told(tmp_path):
    save(FakeS3(a={"k": b"1"}), tmp_path)
    s3 = FakeS3(a={"k": b"2"})
    s3.on_get = lambda: s3.put("a", "k", str(s3.clock).encode())
    with pytest.raises(ServiceError, match="still writing"):
        save(s3, tmp_path)
    assert restored(tmp_path) == {"a": {"k": b"1"}}


@pytest.mark.parametrize("damage", ["", "[]", '{"objects": [{"bucket": "a"}]}', json.dumps({"buckets": ["a"]})])
def test_a_save_that_cannot_be_read_is_not_taken_for_none(tmp_path, damage):
    save(FakeS3(a={"k": b"1"}), tmp_path)
    (tmp_path / "manifest.json").write_text(damage)
    with pytest.raises(ServiceError, match="cannot be read"):
        restore(FakeS3(), tmp_path)
    with pytest.raises(ServiceError, match="cannot be read"):
        save(FakeS3(a={"k": b"2"}), tmp_path)
