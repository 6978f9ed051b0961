"""The simulated provider, as a program of its own."""

import json
import urllib.error
import urllib.request

from stack import prerequisites, tools
from stack.build import run
from stack.console import Failure, Stopwatch, say, step
from stack.emulator import taken
from stack.options import Options
from stack.processes import Daemon
from stack.tools import ROOT

KEY = "understudy-local-key"
_FOLDER = ROOT / "simulator"
_JAR = _FOLDER / "target" / "understudy-simulator.jar"


def daemon(options: Options) -> Daemon:
    return Daemon("The simulated provider", options.state, "provider")


def url(options: Options) -> str:
    return f"http://{options.provider_host}:{options.provider_port}"


def start(options: Options, render_seconds: int) -> None:
    provider = daemon(options)
    if provider.running:
        return
    _build()
    if taken(options.provider_port):
        raise Failure(f"Port {options.provider_port} is in use by another program: end that, or choose another port for the simulated provider (make … PROVIDER_PORT=8710).")
    java = prerequisites.java_home() / "bin" / "java"
    command = [str(java), "-XX:+UseSerialGC", "-Xmx256m", "-jar", str(_JAR), "--port", str(options.provider_port), "--host", options.provider_host,
               "--api-key", KEY, "--render-seconds", str(render_seconds), "--allow-http"]
    provider.start(command, {"LANG": "C.UTF-8"}, {"port": options.provider_port})
    provider.wait(lambda: _healthy(options), 30)


def charges(options: Options, task_id: str) -> int:
    """How often the provider charged for a task of ours, by its own ledger: told by the pinned input that it fetched, not by our records."""
    with urllib.request.urlopen(f"{url(options)}/admin/ledger", timeout=5) as answer:
        ledger = json.load(answer)
    charged = {charge["providerTaskId"] for charge in ledger["charges"]}
    return sum(task["id"] in charged and f"/inputs/{task_id}/" in task["character"] for task in ledger["tasks"])


def _healthy(options: Options) -> bool:
    try:
        with urllib.request.urlopen(f"{url(options)}/admin/health", timeout=1) as answer:
            return answer.status == 200
    except (OSError, urllib.error.URLError):
        return False


def _build() -> None:
    with tools.locked(ROOT / ".aws-sam" / "lock"):
        stamp = _FOLDER / "target" / ".sources"
        sources = _hash()
        if _JAR.exists() and stamp.exists() and stamp.read_text() == sources:
            return
        step("Building the simulated provider")
        watch = Stopwatch()
        command = [prerequisites.maven(), "-B", "-ntp", "-q", "-f", str(_FOLDER / "pom.xml"), "-Dmaven.test.skip=true", "package"]
        run(command, prerequisites.java_environment(), "The simulated provider could not be built")
        stamp.write_text(sources)
        say(f"    {watch.seconds:.0f} s")


def _hash() -> str:
    return tools.fingerprint(path for path in _FOLDER.rglob("*") if "target" not in path.parts)
