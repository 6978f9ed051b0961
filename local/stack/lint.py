"""What reads the project without running it: the checks of `make lint`.

Each check takes the folder to look at, so that a broken copy can be shown to it (stack/bites.py); it answers with a word on the outcome, or raises a Failure.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

from stack import prerequisites, tools
from stack.console import Failure
from stack.options import REGION
from stack.tools import ROOT

SUPPRESSIONS = 10
"""How many of checkov's rules may be left out."""
LICENSES = {
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "MIT",
    "MIT-0",
}
"""What the libraries that are deployed may be licensed under: all may be used and passed on without publishing anything."""
NAMES = ("ArchitectureTest", "DefinitionTest", "SettingsTest", "TemplateTest")
"""The Java tests of names that must match, and of who may know whom."""
PYTHON_NAMES = ("test_names", "test_template", "test_permissions", "test_local.TheTemplate")
"""The tests in local/tests of rules for the template, and of other names that must match."""
_MADE_HERE = {".git", ".aws-sam", ".local", "target", "node_modules", "__pycache__", ".ruff_cache"}


def sam_validate(root: Path) -> str:
    return call(_sam_validate(root), "sam validate", cwd=root)


def sam_lint(root: Path) -> str:
    return call([*_sam_validate(root), "--lint"], "sam validate --lint", cwd=root)


def cfn_lint(root: Path) -> str:
    return call([tools.tool("cfn-lint"), "--regions", REGION, "--", str(root / "template.yaml")], "cfn-lint", cwd=root)


