"""The examples of README.md and docs/api.md do what they say, unchanged, in an empty folder with the sample's two files."""

import os
import re
import shutil
import subprocess
import sys

import pytest

import support

RUN = {"sh": ("shot.sh", ["sh", "-eu"]), "js": ("shot.mjs", ["node"]), "python": ("shot.py", [sys.executable])}


def examples():
    """The blocks of code that end in shot.mp4."""
    for page in ("README.md", "docs/api.md"):
        for language, code in re.findall(r"^```(\w+)\n(.*?)^```", (support.ROOT / page).read_text(), re.MULTILINE | re.DOTALL):
            if "shot.mp4" in code:
                yield pytest.param(language, code, id=f"{page} {language}")


def test_readme_should_have_an_example_for_each_client():
    assert {example.id for example in examples()} >= {"README.md sh", "README.md js", "README.md python"}


@pytest.mark.parametrize(("language", "code"), list(examples()))
def test_example_should_end_in_a_film(tmp_path, language, code):
    # given what a person has after `. .local/stack.env` and installing the SDK
    name, command = RUN[language]
    (tmp_path / name).write_text(code)
    for file in (support.CHARACTER, support.REFERENCE):
        shutil.copy(file, tmp_path)
    (tmp_path / "node_modules").symlink_to(support.variable("NODE_MODULES"))
    environment = {**os.environ, "API_URL": support.variable("API_URL"), "API_TOKEN": support.variable("API_TOKEN")}

    # when
    done = subprocess.run([*command, name], cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=support.PATIENCE, check=False)

    # then
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Video: h264" in support.play((tmp_path / "shot.mp4").read_bytes(), tmp_path)
