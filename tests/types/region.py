"""Regions: each missing part of their monitoring is found. None of it is ever repaired."""
import json
import re
import unittest

from support.cloud import ROOT
from support.kind import counted
from support.type_case import TypeCase
from support.type_files import NOTHING, WATCHED, Calls, Deployed, Type, events_of

CHECKS = ("guardduty", "config", "cloudtrail", "vpc_flow_logs", "root_mfa", "password_policy")
GUARDDUTY = {  # whose operations differ only by path
    "guardduty:GET /detector": "guardduty:ListDetectors",
    "guardduty:GET /detector/ID": "guardduty:GetDetector",
}


def watch(place, region, bucket="watch-logs"):
    """Switches on everything that monitors the region."""
    place.aws("guardduty", region).create_detector(Enable=True)
    config = place.aws("config", region)
    config.put_configuration_recorder(ConfigurationRecorder={
        "name": "default", "roleARN": f"arn:aws:iam::{place.account}:role/config"})
    config.put_delivery_channel(
        DeliveryChannel={"name": "default", "s3BucketName": bucket})
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    ec2 = place.aws("ec2", region)
    for vpc in ec2.describe_vpcs()["Vpcs"]:
        ec2.create_flow_logs(
            ResourceIds=[vpc["VpcId"]], ResourceType="VPC", TrafficType="ALL",
            LogDestinationType="s3", LogDestination=f"arn:aws:s3:::{bucket}")


def trail(place, region, bucket="watch-logs", **more):
    cloudtrail = place.aws("cloudtrail", region)
    cloudtrail.create_trail(Name=f"trail-{region}", S3BucketName=bucket, **more)
    cloudtrail.start_logging(Name=f"trail-{region}")


def good(place, _):
    """Another region, with all of its monitoring switched on."""
    place.aws("s3").create_bucket(Bucket="watch-logs")
    watch(place, WATCHED)
    trail(place, WATCHED)
    return WATCHED


TYPE = Type(
    repairs=dict.fromkeys(CHECKS, NOTHING),
    good=good,
    absent=None,
    listing=None,
    calls=Calls(
        listing="",
        good="guardduty:ListDetectors, guardduty:GetDetector, "
             "config:DescribeConfigurationRecorderStatus, config:DescribeDeliveryChannels, "
             "cloudtrail:DescribeTrails, cloudtrail:GetTrailStatus, ec2:DescribeVpcs, "
             "ec2:DescribeFlowLogs, iam:GetAccountSummary, iam:GetAccountPasswordPolicy",
        bad="guardduty:ListDetectors, config:DescribeConfigurationRecorderStatus, "
            "cloudtrail:DescribeTrails, ec2:DescribeVpcs, ec2:DescribeFlowLogs, "
            "iam:GetAccountSummary, iam:GetAccountPasswordPolicy"),
    deployed=Deployed("ec2:CreateVpc", "moto"),
    not_shown=(
        ("root_mfa passes", "the emulator counts no MFA of the root user",
         "policies/region_spec.lua", "must have MFA if it has a password"),
        ("guardduty: member of a master account",
         "the emulator names the administrator in capitals, where no client looks",
         "policies/region_spec.lua", "must be a member of the master account")),
    events=events_of(
        "us-east-1", "ec2:DeleteFlowLogs", "ec2:CreateVpc",
        "iam:UpdateAccountPasswordPolicy", "iam:DeleteAccountPasswordPolicy",
        "cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "cloudtrail:UpdateTrail",
        "cloudtrail:PutEventSelectors", "config:StopConfigurationRecorder",
        "config:DeleteConfigurationRecorder", "config:DeleteDeliveryChannel",
        "guardduty:DeleteDetector", "guardduty:UpdateDetector",
        "guardduty:DisassociateFromAdministratorAccount", "iam:DeactivateMFADevice-root"))


