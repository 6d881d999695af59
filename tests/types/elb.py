"""Classic load balancers of development accounts: they are found, repaired, and restored by undo;
and the tags that they should have."""
import unittest

from support import network
from support.balancers import Balancers
from support.estate import OWNER
from support.type_files import NOTHING, Calls, Deployed, Listing, Type, events_of

IGNORED = {"Key": "Owner", "Value": "somebody"}


def balancer(place, name, *instances, scheme=None, tag=OWNER):
    elb = place.aws("elb")
    more = {"Scheme": scheme} if scheme else {}
    elb.create_load_balancer(
        LoadBalancerName=name, Subnets=network.subnets(place)[:1], Tags=[tag], Listeners=[{
            "Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80}], **more)
    if instances:
        elb.register_instances_with_load_balancer(
            LoadBalancerName=name, Instances=[{"InstanceId": one} for one in instances])
    return name


TYPE = Type(
    repairs={"tags": NOTHING, "instance_tags": NOTHING,
             "dev_public": {"elb:DeregisterInstancesFromLoadBalancer"}},
    good=lambda place, name: balancer(place, name, network.instance(place), scheme="internal"),
    absent="none",
    listing=Listing("elb", "DescribeLoadBalancers", "LoadBalancerDescriptions", lambda id_: {
        "LoadBalancerName": id_}, "elb-{}"),
    calls=Calls(
        listing="elasticloadbalancing:DescribeLoadBalancers",
        good="elasticloadbalancing:DescribeLoadBalancers, elasticloadbalancing:DescribeTags, "
             "ec2:DescribeInstances",
        bad="elasticloadbalancing:DescribeLoadBalancers, elasticloadbalancing:DescribeTags, "
            "elasticloadbalancing:DescribeInstanceHealth, ec2:DescribeInstances"),
    deployed=Deployed("elasticloadbalancing:CreateLoadBalancer-classic", "moto"),
    events=events_of(
        "classic-shop", "elasticloadbalancing:RegisterInstancesWithLoadBalancer",
        "elasticloadbalancing:CreateLoadBalancer-classic"))


class Classic(Balancers):
    type = "elb"

    def balancer(self, name, *instances, owner="me"):
        return balancer(self, name, *instances, tag={"Key": "owner", "Value": owner})

    def registered(self, name):
        found = self.aws("elb").describe_load_balancers(LoadBalancerNames=[name])
        return {one["InstanceId"] for one in found["LoadBalancerDescriptions"][0]["Instances"]}

    def test_found_repaired_and_undone(self):
        [bad] = self.make()
        kept = self.instance(IGNORED)
        self.aws("elb").register_instances_with_load_balancer(
            LoadBalancerName=bad, Instances=[{"InstanceId": kept}])
        self.environment |= {"REQUIRED_TAGS": "Owner", "EC2_INSTANCE_IGNORE_LIST": kept}
        good = [self.good(), self.balancer("empty")]
        before = self.registered(bad)
        self.assertEqual(len(before), 2)
        self.life(bad={bad: self.outcomes()}, good=good, left=("elb.dev_public",))
        self.assertEqual(self.registered(bad), before)
        self.remediate(bad)
        self.assertEqual(self.registered(bad), {kept})

    def test_other_accounts_pass(self):
        name = self.balancer("outer", self.instance())
        found = self.audit(name, DEV_ACCOUNTS="444455556666", REQUIRED_TAGS="Owner")
        self.assertNotIn((name, "elb.dev_public"), found)
        self.assertEqual(found[name, "elb.tags"]["status"], "compliant")
        self.assertEqual(found[name, "elb.instance_tags"]["status"], "non_compliant")
        self.assertEqual(found[name, "elb.instance_tags"]["evidence"][0]["load_balancer_has"], "me")

    def test_instances_that_a_cluster_registers_are_held(self):
        name = self.balancer("service", self.instance())
        self.aws("elb").add_tags(LoadBalancerNames=[name], Tags=[
            {"Key": "kubernetes.io/cluster/blue", "Value": "owned"}])
        before = self.registered(name)
        found = self.remediate(name)[name, "elb.dev_public"]
        self.assertEqual((found["status"], found["remediation"]), ("non_compliant", "held"))
        self.assertIn("the cluster blue", found["held"])
        self.assertEqual(self.registered(name), before)

    def test_a_refused_read_affects_only_the_checks_that_need_it(self):
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
            f"elasticloadbalancing:{name}": self.balancer(f"by-{i}", self.instance())
            for i, name in enumerate(("RegisterInstancesWithLoadBalancer",
                                      "CreateLoadBalancer-classic"))})

    def test_many_are_listed(self):
        names = {self.balancer(f"n{i}") for i in range(120)}
        self.assertEqual({line["id"] for line in self.poll().lines}, names)

    def test_a_deleted_load_balancer_is_gone(self):
        run = self.engine("remediate", "--all", stdin=self.line('no"such'))
        self.assertEqual({line["status"] for line in run.lines}, {"gone"}, run)


if __name__ == "__main__":
    unittest.main()
