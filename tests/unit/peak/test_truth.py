import numpy as np
import pyarrow as pa
import pytest

from helpers.core.errors import UserError
from helpers.peak.ledger import begin, check_rate, next_send, note, settle, unsettled
from helpers.peak.plan import plan
from helpers.peak.recordings import Recording, catalogue
from helpers.peak.recovery import _gaps
from helpers.peak.shares import merge, share, truth_rows
from helpers.peak.topics import partition_of
from helpers.peak.truth import MESSAGES, READINGS, TruthStore

TOPICS = {"x.scada": 2, "x.iot": 2}
BY_FILE = {found.file: found for found in catalogue()}
WIDE = plan(BY_FILE["snow_data.csv"], 7, 0.1)
NARROW = plan(BY_FILE["midc_bms_ghi_20220120.csv"], 7, 0.1)
NOTHING = np.empty(0, np.int64)


@pytest.fixture
def store(tmp_path):
    return TruthStore(tmp_path / "truth")


def shares():
    return [share(one, 1, NOTHING, "x", TOPICS) for one in (WIDE, NARROW)]


def test_the_order_of_several_recordings_is_that_of_their_sending_and_each_keeps_its_own(store):
    owner, sequence = merge(shares())
    assert len(owner) == len(WIDE) + len(NARROW)
    due = np.array([(WIDE, NARROW)[o].due[s] for o, s in zip(owner, sequence, strict=True)])
    assert (np.diff(due) >= 0).all()
    for number, one in enumerate((WIDE, NARROW)):
        assert sequence[owner == number].tolist() == list(range(len(one)))
    turned = merge(shares()[::-1])
    assert (1 - turned[0]).tolist() == owner.tolist() and turned[1].tolist() == sequence.tolist()
    assert merge([])[0].tolist() == []


def test_what_was_sent_is_owed_no_more():
    owed = share(WIDE, 1, np.array([0, 1, 5]), "x", TOPICS).owed
    assert owed[:4].tolist() == [2, 3, 4, 6] and len(owed) == len(WIDE) - 3


def test_the_truth_keeps_every_row_with_its_place(store):
    sent = [(0, 5, 100), (1, 7, 40), (0, 2, 101)]
    store.append(*truth_rows(shares(), sent))
    store.append(*truth_rows(shares(), [(1, 8, 41)]))
    messages, readings = store.messages(), store.readings()
    assert messages.schema.equals(MESSAGES) and readings.schema.equals(READINGS)
    rows = {(r["topic"], r["offset"]): r for r in messages.to_pylist()}
    assert {key: r["sequence"] for key, r in rows.items()} == {
        ("x.scada", 100): 5, ("x.scada", 101): 2, ("x.iot", 40): 7, ("x.iot", 41): 8,
    }  # fmt: skip
    row = rows["x.scada", 100]
    assert row["sha256"] == WIDE.messages["sha256"][5].as_py()
    assert (row["recording"], row["seed"], row["send"]) == ("snow_data.csv", 7, 1)
    assert row["partition"] == partition_of(b"snowfield", 2)
    told, _, owner = WIDE.truth(np.array([5]))
    mine = [r for r in readings.to_pylist() if (r["topic"], r["offset"]) == ("x.scada", 100)]
    assert len(mine) == len(owner) and told.num_rows == 1
    assert store.sent("snow_data.csv", 7).tolist() == [2, 5]
    assert store.sent("snow_data.csv", 8).tolist() == store.sent("snow_data.csv", 7, 2).tolist() == []
    assert (store.last_send("snow_data.csv", 7), store.last_send("snow_data.csv", 8)) == (1, 0)
    assert {place: found.tolist() for place, found in store.offsets().items()} == {
        ("x.scada", partition_of(b"snowfield", 2)): [100, 101],
        ("x.iot", partition_of(b"srrl-ghi", 2)): [40, 41],
    }


def test_an_empty_truth_has_its_columns(store):
    assert store.messages().schema.equals(MESSAGES) and store.messages(["fault"]).column_names == ["fault"]
    assert store.sent("a", 1).tolist() == [] and store.offsets() == {}