def checkov(root: Path) -> str:
    """Runs without the suppressions and compares: what is left out must be what would be found, or the list tells stories."""
    reasons = dict(re.findall(r"(?m)^ +- (CKV\w+)(?: +# +(\S.*))?$", (root / ".checkov.yaml").read_text()))
    command = [tools.tool("checkov", "checkov"), "-f", str(root / "template.yaml"), "--framework", "cloudformation", "--skip-download", "--compact", "--output", "json"]
    # Where no configuration lies.
    done = subprocess.run(command, cwd=root / "statemachine", stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    try:
        report = json.loads(done.stdout)
        results, summary = report["results"], report["summary"]
    except (ValueError, KeyError, TypeError):
        print(done.stdout, done.stderr, file=sys.stderr)
        raise Failure("checkov could not read template.yaml: what it said is above.") from None
    if summary["parsing_errors"] or not summary["passed"]:
        raise Failure(f"checkov could not read template.yaml: {summary}.")
    inline = {check["check_id"]: check["check_result"].get("suppress_comment") for check in results.get("skipped_checks", [])}
    failed = {check["check_id"] for check in results["failed_checks"]}
    for check in results["failed_checks"]:
        if check["check_id"] not in reasons:
            print(f"{check['check_id']}: {check['resource']}: {check['check_name']}", file=sys.stderr)
    if failed - set(reasons):
        raise Failure(f"checkov found {', '.join(sorted(failed - set(reasons)))} (above): mend template.yaml.")
    if set(reasons) - failed:
        raise Failure(f".checkov.yaml leaves out what would not be found: take {', '.join(sorted(set(reasons) - failed))} out of it.")
    bare = sorted(name for name, reason in {**reasons, **inline}.items() if not reason)
    if bare:
        raise Failure(f"{', '.join(bare)} of checkov is left out without a reason: write it beside it, in .checkov.yaml as a comment.")
    if len({*reasons, *inline}) > SUPPRESSIONS:
        raise Failure(f"{len({*reasons, *inline})} of checkov's rules are left out, and {SUPPRESSIONS} may be.")
    return f"ok, {len({*reasons, *inline})} rules left out"


def state_machine(root: Path) -> str:
    prerequisites.node()
    return call(["bash", str(root / "statemachine" / "validate" / "validate.sh")], "state machine", cwd=root)


def secrets(root: Path, files: list[str] | None = None) -> str:
    python = tools.tool("python", "lint")
    done = subprocess.run([python, str(root / "local" / "stack" / "secret_scan.py")], cwd=root, input="\n".join(files or sources(root)), capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stdout, done.stderr, sep="", file=sys.stderr)
        raise Failure(f"There may be a secret in the tree (above). If it is one, renew it and take it out. If you looked at each line and none is: git ls-files -co --exclude-standard | {python} local/stack/secret_scan.py --seen")
    return f"ok, {done.stdout.strip()} strings looked at before"


def shellcheck(root: Path) -> str:
    scripts = [file for file in sources(root) if file.endswith(".sh") or re.match(r"#!.*\b(?:ba|da)?sh\b", _first_line(root / file))]
    call([tools.tool("shellcheck", "lint"), *scripts], "shellcheck", cwd=root)
    return f"ok, {len(scripts)} scripts"


def ruff(root: Path) -> str:
    return call([tools.tool("ruff", "lint"), "check", "--quiet", "--no-cache", "."], "ruff", cwd=root)


def workflows(root: Path) -> str:
    """Form and rights of what GitHub runs. actionlint runs there only: its package fetches a program when it is installed."""
    github = root / ".github"
    files = [str(file.relative_to(root)) for file in sorted((github / "workflows").glob("*.yml"))]
    schema = tools.tool("check-jsonschema", "lint")
    call([schema, "-q", "--builtin-schema", "vendor.github-workflows", *files], "the workflows' schema", cwd=root)
    call([schema, "-q", "--builtin-schema", "vendor.dependabot", ".github/dependabot.yml"], "the schema of .github/dependabot.yml", cwd=root)
    # It would look for newer releases with a token of the environment.
    return call([tools.tool("zizmor", "lint"), "--offline", "--no-progress", "--quiet", ".github"], "zizmor", cwd=root)


def names(root: Path) -> str:
    """Rules of the template, and names that must match between it, the documentation and the scripts."""
    return unittests(root, [f"tests.{name}" for name in PYTHON_NAMES])


def unittests(root: Path, tests: list[str]) -> str:
    return call([tools.python(), "-B", "-m", "unittest", "-q", *tests], f"python -m unittest {' '.join(tests)}", cwd=root / "local")


def java_names(root: Path) -> str:
    return maven(["test", f"-Dtest={','.join(NAMES)}"], cwd=root)


def formatting(root: Path) -> str:
    return maven(["-Pquality", "spotless:check"], cwd=root)


def spotbugs(root: Path) -> str:
    return maven(["-Pquality", "-DskipTests", "verify"], cwd=root)


def licenses(root: Path) -> str:
    """Writes target/bom.json, the list of what is deployed in CycloneDX' form, and reads the licenses in it."""
    maven(["org.cyclonedx:cyclonedx-maven-plugin:makeBom"], cwd=root)
    parts = json.loads((root / "target" / "bom.json").read_text())["components"]
    refused = {part["name"]: sorted(_licenses(part)) for part in parts if not _licenses(part) & LICENSES}
    if refused or not parts:
        raise Failure(f"These libraries are under none of {', '.join(sorted(LICENSES))}: {refused}. Do without them, or allow the license in local/stack/lint.py.")
    return f"ok, {len(parts)} libraries"


def _licenses(part: dict) -> set[str]:
    """An identifier, a name, or an expression of identifiers of which any may be chosen."""
    found = set()
    for choice in part.get("licenses", []):
        about = choice.get("license", {})
        found |= {about.get("id") or about.get("name") or ""} if about else set(re.split(r" OR ", choice.get("expression", "")))
    return found


def sources(root: Path) -> list[str]:
    """The files of the project, the new ones included; not what was made from them."""
    if (root / ".git").exists():
        listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=root, capture_output=True, text=True, check=True).stdout
        files = [file for file in listed.split("\0") if file]
    else:
        files = [str(path.relative_to(root)) for path in root.rglob("*") if not _MADE_HERE & set(path.relative_to(root).parts)]
    return sorted(file for file in files if (root / file).is_file())


def _first_line(file: Path) -> str:
    with open(file, "rb") as content:
        return content.readline(100).decode(errors="replace")


def _sam_validate(root: Path) -> list[str]:
    return [tools.tool("sam"), "validate", "--template-file", str(root / "template.yaml"), "--region", REGION]


def maven(arguments: list[str], environment: dict[str, str] | None = None, cwd: Path = ROOT) -> str:
    return call([prerequisites.maven(), "-B", "-ntp", "-q", *arguments], f"mvn {' '.join(arguments)}", environment, cwd)


def call(command: list[str], name: str, environment: dict[str, str] | None = None, cwd: Path = ROOT) -> str:
    whole = {**prerequisites.java_environment(), "SAM_CLI_TELEMETRY": "0", **(environment or {})}
    if subprocess.run(command, cwd=cwd, env=whole, stdin=subprocess.DEVNULL, check=False).returncode:
        raise Failure(f"{name} failed; what it said is above.")
    return "ok"
