import importlib

import pyarrow as pa
import pytest

# The desk's public function of that name hides its module.
module = importlib.import_module("helpers.desk.session")


class Spark:
    """Notes the views that are made in it."""

    def __init__(self):
        self.is_stopped, self.views = False, []

    def createDataFrame(self, table):
        return self

    def createOrReplaceTempView(self, name):
        self.views.append(name)


@pytest.fixture
def desk(monkeypatch):
    module.forget()
    monkeypatch.setattr(module, "teaching_session", Spark)
    monkeypatch.setattr(module, "usual", lambda: {"sites": pa.table({})})
    yield module
    module.forget()


def test_one_session_serves_all_cells(desk):
    assert desk.session() is desk.session()
    assert desk.session().views == ["sites"]


def test_a_session_that_a_cell_has_stopped_is_made_anew(desk):
    first = desk.session()
    first.is_stopped = True
    assert desk.session() is not first
    assert desk.session().views == ["sites"]
