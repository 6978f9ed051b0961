"""`make sam-local`: every function in `sam local invoke` with its payloads, then `sam local start-api` with Runway's own SDK, and what came of it."""

import base64
import dataclasses
import hashlib
import json
import os
import secrets
import shutil
import statistics
import subprocess
import time
import urllib.parse
import urllib.request
import xml.etree.ElementTree as xml
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import boto3
from botocore.config import Config

from stack import commands, containers, deploy, functionlogs, payloads, provider, tasks, tools
from stack.console import Failure, say, step
from stack.emulator import CREDENTIALS, taken
from stack.options import REGION, Options
from stack.processes import Daemon
from stack.samlocal import Answer, SamLocal, connected
from stack.tools import LOCAL, ROOT

STACK, PORT = "sam-local", 4766
# Everything at once, and soon: but nothing that is due while the steps are taken one by one.
# Every function is to be a part of it, so there is an address for webhooks, where nobody listens.
PARAMETERS = {"PollFirstSeconds": "1", "PollMinSeconds": "1", "DueGraceSeconds": "3600", "SubmitTimeoutSeconds": "10", "MaxInFlight": "20", "WebhookUrl": "http://127.0.0.1:9/"}
RENDER_SECONDS = 2
_SAMPLE = LOCAL / "sample"
# In the example of an upload; a name that has to be encoded.
_FOLDER = "scène 12"
_WARM_CALLS = 5
_PATIENCE_SECONDS = 60
# Of e2e/sdk: an order of uploaded files and one of files in the bucket, both played to the end; what is refused, and how.
_SDK_TESTS = "delivered_and_play or s3_addresses or wrong_token_should_be_401 or unknown_task_should_be_404 or bad_request_should_name_all"
_STANDING_STILL = {"Comment": "sam local takes the steps", "StartAt": "Stand", "States": {"Stand": {"Type": "Wait", "Seconds": 86400, "Next": "Done"}, "Done": {"Type": "Pass", "End": True}}}


def run(wanted: Options) -> str:
    """The whole of it, on a stack that lives as long; the answer says what was done."""
    if wanted.endpoint_url or wanted.provider_url:
        raise Failure("make sam-local takes neither AWS_ENDPOINT_URL nor COMETAPI_BASE_URL: it starts a local AWS and a simulated provider of its own.")
    # First, because it is soon said.
    containers.engine()
    commands.down(wanted)
    try:
        secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        found = commands.up(wanted, {**PARAMETERS, "WebhookSecret": secret}, RENDER_SECONDS)
        with connected(wanted, found) as sam:
            steps = _Steps(sam)
            with _Still(sam):
                _invoke(steps)
                figures = _Figures(sam, steps).measured()
            tests = _api(sam)
        steps.report(figures, tests)
        image = "a stand-in of this machine's JDK" if sam.image else "Lambda's own image"
        return f"{len(steps.lines) + tests} tests: {len(steps.lines)} calls of sam local invoke, {tests} of Runway's SDK at sam local start-api, in {image}"
    except Failure:
        functionlogs.keep(wanted)
        raise
    finally:
        commands.down(wanted)


class _Still:
    """The stack's own functions do nothing by themselves meanwhile: no upload starts them, no minute, no execution."""

    def __init__(self, sam: SamLocal) -> None:
        self._machine = sam.found["StateMachineArn"]
        self._bucket = sam.found["BucketName"]
        self._s3, self._states, self._events = (deploy.client(sam.wanted, service) for service in ("s3", "stepfunctions", "events"))

    def __enter__(self) -> None:
        self._definition = self._states.describe_state_machine(stateMachineArn=self._machine)["definition"]
        self._notifications = self._s3.get_bucket_notification_configuration(Bucket=self._bucket)
        self._notifications.pop("ResponseMetadata", None)
        self._states.update_state_machine(stateMachineArn=self._machine, definition=json.dumps(_STANDING_STILL))
        self._s3.put_bucket_notification_configuration(Bucket=self._bucket, NotificationConfiguration={})
        # For good: the executions of the API's orders do without a minute's run and without an observer.
        for rule in self._events.list_rules()["Rules"]:
            self._events.disable_rule(Name=rule["Name"])

    def __exit__(self, *_raised: object) -> None:
        self._states.update_state_machine(stateMachineArn=self._machine, definition=self._definition)
        self._s3.put_bucket_notification_configuration(Bucket=self._bucket, NotificationConfiguration=self._notifications)


