"""`make restore`: what the table has lost, from another table that a backup was restored to."""

from collections import Counter
from collections.abc import Iterator

from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import ClientError

from stack.console import Failure

_deserialize = TypeDeserializer().deserialize
# What may have been sent after the backup was taken, without the backup knowing.
_MAYBE_SENT = ("QUEUED", "SUBMITTING")


def copy(dynamodb, source: str, target: str) -> Iterator[str]:
    """Copies every item that the target lacks and changes none that it has: what it has is younger.

    Only while a person has paused the stack: a task that is QUEUED in the backup may have been sent since, and must not be sent again.
    """
    if source == target:
        raise Failure(f"FROM={source} is the stack's own table: give the one that the backup was restored to.")
    control = dynamodb.get_item(TableName=target, Key={"pk": {"S": "CONTROL"}, "sk": {"S": "CONTROL"}}, ConsistentRead=True).get("Item", {})
    if not (control.get("paused", {}).get("BOOL") and control.get("byPerson", {}).get("BOOL")):
        raise Failure("Pause the stack first (docs/operations.md, Pause and resume): a task that the backup knows as waiting may have been sent since, and would be sent again.")
    counted: Counter[str] = Counter()
    doubtful = []
    for page in dynamodb.get_paginator("scan").paginate(TableName=source, ConsistentRead=True):
        for item in page["Items"]:
            if not _put(dynamodb, target, item):
                counted["there"] += 1
                continue
            counted["restored"] += 1
            plain = {name: _deserialize(value) for name, value in item.items() if name in ("id", "sk", "status", "tenant", "sentence")}
            if plain["sk"] == "TASK" and plain["status"] in _MAYBE_SENT:
                doubtful.append(plain)
    yield f"{counted['restored']} items were put back; {counted['there']} were there and stay as they are."
    for task in doubtful:
        yield f"Task {task['id']} of {task['tenant']} is {task['status']} in the backup, and may have been sent since: {task['sentence']}"
    if doubtful:
        yield "Compare them with what the provider was asked for (make evidence) before you resume: delete what was sent (DELETE /v1/tasks/<id>), and leave what was not."
    yield "The stack is still paused."


def _put(dynamodb, target: str, item: dict) -> bool:
    try:
        dynamodb.put_item(TableName=target, Item=item, ConditionExpression="attribute_not_exists(pk)")
        return True
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return False
        raise
