"""What a person asked for: the variables that make hands on (`make local STACK=… PORT=… PARAMS="…"`)."""

import dataclasses
import os
import re
import shlex
from pathlib import Path
from urllib.parse import urlsplit

from stack.console import Failure
from stack.processes import Daemon
from stack.tools import ROOT

DEFAULT_STACK = "understudy"
DEFAULT_PORT = 4566
FIRST_PROVIDER_PORT = 8700
REGION = "eu-west-1"
IN_A_HURRY = {
    "PollFirstSeconds": "1",
    "PollMinSeconds": "1",
    "NotVisibleGraceSeconds": "20",
    "OutputGraceSeconds": "20",
    "DueGraceSeconds": "60",
    "ProbeSeconds": "5",
    "StallRetrySeconds": "5",
    "SubmitTimeoutSeconds": "10",
}
"""Parameters of a stack in which nothing is waited for longer than a test has time."""
_ENDPOINT_FILE = "endpoint"


@dataclasses.dataclass(frozen=True)
class Options:
    stack: str
    port: int
    provider_port: int
    provider_host: str
    """Where the functions reach the simulated provider, and where it listens."""
    endpoint_url: str | None
    """A local AWS that somebody else started and will end; without one, ours is started."""
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
        return self.endpoint_url or f"http://127.0.0.1:{self.port}"

    def how(self, target: str) -> str:
        """The command with which a person reaches this stack."""
        return f"make {target}" if self.stack == DEFAULT_STACK else f"make {target} STACK={self.stack}"


def read(default_stack: str = DEFAULT_STACK, default_port: int = DEFAULT_PORT) -> Options:
    stack = os.environ.get("STACK") or default_stack
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,31}", stack) or stack in ("demo", "build"):
        raise Failure(f"STACK={stack} cannot be the name of a stack: use up to 32 lower-case letters, digits and hyphens, beginning with a letter, but not demo or build.")
    state = _state(stack)
    port = _port("PORT", _running(state, "emulator") or default_port)
    endpoint_url = _endpoint(os.environ.get("ENDPOINT_URL") or _remembered(state))
    if endpoint_url and _running(state, "emulator"):
        raise Failure(f"The stack {stack} runs on a local AWS of its own: end that first (make stop), or give another STACK for AWS_ENDPOINT_URL={endpoint_url}.")
    url = os.environ.get("COMETAPI_BASE_URL") or None
    key = os.environ.get("COMETAPI_API_KEY") or None
    if url and not key:
        raise Failure("COMETAPI_BASE_URL was given without COMETAPI_API_KEY: give both.")
    if key and not url:
        raise Failure("COMETAPI_API_KEY was given without COMETAPI_BASE_URL: give both (a real render costs money, so the real address is never assumed).")
    return Options(
        stack=stack,
        port=port,
        endpoint_url=endpoint_url,
        provider_host=os.environ.get("PROVIDER_HOST") or "127.0.0.1",
        provider_port=_port("PROVIDER_PORT", _running(state, "provider") or FIRST_PROVIDER_PORT + (port - DEFAULT_PORT) % 1000),
        parameters=_parameters(os.environ.get("PARAMS", "")),
        provider_url=url.rstrip("/") if url else None,
        provider_key=key,
        task=os.environ.get("ID") or None,
    )


def on_aws() -> bool:
    """Whether the stack on AWS is meant, reached as this shell is set up for it, and not the one on this machine."""
    return switch("AWS")


def read_stack_on_aws() -> str:
    stack = os.environ.get("STACK") or DEFAULT_STACK
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,127}", stack):
        raise Failure(f"STACK={stack} cannot be the name of a stack on AWS: it has letters, digits and hyphens, beginning with a letter.")
    return stack


def read_tenant() -> str | None:
    tenant = os.environ.get("TENANT") or None
    if tenant and not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,31}", tenant):
        raise Failure(f"TENANT={tenant} cannot be the name of a tenant: use up to 32 lower-case letters, digits and hyphens, beginning with a letter or a digit.")
    return tenant


