import pandas as pd

from helpers.pipeline.layers.quality import score_against_labels


def frame(rows, *columns):
    return pd.DataFrame(rows, columns=columns)


def at(hour):
    return pd.Timestamp(2022, 1, 1, hour, tz="UTC")


LABELS = frame(
    [("a", at(h), "stale", h in (1, 2, 3)) for h in range(6)]
    + [("b", at(h), "outlier", h == 2) for h in range(6)]
    + [("c", at(h), "interpolated", False) for h in range(6)],
    "source",
    "event_time",
    "meaning",
    "flagged",
)


def flags(*rows):
    return frame([(source, "ch", at(h), flag) for source, h, flag in rows], "source", "channel", "event_time", "flag")


def test_precision_and_recall_by_hand():
    raised = flags(("a", 2, "stuck"), ("a", 3, "stuck"), ("a", 4, "stuck"), ("a", 5, "stuck"), ("b", 2, "spike"))
    found = score_against_labels(raised, LABELS)
    # Of 4 flags 2 are right; of 3 labelled readings 2 are found.
    assert found["stale"] == {"precision": 0.5, "recall": 0.666667, "labelled": 3, "flagged": 4}
    assert found["outlier"] == {"precision": 1.0, "recall": 1.0, "labelled": 1, "flagged": 1}


def test_what_cannot_be_told_is_none():
    found = score_against_labels(flags(("a", 1, "spike")), LABELS)
    assert found["stale"] == {"precision": None, "recall": 0.0, "labelled": 3, "flagged": 0}
    assert found["interpolated"] == {"precision": None, "recall": None, "labelled": 0, "flagged": 0}


def test_sources_without_such_labels_do_not_count():
    raised = flags(("a", 1, "stuck"), ("b", 1, "stuck"), ("other", 1, "stuck"))
    assert score_against_labels(raised, LABELS)["stale"]["flagged"] == 1


def test_the_same_hour_of_another_source_is_no_hit():
    two = pd.concat([LABELS, LABELS[LABELS["source"] == "a"].assign(source="d", flagged=False)])
    found = score_against_labels(flags(("d", 1, "stuck")), two)["stale"]
    assert (found["precision"], found["recall"]) == (0.0, 0.0)
