"""`make bench`: everything that is measured, and the page that shows it."""

import os
import platform
from datetime import date

from bench import api
from stack.tools import ROOT

PAGE = ROOT / "docs" / "performance.md"
_PAGE = """# Performance

Written by `make bench` on {day}, {machine}. The claims are counts and ratios within one run; the milliseconds are that machine's and the local AWS's, which answers a single call more slowly than AWS does.

## The API, warm

{api}

"Own time" is what is left without waiting for AWS. A list with a filter may ask up to three times to fill its page; a create that finds another writer first asks again.
"""


def run() -> None:
    machine = f"{os.cpu_count()} cores ({platform.machine()})"
    PAGE.write_text(_PAGE.format(day=date.today().isoformat(), machine=machine, api=api.run()))
