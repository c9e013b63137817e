"""Rows of the trail joined to a story and to a tree of causes, without a desk."""

from google.protobuf.timestamp_pb2 import Timestamp

from netral.audit.v1 import service_pb2 as pb
from operations.local.trail_search import Answer, Row, causal_tree, causes, joined


def a_row(kind: str, ref: str, *, cause: str = "", sent: tuple[str, ...] = ()) -> Row:
    return Row(pb.Found(leaf=pb.Leaf(ref=ref), kind=kind, causation=cause, statements=sent))


def test_a_statement_is_caused_by_the_act_that_sent_it_and_that_by_the_statement_it_answers() -> None:
    rows = [
        a_row("record", "refer", sent=("referred",)),
        a_row("statement", "referred"),
        a_row("record", "recommend", sent=("recommended", "copy")),
        a_row("statement", "recommended", cause="referred"),
        a_row("statement", "copy", cause="referred"),
        a_row("receipt", "recommended", cause="recommended"),
        a_row("statement", "elsewhere", cause="recommended"),
    ]

    assert causes(rows) == {
        "referred": "refer",
        "recommended": "recommend",
        "copy": "recommend",
        "recommend": "referred",
        "elsewhere": "recommended",
    }


def test_the_tree_of_a_statement_begins_with_its_first_cause_and_goes_down_to_all_that_followed() -> None:
    rows = [
        a_row("record", "refer", sent=("referred",)),
        a_row("statement", "referred"),
        a_row("record", "recommend", sent=("recommended", "copy")),
        a_row("statement", "recommended", cause="referred"),
        a_row("statement", "copy", cause="referred"),
    ]

    assert [(depth, row.found.leaf.ref) for depth, row in causal_tree("recommend", rows)] == [
        (0, "refer"),
        (1, "referred"),
        (2, "recommend"),
        (3, "recommended"),
        (3, "copy"),
    ]


def test_what_two_logs_keep_in_the_same_bytes_is_one_row_with_both_places() -> None:
    def kept(index: int, body: bytes, second: int) -> Row:
        leaf = pb.Leaf(index=index, body=body, ref=str(index), time=Timestamp(seconds=second))
        return Row(pb.Found(leaf=leaf, kind="statement"))

    rows = joined(
        {"bawaslu": Answer([kept(4, b"sent", 2)]), "kasn": Answer([kept(0, b"sent", 2), kept(1, b"own", 1)])}
    )

    assert [row.places for row in rows] == [{"kasn": 1}, {"bawaslu": 4, "kasn": 0}]
