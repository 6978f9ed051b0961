"""What was found, as it is printed and as it stands on docs/performance.md: tables, and claims with what they must reach."""

import dataclasses

from stack.console import say


@dataclasses.dataclass(frozen=True)
class Claim:
    what: str
    measured: float
    sign: str
    limit: float
    passed: bool


class Report:
    """One section of the page."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.claims: list[Claim] = []
        self._parts: list[list[list[str]]] = []

    def table(self, *head: str) -> None:
        self._parts.append([list(head)])

    def row(self, *cells: str) -> None:
        self._parts[-1].append(list(cells))

    def at_most(self, what: str, measured: float, limit: float) -> None:
        self.claims.append(Claim(what, measured, "≤", limit, measured <= limit))

    def at_least(self, what: str, measured: float, limit: float) -> None:
        self.claims.append(Claim(what, measured, "≥", limit, measured >= limit))

    def add(self, found: dict) -> None:
        """What a program on the virtual clock printed."""
        for table in found["tables"]:
            self._parts.append([table["head"], *table["rows"]])
        self.claims += [Claim(**claim) for claim in found["claims"]]

    @property
    def tables(self) -> str:
        """The tables alone, in Markdown."""
        return "\n\n".join("\n".join(["| " + " | ".join(head) + " |", "|" + "---|" * len(head), *("| " + " | ".join(row) + " |" for row in rows)]) for head, *rows in self._parts)

    @property
    def text(self) -> str:
        """The section, in Markdown."""
        lines = ["| Claim | measured | must be | |", "|---|---|---|---|"]
        lines += [f"| {claim.what} | {figure(claim.measured)} | {claim.sign} {figure(claim.limit)} | {'pass' if claim.passed else '**fail**'} |" for claim in self.claims]
        return "\n\n".join(filter(None, [f"## {self.title}", self.tables, "\n".join(lines) if self.claims else ""]))

    def show(self) -> None:
        for claim in self.claims:
            say(f"  {'pass' if claim.passed else 'FAIL'}  {claim.what}: {figure(claim.measured)} ({claim.sign} {figure(claim.limit)})")


def figure(number: float) -> str:
    return f"{number:,.0f}" if number == int(number) else f"{number:.5f}" if abs(number) < 0.01 else f"{number:.3g}" if abs(number) < 1 else f"{number:,.2f}"
