"""What the functions logged on the local AWS."""

import re
from datetime import datetime, timezone

from stack import deploy, emulator
from stack.console import error
from stack.options import Options
from stack.processes import shown

FUNCTIONS = ("Api", "Ingest", "Submit", "Poll", "Persist", "Reconcile", "Webhook")
_FRAME = re.compile(r"(START|END) RequestId: ")


def lines(options: Options, found: dict[str, str]):
    """Everything that is kept, oldest first, each line with its time and function."""
    functions = deploy.client(options, "lambda")
    logs = deploy.client(options, "logs")
    entries = []
    for name in (name for name in FUNCTIONS if f"{name}FunctionName" in found):
        group = functions.get_function_configuration(FunctionName=found[f"{name}FunctionName"])["LoggingConfig"]["LogGroup"]
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group):
            entries += ((event["timestamp"], name, event["message"]) for event in page["events"])
    for timestamp, name, message in sorted(entries, key=lambda entry: entry[0]):
        if not _FRAME.match(message):
            yield f"{datetime.fromtimestamp(timestamp / 1000, timezone.utc):%H:%M:%S} {name:<9} {message.rstrip()}"


def keep(options: Options) -> None:
    """Writes them to a file before the local AWS is ended, so that what went wrong can still be read."""
    if not emulator.runs(options) or not (options.state / "deployed").exists():
        return
    file = options.state / "functions.log"
    file.write_text("\n".join(lines(options, deploy.outputs(options))) + "\n")
    error(f"What the functions logged is kept in {shown(file)}.")
