"""What a person sees."""

import os
import sys
import time


class Failure(Exception):
    """Something a person has to know or to mend, said in one sentence."""


_live = False
_last: tuple[str, float] = ("", 0.0)


def interactive() -> bool:
    return sys.stdout.isatty() and not os.environ.get("CI")


def say(text: str = "") -> None:
    end_live()
    print(text, flush=True)


def note(text: str) -> None:
    """Beside a result that another program may read from the standard output."""
    end_live()
    print(text, file=sys.stderr, flush=True)


def step(text: str) -> None:
    say(f"==> {text}")


def error(text: str) -> None:
    end_live()
    print(f"understudy: {text}", file=sys.stderr, flush=True)


def live(text: str, news: str) -> None:
    """A line that the next one replaces; elsewhere than on a terminal a line of its own, when there is news or ten seconds have passed."""
    global _live, _last
    if interactive():
        print("\r\x1b[2K" + text, end="", flush=True)
        _live = True
    elif news != _last[0] or time.monotonic() - _last[1] >= 10:
        print(text, flush=True)
        _last = (news, time.monotonic())


def end_live() -> None:
    global _live
    if _live:
        print(flush=True)
        _live = False


class Stopwatch:
    def __init__(self) -> None:
        self._start = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._start
