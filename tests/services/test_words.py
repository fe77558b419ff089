"""Errors in the learner's language, in a session of one's own: classic PySpark fails otherwise than Spark Connect."""

import pytest

from helpers import spark as room
from tests.lessons.slips import SLIPS, assert_explained, with_views

pytestmark = pytest.mark.proof


@pytest.fixture(scope="module")
def spark(own_jvm):
    session = room.session("teaching", room.Endpoints("http://127.0.0.1:1", "us-east-1"), app="words")
    with with_views(session):
        yield session


@pytest.mark.parametrize("slip", [slip for slip in SLIPS if slip.only != "connect"], ids=lambda slip: slip.entry)
def test_a_real_error_is_explained_in_the_words_of_each_database(spark, slip):
    assert "connect" not in type(spark).__module__
    assert_explained(slip, spark)
