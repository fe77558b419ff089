import io
from pathlib import Path
from types import SimpleNamespace

import pytest

from helpers.services.localstack import restore, save


class FakeS3:
    """As much of a boto3 S3 client as saving and restoring need."""

    meta = SimpleNamespace(region_name="us-east-1")

    def __init__(self, **buckets):
        self.buckets = buckets
        self.broken = False

    def list_buckets(self):
        return {"Buckets": [{"Name": name} for name in self.buckets]}

    def get_paginator(self, _):
        def paginate(Bucket):
            yield {"Contents": [{"Key": key} for key in self.buckets[Bucket]]}

        return SimpleNamespace(paginate=paginate)

    def get_object(self, Bucket, Key):
        if self.broken:
            raise OSError("cut")
        return {"Body": io.BytesIO(self.buckets[Bucket][Key]), "Metadata": {}}

    def create_bucket(self, Bucket):
        self.buckets[Bucket] = {}

    def upload_file(self, path, bucket, key, ExtraArgs):
        self.buckets[bucket][key] = Path(path).read_bytes()


def restored(folder):
    s3 = FakeS3()
    restore(s3, folder)
    return s3.buckets


def test_what_was_saved_comes_back_and_nothing_else(tmp_path):
    folder = tmp_path / "saved"
    assert restored(folder) == {}
    save(FakeS3(a={"k": b"1"}, empty={}), folder)
    assert restored(folder) == {"a": {"k": b"1"}, "empty": {}}
    save(FakeS3(b={"k": b"2"}), folder)
    assert restored(folder) == {"b": {"k": b"2"}}
    assert [path.name for path in tmp_path.iterdir()] == ["saved"]


def test_a_save_cut_while_copying_leaves_the_one_before(tmp_path):
    folder = tmp_path / "saved"
    save(FakeS3(a={"k": b"1"}), folder)
    broken = FakeS3(a={"k": b"2"})
    broken.broken = True
    with pytest.raises(OSError, match="cut"):
        save(broken, folder)
    assert restored(folder) == {"a": {"k": b"1"}}


def test_a_save_cut_between_its_renames_counts(tmp_path):
    folder = tmp_path / "saved"
    save(FakeS3(a={"k": b"1"}), folder)
    folder.rename(tmp_path / "saved.old")
    save(FakeS3(a={"k": b"2"}), tmp_path / "elsewhere" / "saved")
    (tmp_path / "elsewhere" / "saved").rename(tmp_path / "saved.new")
    assert restored(folder) == {"a": {"k": b"2"}}
