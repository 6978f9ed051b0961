"""The scripts behind make: what they refuse, and that nothing is left running."""

import dataclasses
import os
import re
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

import understudy
from stack import checks, deploy, options, prerequisites, processes, provider, tasks
from stack.console import Failure
from stack.processes import Daemon


def asked(**variables: str) -> options.Options:
    with mock.patch.dict(os.environ, variables):
        for name in ("STACK", "PORT", "PROVIDER_PORT", "PROVIDER_HOST", "ENDPOINT_URL", "PARAMS", "COMETAPI_BASE_URL", "COMETAPI_API_KEY", "ID"):
            if name not in variables:
                os.environ.pop(name, None)
        return options.read()


class Options(unittest.TestCase):
    def test_defaults(self):
        wanted = asked()
        self.assertEqual(("understudy", 4566, 8700, {}), (wanted.stack, wanted.port, wanted.provider_port, wanted.parameters))
        self.assertEqual(".local", wanted.state.name)
        self.assertEqual("make stop", wanted.how("stop"))

    def test_another_stack_has_its_own_state_and_ports(self):
        wanted = asked(STACK="second", PORT="4570")
        self.assertEqual((4570, 8704), (wanted.port, wanted.provider_port))
        self.assertEqual("second", wanted.state.name)
        self.assertEqual("make stop STACK=second", wanted.how("stop"))

    def test_parameters(self):
        self.assertEqual({"PollFirstSeconds": "2", "ModelName": "a b"}, asked(PARAMS="PollFirstSeconds=2 ModelName='a b'").parameters)

    def test_refusals_name_what_is_wrong(self):
        for variables, words in (
            ({"STACK": "Big Name"}, "STACK=Big Name"),
            ({"STACK": "demo"}, "STACK=demo"),
            ({"PORT": "http"}, "PORT=http"),
            ({"PARAMS": "PollFirst=2"}, "'PollFirst=2'"),
            ({"PARAMS": "PollFirstSeconds"}, "'PollFirstSeconds'"),
            ({"PARAMS": "CometApiKey=secret"}, "CometApiKey=secret"),
            ({"COMETAPI_BASE_URL": "http://127.0.0.1:1"}, "without COMETAPI_API_KEY"),
            ({"COMETAPI_API_KEY": "secret"}, "without COMETAPI_BASE_URL"),
        ):
            with self.subTest(variables), self.assertRaises(Failure) as failure:
                asked(**variables)
            self.assertIn(words, str(failure.exception))


class SomebodyElsesLocalAws(unittest.TestCase):
    def setUp(self):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(mock.patch.object(options, "_state", lambda stack: folder / stack))

    def test_it_is_the_endpoint_and_is_remembered_until_the_end(self):
        wanted = asked(ENDPOINT_URL="http://127.0.0.1:4641/", STACK="theirs")
        self.assertEqual("http://127.0.0.1:4641", wanted.endpoint)
        self.assertEqual("http://127.0.0.1:4566", asked(STACK="theirs").endpoint)
        options.remember(wanted)
        self.assertEqual("http://127.0.0.1:4641", asked(STACK="theirs").endpoint)
        self.assertEqual("http://127.0.0.1:4566", asked(STACK="ours").endpoint)
        options.remember(dataclasses.replace(wanted, endpoint_url=None))
        self.assertEqual("http://127.0.0.1:4566", asked(STACK="theirs").endpoint)

    def test_what_is_no_local_aws_is_refused(self):
        for url, words in (
            ("localhost:4566", "is not the address of a local AWS"),
            ("http://127.0.0.1:4566/path", "is not the address of a local AWS"),
            ("https://lambda.eu-west-1.amazonaws.com", "is AWS itself"),
        ):
            with self.subTest(url), self.assertRaises(Failure) as failure:
                asked(ENDPOINT_URL=url)
            self.assertIn(f"AWS_ENDPOINT_URL={url} {words}", str(failure.exception))

    def test_the_one_that_stack_env_names_is_ours(self):
        theirs, ours = "http://127.0.0.1:4641", "http://127.0.0.1:4566"
        for own, on_any_endpoint, expected in ((None, True, theirs), (ours, True, theirs), (theirs, True, None), (None, False, None)):
            given = {"AWS_ENDPOINT_URL": theirs, "AWS_PROFILE": "work", **({"UNDERSTUDY_ENDPOINT_URL": own} if own else {})}
            with self.subTest(own=own, on_any_endpoint=on_any_endpoint), mock.patch.dict(os.environ, given):
                understudy._keep_to_this_machine(on_any_endpoint)
                self.assertEqual(expected, os.environ.get("ENDPOINT_URL"))
                self.assertNotIn("AWS_PROFILE", os.environ)
                self.assertNotIn("AWS_ENDPOINT_URL", os.environ)

    def test_where_the_functions_reach_the_provider(self):
        self.assertEqual("http://127.0.0.1:8700", provider.url(asked()))
        self.assertEqual("http://172.17.0.1:8700", provider.url(asked(PROVIDER_HOST="172.17.0.1")))


