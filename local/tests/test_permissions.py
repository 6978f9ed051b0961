"""The comparison of the roles' policies with what the functions call: that each mistake is seen, and that template.yaml has none."""

import copy
import json
import unittest
from pathlib import Path

from stack import deploy, permissions
from stack.console import Failure
from stack.permissions import Call, Record, Stack

FULL_RUN = Path(__file__).parent / "calls.json"
"""What the functions called in a whole `make test`, without anything of that run: target/calls.json of it."""

TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
STACK = Stack("shop", "eu-west-1", "123456789012", {"Bucket": "shop-bucket-1a2b", "Table": "shop-Table-3C4D", "Role": "shop-Role-5E6F"})


def template(*statements: dict, conditions: dict | None = None, parameters: dict | None = None, **resources: dict) -> dict:
    return {
        "Transform": "AWS::Serverless-2016-10-31",
        "Parameters": parameters or {},
        "Conditions": conditions or {},
        "Resources": {
            "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {}},
            "Table": {"Type": "AWS::DynamoDB::Table", "Properties": {}},
            "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}},
            "Policy": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "p", "Roles": [{"Ref": "Role"}], "PolicyDocument": {"Statement": list(statements)}}},
            **resources,
        },
    }


def allow(action: str | list, resource, **more) -> dict:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def below(folder: str) -> dict:
    return {"Fn::Sub": f"${{Bucket.Arn}}/{folder}"}


TABLE = {"Fn::GetAtt": ["Table", "Arn"]}
READS = allow("s3:GetObject", below("in/*"))
READ = Call("Role", "s3:GetObject", "arn:aws:s3:::shop-bucket-1a2b/in/a/b.png")


def findings(template: dict, *calls: Call, reviewed: str = "") -> list[str]:
    return permissions.findings(template, Record(STACK, list(calls)), permissions.reviewed(reviewed))


