"""Load balancers of dev accounts: found, repaired, taken back; and the tags they should carry."""
import unittest

from support.by_event import ByEvent
from support.kind import KindCase

IGNORED = {"Key": "Owner", "Value": "somebody"}


class LoadBalancers(ByEvent, KindCase):
    """What both kinds stand on."""

    def setUp(self):
        super().setUp()
        self.environment = {"DEV_ACCOUNTS": f"444455556666,{self.account}"}
        ec2 = self.aws("ec2")
        self.subnets = sorted(one["SubnetId"] for one in ec2.describe_subnets()["Subnets"])
        self.vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]

    def instance(self, *tags):
        ec2 = self.aws("ec2")
        more = {"TagSpecifications": [{"ResourceType": "instance", "Tags": tags}]} if tags else {}
        made = ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1, **more)
        return made["Instances"][0]["InstanceId"]


class Classic(LoadBalancers):
    type = "elb"

    def balancer(self, name, *instances, scheme=None, owner=None):
        elb = self.aws("elb")
        more = {"Scheme": scheme} if scheme else {}
        elb.create_load_balancer(
            LoadBalancerName=name, Subnets=self.subnets[:1], Listeners=[{
                "Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80}],
            Tags=[{"Key": "owner", "Value": owner or "me"}], **more)
        if instances:
            elb.register_instances_with_load_balancer(
                LoadBalancerName=name, Instances=[{"InstanceId": one} for one in instances])
        return name

    def registered(self, name):
        found = self.aws("elb").describe_load_balancers(LoadBalancerNames=[name])
        return {one["InstanceId"] for one in found["LoadBalancerDescriptions"][0]["Instances"]}

    def test_life(self):
        [bad] = self.make()
        kept = self.instance(IGNORED)
        self.aws("elb").register_instances_with_load_balancer(
            LoadBalancerName=bad, Instances=[{"InstanceId": kept}])
        self.environment |= {"REQUIRED_TAGS": "Owner", "EC2_INSTANCE_IGNORE_LIST": kept}
        mine = self.instance({"Key": "OWNER", "Value": "me"})
        good = [self.balancer("inner", mine, scheme="internal"), self.balancer("empty")]
        before = self.registered(bad)
        self.assertEqual(len(before), 2)
        self.life(bad={bad: {"elb.tags": "none", "elb.instance_tags": "none",
                             "elb.dev_public": "fixed"}}, good=good, left=("elb.dev_public",))
        self.assertEqual(self.registered(bad), before)
        self.remediate(bad)
        self.assertEqual(self.registered(bad), {kept})

    def test_other_accounts_may(self):
        name = self.balancer("outer", self.instance())
        found = self.audit(name, DEV_ACCOUNTS="444455556666", REQUIRED_TAGS="Owner")
        self.assertNotIn((name, "elb.dev_public"), found)
        self.assertEqual(found[name, "elb.tags"]["status"], "compliant")
        self.assertEqual(found[name, "elb.instance_tags"]["status"], "non_compliant")
        self.assertEqual(found[name, "elb.instance_tags"]["evidence"][0]["load_balancer_has"], "me")

    def test_what_a_cluster_registers_is_held(self):
        name = self.balancer("service", self.instance())
        self.aws("elb").add_tags(LoadBalancerNames=[name], Tags=[
            {"Key": "kubernetes.io/cluster/blue", "Value": "owned"}])
        before = self.registered(name)
        found = self.remediate(name)[name, "elb.dev_public"]
        self.assertEqual((found["status"], found["remediation"]), ("non_compliant", "held"))
        self.assertIn("the cluster blue", found["held"])
        self.assertEqual(self.registered(name), before)

    def test_a_refused_read_costs_what_needs_it(self):
        name = self.balancer("outer", self.instance(), owner="other")
        unknown = {"elasticloadbalancing:DescribeTags": {"elb.tags", "elb.instance_tags"},
                   "ec2:DescribeInstances": {"elb.instance_tags"},
                   "elasticloadbalancing:DescribeInstanceHealth": {"elb.instance_tags",
                                                                   "elb.dev_public"}}
        for operation, checks in unknown.items():
            self.cloud.proxy.rules.clear()
            self.cloud.proxy.refuse(operation, code="AccessDenied", status=403)
            found = self.audit(name, REQUIRED_TAGS="Owner")
            self.assertEqual({check for (_, check), one in found.items()
                              if one["status"] == "unknown"}, checks, operation)
        self.cloud.proxy.rules.clear()

    def test_found_by_its_events(self):
        self.assert_fixed_after("elb.dev_public", {
            f"elasticloadbalancing/{name}": self.balancer(f"by-{i}", self.instance())
            for i, name in enumerate(("RegisterInstancesWithLoadBalancer",
                                      "CreateLoadBalancer-classic"))})

    def test_many_are_listed(self):
        names = {self.balancer(f"n{i}") for i in range(120)}
        self.assertEqual({line["id"] for line in self.poll().lines}, names)

    def test_one_that_vanished_is_gone(self):
        run = self.engine("remediate", "--all", stdin=self.line('no"such'))
        self.assertEqual({line["status"] for line in run.lines}, {"gone"}, run)


class Newer(LoadBalancers):
    type = "elbv2"

    def group(self, name, *targets, kind="instance"):
        elbv2 = self.aws("elbv2")
        arn = elbv2.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=self.vpc,
                                        TargetType=kind)["TargetGroups"][0]["TargetGroupArn"]
        if targets:
            elbv2.register_targets(TargetGroupArn=arn, Targets=list(targets))
        return arn

    def balancer(self, name, *groups, scheme="internet-facing"):
        elbv2 = self.aws("elbv2")
        arn = elbv2.create_load_balancer(
            Name=name, Subnets=self.subnets[:2],
            Scheme=scheme)["LoadBalancers"][0]["LoadBalancerArn"]
        for i, group in enumerate(groups):
            elbv2.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80 + i,
                                  DefaultActions=[{"Type": "forward", "TargetGroupArn": group}])
        return arn

    def targets(self, group):
        found = self.aws("elbv2").describe_target_health(TargetGroupArn=group)
        return {(one["Target"]["Id"], one["Target"]["Port"])
                for one in found["TargetHealthDescriptions"]}

    def test_life(self):
        [bad] = self.make()
        inner = self.group("inner", {"Id": self.instance(), "Port": 8080})
        addresses = self.group("addresses", {"Id": "10.0.0.9", "Port": 80}, kind="ip")
        good = [self.balancer("inner", inner, scheme="internal"),
                self.balancer("outer", addresses)]
        group = self.aws("elbv2").describe_target_groups(
            LoadBalancerArn=bad)["TargetGroups"][0]["TargetGroupArn"]
        before = self.targets(group)
        self.assertEqual(len(before), 1)
        self.life(bad={bad: {"elbv2.dev_public": "fixed"}}, good=good)
        self.assertEqual(self.targets(group), before)
        self.assertEqual(self.targets(addresses), {("10.0.0.9", 80)})

    def test_found_by_its_events(self):
        def balancer(name):
            return self.balancer(name, self.group(name, {"Id": self.instance()}))
        group = self.group("registered", {"Id": self.instance()})
        self.balancer("registered", group)
        self.assert_fixed_after("elbv2.dev_public", {
            "elasticloadbalancing/RegisterTargets": group,
            **{f"elasticloadbalancing/{name}": balancer(name)
               for name in ("CreateListener", "ModifyListener", "CreateLoadBalancer")}})

    def test_what_a_controller_registers_is_held(self):
        group = self.group("managed", {"Id": self.instance(), "Port": 80})
        name = self.balancer("managed", group)
        self.aws("elbv2").add_tags(ResourceArns=[group], Tags=[
            {"Key": "elbv2.k8s.aws/cluster", "Value": "blue"}])
        before = self.targets(group)
        found = self.remediate(name)[name, "elbv2.dev_public"]
        self.assertEqual((found["status"], found["remediation"]), ("non_compliant", "held"))
        self.assertIn("the load balancer controller of the cluster blue", found["held"])
        self.assertEqual(self.targets(group), before)

    def test_a_target_group_is_repaired_alone(self):
        one, other, kept = self.instance(), self.instance(), self.instance()
        first = self.group("first", {"Id": one, "Port": 8080}, {"Id": kept, "Port": 80})
        second = self.group("second", {"Id": other, "Port": 80})
        self.balancer("both", first, second)
        unused = self.group("unused", {"Id": other, "Port": 80})
        self.environment |= {"EC2_INSTANCE_IGNORE_LIST": kept}
        findings = self.remediate(first, unused)
        self.assertEqual(findings[first, "elbv2.dev_public"]["remediation"], "fixed")
        self.assertEqual(findings[unused, "elbv2.dev_public"]["status"], "compliant")
        self.assertEqual(self.targets(first), {(kept, 80)})
        self.assertEqual(self.targets(second), {(other, 80)})
        run = self.undo()
        self.assertEqual(run.status, 0, run)
        self.assertEqual(self.targets(first), {(kept, 80), (one, 8080)})

    def test_other_accounts_may(self):
        arn = self.balancer("outer", self.group("web", {"Id": self.instance()}))
        self.assertEqual(self.audit(arn, DEV_ACCOUNTS=""), {})

    def test_what_is_no_balancer_is_gone_or_unknown(self):
        arn = self.balancer("outer")
        self.aws("elbv2").delete_load_balancer(LoadBalancerArn=arn)
        run = self.engine("remediate", "--all", stdin=self.line(arn) + "\n" + self.line("outer"))
        found = {line["id"]: line["status"] for line in run.lines}
        self.assertEqual(found, {arn: "gone", "outer": "unknown"}, run)


if __name__ == "__main__":
    unittest.main()