class TheTemplate(unittest.TestCase):
    def test_every_parameter_is_documented_and_every_documented_one_is_a_parameter(self):
        page = (options.ROOT / "docs" / "configuration.md").read_text()
        settings = {name: default for name, default in re.findall(r"(?m)^\| `(\w*[a-z]\w*)` \| ([^|]+?) \|", page)}
        others = set(re.findall(r"(?m)^- `(\w+)`", page))
        parameters = deploy.template()["Parameters"]
        self.assertEqual(set(parameters), set(settings) | others)
        for name, default in settings.items():
            with self.subTest(name):
                self.assertEqual(default, f"{parameters[name]['Default']:.2f}" if name == "PriceUsd" else str(parameters[name]["Default"]))

    def test_cors_of_the_local_api_is_the_templates_with_the_origins_that_were_asked_for(self):
        cors = deploy.cors(["https://a.example"])
        self.assertEqual(["https://a.example"], cors["AllowOrigins"])
        self.assertIn("authorization", cors["AllowHeaders"])

    def test_an_origin_is_a_scheme_and_a_host(self):
        pattern = deploy.template()["Parameters"]["CorsAllowOrigins"]["AllowedPattern"]
        for origin in ("", "*", "https://app.example.com", "http://localhost:3000", "http://[::1]:8080"):
            self.assertIsNotNone(re.fullmatch(pattern, origin), origin)
        for origin in ("app.example.com", "https://app.example.com/", "https://*.example.com", "https://a b", "null"):
            self.assertIsNone(re.fullmatch(pattern, origin), origin)


class Prerequisites(unittest.TestCase):
    def setUp(self):
        for cached in (prerequisites.maven, prerequisites.java_home):
            cached.cache_clear()
            self.addCleanup(cached.cache_clear)
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def test_missing_maven_is_named(self):
        with mock.patch.dict(os.environ, {"PATH": str(self.folder)}), self.assertRaisesRegex(Failure, "Maven was not found"):
            prerequisites.maven()

    def test_java_home_with_a_jdk_25_is_taken(self):
        self._jdk("25.0.3")
        with mock.patch.dict(os.environ, {"JAVA_HOME": str(self.folder)}):
            self.assertEqual(self.folder, prerequisites.java_home())

    def test_another_jdk_is_not_taken_and_the_wanted_one_is_named(self):
        self._jdk("17.0.15")
        with mock.patch.object(prerequisites, "_candidates", lambda: [self.folder]), self.assertRaisesRegex(Failure, "A JDK 25 was not found"):
            prerequisites.java_home()

    def test_an_old_node_is_not_taken_and_the_wanted_one_is_named(self):
        self._programs("v18.19.0")
        with mock.patch.dict(os.environ, {"PATH": str(self.folder)}), self.assertRaisesRegex(Failure, "Node 20 or later is needed, and the `node` on the PATH is v18.19.0"):
            prerequisites.node()
        self._programs("v22.1.0")
        with mock.patch.dict(os.environ, {"PATH": str(self.folder)}):
            prerequisites.node()

    def _programs(self, version: str) -> None:
        for name in ("node", "npm"):
            file = self.folder / name
            file.write_text(f"#!/bin/sh\necho {version}\n")
            file.chmod(0o755)

    def _jdk(self, version: str) -> None:
        (self.folder / "bin").mkdir()
        (self.folder / "bin" / "javac").touch()
        (self.folder / "release").write_text(f'IMPLEMENTOR="Somebody"\nJAVA_VERSION="{version}"\n')


