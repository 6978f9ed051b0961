"""What a person sees."""

import os
import sys
import time


class Failure(Exception):
    """Something a person has to know or to mend, said in one sentence."""


_live = False


def interactive() -> bool:
    return sys.stdout.isatty() and not os.environ.get("CI")


def say(text: str = "") -> None:
    end_live()
    print(text, flush=True)


def step(text: str) -> None:
    say(f"==> {text}")


def error(text: str) -> None:
    end_live()
    print(f"understudy: {text}", file=sys.stderr, flush=True)


def live(text: str) -> None:
    """A line that the next one replaces; elsewhere than on a terminal, lines below each other."""
    global _live
    if interactive():
        print("\r\x1b[2K" + text, end="", flush=True)
        _live = True
    else:
        print(text, flush=True)


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
