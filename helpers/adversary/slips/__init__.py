"""The kinds of mutation, a module per family. MAKERS is the register; each module lists its own."""

from helpers.adversary.slips import (
    aggregate,
    column,
    group,
    join,
    membership,
    moment,
    order,
    predicate,
    rows,
    value,
    window,
)
from helpers.adversary.slips.slip import Maker, Slip

MAKERS: tuple[Maker, ...] = (
    *join.MAKERS,
    *predicate.MAKERS,
    *membership.MAKERS,
    *rows.MAKERS,
    *aggregate.MAKERS,
    *group.MAKERS,
    *window.MAKERS,
    *order.MAKERS,
    *value.MAKERS,
    *moment.MAKERS,
    *column.MAKERS,
)

__all__ = ["MAKERS", "Maker", "Slip"]
