"""The programs that are installed for the project: virtual environments, one for programs that agree on their libraries, and the Lambda runtime client.

They lie in the user's cache, named after a hash of what they are made from: shared by every checkout, renewed when a version changes,
and outside the project's root, because `sam build` copies all that lies in it.
"""

import concurrent.futures
import contextlib
import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

from stack import prerequisites
from stack.console import Failure, step

LOCAL = Path(__file__).resolve().parents[1]
ROOT = LOCAL.parent


def cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base) / "understudy"


def install() -> None:
    """Both environments, at the same time when they are missing."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for made in [pool.submit(_environment, name) for name in ("tools", "emulator")]:
            made.result()


def python() -> str:
    """The Python of the environment with SAM CLI, cfn-lint and boto3."""
    return str(_environment("tools") / "bin" / "python")


def tool(name: str, environment: str = "tools") -> str:
    """A program of local/requirements/<environment>.txt."""
    return str(_environment(environment) / "bin" / name)


def emulator() -> list[str]:
    """The program that is the local AWS; its argument is the file for the calls that it sees."""
    return [str(_environment("emulator") / "bin" / "python"), str(LOCAL / "runtime" / "emulator.py")]


def ffmpeg() -> str:
    """An ffmpeg that `make test` brings along: none has to be on the machine."""
    (binary,) = (path for path in _environment("ffmpeg").glob("lib/python*/site-packages/imageio_ffmpeg/binaries/ffmpeg-*"))
    return str(binary)


def runtime_client() -> tuple[Path, Path]:
    """The folder of the Lambda runtime client's jars, and its native library for this machine."""
    pom = LOCAL / "runtime" / "pom.xml"

    def make(folder: Path) -> None:
        step("Fetching the Lambda runtime client")
        _run([prerequisites.maven(), "-B", "-ntp", "-q", "-f", str(pom), f"-DoutputDirectory={folder}", "package"], "Maven could not fetch the Lambda runtime client", prerequisites.java_environment())
        shutil.rmtree(pom.parent / "target", ignore_errors=True)
        (jar,) = folder.glob("aws-lambda-java-runtime-interface-client-*.jar")
        with zipfile.ZipFile(jar) as content:
            for name in content.namelist():
                if name.startswith("jni/") and name.endswith(".so"):
                    content.extract(name, folder)

    folder = _once("runtime", [pom], make)
    libc = "linux_musl" if 'LIBC="musl"' in (prerequisites.java_home() / "release").read_text() else "linux"
    machine = {"x86_64": "x86_64", "aarch64": "aarch_64"}[platform.machine()]
    return folder, folder / "jni" / f"libaws-lambda-jni.{libc}-{machine}.so"


def _environment(name: str) -> Path:
    requirements = LOCAL / "requirements" / f"{name}.txt"

    def make(folder: Path) -> None:
        step(f"Installing local/requirements/{name}.txt into {folder} (once)")
        venv.create(folder, with_pip=True, clear=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps", "-r", str(requirements)]
        _run(pip, f"pip could not install {requirements.relative_to(ROOT)}")

    return _once(f"venv-{name}-{sys.version_info.major}.{sys.version_info.minor}", [requirements], make)


def _once(name: str, sources: list[Path], make) -> Path:
    folder = cache() / f"{name}-{fingerprint(sources)[:12]}"
    done = folder / ".complete"
    if not done.exists():
        with locked(folder.parent / f"{folder.name}.lock"):
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir(parents=True)
                make(folder)
                done.touch()
    return folder


def fingerprint(files) -> str:
    """A hash of names and contents."""
    digest = hashlib.sha256()
    for path in sorted(path for path in files if path.is_file()):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


@contextlib.contextmanager
def locked(path: Path):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _run(command: list[str], complaint: str, environment: dict[str, str] | None = None, cwd: Path | None = None) -> None:
    done = subprocess.run(command, env=environment, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        print(done.stdout, file=sys.stderr)
        raise Failure(f"{complaint} (its output is above); is the network there?")
