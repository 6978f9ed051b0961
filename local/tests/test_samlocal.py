"""What is around `sam local`: payloads, the relay, the choice of an image, and what is said where Docker is missing."""

import contextlib
import dataclasses
import io
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import unittest
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from docker.errors import APIError, DockerException, ImageNotFound
from samcli.commands.local.lib.swagger.integration_uri import LambdaUri

from stack import checks, containers, deploy, options, payloads, samlocal, samrun, standin
from stack.console import Failure
from stack.relay import opened

# The whole 127.0.0.0/8 is this machine, so it has two addresses without Docker, too.
THERE = "127.0.0.2"
OWN = payloads.Names("my-bucket", "understudy_mine", "0b1e2c3d-0000-4000-8000-000000000000", 3, "provider-1")


class Payloads(unittest.TestCase):
    def test_every_file_has_its_functions_and_every_function_its_files(self):
        self.assertEqual({file.name for file in payloads.FOLDER.glob("*.json")}, set(payloads.FUNCTIONS))
        self.assertEqual(set(samlocal.names()), {function for functions in payloads.FUNCTIONS.values() for function in functions})

    def test_every_example_name_is_replaced(self):
        left = {}
        for file in payloads.FUNCTIONS:
            text = payloads.filled(payloads.FOLDER / file, OWN)
            json.loads(text)
            left[file] = [example for example in (payloads.BUCKET, payloads.TOKEN, payloads.TASK, payloads.PROVIDER_TASK) if example in text]
        self.assertEqual({file: [] for file in payloads.FUNCTIONS}, left)

    def test_every_example_name_is_in_some_file(self):
        texts = [(payloads.FOLDER / file).read_text() for file in payloads.FUNCTIONS]
        for example in (payloads.BUCKET, payloads.TOKEN, payloads.TASK, payloads.PROVIDER_TASK):
            self.assertTrue(any(example in text for text in texts), example)

    def test_the_generation_is_replaced_wherever_it_stands(self):
        self.assertEqual({"id": OWN.task, "generation": 3}, json.loads(payloads.filled(payloads.FOLDER / "step.json", OWN)))
        detail = json.loads(payloads.filled(payloads.FOLDER / "execution-aborted.json", OWN))["detail"]
        self.assertEqual((f"{OWN.task}-3", {"id": OWN.task, "generation": 3}), (detail["name"], json.loads(detail["input"])))

    def test_without_names_of_its_own_it_is_the_example(self):
        self.assertEqual((payloads.FOLDER / "step.json").read_text(), payloads.filled(payloads.FOLDER / "step.json", payloads.Names("any")))

    def test_each_function_has_a_usual_payload(self):
        self.assertEqual("step.json", payloads.usual("PersistFunction").name)
        self.assertIsNone(payloads.usual("NoFunction"))


class Invocation(unittest.TestCase):
    def test_nothing_asked_is_the_whole_run(self):
        self.assertEqual((None, None, None), self._asked())

    def test_a_function_has_its_usual_payload_and_no_debugger(self):
        self.assertEqual(("SubmitFunction", payloads.FOLDER / "step.json", None), self._asked(FUNCTION="SubmitFunction"))

    def test_payload_and_debugger_are_taken(self):
        event = payloads.FOLDER / "repair.json"
        self.assertEqual(("ReconcileFunction", event, 5005), self._asked(FUNCTION="ReconcileFunction", EVENT=str(event), DEBUG="5005"))

    def test_refusals_name_what_is_wrong(self):
        for variables, words in (
            ({"FUNCTION": "SubmitHandler"}, "FUNCTION=SubmitHandler is not in template.yaml: give one of ApiFunction"),
            ({"FUNCTION": "SubmitFunction", "EVENT": "no/such.json"}, "EVENT=no/such.json is not a file"),
            ({"FUNCTION": "SubmitFunction", "DEBUG": "jdb"}, "DEBUG=jdb is not a port"),
            ({"EVENT": "events/step.json"}, "EVENT was given without a FUNCTION"),
        ):
            with self.subTest(variables), self.assertRaises(Failure) as failure:
                self._asked(**variables)
            self.assertIn(words, str(failure.exception))

    def _asked(self, **variables: str):
        names = {"FUNCTION": "", "EVENT": "", "DEBUG": "", **variables}
        with mock.patch.dict(os.environ, names):
            return options.read_invocation()