class Daemons(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.daemon = Daemon("The sleeper", self.folder, "sleeper")
        self.addCleanup(self.daemon.stop)

    def test_stop_ends_the_program_and_its_children(self):
        self._start("import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); print('ready', flush=True); time.sleep(60)")
        group = self.daemon.about["pid"]
        self.daemon.wait(lambda: self.daemon.log.read_text() == "ready\n", 10)
        self.assertTrue(self.daemon.running)
        self.assertTrue(processes.group_runs(group))
        self.assertTrue(self.daemon.stop())
        self.assertFalse(processes.group_runs(group))
        self.assertFalse(self.daemon.running)
        self.assertFalse(self.daemon.stop())

    def test_an_end_is_told_with_the_log(self):
        self._start("pass")
        end = time.monotonic() + 10
        while self.daemon.running and time.monotonic() < end:
            time.sleep(0.01)
        with self.assertRaisesRegex(Failure, "The sleeper ended unexpectedly; its log is .*sleeper.log"):
            self.daemon.require()

    def test_another_process_with_the_same_id_is_not_taken_for_it(self):
        self.folder.joinpath("sleeper.pid").write_text(f'{{"pid": {os.getpid()}, "started": 1}}')
        self.assertFalse(self.daemon.running)

    def _start(self, program: str) -> None:
        self.daemon.start([sys.executable, "-c", program], {})


class Reports(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def test_the_tests_of_every_runner_are_counted(self):
        self._report("java", '<testsuite><testcase classname="a.B" name="one"/><testcase classname="a.B" name="two"/></testsuite>')
        self._report("pytest", '<testsuites><testsuite><testcase classname="c" name="three"/></testsuite></testsuites>')
        self._report("node", '<testsuites><testsuite name="d"><testsuite name="e"><testcase name="four"/></testsuite></testsuite></testsuites>')
        self.assertEqual("4 tests", checks._ran(self.folder, "them"))

    def test_none_or_a_skipped_one_is_a_failure(self):
        with self.assertRaisesRegex(Failure, "them ran no test"):
            checks._ran(self.folder, "them")
        self._report("java", '<testsuite><testcase classname="a.B" name="one"/><testcase classname="a.B" name="two"><skipped/></testcase></testsuite>')
        with self.assertRaisesRegex(Failure, r"them skipped tests, and none may be: B\.two\."):
            checks._ran(self.folder, "them")

    def _report(self, name: str, content: str) -> None:
        self.folder.joinpath(f"TEST-{name}.xml").write_text(content)


class Environment(unittest.TestCase):
    def test_a_shell_reads_every_value_as_it_is(self):
        values = {"API_URL": "http://127.0.0.1:4566/_aws/execute-api/abc/$default", "BUCKET": "my-bucket", "ODD": "a 'b' \"c\" `d`"}
        folder = Path(self.enterContext(tempfile.TemporaryDirectory(dir=options.ROOT)))
        wanted = mock.Mock(state=folder)
        with mock.patch.object(deploy, "environment_of", lambda *_: values):
            deploy.write_environment(wanted, {}, "")
        script = '. "$0"; for name in API_URL BUCKET ODD; do printenv "$name"; done'
        read = subprocess.run(["sh", "-c", script, str(folder / "stack.env")], capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"]})
        self.assertEqual(list(values.values()), read.stdout.splitlines())


class Tasks(unittest.TestCase):
    def test_a_task_is_told_in_lines(self):
        view = tasks.TaskView(
            {"id": "t1", "status": "SUBMITTED", "sentence": "The provider renders it.", "next": "It is polled.", "polls": 3, "attempts": [{"number": 1, "providerTaskId": "p1", "charge": "CHARGED"}]},
            [{"at": "2026-01-02T03:04:05.678Z", "status": "QUEUED", "sentence": "Accepted."}],
        )
        self.assertEqual(
            [
                "Task t1: SUBMITTED",
                "  The provider renders it.",
                "  Next: It is polled.",
                "  Attempt 1: charge CHARGED, the provider's id is p1",
                "  Polls: 3",
                "  Timeline:",
                "    03:04:05  QUEUED             Accepted.",
            ],
            list(view.lines()),
        )


if __name__ == "__main__":
    unittest.main()
