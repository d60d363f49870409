"""Under real conditions: full disks, closed and narrow output, interrupts and signals, standard input, limits of time; statuses and words."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from ntpproofs.commands.waiting import within
from ntpproofs.errors import InvalidInput
from ntpproofs.language.files import write_atomically, write_with
from ntpproofs.limits import clock
from ntpproofs.limits.answer import load
from ntpproofs.limits.clock import TimeIsUp

ROOT = Path(__file__).resolve().parent.parent
PAIR = ROOT / "examples" / "pair.json"


def ntpproofs(arguments: Sequence[object], folder: Path, tail: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    """The command in a shell, so that its output may be closed, full or read in part."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(folder / "cache"), **more}
    words = " ".join(f"'{word}'" for word in (sys.executable, "-m", "ntpproofs", *arguments))
    script = f"set -o pipefail; {words} {tail}"
    return subprocess.run(["bash", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    run = ntpproofs(["limit", PAIR, "--all", "--json"], tmp_path, "| head -1")
    assert run.returncode == 0 and run.stderr == "" and run.stdout.strip() == "{"
    assert ntpproofs(["list"], tmp_path, "| head -1").returncode == 0


def test_a_full_disk_is_status_2_and_loses_nothing_that_was_finished(tmp_path: Path) -> None:
    run = ntpproofs(["limit", PAIR], tmp_path, "> /dev/full")
    assert run.returncode == 2 and "No space left" in run.stderr and "Traceback" not in run.stderr
    run = ntpproofs(["limit", PAIR, "--certificate", "/dev/full"], tmp_path)
    assert run.returncode == 2 and "separation class" in run.stdout and "/dev/full: cannot be written" in run.stderr
    run = ntpproofs(["verify", "foundations.closed-recession-cone", "--workers", "1", "--report", "/dev/full/x"], tmp_path)
    assert run.returncode == 2


def test_no_half_written_file_is_left(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_atomically(path, "old")

    def fails(beside: Path) -> None:
        beside.write_text("half", encoding="utf-8")
        raise OSError(28, "No space left on device")

    with pytest.raises(InvalidInput, match="No space left"):
        write_with(path, fails)
    assert path.read_text(encoding="utf-8") == "old" and list(tmp_path.iterdir()) == [path]


def test_closed_and_narrow_output_degrade_in_words(tmp_path: Path) -> None:
    run = ntpproofs(["limit", PAIR], tmp_path, ">&-")
    assert run.returncode == 0 and run.stderr == "standard output is closed: nothing is shown\n"
    for encoding in ("ascii", "cp1252"):
        run = ntpproofs(["limit", PAIR], tmp_path, PYTHONIOENCODING=encoding)
        assert run.returncode == 0 and "+ holds" in run.stdout and run.stderr == ""
    run = ntpproofs(["limit", PAIR], tmp_path, COLUMNS="20")
    assert run.returncode == 0 and "complete" in run.stdout and "…" not in run.stdout  # words are folded, none is cut off


def test_errors_under_json_are_json(tmp_path: Path) -> None:
    run = ntpproofs(["limit", "missing.json", "--json"], tmp_path)
    found = json.loads(run.stdout)["error"]
    assert run.returncode == found["status"] == 2 and found["subject"] == "missing.json" and found["remedy"]
    assert json.loads(ntpproofs(["limit", PAIR, "--nonsense", "--json"], tmp_path).stdout)["error"]["status"] == 2


def test_standard_input(tmp_path: Path) -> None:
    for arguments, text in (
        (["limit", "-", "--json"], PAIR.read_text(encoding="utf-8")),
        (["limit", "-", "--context", "1", "--json"], "a b a c"),
        (["limit", "-", "--choice", "y", "--json"], "y,x\nno,1\nyes,2\n"),
    ):
        (tmp_path / "in").write_text(text, encoding="utf-8")
        run = ntpproofs(arguments, tmp_path, "< in")
        assert run.returncode == 0 and json.loads(run.stdout)["separation"], run.stderr
    run = ntpproofs(["limit", "-"], tmp_path, "< /dev/null")
    assert run.returncode == 2 and "standard input" in run.stderr


def test_devices_and_pipes_respect_the_limit_of_size(tmp_path: Path) -> None:
    run = ntpproofs(["limit", "/dev/zero"], tmp_path)
    assert run.returncode == 2 and "which is the limit" in run.stderr
    assert ntpproofs(["recheck", "/dev/null"], tmp_path).returncode == 2


def test_out_and_quiet(tmp_path: Path) -> None:
    run = ntpproofs(["limit", PAIR, "--json", "--out", "a.json"], tmp_path)
    assert run.returncode == 0 and run.stdout == "" and json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["kind"]
    assert ntpproofs(["limit", PAIR, "--quiet"], tmp_path).stdout == ""
    assert ntpproofs(["limit", PAIR, "--out", "/dev/full"], tmp_path).returncode == 2


def test_a_limit_of_time_ends_with_what_is_known(tmp_path: Path) -> None:
    def never() -> Iterator[str]:
        yield "first"
        time.sleep(100)

    began = time.monotonic()
    found, facts = within(0.5, never, "nothing", load(ROOT / "examples" / "full.json"))
    assert found == "first" and time.monotonic() - began < 60
    assert facts["infimum"]["lower"] < facts["infimum"]["upper"] and facts["sizes"]["rows"] == 2
    assert ntpproofs(["limit", PAIR, "--time-limit", "60"], tmp_path).returncode == 0
    refused = ntpproofs(["limit", PAIR, "--time-limit", "60", "--simulate", "--log-time", "-1"], tmp_path)
    assert refused.returncode == 2 and refused.stdout == "" and "--log-time" in refused.stderr


def test_several_optimizers_share_a_plot_and_a_table(tmp_path: Path) -> None:
    arguments = ["limit", PAIR, "--optimizer", "adam,sign-descent", "--steps", "50", "--plot", "a.png", "--data", "a.csv", "--json"]
    run = ntpproofs(arguments, tmp_path)
    found = json.loads(run.stdout)
    assert [entry["optimizer"] for entry in found["simulations"]] == ["adam", "sign-descent"] and found["simulation"]["steps"] == 50
    assert (tmp_path / "a.csv").read_text(encoding="utf-8").startswith("run,chart,curve,x,y\nadam,") and (tmp_path / "a.png").stat().st_size
    for wrong in (
        ["--steps", "50"],
        ["--simulate", "--steps", "50"],
        ["--log-time", "5"],
        ["--simulate", "--optimizer", "adam", "--batch-size", "2"],
    ):
        assert ntpproofs(["limit", PAIR, *wrong], tmp_path).returncode == 2, wrong


def children(pid: int) -> list[int]:
    """Processes whose parent is `pid`, from /proc."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == pid and fields[0] != "Z":
                found.append(int(entry.name))
    return found


def started(arguments: Sequence[object], folder: Path, least: int = 2) -> subprocess.Popen[str]:
    """A run whose workers, at least so many, are there."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(folder / "cache")}
    command = [sys.executable, "-m", "ntpproofs", *map(str, arguments)]
    run = subprocess.Popen(command, env=environment, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 100
    while len(children(run.pid)) < least and run.poll() is None and time.monotonic() < deadline:
        time.sleep(0.2)
    return run


def spent(pid: int) -> float:
    """Seconds of processor time that the children of a process have used: unlike a clock, it does not depend on who else computes."""
    fields = [Path(f"/proc/{child}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split() for child in children(pid)]
    return sum(int(one[11]) + int(one[12]) for one in fields) / os.sysconf("SC_CLK_TCK")


def words(amount: int) -> str:
    """A text whose limit with dense embeddings takes minutes."""
    source = random.Random(0)
    return " ".join(f"w{source.randrange(300)}" for _ in range(amount))


LONG: dict[str, tuple[list[object], int]] = {
    "verify": (["verify", "foundations", "--profile", "thorough", "--workers", "2"], 2),
    "check": (["check", "a.py", "--time-budget", "200", "--examples", "1000000", "--workers", "2"], 2),
    "limit": (["limit", "a.txt", "--embedding", "gaussian:64", "--time-limit", "200", "--exact", "--certificate", "c.json"], 1),
}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("command", LONG)
def test_no_worker_outlives_its_command(tmp_path: Path, command: str, number: int) -> None:
    assert ntpproofs(["new", "conjecture", "a"], tmp_path).returncode == 0
    (tmp_path / "a.txt").write_text(words(3_000), encoding="utf-8")
    arguments, least = LONG[command]
    before = {path.name for path in tmp_path.iterdir()}
    run = started(arguments, tmp_path, least)
    workers = children(run.pid)
    run.send_signal(number)
    _, err = run.communicate(timeout=60)
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert workers and not any(Path(f"/proc/{pid}").exists() for pid in workers)
    assert run.returncode == (130 if number == signal.SIGTERM else -9) and "Traceback" not in err
    assert {path.name for path in tmp_path.iterdir()} <= before | {"cache", "__pycache__"}


UNHEARD = """
import os, signal, sys
sent = []
def callback():
    # The interpreter ignores what a handler raises here.
    if not sent:
        sent.append(True)
        os.kill(os.getpid(), signal.{name})
os.register_at_fork(after_in_parent=callback)
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.argv = ["ntpproofs", *sys.argv[1:]]
from ntpproofs.commands.cli import main
sys.exit(main())
"""


@pytest.mark.parametrize(("command", "name"), [("verify", "SIGINT"), ("check", "SIGTERM"), ("limit", "SIGINT")])
def test_an_interrupt_where_exceptions_are_ignored_is_not_lost(tmp_path: Path, command: str, name: str) -> None:
    assert ntpproofs(["new", "conjecture", "a"], tmp_path).returncode == 0
    (tmp_path / "a.txt").write_text(words(3_000), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    script = [sys.executable, "-c", UNHEARD.format(name=name), *map(str, LONG[command][0])]
    run = subprocess.run(script, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False)
    assert run.returncode == 130 and "Traceback" not in run.stderr and "ignored" not in run.stderr, run.stderr


def test_a_limit_of_time_survives_a_finaliser_that_swallows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    lost: list[type[BaseException]] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda found: lost.append(found.exc_type))

    class Slow:
        def __del__(self) -> None:
            deadline = time.monotonic() + 0.3
            while time.monotonic() < deadline:
                pass

    began = time.monotonic()
    with pytest.raises(TimeIsUp), clock.within(0.1):
        Slow()
        while time.monotonic() < began + 60:
            pass
    assert lost == [TimeIsUp] and time.monotonic() - began < 30
    time.sleep(1.5 * clock.AGAIN)  # nothing of it is left afterwards


def test_an_interrupted_latex_keeps_what_was_finished(tmp_path: Path) -> None:
    run = started(["latex", "foundations", "--profile", "thorough", "--workers", "2", "-o", "out"], tmp_path)
    run.send_signal(signal.SIGINT)
    out, err = run.communicate(timeout=60)
    assert run.returncode == 130 and "interrupted after" in err and "files in out" in out and "Traceback" not in err


def test_an_interrupted_verify_leaves_what_was_finished(tmp_path: Path) -> None:
    run = started(["verify", "foundations", "--profile", "standard", "--workers", "1", "--report", "report"], tmp_path, 1)
    deadline = time.monotonic() + 100
    while spent(run.pid) < 8 and time.monotonic() < deadline:
        time.sleep(0.2)
    run.send_signal(signal.SIGINT)
    _, err = run.communicate(timeout=60)
    assert run.returncode == 130 and "interrupted after" in err and "Traceback" not in err
    assert json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))["summary"]["complete"] is False


def test_check_leaves_no_folder_of_hypothesis(tmp_path: Path) -> None:
    assert ntpproofs(["new", "conjecture", "a"], tmp_path).returncode == 0
    run = ntpproofs(["check", "a.py", "--examples", "40", "--workers", "1"], tmp_path)
    assert run.returncode in (0, 1, 4) and not (tmp_path / ".hypothesis").exists(), run.stderr
    assert ntpproofs(["check", "a.py", "--instance", "{}", "--save", "d"], tmp_path).returncode == 2


def test_shell_completion_is_offered(tmp_path: Path) -> None:
    run = ntpproofs([], tmp_path, "--help")
    assert run.returncode == 0 and "--install-completion" in run.stdout


INTERRUPTED = """
import os, signal, sys
rename = os.replace
def interrupted(beside, path):
    # The file beside is whole, and the one it becomes is not there yet.
    os.replace = rename
    os.kill(os.getpid(), signal.SIGINT)
    rename(beside, path)
os.replace = interrupted
sys.argv = ["ntpproofs", *sys.argv[1:]]
from ntpproofs.commands.cli import main
sys.exit(main())
"""


@pytest.mark.parametrize(
    ("arguments", "written"),
    [
        (["limit", PAIR, "--certificate", "out/c.json"], "c.json"),
        (["verify", "foundations.farkas", "--report", "out", "--workers", "1"], "report.html"),
        (["latex", "foundations.farkas", "-o", "out", "--workers", "1"], "body.tex"),
    ],
)
def test_an_interrupt_while_files_are_written_leaves_no_half(tmp_path: Path, arguments: list[str], written: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    command = [sys.executable, "-c", INTERRUPTED, *map(str, arguments)]
    run = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=200)
    names = [path.name for path in (tmp_path / "out").rglob("*")]
    assert run.returncode == 130 and "interrupted" in run.stderr and "Traceback" not in run.stderr, run.stderr
    assert run.stdout.strip() and written in names and not any(name.startswith(".") for name in names)
    for path in (tmp_path / "out").rglob("*.json"):
        json.loads(path.read_text(encoding="utf-8"))
