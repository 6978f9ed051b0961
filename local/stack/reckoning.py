"""What must be true when everything has gone wrong and come to rest: the provider's ledger against the table, and nothing left behind."""

import collections
import dataclasses
from collections.abc import Iterator
from datetime import datetime

from stack.tasks import ENDED

GIVEN_UP = "SUBMISSION.GIVEN_UP"


@dataclasses.dataclass(frozen=True)
class Placed:
    """An order, as whoever placed it knows it."""

    name: str
    seed: int
    """No other order has it: it tells the order's requests in the provider's ledger, by none of our records."""
    task: str | None
    """The id that the API answered with; none for an order through the bucket."""
    deleted: bool = False
    """Whether its user took it back."""


@dataclasses.dataclass(frozen=True)
class World:
    """Everything that can be looked at, from outside."""

    placed: list[Placed]
    items: list[dict]
    """The table."""
    ledger: dict
    """The provider's."""
    videos: dict[str, str]
    """SHA-256 of each video below outputs/, by its key."""
    rendered: dict[str, str]
    """SHA-256 of what the provider itself hands out, by its id."""
    pages: dict[str, dict]
    """The documents below outputs/, by their keys."""
    uploads: list[str]
    """The keys of multipart uploads that are open."""
    running: list[str]
    """Executions that still run."""
    told: dict[str, str]
    """The status that the newest event tells of a task, by its id."""
    least_seconds: float
    """Between two questions about one task."""

    @property
    def tasks(self) -> list[dict]:
        return [item for item in self.items if item["sk"] == "TASK"]


def differences(world: World) -> Iterator[str]:
    """A sentence for each thing that does not hold."""
    yield from _orders(world)
    for task in world.tasks:
        yield from _end(world, task)
        yield from _charges(world, task)
        yield from _delivery(world, task)
        yield from _words(world, task)
    yield from _ledger(world)
    yield from _money(world)
    yield from _left_behind(world)


def _orders(world: World) -> Iterator[str]:
    by_seed = collections.defaultdict(list)
    for task in world.tasks:
        by_seed[int(task["request"]["seed"])].append(task["id"])
    for placed in world.placed:
        found = by_seed.pop(placed.seed, [])
        if not found:
            yield f"{placed.name} is lost: no task was made of it."
        if len(found) > 1:
            yield f"{placed.name} became {len(found)} tasks: {', '.join(found)}."
        if placed.task and placed.task not in found:
            yield f"{placed.name} was answered with the task {placed.task}, which is not the one in the table."
    for ids in by_seed.values():
        yield f"Nobody ordered the task {', '.join(ids)}."


def _end(world: World, task: dict) -> Iterator[str]:
    if task["status"] not in ENDED:
        yield f"Task {task['id']} has not come to an end: it is {task['status']} ({task['sentence']})."
    if task["status"] == "CANCELLED" and not any(placed.deleted and placed.seed == int(task["request"]["seed"]) for placed in world.placed):
        yield f"Task {task['id']} is CANCELLED, and nobody took it back."
    if task["status"] == "FAILED":
        code = task["failure"]["code"]
        states = [entry["status"] for entry in _at_provider(world, task)]
        if code == GIVEN_UP and states:
            yield f"Task {task['id']} was given up as not charged, and the provider has rendered it."
        if code != GIVEN_UP and not (states and all(state in ("FAILED", "CANCELLED") for state in states)):
            yield f"Task {task['id']} is FAILED ({code}), and at the provider it is {', '.join(states) or 'unknown'}."
    if task["place"]:
        yield f"Task {task['id']} is {task['status']} and holds a place."


def _charges(world: World, task: dict) -> Iterator[str]:
    charged = {charge["providerTaskId"] for charge in world.ledger["charges"] if charge["seed"] == int(task["request"]["seed"])}
    if len(charged) > 1:
        yield f"Task {task['id']} was charged {len(charged)} times: {', '.join(sorted(charged))}."
    posts = sum(submit["seed"] == int(task["request"]["seed"]) for submit in world.ledger["submits"])
    if posts > int(task["attempt"]):
        yield f"Task {task['id']} has made {int(task['attempt'])} attempts and {posts} requests: one of them was repeated."
    known = [attempt["providerTaskId"] for attempt in task["attempts"] if "providerTaskId" in attempt]
    for lost in sorted(charged - set(known)):
        yield f"The charge of {lost} belongs to the task {task['id']}, and no attempt of it knows the id."
    for made_up in sorted(set(known) - charged):
        yield f"Task {task['id']} knows the id {made_up}, which the provider has not charged."
    if len(known) != len(set(known)):
        yield f"Two attempts of the task {task['id']} have the same id."
    for attempt in task["attempts"]:
        money = attempt["charge"]
        # What the provider failed by itself it may give back: nobody says so. And what was ordered anew without knowing stays unknown.
        anew = int(attempt["number"]) < int(task["attempt"])
        agrees = money in ("CHARGED", "UNKNOWN") if "providerTaskId" in attempt else money == "RETURNED" or anew and money == "UNKNOWN"
        if not agrees:
            yield f"Attempt {attempt['number']} of the task {task['id']} counts as {money}, and the provider {'has' if 'providerTaskId' in attempt else 'has not'} charged it."


