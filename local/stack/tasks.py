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
            yield "  Stalled: " + "; ".join(f"{name} {value}" for name, value in sorted(task["stall"].items()))
        if task.get("output"):
            yield f"  Video: {task['output'].get('key', '')}"
        for attempt in task.get("attempts", []):
            known = f", the provider's id is {attempt['providerTaskId']}" if attempt.get("providerTaskId") else ", no provider's id is known"
            yield f"  Attempt {attempt['number']}: charge {attempt.get('charge', 'UNKNOWN')}{known}"
        yield f"  Polls: {task.get('polls', 0)}"
        yield "  Timeline:"
        for item in self.history:
            yield f"    {_clock(item.get('at'))}  {item.get('status', ''):<18} {item.get('sentence', '')}"


def read(options: Options, table: str, task_id: str) -> TaskView | None:
    """The task with its history; None if there is none with this id."""
    dynamodb = client(options, "dynamodb")
    items: list[dict] = []
    query = {"TableName": table, "KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": {"S": f"TASK#{task_id}"}}, "ConsistentRead": True}
    while True:
        page = dynamodb.query(**query)
        items += ({name: _deserialize(value) for name, value in item.items()} for item in page["Items"])
        if "LastEvaluatedKey" not in page:
            break
        query["ExclusiveStartKey"] = page["LastEvaluatedKey"]
    task = next((item for item in items if item["sk"] == "TASK"), None)
    return TaskView(task, [item for item in items if item["sk"].startswith("H#")]) if task else None


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
