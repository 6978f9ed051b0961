"""`make stuck` and `make restore`, over a table of a few lines."""

import unittest
from datetime import datetime, timezone

from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import ClientError

from stack import restoring, tasks
from stack.console import Failure

_NOW = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
_PAUSED = {"pk": "CONTROL", "sk": "CONTROL", "paused": True, "byPerson": True, "by": "ops", "since": "2026-03-01T11:00:00.000Z", "reason": "The invoice is checked."}


def task(name: str, status: str, **more) -> dict:
    return {"pk": f"TASK#{name}", "sk": "TASK", "id": name, "tenant": "acme", "status": status, "updatedAt": "2026-03-01T11:30:00.000Z", "sentence": f"{name} stands so.", **more}


class Table:
    """What these commands ask of DynamoDB."""

    def __init__(self, **tables: list[dict]) -> None:
        serialize = TypeSerializer().serialize
        self.tables = {name: {(item["pk"], item["sk"]): {key: serialize(value) for key, value in item.items()} for item in items} for name, items in tables.items()}

    def get_item(self, TableName, Key, **_):
        item = self.tables[TableName].get((Key["pk"]["S"], Key["sk"]["S"]))
        return {"Item": item} if item else {}

    def put_item(self, TableName, Item, ConditionExpression):
        key = (Item["pk"]["S"], Item["sk"]["S"])
        if key in self.tables[TableName]:
            raise ClientError({"Error": {"Code": "ConditionalCheckFailedException"}}, "PutItem")
        self.tables[TableName][key] = Item

    def get_paginator(self, operation):
        table = self

        class Pages:
            def paginate(self, TableName, IndexName=None, ExpressionAttributeValues=None, **_):
                key = "gsi2pk" if IndexName else "pk"
                items = list(table.tables[TableName].values())
                if operation == "query":
                    items = [item for item in items if item.get(key) == ExpressionAttributeValues[":pk"]]
                yield {"Items": items}

        return Pages()


class Stuck(unittest.TestCase):
    def lines(self, *items: dict) -> list[str]:
        return list(tasks.stuck(Table(live=list(items)), "live", _NOW))

    def test_nothing_is_said_to_be_nothing(self):
        going_on = task("t1", "SUBMITTED", gsi2pk="DUE", gsi2sk="2026-03-01T11:50:00.000Z")
        self.assertEqual(["Nothing is stuck: the stack submits, and no task waits for a person, stands still or is overdue."], self.lines(going_on))

    def test_each_thing_names_its_section(self):
        lines = self.lines(
            _PAUSED,
            task("t1", "SUBMISSION_UNKNOWN", gsi2pk="PERSON", gsi2sk="2026-03-01T11:00:00.000Z"),
            task("t2", "SUBMITTED", stall={"reason": "DEADLINE"}, gsi2pk="DUE", gsi2sk="2026-03-01T13:00:00.000Z"),
            task("t3", "SUBMITTED", gsi2pk="DUE", gsi2sk="2026-03-01T11:44:00.000Z"),
            {"pk": "TASK#t4", "sk": "OUTBOX", "gsi2pk": "DUE", "gsi2sk": "2026-03-01T11:44:00.000Z"},
        )
        self.assertEqual(
            [
                "The stack is paused by ops since 2026-03-01T11:00:00.000Z: The invoice is checked.",
                "  What to do: docs/operations.md#pause-and-resume",
                "Task t1 of acme: SUBMISSION_UNKNOWN since 2026-03-01T11:30:00.000Z",
                "  t1 stands so.",
                "  What to do: docs/operations.md#a-submission-is-unknown",
                "Task t2 of acme: SUBMITTED since 2026-03-01T11:30:00.000Z",
                "  t2 stands so.",
                "  What to do: docs/operations.md#a-task-is-stalled",
                "Task t3 of acme: SUBMITTED since 2026-03-01T11:30:00.000Z",
                "  t3 stands so.",
                "  What to do: docs/operations.md#something-is-overdue",
                "Overdue since 2026-03-01T11:44:00.000Z: TASK#t4 OUTBOX",
                "  What to do: docs/operations.md#something-is-overdue",
            ],
            lines,
        )


class Restore(unittest.TestCase):
    def test_only_what_is_lost_is_put_back_and_what_may_have_been_sent_is_named(self):
        table = Table(
            live=[_PAUSED, task("t1", "SUCCEEDED")],
            backup=[task("t1", "QUEUED"), task("t2", "QUEUED"), task("t3", "SUBMITTED"), {"pk": "TASK#t2", "sk": "H#000001", "status": "QUEUED"}],
        )
        lines = list(restoring.copy(table, "backup", "live"))
        self.assertEqual("SUCCEEDED", table.tables["live"]["TASK#t1", "TASK"]["status"]["S"])
        self.assertIn(("TASK#t2", "H#000001"), table.tables["live"])
        self.assertEqual("3 items were put back; 1 were there and stay as they are.", lines[0])
        self.assertEqual(["Task t2 of acme is QUEUED in the backup, and may have been sent since: t2 stands so."], [line for line in lines if line.startswith("Task ")])

    def test_a_stack_that_may_send_is_refused(self):
        for control in ({**_PAUSED, "paused": False}, {**_PAUSED, "byPerson": False}):
            with self.assertRaisesRegex(Failure, "Pause the stack first"):
                list(restoring.copy(Table(live=[control], backup=[]), "backup", "live"))

    def test_the_table_itself_is_no_backup(self):
        with self.assertRaisesRegex(Failure, "the stack's own table"):
            list(restoring.copy(Table(live=[_PAUSED]), "live", "live"))
