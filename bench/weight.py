"""What the functions weigh: the bytes and classes of the libraries that are deployed, and the classes that a JVM has loaded once a function is ready.

`make test` compares it with bench/weight.json, so that a dependency is not added unnoticed. Where more is meant, that file is changed with it.
"""

import json
import tempfile
import zipfile
from pathlib import Path

from stack import build, tools
from stack.console import Failure

from bench.lambda_runtime import CLIENT, Function, java

ALLOWED = Path(__file__).parent / "weight.json"
HANDLERS = {name: f"dev.understudy.{name}.{name.capitalize()}Handler" for name in ("api", "ingest", "submit", "poll", "persist", "reconcile", "webhook")}
OWN = "our own"
MOST_BYTES = 20 * 1000 * 1000
# A new version of a library brings a few classes more; a new library brings more than a few.
_BYTES, _CLASSES, _LOADED = 1.02, 300, 200
# Nothing is asked of AWS before the first event.
ENVIRONMENT = {
    "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_LAMBDA_FUNCTION_NAME": "weight",
    "AWS_LAMBDA_FUNCTION_VERSION": "1", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024", "AWS_LAMBDA_LOG_GROUP_NAME": "weight", "AWS_LAMBDA_LOG_STREAM_NAME": "weight",
    "STACK_NAME": "weight",
    "TABLE": "weight", "BUCKET": "weight", "SECRET_ARN": "weight", "SIGNER_ROLE_ARN": "weight",
    "WEBHOOK_URL": "https://hooks.example.com", "WEBHOOK_SECRET_ARN": "weight",
    "STATE_MACHINE_ARN": "arn:aws:states:eu-west-1:000000000000:stateMachine:weight",
}  # fmt: skip


def check() -> str:
    """For `make test`, after `sam build`."""
    allowed = json.loads(ALLOWED.read_text())
    size, classes, loaded = sum(deployed().values()) - deployed()[OWN], library_classes(), {name: loaded_classes(name) for name in HANDLERS}
    found = [
        ("the libraries' bytes", size, allowed["bytes"], int(allowed["bytes"] * _BYTES)),
        ("the libraries' classes", classes, allowed["classes"], allowed["classes"] + _CLASSES),
    ]
    found += [(f"the classes that {name} has loaded when it is ready", number, allowed["loaded"][name], allowed["loaded"][name] + _LOADED) for name, number in loaded.items()]
    for what, number, was, most in found:
        if number > most:
            raise Failure(f"{what[0].upper()}{what[1:]} grew from {was:,} to {number:,}, and {most:,} are allowed: leave out what brought them, or, if they are meant, change bench/weight.json.")
    return f"{size / 1e6:.1f} MB, {classes:,} classes"


def deployed() -> dict[str, int]:
    """The bytes of each jar, and of our own classes."""
    code = _code()
    jars = {path.name: path.stat().st_size for path in (code / "lib").glob("*.jar")}
    return {**jars, OWN: sum(path.stat().st_size for path in _own(code))}


def library_classes() -> int:
    number = 0
    for path in (_code() / "lib").glob("*.jar"):
        with zipfile.ZipFile(path) as jar:
            number += sum(name.endswith(".class") for name in jar.namelist())
    return number


def loaded_classes(function: str) -> int:
    jars, native = tools.runtime_client()
    code = _code()
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch) / "classes.log"
        command = [*java(native, f"-Xlog:class+load:file={log}"), "-cp", f"{code}:{code}/lib/*:{jars}/*", CLIENT, HANDLERS[function]]
        with Function(command, ENVIRONMENT, Path(scratch) / "function.log") as started:
            started.wait_until_ready()
        return sum("source:" in line for line in log.read_text().splitlines())


def _code() -> Path:
    return build.BUILT / "SubmitFunction"


def _own(code: Path) -> list[Path]:
    return [path for path in code.rglob("*") if path.is_file() and path.relative_to(code).parts[0] != "lib"]
