"""Documents sent in bulk: each one's fate is looked at, and what the cluster was too busy for is sent again."""

import json
from typing import Any

import pytest

from foxreviews.search.cluster import bulk
from foxreviews.search.cluster.bulk import Action, Bulk, send
from foxreviews.search.errors import BusyError, IndexFailedError

ACTIONS = [Action(f"{number:09}", f'{{"siren":{number}}}') for number in range(4)]


class Cluster:
    """Answers with the given statuses, one list after the other; the last one again and again."""

    def __init__(self, *answers: list[int] | Exception) -> None:
        self.answers, self.sent = list(answers), list[list[str]]()

    def call(self, method: str, path: str, body: str, **parameters: object) -> Any:
        assert (method, path, parameters) == ("POST", "/x.w/_bulk", {"require_alias": True})
        lines = [json.loads(line) for line in body.splitlines()]
        ids = [each["_id"] for line in lines for name, each in line.items() if name in ("index", "delete")]
        self.sent.append(ids)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        error = {"type": "some", "reason": "why"}
        items = [
            {"index": {"status": status} | ({"error": error} if status > 299 else {})} for status in answer
        ]
        return {"errors": any(status > 299 for status in answer), "items": items[: len(ids)]}


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk.time, "sleep", lambda _: None)


def test_what_the_cluster_is_too_busy_for_is_sent_again_and_nothing_else() -> None:
    cluster: Any = Cluster([201, 429, 201, 429], [201, 429], [200])
    send(cluster, "x.w", ACTIONS)
    ids = [action.id for action in ACTIONS]
    assert cluster.sent == [ids, [ids[1], ids[3]], [ids[3]]]


def test_a_cluster_that_is_too_busy_for_all_is_asked_again() -> None:
    cluster: Any = Cluster(BusyError("429"), BusyError("503"), [201] * 4)
    send(cluster, "x.w", ACTIONS)
    assert len(cluster.sent) == 3


def test_a_cluster_that_stays_too_busy_is_no_success() -> None:
    with pytest.raises(BusyError):
        send(Cluster([429] * 4), "x.w", ACTIONS)  # type: ignore[arg-type]


@pytest.mark.parametrize("status", [400, 404, 500])
def test_a_document_that_is_refused_is_no_success(status: int) -> None:
    with pytest.raises(IndexFailedError, match=r"000000001 \(\d+\): some, why"):
        send(Cluster([201, status, 201, 201]), "x.w", ACTIONS)  # type: ignore[arg-type]


def test_all_are_sent_in_calls_of_a_limited_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "MAX_LETTERS", 20)
    cluster: Any = Cluster([201, 201])
    sender = Bulk(cluster, "x.w")
    sender.add(ACTIONS)
    sender.finish()
    sender.close()
    assert sorted(each for sent in cluster.sent for each in sent) == [action.id for action in ACTIONS]
    assert max(map(len, cluster.sent)) == 2


def test_what_fails_behind_is_said_at_the_end() -> None:
    sender = Bulk(Cluster([400]), "x.w")  # type: ignore[arg-type]
    sender.add(ACTIONS[:1])
    with pytest.raises(IndexFailedError):
        sender.finish()
    sender.close()