class Regions(TypeCase):
    type = "region"
    # A region cannot disappear, and is not listed.
    test_what_does_not_exist_is_gone = test_it_is_listed_page_by_page = None

    def bucket(self, name, account=None):
        self.aws("s3", account=account).create_bucket(Bucket=name)
        return name

    def strengthen(self):
        """Sets what the account has once to the required state."""
        self.aws("iam").update_account_password_policy(
            MinimumPasswordLength=8, RequireSymbols=True, RequireNumbers=True,
            RequireUppercaseCharacters=True, RequireLowercaseCharacters=True)
        self.aws("iam").create_virtual_mfa_device(VirtualMFADeviceName="root")

    def statuses(self, id_, **more):
        """{check: status} of the region, in a run that might make changes, and makes none. The
        emulator does not accept the signatures of GuardDuty's reads (botocore's neither), so their
        verdict comes from a run without IAM."""
        line = json.dumps({"account": self.account, "region": id_, "type": "region", "id": id_})
        args = ("remediate", "--all", "--remediate", "--journal", self.cloud.path("journal"))
        run = self.engine(*args, stdin=line, **more)
        self.assertEqual(self.changes(), [], run)
        free = self.cloud.engine(*args, stdin=line, **self.keys, **more)
        found = {line["check"].split(".")[1]: line["status"] for line in run.lines}
        return {**found, "guardduty": free.finding("region.guardduty")["status"]}

    def assert_calls(self, column, *ids):
        """Like KindCase's; without IAM, because of the emulator."""
        self.cloud.proxy.clear_requests()
        self.cloud.engine("remediate", stdin="\n".join(map(self.line, ids)), **self.keys)
        names = [GUARDDUTY.get(re.sub("/[0-9a-f]{32}", "/ID", one), one)
                 for one in self.cloud.proxy.operations()]
        self.assertEqual(counted(names), getattr(TYPE.calls, column))

    def listed(self, *args):
        run = self.engine("poll", "--accounts", self.account, "--types", "region", *args)
        self.assertEqual(run.status, 0, run)
        return [line["id"] for line in run.lines]

    def test_found_repaired_and_undone(self):
        self.assertEqual(self.make(), [self.region])
        self.good()
        both, only = ("--regions", f"{self.region},{WATCHED}"), "--only-use-test-resources"
        self.assertEqual(self.listed(*both, only), [self.region])
        self.assertEqual(sorted(self.listed(*both)), [WATCHED, self.region])
        self.assertEqual(counted(self.cloud.proxy.operations()), TYPE.calls.listing)
        self.assertEqual(self.statuses(self.region), {check: "non_compliant" for check in CHECKS})
        self.assert_calls("bad", self.region)
        self.assertEqual(self.statuses(WATCHED), {check: "compliant" for check in CHECKS[:4]})

    def test_make_lua_creates_it_twice_and_deletes_it(self):
        self.make()
        self.make()
        script = str(ROOT / "misconfiguration_maker" / "make.lua")
        for left in (1, 1):  # the default VPC, which the maker did not create
            run = self.cloud.engine("run", script, "clean", "--account", self.account, "--region",
                                    self.region, "region")
            self.assertEqual((run.status, run.err), (0, ""), run)
            self.assertEqual(len(self.aws("ec2").describe_vpcs()["Vpcs"]), left)

    def test_a_region_with_all_monitoring_passes(self):
        self.bucket("watch-logs")
        watch(self, self.region)
        watch(self, WATCHED)
        trail(self, self.region, IsMultiRegionTrail=True)
        self.strengthen()
        everywhere = {check: "compliant" for check in CHECKS[:4]}
        self.assertEqual(self.statuses(WATCHED), everywhere)
        found = self.statuses(self.region)
        self.assert_calls("good", self.region)
        found.pop("root_mfa")  # the emulator has no MFA for the root user
        self.assertEqual(found, {**everywhere, "password_policy": "compliant"})

    def test_each_missing_part_is_found(self):
        self.bucket("watch-logs")
        watch(self, self.region)
        trail(self, self.region)
        self.strengthen()

        def missing():
            return {name for name, status in self.statuses(self.region).items()
                    if status != "compliant"} - {"root_mfa"}
        self.assertEqual(missing(), set())
        for check, service, operation, parameters in (
                ("cloudtrail", "cloudtrail", "stop_logging", {"Name": f"trail-{self.region}"}),
                ("config", "config", "stop_configuration_recorder",
                 {"ConfigurationRecorderName": "default"}),
                ("vpc_flow_logs", "ec2", "create_vpc", {"CidrBlock": "10.9.0.0/16"}),
                ("password_policy", "iam", "delete_account_password_policy", {})):
            before = missing()
            getattr(self.aws(service), operation)(**parameters)
            self.assertEqual(missing() - before, {check})
        guardduty = self.aws("guardduty")
        [detector] = guardduty.list_detectors()["DetectorIds"]
        guardduty.update_detector(DetectorId=detector, Enable=False)
        self.assertIn("guardduty", missing())

    def test_log_and_guardduty_accounts(self):
        """The log account's bucket and the GuardDuty master, both right and wrong."""
        logs = "777788889999"
        self.bucket("theirs", account=logs)
        self.bucket("watch-logs")
        watch(self, self.region, bucket="theirs")
        trail(self, self.region, bucket="theirs")
        found = self.statuses(self.region, LOG_ACCOUNT=logs)
        self.assertEqual((found["config"], found["cloudtrail"]), ("compliant", "compliant"))
        found = self.statuses(self.region, LOG_ACCOUNT=self.account)
        self.assertEqual((found["config"], found["cloudtrail"]),
                         ("non_compliant", "non_compliant"))
        trail(self, WATCHED, bucket="watch-logs", IsMultiRegionTrail=True)
        found = self.statuses(self.region, LOG_ACCOUNT=self.account)
        self.assertEqual((found["config"], found["cloudtrail"]), ("non_compliant", "compliant"))
        # The emulator spells the administrator's member in capitals, which no client reads.
        for master, status in ((logs, "non_compliant"), (self.account, "compliant")):
            found = self.statuses(self.region, GUARDDUTY_MASTER_ACCOUNT=master)
            self.assertEqual(found["guardduty"], status)

    def test_regions_share_what_is_read_about_the_bucket(self):
        logs, lines = "777788889999", "\n".join(map(self.line, (self.region, WATCHED)))
        self.bucket("theirs", account=logs)
        for region in (self.region, WATCHED):
            watch(self, region, bucket="theirs")
        trail(self, self.region, bucket="theirs", IsMultiRegionTrail=True)
        self.cloud.proxy.clear_requests()
        run = self.cloud.engine("remediate", "--all", "--checks", "region.config,region.cloudtrail",
                                stdin=lines, **self.keys, LOG_ACCOUNT=logs,
                                MASTER_REGION=self.region)
        self.assertEqual([line["status"] for line in run.lines], ["compliant"] * 4, run)
        calls = self.cloud.proxy.operations()
        self.assertEqual((calls.count("s3:ListBuckets"), calls.count("s3:GetBucketLocation")),
                         (1, 1))


if __name__ == "__main__":
    unittest.main()
