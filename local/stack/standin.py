"""A stand-in for Lambda's Java image, for machines that reach no image registry.

In it: this machine's JDK 25, the real Runtime Interface Client, the Runtime Interface Emulator that SAM CLI brings along, a shell, and the
libraries of this machine that these are linked with. Not in it: Amazon Linux and whatever else Lambda's own image has.
"""

import hashlib
import io
import re
import shutil
import subprocess
import tarfile
import threading
from collections.abc import Iterable
from os import fdopen, pipe
from pathlib import Path

import docker
import samcli

from stack import prerequisites, tools
from stack.console import Failure

_REPOSITORY = "understudy-java25-stand-in"
_ENTRYPOINT = "/var/rapid/aws-lambda-rie"
# What the emulator starts for each environment; Lambda's image has a program of the same name.
_BOOTSTRAP = """#!/bin/sh
export AWS_EXECUTION_ENV=AWS_Lambda_java25
exec /var/lang/bin/java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:MaxRAMPercentage=80 -Xshare:auto --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \\
  -Dcom.amazonaws.services.lambda.runtime.api.client.runtimeapi.NativeClient.JNI=/var/runtime/libaws-lambda-jni.so \\
  -cp '/var/runtime/lib/*' com.amazonaws.services.lambda.runtime.api.client.AWSLambda "$_HANDLER"
"""


def name() -> str:
    """Named after what it is made of, so that another JDK or SAM CLI makes another one."""
    made_of = [Path(__file__).read_text(), (prerequisites.java_home() / "release").read_text(), tools.runtime_client()[0].name, samcli.__version__]
    return f"{_REPOSITORY}-{hashlib.sha256(chr(0).join(made_of).encode()).hexdigest()[:12]}:latest"


def make(client: docker.DockerClient, name: str) -> None:
    """Streams the files to the engine: no second copy of the JDK on this disk."""
    libraries = [*_needed([shell(), *_programs()])]
    reading, writing = pipe()
    failed: list[BaseException] = []

    def send() -> None:
        try:
            with fdopen(writing, "wb") as out, tarfile.open(fileobj=out, mode="w|", dereference=True) as archive:
                _pack(archive, libraries)
        except BaseException as error:  # it would end with its thread
            failed.append(error)

    sender = threading.Thread(target=send, daemon=True)
    sender.start()
    with fdopen(reading, "rb") as source:
        client.api.import_image_from_stream(source, repository=name.partition(":")[0], tag="latest", changes=_changes(libraries))
    sender.join()
    if failed:
        raise Failure(f"The stand-in for Lambda's image could not be packed: {failed[0]}.") from failed[0]
    # The name under which SAM CLI looks for an image with its emulator in it; without it, it would build one, with a shell and more.
    client.images.get(name).tag(name.partition(":")[0], f"rapid-{_architecture()}")


def shell() -> Path:
    found = shutil.which("dash") or shutil.which("sh")
    if found is None:
        raise Failure("There is no shell on this machine to put into the image.")
    return Path(found).resolve()


def _changes(libraries: Iterable[Path]) -> list[str]:
    folders = ":".join(sorted({str(library.parent) for library in libraries}))
    variables = f"PATH=/var/lang/bin:/bin LANG=C.UTF-8 TZ=UTC LD_LIBRARY_PATH={folders} LAMBDA_TASK_ROOT=/var/task LAMBDA_RUNTIME_DIR=/var/runtime JAVA_HOME=/var/lang"
    return [f"ENV {variables}", "WORKDIR /var/task", f'ENTRYPOINT ["{_ENTRYPOINT}"]']


def _architecture() -> str:
    from stack import containers

    return containers.architecture()


def _emulator() -> Path:
    return Path(samcli.__file__).parent / "local" / "rapid" / f"aws-lambda-rie-{_architecture()}"


def _programs() -> Iterable[Path]:
    home = prerequisites.java_home()
    return [home / "bin" / "java", *sorted((home / "lib").glob("*.so")), *sorted((home / "lib" / "server").glob("*.so")), tools.runtime_client()[1]]


def _needed(programs: Iterable[Path]) -> set[Path]:
    """The libraries outside the JDK that programs are linked with, by the paths at which they are looked for. (What only a screen needs may be missing.)"""
    home = prerequisites.java_home()
    found = subprocess.run(["ldd", *map(str, programs)], capture_output=True, text=True, check=False).stdout
    paths = {Path(path) for path in re.findall(r"(?:=> |^\s+)(/\S+) \(0x", found, re.MULTILINE)}
    return {path for path in paths if not path.resolve().is_relative_to(home.resolve())}


def _pack(archive: tarfile.TarFile, libraries: Iterable[Path]) -> None:
    for folder, mode in (("tmp", 0o1777), ("opt", 0o755), ("proc", 0o755), ("sys", 0o755), ("dev", 0o755), ("var/task", 0o755)):
        about = tarfile.TarInfo(folder)
        about.type, about.mode = tarfile.DIRTYPE, mode
        archive.addfile(about)
    _text(archive, "etc/passwd", "root:x:0:0:root:/root:/bin/sh\n")
    _text(archive, "etc/group", "root:x:0:\n")
    _text(archive, "etc/nsswitch.conf", "hosts: files dns\n")
    _text(archive, "var/runtime/bootstrap", _BOOTSTRAP, 0o755)
    _file(archive, _ENTRYPOINT[1:], _emulator(), 0o755)
    _file(archive, "bin/sh", shell(), 0o755)
    jars, native = tools.runtime_client()
    for jar in sorted(jars.glob("*.jar")):
        _file(archive, f"var/runtime/lib/{jar.name}", jar)
    _file(archive, "var/runtime/libaws-lambda-jni.so", native)
    for library in sorted(libraries):
        _file(archive, str(library)[1:], library.resolve(), 0o755)
    home = prerequisites.java_home().resolve()
    for path in sorted(home.rglob("*")):
        relative = path.relative_to(home)
        # Of no use to a program that runs: the parts for building other runtimes, and the sources.
        if relative.parts[0] in ("jmods", "man", "demo") or relative.name == "src.zip":
            continue
        archive.add(path, f"var/lang/{relative}", recursive=False)


def _file(archive: tarfile.TarFile, name: str, source: Path, mode: int = 0o644) -> None:
    about = archive.gettarinfo(source, name)
    about.mode = mode
    with open(source, "rb") as content:
        archive.addfile(about, content)


def _text(archive: tarfile.TarFile, name: str, text: str, mode: int = 0o644) -> None:
    content = text.encode()
    about = tarfile.TarInfo(name)
    about.size, about.mode = len(content), mode
    archive.addfile(about, io.BytesIO(content))