def _delivery(world: World, task: dict) -> Iterator[str]:
    if task["status"] != "SUCCEEDED":
        return
    output = task["output"]
    there = world.videos.get(output["key"])
    if there is None:
        yield f"Task {task['id']} is SUCCEEDED, and {output['key']} is not in the bucket."
    elif there != output["sha256"]:
        yield f"The video {output['key']} is not the one that was checked: its SHA-256 is {there}, and the task says {output['sha256']}."
    elif world.rendered.get(task["providerTaskId"]) != there:
        yield f"The video {output['key']} is not what the provider rendered as {task['providerTaskId']}."
    facts = world.pages.get(output["key"].removesuffix(".mp4") + ".json") or {}
    if facts.get("sha256") != output["sha256"]:
        yield f"The facts beside {output['key']} are missing, or those of another video."


def _words(world: World, task: dict) -> Iterator[str]:
    """What people are told is what is stored."""
    if world.told.get(task["id"]) != task["status"]:
        yield f"Task {task['id']} is {task['status']}, and the newest event says {world.told.get(task['id'], 'nothing')}."
    if "order" not in task:
        return
    page = world.pages.get(f"outputs/{task['order']['folder']}/status.json") or {}
    take = next((take for take in page.get("takes", []) if take["taskId"] == task["id"]), {})
    charges = {attempt["charge"] for attempt in task["attempts"]}
    charged = "yes" if "CHARGED" in charges else "unknown" if "UNKNOWN" in charges else "no"
    if (take.get("status"), take.get("charged")) != (task["status"], charged):
        yield f"Task {task['id']} is {task['status']} (charged: {charged}), and its folder's status.json says {take.get('status', 'nothing')} (charged: {take.get('charged', 'nothing')})."


def _ledger(world: World) -> Iterator[str]:
    seeds = {int(task["request"]["seed"]) for task in world.tasks}
    for charge in world.ledger["charges"]:
        if charge["seed"] not in seeds:
            yield f"The charge of {charge['providerTaskId']} belongs to no task."
    for entry in world.ledger["tasks"]:
        times = [datetime.fromisoformat(at) for at in entry["gets"]]
        least = min(((later - earlier).total_seconds() for earlier, later in zip(times, times[1:], strict=False)), default=world.least_seconds)
        if least < world.least_seconds:
            yield f"The provider was asked for {entry['id']} twice within {least:.3f} s."


def _money(world: World) -> Iterator[str]:
    wanted: dict[tuple, collections.Counter] = collections.defaultdict(collections.Counter)
    for task in world.tasks:
        for attempt in task["attempts"]:
            if attempt["charge"] != "RETURNED":
                wanted[(f"SPEND#{task['tenant']}", attempt["month"])].update({attempt["charge"].lower(): int(attempt["cents"]), "committed": int(attempt["cents"])})
    stored = {(item["pk"], item["sk"]): item for item in world.items if item["pk"].startswith("SPEND#")}
    for key in sorted({*wanted, *stored}):
        for counter in ("reserved", "charged", "unknown", "committed"):
            has, should = int(stored.get(key, {}).get(counter, 0)), wanted[key][counter]
            if has != should:
                yield f"{key[0]} {key[1]} has {has} cents {counter}, and its tasks make {should}."
            if counter == "reserved" and has:
                yield f"{key[0]} {key[1]} has {has} cents reserved, and nothing is under way."


def _left_behind(world: World) -> Iterator[str]:
    for item in world.items:
        name = f"{item['pk']} {item['sk']}"
        if item["pk"] == "LIMIT" and (int(item.get("inFlight", 0)) or int(item.get("waiting", 0))):
            yield f"{name} counts {item.get('inFlight', 0)} places and {item.get('waiting', 0)} waiting, and nothing is under way."
        if item["sk"] == "OUTBOX":
            yield f"{name} is still owed to be told."
        if item["pk"].startswith("ORDER#") and item["state"] == "WAITING":
            yield f"{name} still waits ({item['note']})."
        if item["sk"] == "CONTROL" and item.get("paused"):
            yield f"The stack is paused: {item.get('reason')}"
    for key in world.uploads:
        yield f"A multipart upload of {key} is open."
    for name in world.running:
        yield f"The execution {name} still runs."
    expected = {task["output"]["key"] for task in world.tasks if task["status"] == "SUCCEEDED"}
    for key in sorted(world.videos.keys() - expected):
        yield f"The video {key} belongs to no task that succeeded."


def _at_provider(world: World, task: dict) -> list[dict]:
    return [entry for entry in world.ledger["tasks"] if entry["seed"] == int(task["request"]["seed"])]
