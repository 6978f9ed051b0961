"""What is computed on the virtual clock: the programs in bench/java, which drive the product's own code."""

import json
import subprocess

from stack import prerequisites
from stack.build import run as quietly
from stack.console import Failure, step
from stack.tools import ROOT

from bench.report import Report

_CLASSPATH = ROOT / "target" / "bench-classpath.txt"


def build() -> None:
    step("Compiling the benchmarks")
    goals = ["test-compile", "dependency:build-classpath", f"-Dmdep.outputFile={_CLASSPATH}", "-DincludeScope=test"]
    quietly([prerequisites.maven(), "-B", "-ntp", "-q", *goals], prerequisites.java_environment(), "The benchmarks do not compile")


def run(report: Report, program: str) -> dict:
    """Runs one program and adds what it found."""
    step(f"{report.title}: {program}")
    classpath = f"{ROOT}/target/test-classes:{ROOT}/target/classes:{_CLASSPATH.read_text().strip()}"
    logging = f"-Djava.util.logging.config.file={ROOT}/functions/core/src/test/resources/logging.properties"
    command = [str(prerequisites.java_home() / "bin" / "java"), logging, "-cp", classpath, f"dev.understudy.bench.{program}"]
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise Failure(f"{program} failed; what it said is above.")
    found = json.loads(done.stdout)
    report.add(found)
    return found
