from datetime import UTC

from helpers.core.clock import now_utc, seeded


def test_now_carries_the_zone():
    assert now_utc().tzinfo is UTC


def test_the_same_seed_and_purpose_agree_and_others_do_not():
    assert seeded(7, "sites").random() == seeded(7, "sites").random()
    assert seeded(7, "sites").random() != seeded(7, "tariffs").random()
    assert seeded(7, "sites").random() != seeded(8, "sites").random()