@dataclasses.dataclass(frozen=True)
class _Line:
    function: str
    file: str
    answer: Answer
    outcome: str


class _Steps:
    """One `sam local invoke` after the other, each with a look at what it did."""

    def __init__(self, sam: SamLocal) -> None:
        self.sam = sam
        self.lines: list[_Line] = []
        self.payloads: dict[str, str] = {}
        """By function the last payload that it was sent."""
        self._table = sam.found["TableName"]
        self._bucket = sam.found["BucketName"]
        self._s3 = deploy.client(sam.wanted, "s3")
        self._tokens = deploy.environment_of(sam.wanted, sam.found, provider.url(sam.wanted))

    def names(self, **own) -> payloads.Names:
        return payloads.Names(self._bucket, self._tokens["API_TOKEN"], **own)

    def payload(self, file: str, names: payloads.Names) -> str:
        return payloads.filled(payloads.FOLDER / file, names)

    def invoke(self, function: str, file: str, names: payloads.Names, outcome: Callable[[dict], str]) -> dict:
        """`outcome` looks at the answer and at the stack; it says what came of it, or raises a Failure."""
        payload = self.payload(file, names)
        answer = self.sam.invoke(function, payload)
        said = outcome(answer.value)
        self.payloads[function] = payload
        self.lines.append(_Line(function, file, answer, said))
        say(f"    {function:<18} {file:<28} {answer.milliseconds:6.0f} ms  {said}")
        return answer.value

    def upload(self, folder: str, form: dict, without: str = "") -> None:
        for file in sorted(path for path in _SAMPLE.iterdir() if path.stem in ("character", "reference") and path.stem != without):
            self._s3.upload_file(str(file), self._bucket, f"incoming/{folder}/{file.name}")
        self._s3.put_object(Bucket=self._bucket, Key=f"incoming/{folder}/task.json", Body=json.dumps(form).encode())

    def uploaded(self, folder: str) -> None:
        """The event of an upload into another folder than the example's."""
        self.sam.invoke("IngestFunction", self.payload("s3-upload.json", self.names()).replace(urllib.parse.quote_plus(_FOLDER), folder))

    def upload_rest(self, folder: str, stem: str) -> None:
        (file,) = _SAMPLE.glob(f"{stem}.*")
        self._s3.upload_file(str(file), self._bucket, f"incoming/{folder}/{file.name}")

    def status(self, folder: str) -> dict:
        return self.document(f"outputs/{folder}/status.json")

    def document(self, key: str) -> dict:
        return tasks.document(self.sam.wanted, self._bucket, key) or _unexpected(f"there is no {key} in the bucket")

    def task(self, id: str) -> dict:
        view = tasks.read(self.sam.wanted, self._table, id)
        return view.task if view else _unexpected(f"there is no task {id} in the table")

    def executed(self, id: str, generation: int) -> None:
        listed = deploy.client(self.sam.wanted, "stepfunctions").list_executions(stateMachineArn=self.sam.found["StateMachineArn"])["executions"]
        _expect(f"{id}-{generation}" in {execution["name"] for execution in listed}, f"no execution {id}-{generation} was started")

    def order_due(self, folder: str) -> None:
        """As if the time until its next look had passed."""
        self._set({"pk": {"S": f"ORDER#incoming/{folder}/task.json"}, "sk": {"S": "ORDER"}})

    def _set(self, key: dict) -> None:
        past = (datetime.now(timezone.utc) - timedelta(seconds=60)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        deploy.client(self.sam.wanted, "dynamodb").update_item(
            TableName=self._table, Key=key, UpdateExpression="SET dueAt = :past, gsi2sk = :past", ConditionExpression="attribute_exists(dueAt)", ExpressionAttributeValues={":past": {"S": past}}
        )

    def film(self, id: str) -> str:
        """What lies in the bucket, decoded to its last frame."""
        task = self.task(id)
        _expect(task["status"] == "SUCCEEDED", f"the task {id} is {task['status']}: {task.get('sentence')}")
        key = task["output"]["key"]
        facts = self.document(key.removesuffix(".mp4") + ".json")
        folder = self.sam.wanted.state / "sam-local"
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "shot.mp4"
        self._s3.download_file(self._bucket, key, str(file))
        _expect(hashlib.sha256(file.read_bytes()).hexdigest() == facts["sha256"], f"{key} is not the video that was checked")
        played = subprocess.run([tools.ffmpeg(), "-hide_banner", "-xerror", "-i", str(file), "-f", "null", "-"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        _expect(played.returncode == 0 and f"{facts['width']}x{facts['height']}" in played.stderr, f"{key} cannot be played: {played.stderr}")
        return f"{facts['width']}x{facts['height']}, {facts['fps']} fps, {facts['durationSeconds']} s, every frame decoded"

    def report(self, figures: list[str], tests: int) -> None:
        say()
        for line in figures:
            say(line)
        say()
        say(f"sam local invoke: {len(self.lines)} calls of {len({line.function for line in self.lines})} functions, each with its outcome as expected; sam local start-api: {tests} tests of Runway's SDK passed.")


def _invoke(steps: _Steps) -> None:
    step("sam local invoke: each function with its payloads, each in a new container")
    first = _shot(steps)
    _lost_answer(steps)
    _late_file(steps)
    _calls(steps, first)
    _webhook(steps, first)
    missing = set(steps.sam.functions) - {line.function for line in steps.lines}
    _expect(not missing, f"no payload was sent to {', '.join(sorted(missing))}: a step is missing in {Path(__file__).name}")
    unsent = set(payloads.FUNCTIONS) - {line.file for line in steps.lines}
    _expect(not unsent, f"no function was sent {', '.join(sorted(unsent))}: a step is missing in {Path(__file__).name}")


def _shot(steps: _Steps) -> str:
    """From the upload to the film."""
    steps.upload(_FOLDER, json.loads((_SAMPLE / "task.json").read_text()))

    def accepted(_answer: dict) -> str:
        id = steps.status(_FOLDER)["takes"][0]["taskId"]
        _expect(steps.task(id)["status"] == "QUEUED" and steps.task(id)["place"], "the task is not admitted")
        steps.executed(id, 1)
        return f"the folder became task {id[:8]}…, admitted, its execution started"

    steps.invoke("IngestFunction", "s3-upload.json", steps.names(), accepted)
    id = steps.status(_FOLDER)["takes"][0]["taskId"]
    names = steps.names(task=id)

    def submitted(answer: dict) -> str:
        _expect(answer["next"] == "POLL", f"the answer is {answer}")
        _expect(steps.task(id)["status"] == "SUBMITTED", f"the task is {steps.task(id)['status']}")
        charges = provider.charges(steps.sam.wanted, id)
        _expect(charges == 1, f"the provider charged {charges} times")
        return "SUBMITTED; one charge in the provider's ledger"

    steps.invoke("SubmitFunction", "step.json", names, submitted)
    steps.invoke("SubmitFunction", "step.json", names, lambda answer: f"the same again: {submitted(answer).partition(';')[2].strip()}")
    _polled(steps, names)

    def persisted(answer: dict) -> str:
        _expect(answer["next"] == "END", f"the answer is {answer}")
        return f"SUCCEEDED; {steps.film(id)}"

    steps.invoke("PersistFunction", "step.json", names, persisted)
    return id


def _polled(steps: _Steps, names: payloads.Names) -> None:
    """Until the provider has finished."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while True:
        answer = steps.invoke("PollFunction", "step.json", names, lambda answer: f"{answer['next']} in {answer['seconds']} s")
        if answer["next"] == "PERSIST":
            return
        _expect(answer["next"] == "POLL" and time.monotonic() < end, f"the last answer is {answer}")
        time.sleep(answer["seconds"])


def _lost_answer(steps: _Steps) -> None:
    """The answer to the paid request is lost, the id is found, and the executions of the task end badly."""
    folder, seed = "lost", 250_912
    steps.upload(folder, {"seed": seed})
    _fault(steps.sam.wanted, {"seed": seed, "on": "submit", "action": "reset-after-acceptance"})
    steps.uploaded(folder)
    id = steps.status(folder)["takes"][0]["taskId"]

    def unknown(answer: dict) -> str:
        _expect(answer["next"] == "END" and steps.task(id)["status"] == "SUBMISSION_UNKNOWN", f"the answer is {answer}, the task {steps.task(id)['status']}")
        return "its answer was lost: SUBMISSION_UNKNOWN, and nothing is sent again"

    steps.invoke("SubmitFunction", "step.json", steps.names(task=id), unknown)
    (submit,) = _ledger(steps.sam.wanted, seed)["submits"]

    def recorded(answer: dict) -> str:
        task = steps.task(id)
        _expect(answer["next"] in ("POLL", "PERSIST") and task["status"] in ("SUBMITTED", "PERSISTING"), f"the answer is {answer}, the task {task['status']}")
        _expect(task["attempts"][0]["providerTaskId"] == submit["providerTaskId"], "another id is on record")
        return "the id was written first: the task goes on"

    steps.invoke("PollFunction", "step-with-unrecorded-id.json", steps.names(task=id, provider_task=submit["providerTaskId"]), recorded)

    for file, generation in (("repair.json", 1), ("execution-aborted.json", 2)):

        def repaired(_answer: dict, next=generation + 1) -> str:
            _expect(steps.task(id)["generation"] == next, f"the task is of generation {steps.task(id)['generation']}")
            steps.executed(id, next)
            return f"generation {next} took the task over, its execution started"

        steps.invoke("ReconcileFunction", file, steps.names(task=id, generation=generation), repaired)
    _expect(len(_ledger(steps.sam.wanted, seed)["charges"]) == 1, "the provider did not charge just once")


def _late_file(steps: _Steps) -> None:
    """An order waits for a file; it comes unseen, and the minute's run finds it."""
    folder = "late"
    steps.upload(folder, {}, without="reference")
    steps.uploaded(folder)
    _expect(not steps.status(folder).get("takes"), "the order did not wait for its file")
    steps.upload_rest(folder, "reference")
    steps.order_due(folder)

    def taken_up(_answer: dict) -> str:
        takes = steps.status(folder).get("takes") or _unexpected("the order still waits")
        return f"an order whose file came late became task {takes[0]['taskId'][:8]}…"

    steps.invoke("ReconcileFunction", "schedule.json", steps.names(), taken_up)


def _calls(steps: _Steps, shot: str) -> None:
    """The API's payloads, as API Gateway sends them."""

    def refused(answer: dict) -> str:
        _expect(answer["statusCode"] == 401 and json.loads(answer["body"])["error"], f"the answer is {answer}")
        return "a token that nobody has: 401"

    def created(answer: dict) -> str:
        _expect(answer["statusCode"] == 200, f"the answer is {answer}")
        id = json.loads(answer["body"])["id"]
        _expect(steps.task(id)["status"] == "QUEUED", "the task is not stored")
        steps.executed(id, 1)
        return f"200, task {id[:8]}…, its execution started"

    def replayed(answer: dict) -> str:
        _expect(json.loads(answer["body"])["id"] == id, f"the answer is {answer}")
        return "the same again: 200 and the same task"

    def shown(answer: dict) -> str:
        body = json.loads(answer["body"])
        _expect(answer["statusCode"] == 200 and body["id"] == shot and body["status"] == "SUCCEEDED" and body["output"], f"the answer is {answer}")
        return f"200, SUCCEEDED, with {len(body['output'])} signed address"

    steps.invoke("ApiFunction", "api-get-task.json", payloads.Names(steps.sam.found["BucketName"]), refused)
    id = json.loads(steps.invoke("ApiFunction", "api-create.json", steps.names(), created)["body"])["id"]
    steps.invoke("ApiFunction", "api-create.json", steps.names(), replayed)
    steps.invoke("ApiFunction", "api-get-task.json", steps.names(task=shot), shown)


def _webhook(steps: _Steps, shot: str) -> None:
    def given_back(answer: dict) -> str:
        message = json.loads(steps.payload("webhook-message.json", steps.names(task=shot)))["Records"][0]["messageId"]
        _expect(answer == {"batchItemFailures": [{"itemIdentifier": message}]}, f"the answer is {answer}")
        return "signed; nobody listens, so the message goes back to its queue"

    steps.invoke("WebhookFunction", "webhook-message.json", steps.names(task=shot), given_back)


class _Figures:
    """First and warm calls of each function by `sam local start-lambda`, beside the same calls of the same code on the local AWS."""

    def __init__(self, sam: SamLocal, steps: _Steps) -> None:
        self._sam = sam
        self._steps = steps

    def measured(self) -> list[str]:
        step(f"sam local start-lambda: a first call and {_WARM_CALLS} warm ones of each function, with the last payload that it had")
        port = _free(self._sam.wanted.port + 1000)
        with _Server(self._sam, "start-lambda", port, "--warm-containers", "LAZY"):
            here = boto3.client("lambda", endpoint_url=f"http://127.0.0.1:{port}", region_name=REGION, aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
                                aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"], config=Config(retries={"total_max_attempts": 1}, read_timeout=120))
            there = deploy.client(self._sam.wanted, "lambda")
            rows = []
            for function, deployed in self._sam.functions.items():
                payload = self._steps.payloads[function]
                first, *warm = (self._timed(here, function, payload) for _ in range(1 + _WARM_CALLS))
                alone, *others = (self._timed(there, deployed, payload) for _ in range(1 + _WARM_CALLS))
                command = statistics.median(line.answer.seconds for line in self._steps.lines if line.function == function)
                row = f"  {function:<18} {command:9.1f} s {first:11.0f} ms {statistics.median(warm):9.0f} ms {alone:16.0f} ms {statistics.median(others):9.0f} ms"
                rows.append(row)
                say(f"  {row.strip()}")
        head = [
            f"  {'':<18} {'sam local':>11} {'sam local start-lambda':>26}  {'the local AWS, no container':>28}",
            f"  {'':<18} {'invoke':>11} {'first':>14} {'warm':>12} {'first':>19} {'warm':>12}",
        ]
        return [*head, *rows]

    def _timed(self, client, function: str, payload: str) -> float:
        before = time.monotonic()
        answer = client.invoke(FunctionName=function, Payload=payload.encode())
        content = answer["Payload"].read()
        milliseconds = (time.monotonic() - before) * 1000
        _expect("FunctionError" not in answer and b'"errorType"' not in content, f"{function} failed: {content.decode()}")
        return milliseconds


class _Server:
    """`sam local start-lambda` or `start-api`, up as long as it is needed."""

    def __init__(self, sam: SamLocal, action: str, port: int, *arguments: str) -> None:
        self._sam, self._action, self._port = sam, action, port
        self._arguments = arguments
        self._daemon = Daemon(f"sam local {action}", sam.wanted.state, f"sam-{action}")

    def __enter__(self) -> None:
        command = self._sam.command(self._action, "--host", "127.0.0.1", "--port", str(self._port), *self._arguments)
        self._daemon.start(command, self._sam.environment)
        self._daemon.wait(lambda: taken(self._port), _PATIENCE_SECONDS)

    def __exit__(self, *_raised: object) -> None:
        self._daemon.stop()


def _api(sam: SamLocal) -> int:
    """Runway's own SDK, unpatched, at `sam local start-api`; the executions run on the local AWS."""
    port = _free(sam.wanted.port + 2000)
    url = f"http://127.0.0.1:{port}"
    step(f"sam local start-api at {url}, with Runway's SDK as its client")
    reports = ROOT / "target" / "sam-local-reports"
    shutil.rmtree(reports, ignore_errors=True)
    report = reports / "TEST-sam-local.xml"
    environment = {**os.environ, **deploy.environment_of(sam.wanted, sam.found, provider.url(sam.wanted)), "API_URL": url}
    with _Server(sam, "start-api", port, "--warm-containers", "LAZY"):
        command = ["bash", str(ROOT / "e2e" / "sdk" / "run.sh"), "python", "-k", _SDK_TESTS, "--junit-xml", str(report)]
        if subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, check=False).returncode:
            raise Failure(f"Runway's SDK met something else at sam local start-api; what it said is above, the log is {sam.wanted.state / 'sam-start-api.log'}.")
    cases = list(xml.parse(report).getroot().iter("testcase"))
    _expect(bool(cases) and not any(case.find("skipped") is not None for case in cases), "not every test of Runway's SDK was run")
    return len(cases)


def _fault(wanted: Options, fault: dict) -> None:
    request = urllib.request.Request(f"{provider.url(wanted)}/admin/faults", json.dumps(fault).encode(), method="POST")
    urllib.request.urlopen(request, timeout=5).close()


def _ledger(wanted: Options, seed: int) -> dict:
    with urllib.request.urlopen(f"{provider.url(wanted)}/admin/ledger?seed={seed}", timeout=5) as answer:
        return json.load(answer)


def _free(port: int) -> int:
    while taken(port):
        port += 1
    return port


def _expect(so: bool, otherwise: str) -> None:
    if not so:
        _unexpected(otherwise)


def _unexpected(what: str):
    raise Failure(f"sam local did something else than expected: {what}.")
