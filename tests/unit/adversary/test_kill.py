import pytest

from tests.unit.adversary.judge import killed
from tests.unit.adversary.queries import QUERIES, Query
from tests.unit.adversary.queries_more import MORE

SEEDS = range(5)
# A third of them at every commit, all of them in proof.
CASES = [
    pytest.param(query, id=query.name, marks=[pytest.mark.proof] if number % 3 else [])
    for number, query in enumerate([*QUERIES, *MORE])
]


@pytest.mark.parametrize("query", CASES)
def test_every_mutant_that_is_not_equivalent_dies_on_the_fused_rows_of_five_seeds(query: Query) -> None:
    dead, alive, refused = killed(query, SEEDS)
    unexplained = [
        f"{mutant.place} | {mutant.sentence}" for mutant in alive if mutant.sentence not in query.equivalent
    ]
    print(f"{query.name}: {len(dead)} killed, {len(alive)} alive, of them {len(unexplained)} unexplained")
    assert not unexplained
    assert set(query.equivalent) <= {mutant.sentence for mutant in alive}
    assert not [mutant.sentence for mutant in refused]
    assert len(dead) > 5
