"""An attack on listed equivalents finds what random tables tell apart."""

import pytest

from helpers.adversary.mutants import mutants
from helpers.exercises import attack
from helpers.exercises.variants import declared
from tests.lessons.sample import ORDERS


@pytest.mark.proof
def test_a_mutant_that_random_tables_tell_from_the_oracle_is_named(spark, monkeypatch):
    every = mutants(ORDERS.oracle, declared(ORDERS))
    monkeypatch.setattr(attack, "_survivors", lambda exercise, spark: every)
    found = attack.attack(ORDERS, spark, tables=30)
    assert any(one.startswith("LEFT JOIN became JOIN: not equivalent on dense") for one in found), found


@pytest.mark.proof
def test_nothing_is_found_where_nothing_is_listed(spark):
    assert attack.attack(ORDERS, spark, tables=30) == []
