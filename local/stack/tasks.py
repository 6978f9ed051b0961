"""Reading what the stack knows about a task."""

import dataclasses
import json
from datetime import datetime
from decimal import Decimal

from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import ClientError

from stack.deploy import client
from stack.options import Options

ENDED = ("SUCCEEDED", "FAILED", "CANCELLED")
GUIDE = "docs/operations.md"
# Reconcile takes everything up within a minute; what is later than this is the alarm's (OverdueAlarm).
_OVERDUE_SECONDS = 900
_deserialize = TypeDeserializer().deserialize


@dataclasses.dataclass(frozen=True)
class TaskView:
    task: dict
    history: list[dict]

    def lines(self):
        """Where is my shot? As a person would like to read it."""
        task = self.task
        yield f"Task {task['id']}: {task['status']}"
        yield f"  {task.get('sentence', '')}"
        if task.get("next"):
            yield f"  Next: {task['next']}"
        if task.get("stall"):
            stall = task["stall"]
            yield f"  Stalled since {stall['since']} ({stall['reason']}), tried again {stall['tries']} times since"
        if runbook(task):
            yield f"  What to do: {runbook(task)}"
        if task.get("output"):
            yield f"  Video: {task['output'].get('key', '')}"
        for attempt in task.get("attempts", []):
            known = f", the provider's id is {attempt['providerTaskId']}" if attempt.get("providerTaskId") else ", no provider's id is known"
            yield f"  Attempt {attempt['number']}: charge {attempt.get('charge', 'UNKNOWN')}{known}"
            if attempt.get("outcome"):
                yield f"    Its request: {attempt['outcome']}"
        yield f"  Polls: {task.get('polls', 0)}"
        yield "  Timeline:"
        for item in self.history:
            yield f"    {_clock(item.get('at'))}  {item.get('status', ''):<18} {item.get('sentence', '')}"


def runbook(task: dict) -> str | None:
    """Where a person reads what to do about a task that does not get on; None for one that does."""
    if task["status"] == "SUBMISSION_UNKNOWN":
        return f"{GUIDE}#a-submission-is-unknown"
    return f"{GUIDE}#a-task-is-stalled" if task.get("stall") else None


def read(options: Options, table: str, task_id: str) -> TaskView | None:
    """The task with its history; None if there is none with this id."""
    return view(client(options, "dynamodb"), table, task_id)


def view(dynamodb, table: str, task_id: str) -> TaskView | None:
    """The same, wherever the table is."""
    items = list(_query(dynamodb, table, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": f"TASK#{task_id}"}}, ConsistentRead=True))
    task = next((item for item in items if item["sk"] == "TASK"), None)
    return TaskView(task, [item for item in items if item["sk"].startswith("H#")]) if task else None


def stuck(dynamodb, table: str, now: datetime):
    """What does not get on by itself, in lines: a pause, tasks that wait for a person or stand still, and what is overdue."""
    control = dynamodb.get_item(TableName=table, Key={"pk": {"S": "CONTROL"}, "sk": {"S": "CONTROL"}}, ConsistentRead=True).get("Item")
    control = untyped(control or {})
    if control.get("paused"):
        who = control.get("by", "a person") if control.get("byPerson") else "itself"
        yield f"The stack is paused by {who} since {control.get('since')}: {control.get('reason')}"
        yield f"  What to do: {GUIDE}#{'pause-and-resume' if control.get('byPerson') else 'the-stack-paused-itself'}"
    found = bool(control.get("paused"))
    for item in [*_open(dynamodb, table, "PERSON"), *_open(dynamodb, table, "DUE")]:
        overdue = item["gsi2pk"] == "DUE" and (now - datetime.fromisoformat(item["gsi2sk"])).total_seconds() > _OVERDUE_SECONDS
        if item["gsi2pk"] != "PERSON" and "stall" not in item and not overdue:
            continue
        found = True
        if item["sk"] != "TASK":
            yield f"Overdue since {item['gsi2sk']}: {item['pk']} {item['sk']}"
            yield f"  What to do: {GUIDE}#something-is-overdue"
            continue
        at = view(dynamodb, table, item["pk"].removeprefix("TASK#"))
        if at:
            yield f"Task {at.task['id']} of {at.task['tenant']}: {at.task['status']} since {at.task['updatedAt']}"
            yield f"  {at.task['sentence']}"
            yield f"  What to do: {runbook(at.task) or f'{GUIDE}#something-is-overdue'}"
    if not found:
        yield "Nothing is stuck: the stack submits, and no task waits for a person, stands still or is overdue."


def _open(dynamodb, table: str, partition: str):
    return _query(dynamodb, table, IndexName="GSI2", KeyConditionExpression="gsi2pk = :pk", ExpressionAttributeValues={":pk": {"S": partition}})


def _query(dynamodb, table: str, **query):
    for page in dynamodb.get_paginator("query").paginate(TableName=table, **query):
        yield from map(untyped, page["Items"])


def untyped(attributes: dict) -> dict:
    """An item without the types of DynamoDB."""
    return {name: _deserialize(value) for name, value in attributes.items()}


def document(options: Options, bucket: str, key: str) -> dict | None:
    """A JSON object of the bucket; None while it is not there."""
    try:
        return json.loads(client(options, "s3").get_object(Bucket=bucket, Key=key)["Body"].read())
    except ClientError as error:
        if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
            return None
        raise


def plain(value):
    """Numbers of DynamoDB as numbers of JSON."""
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    return value


def _clock(at) -> str:
    try:
        return datetime.fromisoformat(str(at)).strftime("%H:%M:%S")
    except ValueError:
        return str(at)
