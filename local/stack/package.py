"""`make package`: a folder that deploys with SAM CLI alone, and a zip of it. The same sources give the same bytes, wherever and whenever it is made."""

import hashlib
import shutil
import tempfile
import zipfile
import xml.etree.ElementTree as xml
from pathlib import Path

from samcli.yamlhelper import yaml_parse

from stack import build, lint, tools
from stack.console import Failure, say, step
from stack.options import REGION
from stack.tools import ROOT

MADE = ROOT / "target" / "package"
FOLDER = MADE / "understudy"
SUMS = "SHA256SUMS"
_CODE = "functions.zip"
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every entry: a zip cannot tell an earlier one."""


def make() -> Path:
    """The zip; what it is made from lies beside it, as a folder."""
    build.build()
    lint.licenses(ROOT)
    step("Packing")
    shutil.rmtree(MADE, ignore_errors=True)
    (FOLDER / "statemachine").mkdir(parents=True)
    pack(build.code(), FOLDER / _CODE)
    (FOLDER / "template.yaml").write_text(_template())
    for name in ("statemachine/character-performance.asl.json", "LICENSE"):
        shutil.copyfile(ROOT / name, FOLDER / name)
    shutil.copyfile(ROOT / "target" / "bom.json", FOLDER / "sbom.cdx.json")
    (FOLDER / "samconfig.toml").write_text(_configuration())
    (FOLDER / "README.md").write_text(_readme())
    files = sorted(path for path in FOLDER.rglob("*") if path.is_file())
    (FOLDER / SUMS).write_text("".join(f"{_sha256(file)}  {file.relative_to(FOLDER)}\n" for file in files))
    archive = MADE / f"understudy-{version()}.zip"
    pack(FOLDER, archive, FOLDER.name)
    say(f"{archive.relative_to(ROOT)}, {archive.stat().st_size / 1e6:.1f} MB, SHA-256 {_sha256(archive)}")
    return archive


def twice() -> str:
    """Made here and in a folder of another name, from the same sources: the bytes have to be the same, and SAM has to take them."""
    here = make()
    lint.call([tools.tool("sam"), "validate", "--region", REGION], "sam validate of the package", cwd=FOLDER)
    with tempfile.TemporaryDirectory(prefix="understudy-") as folder:
        elsewhere = Path(folder) / "another name"
        for file in lint.sources(ROOT):
            (elsewhere / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, elsewhere / file)
        lint.call([tools.python(), str(elsewhere / "local" / "understudy.py"), "package"], "make package in another folder", cwd=elsewhere)
        there = elsewhere / here.relative_to(ROOT)
        if _sha256(there) != _sha256(here):
            sums = [(archive.parent / FOLDER.name / SUMS).read_text().splitlines() for archive in (here, there)]
            different = sorted({line.split()[1] for line in set(sums[0]) ^ set(sums[1])})
            raise Failure(f"The package differs between two folders, in {', '.join(different) or 'how it is packed'}.")
    return f"the same bytes twice, {here.stat().st_size / 1e6:.1f} MB"


def pack(folder: Path, archive: Path, prefix: str = "") -> None:
    """By name, with one time and one mode, and uncompressed: what weighs is jars, and how well a zip library compresses differs from one to the next."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as packed:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(str(Path(prefix) / file.relative_to(folder)), _EPOCH)
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            packed.writestr(entry, file.read_bytes())


def version() -> str:
    found = xml.parse(ROOT / "pom.xml").getroot().findtext("{http://maven.apache.org/POM/4.0.0}version")
    if not found:
        raise Failure("pom.xml has no version.")
    return found


def _template() -> str:
    """The very template, word for word, but for where the code lies."""
    text = (ROOT / "template.yaml").read_text()
    packed = _once(text, "\n    CodeUri: .\n", f"\n    CodeUri: {_CODE}\n", "template.yaml")
    elsewhere = [name for name, resource in yaml_parse(packed)["Resources"].items() if "CodeUri" in resource.get("Properties", {})]
    if elsewhere:
        raise Failure(f"{', '.join(elsewhere)} in template.yaml has a CodeUri of its own, and `make package` knows only the one in Globals.")
    return packed


def _configuration() -> str:
    """samconfig.toml without the section about building."""
    return _once((ROOT / "samconfig.toml").read_text(), "[default.build.parameters]\ncached = true\n\n", "", "samconfig.toml").replace(
        "# What `sam build`, `sam validate` and `sam deploy --guided` use for a real account; the local AWS is deployed by `make local`.",
        "# What `sam deploy` uses; `sam deploy --guided` asks for the rest and writes it here.",
    )


def _once(text: str, old: str, new: str, name: str) -> str:
    if text.count(old) != 1:
        raise Failure(f"`make package` looks for {old.strip()!r} in {name} and found it {text.count(old)} times: local/stack/package.py has to follow.")
    return text.replace(old, new)


def _readme() -> str:
    return f"""# Understudy {version()}, ready to deploy

Runway Act-Two character performances through CometAPI, on your own AWS account. Nothing has to be built: this folder needs the AWS SAM CLI and credentials of the account, and neither a JDK nor Maven.

    sha256sum --check {SUMS}
    sam deploy --guided        # asks for the CometAPI key, the monthly cap and the rest; every parameter says what it is

The answers are kept in samconfig.toml, all but the key. The next version is deployed with `sam deploy` in its own folder, with the samconfig.toml of this one; a parameter that is not given keeps its value.

| File | What |
|---|---|
| template.yaml | the stack; functions.zip is its code |
| functions.zip | the functions' classes and libraries, for the runtime java25 |
| statemachine/ | the life of a task from submission to its end |
| sbom.cdx.json | the libraries in functions.zip with their licenses and hashes (CycloneDX) |
| samconfig.toml | what `sam deploy` uses |
| {SUMS} | the hashes of all these; the same sources give the same bytes |

Documentation, and the commands that make tokens for the API, are in the project's repository (docs/, `make token AWS=1`).
"""


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
