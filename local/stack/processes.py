"""Programs that go on running after the command that started them: found again by a file with their id."""

import contextlib
import json
import os
import signal
import subprocess
import time
from pathlib import Path

from stack.console import Failure


class Daemon:
    """A program in a process group of its own, with a log and a pid file."""

    def __init__(self, title: str, folder: Path, name: str) -> None:
        self.title = title
        self.log = folder / f"{name}.log"
        self._file = folder / f"{name}.pid"
        self._child: subprocess.Popen | None = None

    def start(self, command: list[str], environment: dict[str, str], about: dict | None = None) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log, "wb") as log:
            self._child = subprocess.Popen(command, env=environment, cwd=self.log.parent, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        self._file.write_text(json.dumps({"pid": self._child.pid, "started": _started(self._child.pid), **(about or {})}))

    @property
    def about(self) -> dict:
        try:
            return json.loads(self._file.read_text())
        except (OSError, ValueError):
            return {}

    @property
    def running(self) -> bool:
        if self._child:
            self._child.poll()
        about = self.about
        return bool(about) and _started(about["pid"]) == about["started"] is not None

    def require(self) -> None:
        if not self.running:
            raise Failure(f"{self.title} ended unexpectedly; its log is {shown(self.log)}.")

    def wait(self, ready, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not ready():
            self.require()
            if time.monotonic() > end:
                raise Failure(f"{self.title} was not ready after {seconds:.0f} s; its log is {shown(self.log)}.")
            time.sleep(0.1)

    def stop(self) -> bool:
        """Ends the program and all that it started; says whether it was running."""
        was_running = self.running
        if was_running:
            group = self.about["pid"]
            for number, seconds in ((signal.SIGTERM, 5), (signal.SIGKILL, 5)):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(group, number)
                end = time.monotonic() + seconds
                while group_runs(group) and time.monotonic() < end:
                    time.sleep(0.05)
            if self._child:
                self._child.wait()
        self._file.unlink(missing_ok=True)
        return was_running


def shown(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def group_runs(group: int) -> bool:
    """Whether a process of the group still runs. (One that has ended but was not yet asked for its exit code does not.)"""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _parent, process_group = _fields(stat)[:3]
            if int(process_group) == group and state != "Z":
                return True
    return False


def _started(pid: int) -> int | None:
    """When the process started, in clock ticks after boot: tells a process from a later one with the same id."""
    try:
        fields = _fields(Path(f"/proc/{pid}/stat"))
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[19])


def _fields(stat: Path) -> list[str]:
    """State, parent, process group, ... (proc(5), from the third field on; the second one, the name, may hold anything)."""
    return stat.read_text().rpartition(")")[2].split()
