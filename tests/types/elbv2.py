"""Load balancers of development accounts: they are found, repaired, and restored by undo."""
import unittest

from support import network
from support.balancers import Balancers
from support.type_files import Calls, Deployed, Listing, Other, Type, events_of

ELB = "arn:aws:elasticloadbalancing:us-east-1:111122223333:"
BALANCER = ELB + "loadbalancer/app/shop/50dc6c495c0c9188"
GROUP = ELB + "targetgroup/shop/73e2d6bc24d8a067"


def group(place, name, *targets, kind="instance"):
    elbv2 = place.aws("elbv2")
    arn = elbv2.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=network.vpc(place),
                                    TargetType=kind)["TargetGroups"][0]["TargetGroupArn"]
    if targets:
        elbv2.register_targets(TargetGroupArn=arn, Targets=list(targets))
    return arn


def balancer(place, name, *groups, scheme="internet-facing"):
    elbv2 = place.aws("elbv2")
    arn = elbv2.create_load_balancer(
        Name=name, Subnets=network.subnets(place)[:2],
        Scheme=scheme)["LoadBalancers"][0]["LoadBalancerArn"]
    for i, one in enumerate(groups):
        elbv2.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80 + i,
                              DefaultActions=[{"Type": "forward", "TargetGroupArn": one}])
    return arn


def good(place, name):
    targets = group(place, name, {"Id": network.instance(place)})
    return balancer(place, name, targets, scheme="internal")


def others(place, bad):
    [found] = place.aws("elbv2").describe_target_groups(LoadBalancerArn=bad)["TargetGroups"]
    return {"elasticloadbalancing:RegisterTargets": Other(found["TargetGroupArn"], listed=False)}


TYPE = Type(
    repairs={"dev_public": {"elbv2:DeregisterTargets"}},
    good=good, others=others,
    absent=ELB + "loadbalancer/app/n/" + 16 * "0",
    listing=Listing("elbv2", "DescribeLoadBalancers", "LoadBalancers", lambda id_: {
        "LoadBalancerArn": id_, "LoadBalancerName": id_.split("/")[2], "Type": "application"},
        ELB + "loadbalancer/app/l{}/x"),
    calls=Calls(
        listing="elasticloadbalancing:DescribeLoadBalancers",
        good="elasticloadbalancing:DescribeLoadBalancers",
        bad="elasticloadbalancing:DescribeLoadBalancers, "
            "elasticloadbalancing:DescribeTargetGroups, "
            "elasticloadbalancing:DescribeTargetHealth"),
    deployed=Deployed("elasticloadbalancing:CreateLoadBalancer"),
    events={
        **events_of(GROUP, "elasticloadbalancing:RegisterTargets"),
        **events_of(
            BALANCER, "elasticloadbalancing:CreateListener",
            "elasticloadbalancing:ModifyListener", "elasticloadbalancing:CreateLoadBalancer",
            "elasticloadbalancing:CreateListener-cut",
            "elasticloadbalancing:CreateLoadBalancer-cut",
            "elasticloadbalancing:ModifyListener-cut")})


class Newer(Balancers):
    type = "elbv2"

    def targets(self, group):
        found = self.aws("elbv2").describe_target_health(TargetGroupArn=group)
        return {(one["Target"]["Id"], one["Target"]["Port"])
                for one in found["TargetHealthDescriptions"]}

    def test_found_repaired_and_undone(self):
        [bad] = self.make()
        addresses = group(self, "addresses", {"Id": "10.0.0.9", "Port": 80}, kind="ip")
        good = [self.good(), balancer(self, "outer", addresses)]
        [other] = others(self, bad).values()
        before = self.targets(other.id)
        self.assertEqual(len(before), 1)
        self.life(bad={bad: self.outcomes()}, good=good)
        self.assertEqual(self.targets(other.id), before)
        self.assertEqual(self.targets(addresses), {("10.0.0.9", 80)})

    def test_found_by_its_events(self):
        def behind(name):
            return balancer(self, name, group(self, name, {"Id": self.instance()}))
        registered = group(self, "registered", {"Id": self.instance()})
        balancer(self, "registered", registered)
        self.assert_fixed_after("elbv2.dev_public", {
            "elasticloadbalancing:RegisterTargets": registered,
            **{f"elasticloadbalancing:{name}": behind(name)
               for name in ("CreateListener", "ModifyListener", "CreateLoadBalancer")}})

    def test_targets_that_a_controller_registers_are_held(self):
        managed = group(self, "managed", {"Id": self.instance(), "Port": 80})
        name = balancer(self, "managed", managed)
        self.aws("elbv2").add_tags(ResourceArns=[managed], Tags=[
            {"Key": "elbv2.k8s.aws/cluster", "Value": "blue"}])
        before = self.targets(managed)
        found = self.remediate(name)[name, "elbv2.dev_public"]
        self.assertEqual((found["status"], found["remediation"]), ("non_compliant", "held"))
        self.assertIn("the load balancer controller of the cluster blue", found["held"])
        self.assertEqual(self.targets(managed), before)

    def test_a_target_group_is_repaired_alone(self):
        one, other, kept = self.instance(), self.instance(), self.instance()
        first = group(self, "first", {"Id": one, "Port": 8080}, {"Id": kept, "Port": 80})
        second = group(self, "second", {"Id": other, "Port": 80})
        balancer(self, "both", first, second)
        unused = group(self, "unused", {"Id": other, "Port": 80})
        self.environment |= {"EC2_INSTANCE_IGNORE_LIST": kept}
        findings = self.remediate(first, unused)
        self.assertEqual(findings[first, "elbv2.dev_public"]["remediation"], "fixed")
        self.assertEqual(findings[unused, "elbv2.dev_public"]["status"], "compliant")
        self.assertEqual(self.targets(first), {(kept, 80)})
        self.assertEqual(self.targets(second), {(other, 80)})
        run = self.undo()
        self.assertEqual(run.status, 0, run)
        self.assertEqual(self.targets(first), {(kept, 80), (one, 8080)})

    def test_other_accounts_pass(self):
        arn = balancer(self, "outer", group(self, "web", {"Id": self.instance()}))
        self.assertEqual(self.audit(arn, DEV_ACCOUNTS=""), {})

    def test_other_ids_are_gone_or_unknown(self):
        arn = balancer(self, "outer")
        self.aws("elbv2").delete_load_balancer(LoadBalancerArn=arn)
        run = self.engine("remediate", "--all", stdin=self.line(arn) + "\n" + self.line("outer"))
        found = {line["id"]: line["status"] for line in run.lines}
        self.assertEqual(found, {arn: "gone", "outer": "unknown"}, run)


if __name__ == "__main__":
    unittest.main()