class TheRelay(unittest.TestCase):
    def test_bytes_go_both_ways_until_each_side_has_said_all(self):
        with self._echo() as port, opened(THERE, {port}) as (relay,):
            self.assertFalse(relay.used)
            with socket.create_connection((THERE, port), timeout=10) as near:
                sent = os.urandom(1_000_000)
                threading.Thread(target=lambda: (near.sendall(sent), near.shutdown(socket.SHUT_WR))).start()
                self.assertEqual(sent, self._all(near))
            self.assertTrue(relay.used)

    def test_afterwards_nobody_is_reached_and_nothing_stays_open(self):
        with self._echo() as port:
            with opened(THERE, {port}):
                near = socket.create_connection((THERE, port), timeout=10)
                near.sendall(b"a")
                self.assertEqual(b"a", near.recv(1))
            self.assertEqual(b"", near.recv(1))
            near.close()
            with self.assertRaises(OSError):
                socket.create_connection((THERE, port), timeout=10)

    def test_what_is_there_already_needs_none(self):
        with self._echo(THERE) as port, opened(THERE, {port}) as relays:
            self.assertEqual([], relays)

    def test_an_address_that_only_the_engine_has_is_its_own_fault(self):
        with self.assertRaisesRegex(containers.Unavailable, "does not have the address 192.0.2.1"), mock.patch("stack.relay.taken", lambda *_: False), opened("192.0.2.1", {4999}):
            pass

    def test_a_port_that_is_taken_is_named(self):
        with self._echo(THERE) as port, self.assertRaisesRegex(Failure, f"Port {port} of {THERE}, where containers reach this machine, cannot be listened on"), mock.patch("stack.relay.taken", lambda *_: False), opened(THERE, {port}):
            pass

    @contextlib.contextmanager
    def _echo(self, address: str = "127.0.0.1") -> Iterator[int]:
        """Sends back what it gets, while it gets it."""
        listener = socket.create_server((address, 0))

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    with listener.accept()[0] as one:
                        while received := one.recv(65536):
                            one.sendall(received)

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def _all(self, near: socket.socket) -> bytes:
        received = b""
        while more := near.recv(65536):
            received += more
        return received


class TheApi(unittest.TestCase):
    def test_sam_local_finds_the_function_behind_its_alias(self):
        """Written in another way it answers everything with 502."""
        integration = deploy.template()["Resources"]["ApiIntegration"]["Properties"]["IntegrationUri"]
        self.assertIn("${ApiFunction.Arn}:live/", integration["Fn::Sub"])
        self.assertEqual("ApiFunction", LambdaUri.get_function_name(integration))


class TheImage(unittest.TestCase):
    """A stand-in engine: what it has, and whether a registry answers it."""

    def setUp(self):
        self.has: set[str] = set()
        self.registry = False
        self.client = mock.Mock()
        self.client.images.get.side_effect = self._get
        self.client.images.pull.side_effect = self._pull
        self.enterContext(mock.patch.object(standin, "name", lambda: "stand-in:latest"))
        self.made = self.enterContext(mock.patch.object(standin, "make", side_effect=lambda _client, name: self.has.add(name)))
        self.said = self.enterContext(contextlib.redirect_stdout(io.StringIO()))

    def test_lambdas_own_is_taken_where_a_registry_has_it(self):
        self.registry = True
        self.assertIsNone(containers.image(self.client))
        self.made.assert_not_called()

    def test_lambdas_own_is_taken_where_it_is_there_already(self):
        self.has.add(self._public())
        self.assertIsNone(containers.image(self.client))
        self.client.images.pull.assert_not_called()

    def test_a_stand_in_is_made_once_where_no_registry_answers(self):
        self.assertEqual("stand-in:latest", containers.image(self.client))
        self.assertEqual("stand-in:latest", containers.image(self.client))
        self.made.assert_called_once()
        self.assertIn("not to be had: no such host", self.said.getvalue())

    def test_an_engine_that_starts_nothing_is_told_from_a_failure_of_ours(self):
        self.client.containers.run.side_effect = DockerException("no cgroups")
        with self.assertRaisesRegex(containers.Unavailable, r"cannot start a container \(no cgroups\)"):
            containers.image(self.client)

    def test_this_machine_is_the_gateway_of_the_default_network(self):
        self.client.networks.get.return_value.attrs = {"IPAM": {"Config": [{"Subnet": "fd00::/64", "Gateway": "fd00::1"}, {"Subnet": "172.17.0.0/16", "Gateway": "172.17.0.1"}]}}
        self.assertEqual("172.17.0.1", containers.gateway(self.client))
        self.client.networks.get.return_value.attrs = {"IPAM": {"Config": [{}]}}
        with self.assertRaisesRegex(containers.Unavailable, "no address of this machine"):
            containers.gateway(self.client)

    def _public(self) -> str:
        with contextlib.suppress(ImageNotFound):
            self.registry = True
            containers.image(self.client)
        self.registry = False
        (name,) = {call.args[0] for call in self.client.images.pull.call_args_list}
        self.has.clear()
        self.client.images.pull.reset_mock()
        return name

    def _get(self, name: str):
        if name not in self.has:
            raise ImageNotFound(name)

    def _pull(self, name: str):
        if not self.registry:
            raise APIError("500", explanation="no such host")
        self.has.add(name)


