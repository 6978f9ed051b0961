"""`make evidence`: what we sent and were told on a day, beside what the provider's usage query says of the same key and day."""

import dataclasses
import os
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from boto3.dynamodb.types import TypeDeserializer

from stack.comet import Comet
from stack.console import Failure
from stack.reach import Reach

_deserialize = TypeDeserializer().deserialize
_MARK = "==>"


@dataclasses.dataclass(frozen=True)
class Post:
    """A paid request of ours."""

    at: str
    task: str
    attempt: int
    charge: str
    """CHARGED, UNKNOWN, RETURNED (certainly nothing was accepted) or RESERVED (under way)."""
    provider_task_id: str | None
    task_status: str

    @property
    def known(self) -> bool:
        """Its charge is on record: by the provider's id, or because a person said so."""
        return self.provider_task_id is not None or self.charge == "CHARGED"

    @property
    def unmatched(self) -> bool:
        """It may have been accepted, and no id says so."""
        return self.provider_task_id is None and self.charge in ("UNKNOWN", "RESERVED")


@dataclasses.dataclass(frozen=True)
class Used:
    """What the provider counted on a day."""

    requests: int
    amount: Decimal


def read_day() -> date:
    text = os.environ.get("DAY")
    if not text:
        return datetime.now(timezone.utc).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Failure(f"DAY={text} is no day: give one such as DAY=2026-11-21 (UTC).") from None


def read_key_name() -> str | None:
    """Which of an account's keys is meant; make hands on an empty one where none was given."""
    return os.environ.get("KEYNAME") or None


def lines(stack: Reach, day: date) -> Iterator[str]:
    posts = _posts(stack, day)
    comet = Comet(stack.settings["COMET_API_BASE_URL"], stack.provider_key())
    days = [day + timedelta(days=off) for off in (-1, 0, 1)]
    used = _used(comet.usage(days[0].isoformat(), days[2].isoformat()), read_key_name())
    yield from report(stack.name, day, posts, {each: used.get(each.isoformat()) for each in days}, Decimal(stack.settings["PRICE_USD"]))


def report(stack: str, day: date, posts: list[Post], used: dict[date, Used | None], price: Decimal) -> Iterator[str]:
    """The whole page, line by line."""
    sent = [post for post in posts if post.charge != "RETURNED"]
    known = [post for post in sent if post.known]
    unknown = [post for post in sent if post.unmatched]
    refused = len(posts) - len(sent)
    yield f"{day} (UTC), stack {stack}: the paid requests that it sent"
    yield f"{'':3} {'sent at':<8}  {'task':<36}  {'attempt':>7}  {'the provider’s id':<38}  {'charged':<9}  the task is"
    for post in sent:
        mark = _MARK if post.unmatched else ""
        shown = post.provider_task_id or "none is known"
        yield f"{mark:3} {post.at[11:19]:<8}  {post.task:<36}  {post.attempt:>7}  {shown:<38}  {_words(post.charge):<9}  {post.task_status}"
    if not sent:
        yield "    none"
    yield f"    {len(known)} that the provider took, {len(unknown)} of which that is not known; {refused} more were refused or given up as not charged, and are not listed"
    yield ""
    yield "The provider's usage query for the same key"
    for each, usage in used.items():
        mark = _MARK if each == day else ""
        what = f"{_requests(usage.requests)}, {usage.amount} used" if usage else "nothing"
        yield f"{mark:3} {each}  {what}"
    yield ""
    yield f"{_MARK} {_verdict(len(known), len(unknown), refused, used.get(day))}"
    yield from _hints(day, posts, used.get(day), price)


def _verdict(known: int, unknown: int, refused: int, used: Used | None) -> str:
    counted = used.requests if used else 0
    left = counted - known
    if left == 0:
        return "Matched: the provider counted as many requests as are known to be charged." + (" Nothing suggests that an unknown one was charged." if unknown else "")
    if left < 0:
        return f"The provider counted {-left} fewer than are known to be charged: it may count late, or its day begins at another hour; look again later."
    if left <= unknown:
        which = "the unknown request was charged" if unknown == 1 else f"{left} of the {unknown} unknown requests were charged"
        return f"UNMATCHED: the provider counted {left} more than are known to be charged, so {which}, if nothing else uses this key."
    beyond = left - unknown
    maybe = f" It may count refused requests too, of which there were {refused}." if refused else ""
    return f"UNMATCHED: the provider counted {left} more than are known to be charged, and {beyond} of them are no request of this stack: another user of the key, or a second charge.{maybe}"