class BothWays(unittest.TestCase):
    def test_nothing_is_found_if_each_call_is_allowed_and_each_permission_used(self):
        self.assertEqual([], findings(template(READS), READ))

    def test_a_call_that_no_policy_of_the_role_allows(self):
        for call in (
            Call("Role", "s3:PutObject", READ.resource),
            Call("Role", "s3:GetObject", "arn:aws:s3:::shop-bucket-1a2b/out/a.png"),
            Call("Role", "s3:GetObject", "arn:aws:s3:::another/in/a.png"),
            Call("Other", READ.action, READ.resource),
        ):
            with self.subTest(call):
                self.assertEqual([f"{call} is called, and no policy of the role in template.yaml allows it."], findings(template(READS), READ, call))

    def test_a_permission_that_nobody_uses_by_action_and_by_resource(self):
        self.assertEqual(
            ["Role may s3:PutObject on arn:aws:s3:::Bucket/in/* (Policy): no test has seen it used. Take it away, or explain it in permissions.txt (unseen, sometimes)."],
            findings(template(allow(["s3:GetObject", "s3:PutObject"], below("in/*"))), READ),
        )
        self.assertRegex(findings(template(allow("s3:GetObject", [below("in/*"), below("out/*")])), READ)[0], "Bucket/out/.* no test has seen it used")

    def test_a_permission_of_two_roles_has_to_be_used_by_both(self):
        two = template(READS, Second={"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}})
        two["Resources"]["Policy"]["Properties"]["Roles"].append({"Ref": "Second"})
        self.assertRegex("\n".join(findings(two, READ)), r"\ASecond may s3:GetObject .* no test has seen it used.*\Z")

    def test_a_denied_call_is_found_whatever_the_template_says_unless_it_is_expected(self):
        denied = Call("Role", "s3:GetObject", READ.resource + "x", allowed=False)
        self.assertRegex(findings(template(READS), READ, denied)[0], "was denied: allow it")
        line = "denied | Role | s3:GetObject | *x | a test asks for it"
        self.assertEqual([], findings(template(READS), READ, denied, reviewed=line))
        self.assertRegex(findings(template(READS), READ, reviewed=line)[0], "expects a refusal that was not seen")

    def test_a_denied_call_uses_no_permission(self):
        denied = Call("Role", READ.action, READ.resource, allowed=False)
        self.assertEqual(1, sum("no test has seen it used" in finding for finding in findings(template(READS), denied)))

    def test_a_deny_in_the_template_counts(self):
        self.assertRegex(findings(template(READS, {**READS, "Effect": "Deny"}), READ)[0], "template.yaml denies it")

    def test_policies_inside_a_role_count(self):
        inside = template(READS)
        inside["Resources"]["Role"]["Properties"]["Policies"] = [{"PolicyName": "own", "PolicyDocument": {"Statement": [allow("dynamodb:Query", TABLE)]}}]
        call = Call("Role", "dynamodb:Query", "arn:aws:dynamodb:eu-west-1:123456789012:table/shop-Table-3C4D")
        self.assertEqual([], findings(inside, READ, call))

    def test_what_a_condition_would_allow_has_to_be_explained_though_this_stack_has_it_not(self):
        on_demand = {"Fn::If": ["Wanted", allow("kms:Decrypt", {"Ref": "KeyArn"}), {"Ref": "AWS::NoValue"}]}
        optional = template(READS, on_demand, conditions={"Wanted": {"Fn::Not": [{"Fn::Equals": [{"Ref": "KeyArn"}, ""]}]}}, parameters={"KeyArn": {"Type": "String", "Default": ""}})
        self.assertRegex("\n".join(findings(optional, READ)), "Role may kms:Decrypt .* no test has seen it used")
        self.assertEqual([], findings(optional, READ, reviewed="unseen | Role | kms:Decrypt | * | the stack of the tests has no key"))
        # … and it does not allow this stack's calls.
        call = Call("Role", "kms:Decrypt", "")
        self.assertRegex("\n".join(findings(optional, READ, call)), "no policy of the role")


class TooWide(unittest.TestCase):
    def test_wildcards(self):
        for statement, complaint in (
            (allow("s3:*", below("in/*")), "name the actions"),
            (allow("s3:GetObject", "*"), "name the resource"),
            (allow("s3:GetObject", {"Fn::Sub": "${Bucket.Arn}/*"}), "only below a folder"),
            (allow("s3:GetObject", {"Fn::Sub": "${Bucket.Arn}*"}), "only below"),
            (allow("s3:GetObject", "arn:aws:s3:::shop-*/in/*"), "only below"),
            (allow("dynamodb:Query", {"Fn::Sub": "arn:aws:dynamodb:${AWS::Region}:${AWS::AccountId}:table/*"}), "only below a resource of the template"),
        ):
            with self.subTest(statement):
                self.assertIn(complaint, "\n".join(findings(template(READS, statement), READ)))

    def test_below_a_resource_of_the_template_a_wildcard_may_stand(self):
        call = Call("Role", "dynamodb:Query", "arn:aws:dynamodb:eu-west-1:123456789012:table/shop-Table-3C4D/index/GSI1")
        self.assertEqual([], findings(template(READS, allow("dynamodb:Query", {"Fn::Sub": "${Table.Arn}/index/*"})), READ, call))

    def test_a_resource_that_aws_does_not_have_is_explained(self):
        call = Call("Role", "xray:PutTraceSegments", "*")
        traced = template(READS, allow("xray:PutTraceSegments", "*"))
        self.assertEqual([], findings(traced, READ, call, reviewed="any-resource | Role | xray:PutTraceSegments | * | traces have none"))

    def test_what_cannot_be_compared_is_refused(self):
        managed, anybody = template(READS), template(READS)
        managed["Resources"]["Role"]["Properties"]["ManagedPolicyArns"] = ["arn:aws:iam::aws:policy/AdministratorAccess"]
        anybody["Resources"]["Role"]["Properties"]["AssumeRolePolicyDocument"] = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
        for wrong, complaint in (
            (managed, "a policy of AWS's own"),
            (anybody, "may be assumed by"),
            (template(READS, {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}), "say what is allowed, with Action"),
            (template(READS, {"Effect": "Allow", "Action": "s3:GetObject", "NotResource": "x"}), "say what is allowed, with Action"),
        ):
            with self.subTest(complaint):
                self.assertIn(complaint, "\n".join(findings(wrong, READ)))


class Explained(unittest.TestCase):
    UNUSED = template(READS, allow("s3:PutObject", below("out/*")))

    def test_by_a_line(self):
        for kind in ("unseen", "sometimes"):
            self.assertEqual([], findings(self.UNUSED, READ, reviewed=f"{kind} | Ro* | s3:GetObjectTagging, s3:Put* | arn:aws:s3:::Bucket/out/* | AWS does it"))

    def test_a_line_that_explains_nothing_has_to_go(self):
        self.assertRegex(findings(template(READS), READ, reviewed="unseen | Role | s3:PutObject | * | gone")[0], "explains what template.yaml does not allow")

    def test_what_is_never_seen_must_not_be_seen_and_what_is_seen_sometimes_may(self):
        self.assertRegex(findings(template(READS), READ, reviewed="unseen | Role | s3:GetObject | * | never")[0], "says that it is never seen, and it was")
        self.assertEqual([], findings(template(READS), READ, reviewed="sometimes | Role | s3:GetObject | * | now and then"))

    def test_a_line_without_a_reason_is_refused(self):
        for line in ("unseen | Role | s3:GetObject | *", "unseen | Role | s3:GetObject | * |", "unused | Role | s3:GetObject | * | why"):
            with self.subTest(line), self.assertRaisesRegex(Failure, "kind . role . action . resource . why"):
                permissions.reviewed(line)


class Records(unittest.TestCase):
    def test_a_sample_has_nothing_of_its_run(self):
        record = Record(
            Stack("shop", "eu-west-1", "000000000000", {"Bucket": "shop-bucket-1a2b", "Machine": "arn:aws:states:eu-west-1:000000000000:stateMachine:shop-character"}, {"Url": "http://shop.example:4711"}),
            [
                Call("Role", "s3:PutObject", "arn:aws:s3:::shop-bucket-1a2b/outputs/my secret folder/7/status.json"),
                Call("Role", "s3:PutObject", "arn:aws:s3:::shop-bucket-1a2b/outputs/another/status.json"),
                Call("Role", "s3:GetObject", "arn:aws:s3:::shop-bucket-1a2b/uploads/acme/Zx81/Me.PNG"),
                Call("Role", "states:StartExecution", "arn:aws:states:eu-west-1:000000000000:stateMachine:shop-character"),
                Call("Role", "secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:000000000000:secret:Key-Qy7z1A"),
            ],
        )
        sample = record.sample()
        self.assertEqual(
            [
                "arn:aws:s3:::Bucket/uploads/x/x.png",
                "arn:aws:s3:::Bucket/outputs/x/status.json",
                "arn:aws:secretsmanager:eu-west-1:123456789012:secret:Key-AbCdEf",
                "arn:aws:states:eu-west-1:123456789012:stateMachine:understudy-character",
            ],
            [call.resource for call in sample.calls],
        )
        self.assertNotRegex(sample.write(), "shop|000000000000|1a2b|my secret|Zx81|Qy7z1A")
        self.assertEqual(sample, Record.read(sample.write()))
        self.assertEqual(sample, sample.sample())


class TheTemplate(unittest.TestCase):
    """template.yaml against a stored run; `make test` does the same with its own."""

    maxDiff = None

    def setUp(self):
        self.template = deploy.template()
        self.record = Record.read(FULL_RUN.read_text())
        self.reviewed = permissions.reviewed(permissions.REVIEWED.read_text())

    def findings(self, change=lambda resources: None) -> list[str]:
        changed = copy.deepcopy(self.template)
        change(changed["Resources"])
        return permissions.findings(changed, self.record, self.reviewed)

    def test_its_roles_may_do_what_the_functions_do_and_no_more(self):
        self.assertEqual([], self.findings())

    def test_a_removed_permission_is_seen(self):
        for policy in ("TaskPolicy", "AdmissionPolicy", "OrderPolicy", "CallerPolicy", "ProviderKeyPolicy", "DeliveryPolicy", "SignPolicy"):
            with self.subTest(policy):
                self.assertIn("no policy of the role in template.yaml allows it", "\n".join(self.findings(lambda resources, policy=policy: resources.pop(policy))))

    def test_an_unused_permission_is_seen(self):
        def widen(resources):
            resources["DeliveryPolicy"]["Properties"]["PolicyDocument"]["Statement"][0]["Action"].append("s3:DeleteObject")

        self.assertIn("PersistRole may s3:DeleteObject", "\n".join(self.findings(widen)))

    def test_the_signer_reads_inputs_and_nothing_else(self):
        signer = self.template["Resources"]["SignerRole"]["Properties"]
        (policy,) = signer["Policies"]
        (statement,) = policy["PolicyDocument"]["Statement"]
        self.assertEqual(("s3:GetObject", {"Fn::Sub": "${Bucket.Arn}/inputs/*"}), (statement["Action"], statement["Resource"]))
        (trust,) = signer["AssumeRolePolicyDocument"]["Statement"]
        self.assertEqual({"AWS": {"Fn::GetAtt": ["SubmitRole", "Arn"]}}, trust["Principal"])

    def test_each_function_has_a_role_of_its_own(self):
        functions = [one["Properties"] for one in self.template["Resources"].values() if one["Type"] == "AWS::Serverless::Function"]
        roles = [json.dumps(function["Role"]) for function in functions]
        self.assertEqual(len(functions), len(set(roles)))


if __name__ == "__main__":
    unittest.main()
