"""What a person asked for: the variables that make hands on (`make local STACK=… PORT=… PARAMS="…"`)."""

import dataclasses
import os
import re
import shlex
from pathlib import Path

from stack.console import Failure
from stack.processes import Daemon
from stack.tools import ROOT

DEFAULT_STACK = "understudy"
DEFAULT_PORT = 4566
FIRST_PROVIDER_PORT = 8700
REGION = "eu-west-1"


@dataclasses.dataclass(frozen=True)
class Options:
    stack: str
    port: int
    provider_port: int
    parameters: dict[str, str]
    """Template parameters, by name."""
    provider_url: str | None
    """Another provider than the simulated one."""
    provider_key: str | None
    task: str | None

    @property
    def state(self) -> Path:
        """The folder of everything that belongs to this stack and to no other."""
        return _state(self.stack)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def how(self, target: str) -> str:
        """The command with which a person reaches this stack."""
        return f"make {target}" if self.stack == DEFAULT_STACK else f"make {target} STACK={self.stack}"


def read(default_stack: str = DEFAULT_STACK, default_port: int = DEFAULT_PORT) -> Options:
    stack = os.environ.get("STACK") or default_stack
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,31}", stack) or stack in ("demo", "build"):
        raise Failure(f"STACK={stack} cannot be the name of a stack: use up to 32 lower-case letters, digits and hyphens, beginning with a letter, but not demo or build.")
    state = _state(stack)
    port = _port("PORT", _running(state, "emulator") or default_port)
    url = os.environ.get("COMETAPI_BASE_URL") or None
    key = os.environ.get("COMETAPI_API_KEY") or None
    if url and not key:
        raise Failure("COMETAPI_BASE_URL was given without COMETAPI_API_KEY: give both.")
    if key and not url:
        raise Failure("COMETAPI_API_KEY was given without COMETAPI_BASE_URL: give both (a real render costs money, so the real address is never assumed).")
    return Options(
        stack=stack,
        port=port,
        provider_port=_port("PROVIDER_PORT", _running(state, "provider") or FIRST_PROVIDER_PORT + (port - DEFAULT_PORT) % 1000),
        parameters=_parameters(os.environ.get("PARAMS", "")),
        provider_url=url.rstrip("/") if url else None,
        provider_key=key,
        task=os.environ.get("ID") or None,
    )


def _state(stack: str) -> Path:
    return ROOT / ".local" if stack == DEFAULT_STACK else ROOT / ".local" / stack


def _running(state: Path, name: str) -> int | None:
    """The port of a program of this stack that runs: it need not be given a second time."""
    daemon = Daemon(name, state, name)
    return daemon.about["port"] if daemon.running else None


def _port(name: str, default: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isdecimal() or not 1024 <= int(text) <= 65535:
        raise Failure(f"{name}={text} is not a port: give a number from 1024 to 65535.")
    return int(text)


def _parameters(text: str) -> dict[str, str]:
    from stack.deploy import template

    known = [name for name in template()["Parameters"] if name != "CometApiKey"]
    parameters = {}
    for word in shlex.split(text):
        name, equals, value = word.partition("=")
        if not equals or name not in known:
            raise Failure(f"PARAMS has {word!r}, which is not Name=value with a name from docs/configuration.md ({', '.join(known)}).")
        parameters[name] = value
    return parameters
