"""What has to be on the machine: Python 3, a JDK 25 and Maven. Each one that is missing is named in one sentence."""

import functools
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

from stack.console import Failure

JAVA = "25"
NODE = 20


def check_python() -> None:
    if sys.version_info < (3, 11):
        raise Failure(f"Python 3.11 or later is needed, and this is {platform.python_version()}: install Python 3.11.")
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        raise Failure("This Python cannot make virtual environments: install its venv package (on Debian and Ubuntu: apt install python3-venv).") from None


def check_machine() -> None:
    if platform.system() != "Linux" or platform.machine() not in ("x86_64", "aarch64"):
        raise Failure(f"The local AWS runs functions on Linux on x86_64 or aarch64, not on {platform.system()} {platform.machine()}: use the dev container (.devcontainer/).")


@functools.cache
def maven() -> str:
    found = shutil.which("mvn")
    if found is None:
        raise Failure("Maven was not found: install Apache Maven 3.8.7 or later, so that `mvn` is on the PATH.")
    return found


def node() -> None:
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise Failure(f"Node was not found: install Node {NODE} or later, so that `{program}` is on the PATH (`make demo` and `make local` do without it).")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    found = re.match(r"v(\d+)\.", version)
    if not found or int(found[1]) < NODE:
        raise Failure(f"Node {NODE} or later is needed, and the `node` on the PATH is {version or 'none that answers'}: install Node {NODE}.")


@functools.cache
def java_home() -> Path:
    """JAVA_HOME if it is a JDK 25, else the one whose java is on the PATH, else what Maven discovers in the usual places."""
    for home in _candidates():
        if _is_wanted(home):
            return home
    raise Failure(f"A JDK {JAVA} was not found: install one (for example Eclipse Temurin {JAVA}) and set JAVA_HOME to it.")


def java_environment() -> dict[str, str]:
    """This environment with Maven on the JDK 25. (On an older one the formatter cannot run.)"""
    home = java_home()
    options = os.environ.get("MAVEN_OPTS", "")
    quiet = "--sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED"  # else Maven's own libraries are warned about
    return {**os.environ, "JAVA_HOME": str(home), "PATH": f"{home}/bin{os.pathsep}{os.environ.get('PATH', '')}", "MAVEN_OPTS": f"{options} {quiet}".strip()}


def _candidates():
    if os.environ.get("JAVA_HOME"):
        yield Path(os.environ["JAVA_HOME"])
    javac = shutil.which("javac")
    if javac:
        yield Path(javac).resolve().parent.parent
    goal = "org.apache.maven.plugins:maven-toolchains-plugin:3.3.0:display-discovered-jdk-toolchains"
    root = Path(__file__).resolve().parents[2]
    listed = subprocess.run([maven(), "-B", "-ntp", goal], cwd=root, capture_output=True, text=True, check=False)
    for line in listed.stdout.splitlines():
        found = re.fullmatch(r"\[INFO\]\s+- (/\S.*)", line)
        if found:
            yield Path(found[1])


def _is_wanted(home: Path) -> bool:
    try:
        release = (home / "release").read_text()
    except OSError:
        return False
    return (home / "bin" / "javac").exists() and re.search(rf'^JAVA_VERSION="{JAVA}(\.|")', release, re.MULTILINE) is not None
