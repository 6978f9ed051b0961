"""The payloads in events/: which function takes which, and how their examples become those of a stack."""

import dataclasses
import re
from pathlib import Path

from stack.tools import ROOT

FOLDER = ROOT / "events"

FUNCTIONS = {
    "api-create.json": ("ApiFunction",),
    "api-get-task.json": ("ApiFunction",),
    "s3-upload.json": ("IngestFunction",),
    "step.json": ("SubmitFunction", "PollFunction", "PersistFunction"),
    "step-with-unrecorded-id.json": ("PollFunction",),
    "schedule.json": ("ReconcileFunction",),
    "repair.json": ("ReconcileFunction",),
    "execution-aborted.json": ("ReconcileFunction",),
    "webhook-message.json": ("WebhookFunction",),
}
"""By file the functions of template.yaml that it is sent to, in the order in which a task meets them."""

BUCKET = "understudy-bucket-example"
TOKEN = "understudy_0000000000000000000000000000000000000000001"
TASK = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
PROVIDER_TASK = "17f20503-6c24-4c16-946b-35dbbce2af2f"
"""The names in the examples."""


@dataclasses.dataclass(frozen=True)
class Names:
    """What stands in place of the examples; None leaves the example."""

    bucket: str
    token: str | None = None
    task: str | None = None
    generation: int = 1
    provider_task: str | None = None


def usual(function: str) -> Path | None:
    """The payload that a function gets if none is named."""
    return next((FOLDER / name for name, functions in FUNCTIONS.items() if function in functions), None)


def filled(file: Path, names: Names) -> str:
    """The payload with a stack's own names in it."""
    text = file.read_text()
    for example, own in ((BUCKET, names.bucket), (TOKEN, names.token), (PROVIDER_TASK, names.provider_task)):
        text = text.replace(example, own or example)
    if names.task:
        # As a number, in quotes within a text, and at the end of an execution's name.
        text = re.sub(r'(generation\\?":\s*)1\b', rf"\g<1>{names.generation}", text)
        text = text.replace(f"{TASK}-1", f"{TASK}-{names.generation}").replace(TASK, names.task)
    return text
