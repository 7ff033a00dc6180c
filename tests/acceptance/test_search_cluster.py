"""A cluster kept in sync by the daemon, and docs/howto/opensearch.md: what it tells to type works."""

import contextlib
import json
import re
import secrets
import shlex
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.acceptance.scene import PATIENCE, Daemon, Environment, Scene, rename
from tests.commands import Command, run
from tests.opensearch import node

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "opensearch.md"


class ClusterScene(Scene):
    """A directory, its index in a cluster, and who follows."""

    def __init__(self, environment: Environment, folder: Path) -> None:
        self.node, self.alias = node.shared(), f"scene-{secrets.token_hex(4)}"
        cluster = {
            "SEARCH_ENGINE": "opensearch", "OPENSEARCH_URL": self.node.url, "OPENSEARCH_INDEX": self.alias,
        }  # fmt: skip
        super().__init__(environment | cluster, folder)

    def finds(self, word: str) -> bool:
        with contextlib.suppress(OSError, HTTPException, ValueError):
            found = self.node.ask("POST", f"/{self.alias}/_count", {"query": {"term": {"nom": word}}})
            return bool(found.get("count"))
        return False

    def documents(self) -> int:
        query = {"query": {"exists": {"field": "rank"}}}
        return int(self.node.ask("POST", f"/{self.alias}/_count", query)["count"])


@pytest.fixture
def scene(empty_database: Environment, tmp_path: Path) -> Iterator[ClusterScene]:
    if why := node.why_missing():
        pytest.skip(why)
    made = ClusterScene(empty_database, tmp_path)
    yield made
    for name in made.node.ask("GET", f"/{made.alias}-*/_alias"):
        made.node.ask("DELETE", f"/{name}")


def test_a_committed_change_is_found_in_the_cluster_within_two_seconds(scene: ClusterScene) -> None:
    scene.fill()
    with scene.followed():
        scene.wait_until_found("NAME1")
        took = []
        for number in range(1, 6):
            scene.execute(rename(number, f"RENAMED{number}"))
            took.append(scene.wait_until_found(f"RENAMED{number}"))
        assert min(took) < 2, took  # a busy machine delays some of them, a slow daemon all
        second = scene.manage("search_catchup", "--follow")
        assert second.returncode == 3
        assert "keeps this index in sync already" in second.stderr


def test_a_daemon_killed_at_any_moment_misses_nothing_in_the_cluster(scene: ClusterScene) -> None:
    scene.fill()
    assert scene.manage("search_rebuild").returncode == 0
    for number in range(1, 4):
        daemon = Daemon(scene.environment, scene.log)
        scene.wait_for(lambda number=number: scene.log.read_text().count("Keeping") >= number, "no start")
        scene.execute(rename(number, f"KILLED{number}"))
        daemon.kill()
    scene.wait_for(lambda: scene.manage("search_catchup").returncode == 0, "not brought in sync")
    assert all(scene.finds(f"KILLED{number}") for number in range(1, 4))
    assert not any(scene.finds(f"NAME{number}") for number in range(1, 4))
    assert scene.documents() == 500
    assert scene.status()["in_sync"]


def test_what_the_page_tells_to_type_works(scene: ClusterScene) -> None:
    scene.fill()
    typed = [
        line
        for block in re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
        for line in block.splitlines()
    ]
    exported = [line for line in typed if line.startswith("export ")]
    assert {word.partition("=")[0] for line in exported for word in shlex.split(line)[1:]} >= {
        "SEARCH_ENGINE", "OPENSEARCH_URL",
    }  # fmt: skip
    for line in [each for each in typed if each not in exported]:
        words = shlex.split(line)
        more = dict(word.split("=", 1) for word in words if re.fullmatch("[A-Z_]+=.*", word))
        arguments = words[len(more) + 2 :]
        if "--back" in arguments:
            assert scene.manage("search_rebuild").returncode == 0  # so that there is one before
        if "--follow" in arguments:
            _follow(scene, more, arguments)
            continue
        done = run(scene.environment | more, *arguments)
        assert done.returncode == 0 or arguments[0] == "doctor", (line, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        if arguments[0] == "search_status":
            assert "answered by opensearch" in done.stdout
        if arguments[0] == "doctor":
            assert "search cluster" in done.stdout


def _follow(scene: ClusterScene, more: Environment, arguments: list[str]) -> None:
    """Until it follows."""
    log = scene.log.with_name(f"{len(more)}.log")
    with log.open("w") as output:
        daemon = Command(scene.environment | more | {"PYTHONUNBUFFERED": "1"}, *arguments, stdout=output)
    scene.wait_for(lambda: "Keeping" in log.read_text(), log.read_text())
    daemon.terminate()
    daemon.wait(PATIENCE)


def test_checks_say_that_a_cluster_is_away(scene: ClusterScene) -> None:
    away = scene.environment | {"OPENSEARCH_URL": "http://127.0.0.1:1"}
    status = json.loads(run(away, "search_status", "--json").stdout)
    assert (status["in_sync"], status["engine"]) == (False, "postgres")
    assert "does not answer at http://127.0.0.1:1" in status["why"]
    for command in ("preflight", "doctor"):
        done = run(away, command, "--json")
        found = {each["subject"]: each for each in json.loads(done.stdout)["findings"]}
        assert found["search cluster"]["severity"] == "warning", command
    failed = run(away, "search_rebuild")
    assert failed.returncode == 1
    assert "does not answer" in failed.stderr
    assert "Traceback" not in failed.stderr