class TheStandIn(unittest.TestCase):
    @unittest.skipUnless(shutil.which("ldd"), "there is no ldd")
    def test_libraries_are_found_by_the_paths_at_which_they_are_looked_for(self):
        with mock.patch("stack.prerequisites.java_home", lambda: Path("/no/jdk")):
            needed = standin._needed([standin.shell()])
        self.assertTrue(any(re.match(r"(libc|ld-musl|ld-linux)", path.name) for path in needed), needed)
        self.assertTrue(all(path.is_absolute() and path.exists() for path in needed))


class WithoutDocker(unittest.TestCase):
    def test_make_sam_local_says_so(self):
        with mock.patch.dict(os.environ, {"DOCKER_HOST": "tcp://127.0.0.1:1"}), self.assertRaisesRegex(containers.Unavailable, "no Docker engine answers here"):
            containers.engine()

    def test_make_test_goes_on_and_says_so(self):
        wanted = options.Options(**{field.name: None for field in dataclasses.fields(options.Options)} | {"stack": "test", "port": 4666, "provider_port": 8800})
        with mock.patch.object(samrun, "run", side_effect=containers.Unavailable("no Docker engine answers here")) as run:
            self.assertEqual("not run: no Docker engine answers here", checks._sam_local(wanted))
        self.assertEqual(("test-sam", 4766, 8900), (run.call_args.args[0].stack, run.call_args.args[0].port, run.call_args.args[0].provider_port))

    def test_what_was_not_run_is_not_counted_as_passed(self):
        with contextlib.redirect_stdout(io.StringIO()) as said:
            checks._run([checks.Check("one", lambda: "3 tests"), checks.Check("two", lambda: "not run: no Docker engine answers here"), checks.Check("three", lambda: "ok")])
        self.assertIn("two                          0 s   not run: no Docker engine answers here", said.getvalue())
        self.assertTrue(said.getvalue().endswith("4 passed, 0 failed\n"))


class Answers(unittest.TestCase):
    """What `sam local invoke` writes, and what is made of it."""

    REPORT = "REPORT RequestId: 1\tInit Duration: 0.05 ms\tDuration: 612.40 ms\tBilled Duration: 613 ms\n"

    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(mock.patch.dict(os.environ, {"NO_PROXY": "127.0.0.1"}))
        self.enterContext(contextlib.redirect_stderr(io.StringIO()))

    def test_the_last_line_is_the_answer(self):
        answer = self._invoked('started\n{"next": "END", "seconds": 0}\n\n')
        self.assertEqual(({"next": "END", "seconds": 0}, 612.4), (answer.value, answer.milliseconds))

    def test_no_answer_and_null_are_empty(self):
        self.assertEqual({}, self._invoked("\n").value)
        self.assertEqual({}, self._invoked("null\n").value)

    def test_an_exception_of_the_function_is_a_failure_though_sam_ends_well(self):
        with self.assertRaisesRegex(Failure, "sam local invoke SubmitFunction` failed"):
            self._invoked('{"errorMessage": "no", "errorType": "dev.understudy.core.errors.Misconfigured"}\n')

    def test_no_report_is_a_failure(self):
        with self.assertRaisesRegex(Failure, "failed"):
            self._invoked("{}\n", report="")

    def test_a_container_that_reaches_nothing_is_the_machines_fault(self):
        with self.assertRaisesRegex(containers.Unavailable, "no container reaches 172.17.0.1"):
            self._invoked('{"errorType": "x"}\n', relays=[mock.Mock(used=False)])

    def _invoked(self, output: str, report: str = REPORT, relays=()):
        sam = samlocal.SamLocal(mock.Mock(), {}, None, {}, self.folder / "variables.json", "172.17.0.1", list(relays))
        with mock.patch.object(subprocess, "run", return_value=mock.Mock(returncode=0, stdout=output, stderr=report)):
            return sam.invoke("SubmitFunction", "{}")


if __name__ == "__main__":
    unittest.main()
