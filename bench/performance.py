"""`make bench`: everything that is measured, and the pages that show it."""

import json
import os
import platform
from datetime import date

from bench import api, cold, pipeline, plot, virtual
from bench.report import Report
from stack.console import Failure, Stopwatch, say
from stack.tools import ROOT

_DOCS = ROOT / "docs"
_PAGES = ROOT / "bench" / "pages"


def run() -> None:
    watch = Stopwatch()
    virtual.build()
    polling = Report("Polling")
    drawn = virtual.run(polling, "PollingBench")["lines"]
    orchestration = Report("Orchestration")
    virtual.run(orchestration, "OrchestrationBench")
    queue = Report("A queue of 5,000 tasks")
    virtual.run(queue, "QueueBench")
    persisting = Report("Persisting")
    virtual.run(persisting, "PersistingBench")
    whole = Report("From the order to the POST")
    pipeline.run(whole)
    started = Report("Cold start")
    cold.run(started)
    warm = Report("The API, warm")
    table = api.run(warm)

    prices = json.loads((ROOT / "bench" / "prices.json").read_text())
    values = {
        "day": date.today().isoformat(),
        "machine": f"{os.cpu_count()} cores ({platform.machine()})",
        "polling": polling.text,
        "orchestration": orchestration.text,
        "queue": queue.text,
        "persisting": persisting.text,
        "pipeline": whole.text,
        "cold": started.text,
        "api": table,
        "api claims": warm.text,
        "cost": orchestration.tables,
        "prices": _prices(prices),
        "taken": prices["taken"],
    }
    (_DOCS / "performance").mkdir(exist_ok=True)
    (_DOCS / "performance" / "polling.svg").write_text(plot.log_log(drawn, "polls a task", "seconds between done and seen"))
    for page in ("performance.md", "cost.md"):
        (_DOCS / page).write_text(_filled((_PAGES / page).read_text(), values))

    reports = [polling, orchestration, queue, persisting, whole, started, warm]
    for report in reports:
        say(f"\n{report.title}")
        report.show()
    failed = [claim.what for report in reports for claim in report.claims if not claim.passed]
    say(f"\n{watch.seconds / 60:.0f} min; docs/performance.md and docs/cost.md are written anew.")
    if failed:
        raise Failure(f"{len(failed)} of {sum(len(report.claims) for report in reports)} claims are not kept: {'; '.join(failed)}.")


def _filled(page: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        page = page.replace(f"<!-- {name} -->", value)
    return page


def _prices(prices: dict) -> str:
    lines = ["| | $ |", "|---|---|", *(f"| `{name}` | {value:.10f}".rstrip("0") + " |" for name, value in prices["usd"].items())]
    return "\n".join(lines)