def test_readings_without_their_messages_do_not_count_and_are_removed(store):
    store.append(*truth_rows(shares(), [(0, 5, 100)]))
    before = store.readings()
    store.append(*truth_rows(shares(), [(0, 6, 101)]))
    # As a kill between the two files leaves it: the readings are there, their messages are not.
    (store.folder / "messages-000002.parquet").unlink()
    (store.folder / "messages-000002.new").write_bytes(b"half a fi")
    assert store.readings().equals(before)
    store.append(*truth_rows(shares(), [(0, 6, 101)]))
    assert len(store.sent("snow_data.csv", 7)) == 2
    assert sorted(path.name for path in store.folder.iterdir()) == [
        "messages-000001.parquet", "messages-000002.parquet", "readings-000001.parquet", "readings-000002.parquet",
    ]  # fmt: skip


def test_a_truth_set_aside_keeps_what_it_says_of_other_topics(store):
    store.append(*truth_rows(shares(), [(0, 5, 100), (1, 7, 40)]))
    store.journal.append("settled")
    aside = store.set_aside(["x.scada"])
    assert aside.is_dir() and aside.parent == store.folder.parent
    assert TruthStore(aside).messages().num_rows == 2
    assert store.messages(["topic"])["topic"].to_pylist() == ["x.iot"]
    assert set(store.readings(["topic"])["topic"].to_pylist()) == {"x.iot"}
    assert list(store.journal.events()) == []


@pytest.mark.parametrize(
    ("known", "gaps"),
    [
        (None, [(0, 6)]),
        ([0, 1, 2, 3, 4, 5], []),
        ([0, 1, 4], [(2, 4), (5, 6)]),
        ([3], [(0, 3), (4, 6)]),
    ],
)
def test_gaps_are_the_offsets_that_the_truth_does_not_know(known, gaps):
    assert _gaps(0, 6, None if known is None else np.array(known)) == gaps


def test_offsets_that_the_topic_does_not_hold_any_more_are_no_gap():
    assert _gaps(2, 4, np.array([0, 1, 2])) == [(3, 4)]
    assert _gaps(0, 0, None) == []


def test_the_journal_knows_what_was_begun_and_not_settled(store):
    assert unsettled(store) == []
    begin(store, shares())
    begin(store, shares())
    found = unsettled(store)
    assert [(e["recording"]["file"], e["seed"], e["fault_rate"], e["send"]) for e in found] == [
        ("snow_data.csv", 7, 0.1, 1),
        ("midc_bms_ghi_20220120.csv", 7, 0.1, 1),
    ]
    assert Recording.model_validate(found[0]["recording"]) == WIDE.recording
    settle(store)
    assert unsettled(store) == []


def test_a_seed_stands_for_one_plan(store):
    note(store, WIDE)
    note(store, WIDE)
    check_rate(store, WIDE.recording, 7, 0.1)
    check_rate(store, WIDE.recording, 8, 0.2)
    with pytest.raises(UserError, match=r"snow_data\.csv.*seed 7 at the fault rate 0\.1"):
        check_rate(store, WIDE.recording, 7, 0.2)
    changed = WIDE.recording.model_copy(update={"source": "elsewhere"})
    with pytest.raises(UserError, match=r"snow_data\.csv.*changed"):
        note(store, plan(changed, 7, 0.1))


def test_the_next_send_is_the_unfinished_one_and_a_resend_begins_when_nothing_is_owed(store):
    def due(resend):
        send, sent, complete = next_send(store, WIDE.recording, 7, resend)
        return send, len(sent), complete

    def sent(number, count):
        one = share(WIDE, number, NOTHING, "x", TOPICS)
        store.append(*truth_rows([one], [(0, s, s + 10_000 * number) for s in range(count)]))

    assert due(False) == due(True) == (1, 0, False)
    note(store, WIDE)
    sent(1, 10)
    assert due(False) == due(True) == (1, 10, False)
    one = share(WIDE, 1, np.arange(10), "x", TOPICS)
    store.append(*truth_rows([one], [(0, int(s), int(s) + 10_000) for s in one.owed]))
    assert due(False) == (1, len(WIDE), True)
    assert due(True) == (2, 0, False)
    sent(2, 4)
    assert due(False) == (1, len(WIDE), True)
    assert due(True) == (2, 4, False)


def test_a_truth_of_another_shape_is_refused_before_anything_is_written(store):
    messages, readings = truth_rows(shares(), [(0, 5, 100)])
    with pytest.raises((KeyError, pa.ArrowInvalid)):
        store.append(messages.drop_columns(["fault"]), readings)
    assert store.messages().num_rows == 0
