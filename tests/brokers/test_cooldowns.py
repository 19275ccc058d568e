"""Cool-downs that outlive the process."""

import stat
from pathlib import Path

import pytest

from brokers.cooldowns import FILE_NAME, LONGEST_S, Cooldowns


class Watch:
    """Two clocks set by hand; a restart keeps the wall and starts the other anew."""

    def __init__(self) -> None:
        self.wall_ms = 1_763_351_100_000
        self.seconds = 100.0

    def now_ms(self) -> int:
        return self.wall_ms

    def monotonic(self) -> float:
        return self.seconds

    def pass_by(self, seconds: float) -> None:
        self.wall_ms += round(seconds * 1000)
        self.seconds += seconds

    def restart(self) -> None:
        self.seconds = 3.0


@pytest.fixture
def watch() -> Watch:
    return Watch()


def test_an_account_is_held_and_others_are_not(tmp_path: Path, watch: Watch):
    cooldowns = Cooldowns(tmp_path, watch)
    assert cooldowns.left("dhan") == 0.0
    cooldowns.hold("dhan", 60)
    assert cooldowns.left("dhan") == 60
    assert cooldowns.left("kite") == 0.0
    watch.pass_by(59.5)
    assert cooldowns.left("dhan") == pytest.approx(0.5)
    watch.pass_by(1)
    assert cooldowns.left("dhan") == 0.0


def test_a_restart_goes_on_waiting(tmp_path: Path, watch: Watch):
    Cooldowns(tmp_path, watch).hold("dhan", 60)
    watch.pass_by(20)
    watch.restart()
    assert Cooldowns(tmp_path, watch).left("dhan") == pytest.approx(40)
    watch.pass_by(41)
    watch.restart()
    assert Cooldowns(tmp_path, watch).left("dhan") == 0.0


def test_a_shorter_hold_does_not_shorten_a_longer_one(tmp_path: Path, watch: Watch):
    cooldowns = Cooldowns(tmp_path, watch)
    cooldowns.hold("dhan", 300)
    cooldowns.hold("dhan", 1)
    assert cooldowns.left("dhan") == 300


def test_a_step_of_the_wall_clock_neither_ends_a_running_wait_nor_makes_one_endless(tmp_path: Path, watch: Watch):
    cooldowns = Cooldowns(tmp_path, watch)
    cooldowns.hold("dhan", 60)
    watch.wall_ms += 3_600_000
    assert cooldowns.left("dhan") == 60
    watch.wall_ms -= 7_200_000
    watch.restart()
    assert Cooldowns(tmp_path, watch).left("dhan") == 60


def test_the_file_is_private_and_replaced_whole(tmp_path: Path, watch: Watch):
    Cooldowns(tmp_path, watch).hold("dhan", 60)
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '"text"', '{"dhan": 5}', '{"dhan": {"until_ms": "soon", "since_ms": 1}}', "\udcff", "null"],
)
def test_a_damaged_file_holds_nobody(tmp_path: Path, watch: Watch, content: str):
    (tmp_path / FILE_NAME).write_bytes(content.encode("utf-8", "surrogateescape"))
    assert Cooldowns(tmp_path, watch).left("dhan") == 0.0


def test_nothing_is_believed_that_would_hold_for_more_than_a_day(tmp_path: Path, watch: Watch):
    (tmp_path / FILE_NAME).write_text(
        '{"dhan": {"since_ms": 0, "until_ms": Infinity}, "kite": {"since_ms": NaN, "until_ms": 1}}'
    )
    cooldowns = Cooldowns(tmp_path, watch)
    assert cooldowns.left("dhan") <= LONGEST_S
    assert cooldowns.left("kite") <= LONGEST_S


def test_a_directory_that_cannot_be_written_to_still_holds_while_we_run(tmp_path: Path, watch: Watch):
    cooldowns = Cooldowns(tmp_path / "missing", watch)
    cooldowns.hold("dhan", 60)
    assert cooldowns.left("dhan") == 60
