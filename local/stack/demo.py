"""`make demo`: one performance, from the upload of the sample folder to an MP4 on disk."""

import hashlib
import json
import secrets
import shutil
import time
from datetime import datetime, timezone

from stack import emulator, provider, tasks
from stack.console import Failure, Stopwatch, end_live, live, say, step
from stack.deploy import client
from stack.options import Options
from stack.processes import shown
from stack.tools import LOCAL

RENDER_SECONDS = 6
PARAMETERS = {"PollFirstSeconds": "2", "PollMinSeconds": "1"}
_SAMPLE = LOCAL / "sample"
# From the upload: generous, for a slow machine; a real provider takes minutes.
_PATIENCE_SECONDS = {True: 300, False: 3600}


def run(options: Options, found: dict[str, str]) -> None:
    bucket, table = found["BucketName"], found["TableName"]
    folder = f"demo-{datetime.now(timezone.utc):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    _upload(options, bucket, folder)
    watch = Stopwatch()
    simulated = options.provider_url is None
    deadline = _PATIENCE_SECONDS[simulated]
    task_id = _accepted(options, bucket, folder, watch, deadline)
    view = _ended(options, table, task_id, watch, deadline)
    _report(options, bucket, view, watch.seconds, simulated)


def _upload(options: Options, bucket: str, folder: str) -> None:
    step(f"Uploading local/sample/ to s3://{bucket}/incoming/{folder}/")
    s3 = client(options, "s3")
    # The order last: then everything it names is there.
    for path in (*sorted(_SAMPLE.glob("character.*")), *sorted(_SAMPLE.glob("reference.*")), _SAMPLE / "task.json"):
        s3.upload_file(str(path), bucket, f"incoming/{folder}/{path.name}")


def _accepted(options: Options, bucket: str, folder: str, watch: Stopwatch, deadline: float) -> str:
    while watch.seconds < deadline:
        _still_there(options)
        refused = tasks.document(options, bucket, f"outputs/{folder}/error.json")
        if refused:
            raise Failure(f"The order was refused: {refused.get('message') or refused.get('error') or json.dumps(refused)}")
        status = tasks.document(options, bucket, f"outputs/{folder}/status.json")
        if status and status.get("takes"):
            return status["takes"][0]["taskId"]
        live(f"    ORDERED           {watch.seconds:4.0f} s", "ordered")
        time.sleep(0.5)
    raise Failure(f"The order was not accepted within {deadline:.0f} s; `{options.how('logs')}` shows what the functions said.")


def _ended(options: Options, table: str, task_id: str, watch: Stopwatch, deadline: float) -> tasks.TaskView:
    while watch.seconds < deadline:
        _still_there(options)
        view = tasks.read(options, table, task_id)
        if view:
            task = view.task
            line = f"    {task['status']:<11} {_percent(task):>4}  {watch.seconds:4.0f} s  {task.get('polls', 0)} polls"
            live(line, f"{task['status']} {_percent(task)}")
            if task["status"] in tasks.ENDED:
                end_live()
                if task["status"] != "SUCCEEDED":
                    raise Failure(f"The task {task_id} ended as {task['status']}: {task.get('sentence', '')}")
                return view
            if task["status"] == "SUBMISSION_UNKNOWN" or task.get("stall"):
                end_live()
                raise Failure(f"The task {task_id} needs a person: {task.get('sentence', '')}")
        time.sleep(0.5)
    raise Failure(f"The task {task_id} had not ended after {deadline:.0f} s; `{options.how('logs')}` shows what the functions said.")


def _report(options: Options, bucket: str, view: tasks.TaskView, seconds: float, simulated: bool) -> None:
    task = view.task
    key = task["output"]["key"]
    folder = options.state / "demo"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    video = folder / "output.mp4"
    client(options, "s3").download_file(bucket, key, str(video))
    facts = tasks.document(options, bucket, key.removesuffix(".mp4") + ".json") or tasks.document(options, bucket, key + ".json") or {}
    sha256 = hashlib.sha256(video.read_bytes()).hexdigest()
    if facts.get("sha256") != sha256:
        raise Failure(f"The video {shown(video)} is not the one that was checked: its SHA-256 is {sha256}, and its facts say {facts.get('sha256')}.")
    charges = provider.charges(options, task["id"]) if simulated else sum(attempt.get("charge") in ("CHARGED", "UNKNOWN") for attempt in task["attempts"])
    summary = {
        "taskId": task["id"],
        "status": task["status"],
        "charges": charges,
        "polls": tasks.plain(task.get("polls", 0)),
        "seconds": round(seconds, 1),
        "width": facts.get("width"),
        "height": facts.get("height"),
        "fps": facts.get("fps"),
        "duration": facts.get("durationSeconds"),
        "sha256": sha256,
    }
    (folder / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
    say()
    for line in view.lines():
        say(line)
    say()
    say(f"The video:  {shown(video)}  ({video.stat().st_size:,} bytes; in the bucket: {key})")
    say(f"Its facts:  {summary['width']}x{summary['height']}, {summary['fps']} fps, {summary['duration']} s; {shown(folder / 'summary.json')}")
    for warning in facts.get("warnings") or []:
        say(f"Warning:    {warning}")
    say(f"The charge: {charges} {'charge' if charges == 1 else 'charges'} in the provider's ledger" if simulated else f"The charge: {charges}")
    if charges != 1:
        raise Failure(f"One charge was expected, and there are {charges}.")


def _percent(task: dict) -> str:
    return "" if task.get("progress") is None else f"{float(task['progress']) * 100:.0f} %"


def _still_there(options: Options) -> None:
    emulator.require(options)
    if options.provider_url is None:
        provider.daemon(options).require()
