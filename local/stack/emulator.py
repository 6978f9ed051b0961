"""The local AWS: MiniStack, as a program of its own."""

import os
import shutil
import socket
import tempfile
import urllib.error
import urllib.request

from stack import prerequisites, tools
from stack.console import Failure
from stack.options import REGION, Options
from stack.processes import Daemon

# Nothing secret: the emulator accepts any signature made with them and takes their owner for the account's administrator.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


def daemon(options: Options) -> Daemon:
    return Daemon("The local AWS", options.state, "emulator")


def environment(options: Options) -> dict[str, str]:
    """What a client of the local AWS needs."""
    return {**CREDENTIALS, "AWS_ENDPOINT_URL": options.endpoint, "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION}


def start(options: Options) -> None:
    emulator = daemon(options)
    if taken(options.port):
        raise Failure(f"Port {options.port} is in use by another program: end that, or choose another port (make … STACK=other PORT=4570).")
    jars, native = tools.runtime_client()
    scratch = tempfile.mkdtemp(prefix=f"understudy-{options.stack}-")
    # Its environment is the functions' environment, too: it gets what it needs and nothing of the person who started it.
    clean = {
        "PATH": os.defpath,
        "HOME": scratch,
        "TMPDIR": scratch,
        "LANG": "C.UTF-8",
        "JAVA_HOME": str(prerequisites.java_home()),
        "LAMBDA_RIC_DIR": str(jars),
        "LAMBDA_RIC_JNI": str(native),
        "GATEWAY_PORT": str(options.port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_REGION": REGION,
        "IOT_MTLS_ENABLED": "0",
        "AUTH": "true",
        **environment(options),
    }
    emulator.start([tools.emulator()], clean, {"port": options.port, "scratch": scratch})
    emulator.wait(lambda: _healthy(options), 30)


def stop(options: Options) -> bool:
    emulator = daemon(options)
    scratch = emulator.about.get("scratch")
    was_running = emulator.stop()
    if scratch:
        shutil.rmtree(scratch, ignore_errors=True)
    return was_running


def taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _healthy(options: Options) -> bool:
    try:
        with urllib.request.urlopen(f"{options.endpoint}/_ministack/health", timeout=1) as answer:
            return answer.status == 200
    except (OSError, urllib.error.URLError):
        return False
