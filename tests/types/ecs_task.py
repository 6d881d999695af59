"""ECS tasks with public addresses: they are found and stopped."""
import unittest

from support import containers
from support.containers import Containers
from support.type_files import Calls, Deployed, Listing, Type, events_of

TASK = "arn:aws:ecs:us-east-1:111122223333:task/shop/1dc5c17a6d4b4d5ba6a1d1e3a6d0c9f2"
SECOND = "arn:aws:ecs:us-east-1:111122223333:task/shop/2ed6d28b7e5c4e6cb7b2e2f4b7e1dab3"


def task(place, **more):
    """A running task."""
    containers.prepare(place)
    [made] = place.aws("ecs").run_task(
        cluster="good", taskDefinition="web", launchType="FARGATE",
        networkConfiguration=containers.network(place), **more)["tasks"]
    return made


TYPE = Type(
    repairs={"public_ip": {"ecs:StopTask"}},
    impacts={"public_ip": "stops"},
    irreversible=True,
    good=lambda place, _: task(place)["taskArn"],
    absent="arn:aws:ecs:us-east-1:111122223333:task/none/" + 32 * "0",
    listing=Listing("ecs", "ListTasks", "taskArns", str,
                    "arn:aws:ecs:us-east-1:111122223333:task/c/{:032x}"),
    calls=Calls(
        listing="ecs:ListClusters, ecs:ListTasks x 2",
        good="ecs:DescribeTasks, ec2:DescribeNetworkInterfaces",
        bad="ecs:DescribeTasks, ec2:DescribeNetworkInterfaces"),
    by_script="impossible",
    deployed=Deployed("ecs:RunTask", "moto"),
    events={
        **events_of(TASK, "ecs:RunTask", "ecs:StartTask", "ecs:RunTask-cut"),
        **events_of([TASK, SECOND], "ecs:RunTask-several"),
        **events_of([], "ecs:RunTask-not_placed")})


class Tasks(Containers):
    type = "ecs_task"

    def task(self, public, **more):
        """A running task, with an address of its own if it should be public."""
        made = task(self, **more)
        if public:
            self.give_address(next(one["value"] for one in made["attachments"][0]["details"]
                                   if one["name"] == "networkInterfaceId"))
        return made["taskArn"]

    def give_address(self, interface):
        ec2 = self.aws("ec2")
        address = ec2.allocate_address(Domain="vpc")["AllocationId"]
        ec2.associate_address(AllocationId=address, NetworkInterfaceId=interface)

    def status(self, arn):
        found = self.ecs.describe_tasks(cluster=arn.split("/")[1], tasks=[arn])["tasks"]
        return found[0]["desiredStatus"]

    def test_found_repaired_and_undone(self):
        [bad] = self.make()
        good = [self.good()]
        stays = {"ecs_task.public_ip"}
        self.life(bad={bad: self.outcomes()}, good=good, stays=stays)
        self.assertEqual(self.status(bad), "STOPPED")
        self.assertEqual(self.status(good[0]), "RUNNING")

    def test_found_by_its_events(self):
        self.assert_fixed_after("ecs_task.public_ip", {
            "ecs:RunTask": self.task(public=True), "ecs:StartTask": self.task(public=True)})

    def test_a_task_of_a_service_waits_for_its_service(self):
        containers.service(self, "shop", "ENABLED")
        arn = self.task(public=True, group="service:shop")
        found = self.one(self.remediate(arn))
        self.assertEqual(found["remediation"], "held", found)
        self.assertEqual(self.status(arn), "RUNNING")
        self.ecs.update_service(cluster="good", service="shop",
                                networkConfiguration=containers.network(self))
        found = self.one(self.remediate(arn))
        self.assertEqual(found["remediation"], "fixed", found)
        self.assertEqual(self.status(arn), "STOPPED")

    def test_irreversible_steps_can_be_held(self):
        arn = self.task(public=True)
        found = self.one(self.remediate(arn, HOLD_IRREVERSIBLE="true"))
        self.assertEqual(found["remediation"], "held", found)
        self.assertEqual(self.status(arn), "RUNNING")

    def test_tasks_share_calls(self):
        bad, good = self.task(public=True), [self.task(public=False) for _ in range(3)]
        self.cloud.proxy.clear()
        found = self.audit(bad, *good)
        statuses = {id_: one["status"] for (id_, _), one in found.items()}
        self.assertEqual(statuses, {**dict.fromkeys(good, "compliant"), bad: "non_compliant"})
        calls = self.cloud.proxy.operations()
        # One call each, unless a busy machine lets the turn end between two tasks.
        for operation in ("ecs:DescribeTasks", "ec2:DescribeNetworkInterfaces"):
            self.assertIn(calls.count(operation), (1, 2), operation)

    def test_a_refused_read_of_the_interface_is_unknown(self):
        arn = self.task(public=True)
        self.cloud.proxy.refuse("ec2:DescribeNetworkInterfaces", code="UnauthorizedOperation")
        found = self.one(self.remediate(arn))
        self.assertEqual(found["status"], "unknown", found)
        self.assertEqual(self.status(arn), "RUNNING")


if __name__ == "__main__":
    unittest.main()