def read_limits() -> dict[str, int | None]:
    """The limits to set, by their name in the table; None takes one away."""
    limits: dict[str, int | None] = {}
    if os.environ.get("CAP"):
        limits["capCents"] = _cents(os.environ["CAP"])
    if os.environ.get("INFLIGHT"):
        limits["maxInFlight"] = _places(os.environ["INFLIGHT"])
    return limits


def read_token_name() -> str | None:
    """Which token: the first digits of its hash. It may be a whole token, and anything else may be another secret: neither is repeated in an error."""
    from stack import callers

    text = os.environ.get("TOKEN") or None
    if text and text.startswith(callers.PREFIX):
        return callers.hashed(text)
    if text and not re.fullmatch(r"[0-9a-f]{8,64}", text, re.ASCII):
        raise Failure("TOKEN is not the name of a token: give the 8 letters and digits that `make tokens` lists.")
    return text


def read_invocation() -> tuple[str | None, Path | None, int | None]:
    """The function that is to run by hand, its payload, and the port for a debugger."""
    from stack import payloads, samlocal

    function = os.environ.get("FUNCTION") or None
    if function is None:
        for name in ("EVENT", "DEBUG"):
            if os.environ.get(name):
                raise Failure(f"{name} was given without a FUNCTION: make sam-local FUNCTION=SubmitFunction [EVENT=events/step.json] [ID=<task id>] [DEBUG=5005]")
        return None, None, None
    if function not in samlocal.names():
        raise Failure(f"FUNCTION={function} is not in template.yaml: give one of {', '.join(samlocal.names())}.")
    event = Path(os.environ["EVENT"]) if os.environ.get("EVENT") else payloads.usual(function)
    if event is None or not event.is_file():
        raise Failure(f"EVENT={event or ''} is not a file: give a payload, such as EVENT=events/step.json.")
    return function, event.resolve(), _port("DEBUG", 0) if os.environ.get("DEBUG") else None


def number(name: str) -> int | None:
    """A whole number from 0 on, or None where none is given."""
    text = os.environ.get(name) or ""
    if text and not text.isdecimal():
        raise Failure(f"{name}={text} is no whole number: give one, such as {name}=1000.")
    return int(text) if text else None


def switch(name: str) -> bool:
    text = os.environ.get(name) or "0"
    if text not in ("0", "1"):
        raise Failure(f"{name}={text} is neither yes nor no: give {name}=1, or leave it out.")
    return text == "1"


def _cents(text: str) -> int | None:
    if text == "none":
        return None
    if not re.fullmatch(r"[0-9]{1,7}(\.[0-9]{1,2})?", text, re.ASCII) or float(text) > 1_000_000:
        raise Failure(f"CAP={text} is not an amount: give US dollars from 0 to 1000000 with at most two decimals, such as CAP=25.50, or CAP=none for the stack's own cap.")
    dollars, _point, cents = text.partition(".")
    return int(dollars) * 100 + int(cents.ljust(2, "0"))


def _places(text: str) -> int | None:
    if text == "none":
        return None
    if not re.fullmatch(r"[0-9]{1,4}", text, re.ASCII) or not 1 <= int(text) <= 1000:
        raise Failure(f"INFLIGHT={text} is not a number of tasks: give a whole number from 1 to 1000, or INFLIGHT=none for no limit but the stack's.")
    return int(text)


def _state(stack: str) -> Path:
    return ROOT / ".local" if stack == DEFAULT_STACK else ROOT / ".local" / stack


def remember(options: Options) -> None:
    """The other commands find a stack on somebody else's local AWS without being told again."""
    file = options.state / _ENDPOINT_FILE
    if options.endpoint_url:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(options.endpoint_url + "\n")
    else:
        file.unlink(missing_ok=True)


def _remembered(state: Path) -> str | None:
    file = state / _ENDPOINT_FILE
    return file.read_text().strip() if file.exists() else None


def _endpoint(text: str | None) -> str | None:
    if not text:
        return None
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise Failure(f"AWS_ENDPOINT_URL={text} is not the address of a local AWS: give one such as http://127.0.0.1:4566, or unset it.")
    if parts.hostname.endswith((".amazonaws.com", ".amazonaws.com.cn", ".aws")):
        raise Failure(f"AWS_ENDPOINT_URL={text} is AWS itself: deploy there with `sam deploy --guided`, or unset it.")
    return text.rstrip("/")


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