def _hints(day: date, posts: list[Post], used: Used | None, price: Decimal) -> Iterator[str]:
    if used and price:
        number = used.amount / price
        if used.amount and number == number.to_integral_value():
            yield f"    Its amount is that of {number.to_integral_value()} tasks at ${price:.2f}, if it is in US dollars (the documentation does not say)."
    near = [post for post in posts if post.charge != "RETURNED" and post.at[11:13] in ("23", "00")]
    if near:
        yield f"    {len(near)} were sent within an hour of midnight UTC, and the provider's day may begin at another hour: the days beside it are shown above."
    if any(post.unmatched for post in posts):
        yield "    How to decide: docs/operations.md, \"An unknown submission: decide\"."


def _requests(number: int) -> str:
    return f"{number} request" if number == 1 else f"{number} requests"


def _words(charge: str) -> str:
    return {"CHARGED": "yes", "UNKNOWN": "not known", "RESERVED": "under way"}.get(charge, charge)


def _posts(stack: Reach, day: date) -> list[Post]:
    """By the histories: an attempt's request is made right after its task was told to be SUBMITTING. The whole table is read once."""
    dynamodb, table = stack.client("dynamodb"), stack.output("TableName")
    moments: dict[tuple[str, int], str] = {}
    scan = {
        "TableName": table,
        "ConsistentRead": True,
        "FilterExpression": "begins_with(sk, :history) AND #status = :submitting AND begins_with(#at, :day)",
        "ExpressionAttributeNames": {"#status": "status", "#at": "at"},
        "ExpressionAttributeValues": {":history": {"S": "H#"}, ":submitting": {"S": "SUBMITTING"}, ":day": {"S": day.isoformat()}},
    }
    for page in dynamodb.get_paginator("scan").paginate(**scan):
        for item in page["Items"]:
            moments[(item["pk"]["S"].removeprefix("TASK#"), int(item["attempt"]["N"]))] = item["at"]["S"]
    tasks = {}
    for task in {task for task, _attempt in moments}:
        item = dynamodb.get_item(TableName=table, Key={"pk": {"S": f"TASK#{task}"}, "sk": {"S": "TASK"}}, ConsistentRead=True).get("Item")
        tasks[task] = {name: _deserialize(value) for name, value in item.items()} if item else {}
    return sorted((_post(tasks[task], task, attempt, at) for (task, attempt), at in moments.items()), key=lambda post: post.at)


def _post(task: dict, task_id: str, number: int, at: str) -> Post:
    attempt = next((attempt for attempt in task.get("attempts", []) if int(attempt["number"]) == number), None)
    # Of the attempts that were certainly refused a task keeps only the last few.
    charge = attempt["charge"] if attempt else ("RETURNED" if task else "UNKNOWN")
    return Post(at, task_id, number, charge, attempt.get("providerTaskId") if attempt else None, task.get("status", "not kept any more"))


def _used(usage: dict, name: str | None) -> dict[str, Used]:
    """By day. An account may have several keys, and the query names them; which of them is ours only a person can say."""
    names = sorted({entry.get("token_name", "") for entries in usage["daily_quota"].values() for entry in entries})
    if name is None and len(names) > 1:
        raise Failure(f"The usage query tells of several keys ({', '.join(names)}): say which of them this stack uses, KEYNAME=<name>.")
    found = {}
    for day, entries in usage["daily_quota"].items():
        mine = [entry for entry in entries if name is None or entry.get("token_name") == name]
        if mine:
            found[day[:10]] = Used(sum(int(entry["request_count"]) for entry in mine), sum((Decimal(str(entry["quota_used"])) for entry in mine), Decimal(0)))
    return found
