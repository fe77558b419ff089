"""What the course holds at least, whoever adds to it or takes from it."""

from collections import defaultdict

import pytest
import sqlglot
from sqlglot import exp

from helpers.exercises import Exercise, ServiceExercise, lessons

LESSONS = lessons()
EXERCISES = [one for entry in LESSONS for one in entry.exercises]
ON_SERVICES = [one for one in EXERCISES if isinstance(one, ServiceExercise)]


def skeleton(oracle):
    """A query without what a copy would change first: names, aliases and values."""

    def bare(node):
        if isinstance(node, exp.Alias):
            return bare(node.this)
        if isinstance(node, exp.TableAlias):
            return None
        if isinstance(node, exp.Identifier):
            return exp.to_identifier("x")
        return exp.Literal.number(0) if isinstance(node, exp.Literal) else node

    return sqlglot.parse_one(oracle, read="spark").transform(bare).sql("spark")


def test_there_are_eight_lessons_with_forty_exercises_and_a_boss_fight_each():
    assert len(LESSONS) >= 8
    assert len(EXERCISES) >= 40
    for entry in LESSONS:
        assert 4 <= len(entry.exercises) - 1 <= 6
        assert entry.exercises[-1].id == entry.lesson.boss


def test_a_copy_with_other_names_and_values_has_the_same_skeleton():
    one = "SELECT s.site_id, count(*) AS n FROM sites AS s WHERE s.kw > 5 GROUP BY s.site_id"
    copy = "SELECT asset.id, count(*) FROM assets asset WHERE asset.size > 'b' GROUP BY asset.id"
    assert skeleton(one) == skeleton(copy)
    assert skeleton(one) != skeleton(copy.replace(">", ">="))


def test_no_two_exercises_share_the_skeleton_of_their_oracle():
    alike = defaultdict(list)
    for one in EXERCISES:
        if isinstance(one, Exercise):
            alike[skeleton(one.oracle)].append(one.id)
    assert len(alike) > 20
    assert [ids for ids in alike.values() if len(ids) > 1] == []


@pytest.mark.parametrize("exercise", ON_SERVICES, ids=lambda one: one.id)
def test_each_exercise_on_services_refuses_a_right_table_that_was_come_by_wrongly(exercise):
    assert any(wrong.right_table or wrong.right_until for wrong in exercise.wrong)
    assert not [wrong.name for wrong in exercise.wrong if wrong.right_table and wrong.right_until]


def test_all_exercises_on_files_kafka_and_streams_are_on_services():
    on_services = [entry for entry in LESSONS if entry.lesson.number in (6, 7, 8)]
    assert len(on_services) == 3
    assert not [one.id for entry in on_services for one in entry.exercises if one not in ON_SERVICES]


def test_only_exercises_on_services_have_such_an_answer():
    assert len(ON_SERVICES) > 10
    assert not [
        one.id
        for one in EXERCISES
        if one not in ON_SERVICES and any(w.right_table or w.right_until for w in one.wrong)
    ]
