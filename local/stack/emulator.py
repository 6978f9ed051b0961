"""The local AWS: MiniStack, as a program of its own."""

import os
import shutil
import socket
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

from stack import tools
from stack.console import Failure
from stack.options import REGION, Options
from stack.processes import Daemon, shown

# Nothing secret: the emulator accepts any signature made with them and takes their owner for the account's administrator.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


def daemon(options: Options) -> Daemon:
    return Daemon("The local AWS", options.state, "emulator")


def calls(options: Options) -> Path:
    """What the functions called since the local AWS was started (local/runtime/emulator.py)."""
    return options.state / "calls.jsonl"


def environment(options: Options) -> dict[str, str]:
    """What a client of the local AWS needs."""
    return {**CREDENTIALS, "AWS_ENDPOINT_URL": options.endpoint, "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION}


def requests(options: Options) -> Path:
    """Every request of the functions, where `start` was told to keep them."""
    return options.state / "requests.jsonl"


def start(options: Options, reached_at: str | None = None, keep_requests: bool = False) -> None:
    """With `reached_at`, the functions call it there and not where it listens."""
    emulator = daemon(options)
    if taken(options.port):
        raise Failure(f"Port {options.port} is in use by another program: end that, or choose another port (make … STACK=other PORT=4570).")
    scratch = tempfile.mkdtemp(prefix=f"understudy-{options.stack}-")
    # Its environment is the functions' environment, too: it gets what it needs and nothing of the person who started it.
    clean = {
        "PATH": os.defpath,
        "HOME": scratch,
        "TMPDIR": scratch,
        "LANG": "C.UTF-8",
        "GATEWAY_PORT": str(options.port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_REGION": REGION,
        "IOT_MTLS_ENABLED": "0",
        "AUTH": "true",
        # With an engine it would run some things in containers: machines with and without one behave alike.
        "DOCKER_HOST": "unix:///dev/null",
        **environment(options),
        **({"AWS_ENDPOINT_URL": reached_at} if reached_at else {}),
    }
    kept = [str(requests(options))] if keep_requests else []
    emulator.start([*tools.emulator(), str(calls(options)), *kept], clean, {"port": options.port, "scratch": scratch})
    emulator.wait(lambda: _healthy(options), 30)


def require(options: Options) -> None:
    """Refuses to go on without it."""
    if options.endpoint_url is None:
        daemon(options).require()
    elif not _answers(options, "/"):
        raise Failure(f"Nothing answers at AWS_ENDPOINT_URL={options.endpoint_url}: start what is meant to be there, or unset it for a local AWS that is started for you.")


def runs(options: Options) -> bool:
    return daemon(options).running if options.endpoint_url is None else _answers(options, "/")


def runs_functions_here(options: Options) -> bool:
    """Whether functions are processes of this machine: MiniStack starts them so, anything else in containers with Lambda's own runtimes."""
    return options.endpoint_url is None or _healthy(options)


def where(options: Options) -> str:
    """Where to look when it did not do what it should."""
    return f"the log of the local AWS is {shown(daemon(options).log)}" if options.endpoint_url is None else f"the local AWS is the one at {options.endpoint_url}"


def stop(options: Options) -> bool:
    emulator = daemon(options)
    scratch = emulator.about.get("scratch")
    was_running = emulator.stop()
    if scratch:
        shutil.rmtree(scratch, ignore_errors=True)
    return was_running


def taken(port: int, address: str = "127.0.0.1") -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((address, port)) == 0


def _healthy(options: Options) -> bool:
    return _answers(options, "/_ministack/health")


def _answers(options: Options, path: str) -> bool:
    """Whether there is an answer; at the root a refusal is one, too."""
    try:
        with urllib.request.urlopen(f"{options.endpoint}{path}", timeout=5) as answer:
            return answer.status == 200
    except urllib.error.HTTPError:
        return path == "/"
    except OSError:
        return False
