"""What the code counts, the alarms and the dashboard of the template, and the runbooks: that they name the same things."""

import json
import re
import unittest

from stack import deploy
from stack.options import ROOT

_METRICS = ROOT / "functions/core/src/main/java/dev/understudy/core/watch/Metric.java"
_REASONS = ROOT / "functions/core/src/main/java/dev/understudy/core/watch/FailureReason.java"
_LINES = ROOT / "functions/adapters/src/main/java/dev/understudy/adapters/logging/MetricLines.java"
_GUIDE = ROOT / "docs" / "operations.md"


def emitted() -> set[str]:
    return set(re.findall(r'(?m)^  [A-Z_]+\("(\w+)", Unit\.', _METRICS.read_text()))


def reasons() -> set[str]:
    return set(re.findall(r"(?m)^  ([A-Z_]+)[,;]$", _REASONS.read_text()))


def alarms() -> dict[str, dict]:
    return {name: about["Properties"] for name, about in deploy.template()["Resources"].items() if about["Type"] == "AWS::CloudWatch::Alarm"}


def dashboard() -> dict:
    body, _names = deploy.template()["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    return json.loads(re.sub(r"\$\{WebhookAlarmIfAny}", "", body))


def shown() -> set[str]:
    """The names of our metrics in the dashboard; "." stands for what stood there in the line before."""
    found = set()
    for widget in dashboard()["widgets"]:
        namespace = name = None
        for line in widget["properties"].get("metrics", []):
            if isinstance(line[0], dict):
                found |= set(re.findall(r'MetricName="(\w+)"', line[0]["expression"]))
                continue
            if line[0] == "...":
                continue
            namespace = line[0] if line[0] != "." else namespace
            name = line[1] if line[1] != "." else name
            if namespace == "Understudy":
                found.add(name)
    return found


def headings() -> dict[str, str]:
    """Each heading of the guide by its anchor, as GitHub makes them."""
    titles = re.findall(r"(?m)^#+ (.+)$", _GUIDE.read_text())
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-"): title for title in titles}


class Metrics(unittest.TestCase):
    def test_every_one_that_an_alarm_watches_is_counted_with_that_dimension(self):
        for name, alarm in alarms().items():
            if alarm["Namespace"].startswith("AWS/"):
                continue
            with self.subTest(name):
                self.assertEqual(re.search(r'NAMESPACE = "(\w+)"', _LINES.read_text())[1], alarm["Namespace"])
                self.assertIn(alarm["MetricName"], emitted())
                dimensions = {each["Name"]: each["Value"] for each in alarm["Dimensions"]}
                self.assertEqual({"Ref": "AWS::StackName"}, dimensions.pop("Stack"))
                if dimensions:
                    self.assertEqual("Failed", alarm["MetricName"])
                    self.assertEqual(["Reason"], list(dimensions))
                    self.assertIn(dimensions["Reason"], reasons())

    def test_every_one_is_on_the_dashboard_and_nothing_else(self):
        self.assertTrue(emitted())
        self.assertEqual(emitted(), shown())

    def test_the_dashboard_shows_each_alarm(self):
        _body, names = deploy.template()["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
        self.assertEqual(set(alarms()), set(re.findall(r"\w+Alarm\b(?!IfAny)", json.dumps(names))))

    def test_every_one_is_explained(self):
        guide = _GUIDE.read_text()
        for name in sorted(emitted()):
            self.assertIn(f"`{name}`", guide)


class Runbooks(unittest.TestCase):
    def test_every_alarm_names_one_that_is_there(self):
        for name, alarm in alarms().items():
            with self.subTest(name):
                self.assertIn(re.fullmatch(r".+ Runbook - docs/operations\.md#([\w-]+)", alarm["AlarmDescription"])[1], headings())

    def test_every_one_names_its_alarms(self):
        """The line under a runbook's heading: "Alarm: `…`"."""
        guide = _GUIDE.read_text()
        named = {}
        for title, alarm_names in re.findall(r"(?m)^#+ (.+)\n\nAlarms?: (.+)\.$", guide):
            for alarm in re.findall(r"`(\w+)`", alarm_names):
                named[alarm] = title
        self.assertEqual(
            {name: headings()[alarm["AlarmDescription"].rpartition("#")[2]] for name, alarm in alarms().items()},
            named,
        )

    def test_every_alarm_tells_whoever_is_to_be_told(self):
        for name, alarm in alarms().items():
            with self.subTest(name):
                self.assertEqual({"Fn::If": ["NotificationsAreWanted", [{"Ref": "Notifications"}], {"Ref": "AWS::NoValue"}]}, alarm["AlarmActions"])
