"""Services, tasks and task sets of ECS: found with public addresses, repaired, taken back."""
import unittest

from support.by_event import ByEvent
from support.kind import KindCase

IMAGE = {"name": "web", "image": "busybox", "memory": 64}


class Ecs(ByEvent, KindCase):
    """What the three types stand on: a cluster "good" beside the maker's."""

    def setUp(self):
        super().setUp()
        ec2, self.ecs = self.aws("ec2"), self.aws("ecs")
        self.subnets = sorted(one["SubnetId"] for one in ec2.describe_subnets()["Subnets"])
        self.group = ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]
        self.ecs.create_cluster(clusterName="good")
        self.ecs.register_task_definition(
            family="web", networkMode="awsvpc", containerDefinitions=[IMAGE],
            requiresCompatibilities=["FARGATE"], cpu="256", memory="512")

    def network(self, public="DISABLED"):
        return {"awsvpcConfiguration": {"subnets": self.subnets[:2], "assignPublicIp": public,
                                        "securityGroups": [self.group]}}

    def service(self, name, public="DISABLED", controller="ECS"):
        more = {} if controller == "EXTERNAL" else {
            "taskDefinition": "web", "networkConfiguration": self.network(public)}
        made = self.ecs.create_service(
            cluster="good", serviceName=name, desiredCount=0, launchType="FARGATE",
            deploymentController={"type": controller}, **more)
        return made["service"]["serviceArn"]

    def task(self, public, **more):
        """A running task, with an address of its own if it should be public."""
        [task] = self.ecs.run_task(cluster="good", taskDefinition="web", launchType="FARGATE",
                                   networkConfiguration=self.network(), **more)["tasks"]
        if public:
            self.give_address(next(one["value"] for one in task["attachments"][0]["details"]
                                   if one["name"] == "networkInterfaceId"))
        return task["taskArn"]

    def give_address(self, interface):
        ec2 = self.aws("ec2")
        address = ec2.allocate_address(Domain="vpc")["AllocationId"]
        ec2.associate_address(AllocationId=address, NetworkInterfaceId=interface)

    def one(self, findings):
        [finding] = findings.values()
        return finding


class Services(Ecs):
    type = "ecs_service"

    def described(self, cluster, name):
        found = self.ecs.describe_services(cluster=cluster, services=[name])["services"][0]
        return found["networkConfiguration"]["awsvpcConfiguration"]

    def test_life(self):
        [bad] = self.make()
        good = [self.service("private")]
        before = self.described(bad.split("/")[1], bad)
        self.assertEqual(before["assignPublicIp"], "ENABLED")
        self.life(bad={bad: {"ecs_service.public_ip": "fixed"}}, good=good)
        self.assertEqual(self.described(bad.split("/")[1], bad), before)
        self.remediate(bad)
        self.assertEqual(self.described(bad.split("/")[1], bad),
                         {**before, "assignPublicIp": "DISABLED"})

    def test_found_by_its_events(self):
        self.assert_fixed_after("ecs_service.public_ip", {
            "ecs/CreateService": self.service("made", "ENABLED"),
            "ecs/UpdateService": self.service("changed", "ENABLED")})

    def test_what_another_deploys_is_held(self):
        arn = self.service("pushed", "ENABLED", controller="CODE_DEPLOY")
        found = self.one(self.remediate(arn))
        self.assertEqual(found["remediation"], "held", found)
        self.assertIn("CodeDeploy", found["held"])
        self.assertEqual(self.changes(), [])

    def test_one_without_its_cluster_is_unknown(self):
        arn = self.service("private").replace("/good/", "/")
        run = self.engine("remediate", "--all", stdin=self.line(arn))
        [found] = run.lines
        self.assertEqual(found["status"], "unknown", run)
        self.assertIn("without a cluster", found["error"]["message"])

    def test_a_deleted_one_is_gone(self):
        arn = self.service("private", "ENABLED")
        self.ecs.delete_service(cluster="good", service="private", force=True)
        nowhere = arn.replace("/good/", "/elsewhere/")
        run = self.engine("remediate", "--all", "--remediate",
                          stdin=self.line(arn) + "\n" + self.line(nowhere))
        self.assertEqual([line["status"] for line in run.lines], ["gone", "gone"], run)

    def test_many_are_listed(self):
        arns = {self.service(f"s{i}") for i in range(130)}
        self.assertEqual({line["id"] for line in self.poll().lines}, arns)


class Tasks(Ecs):
    type = "ecs_task"

    def status(self, arn):
        found = self.ecs.describe_tasks(cluster=arn.split("/")[1], tasks=[arn])["tasks"]
        return found[0]["desiredStatus"]

    def test_life(self):
        [bad] = self.make()
        good = [self.task(public=False)]
        stays = {"ecs_task.public_ip"}
        self.life(bad={bad: {"ecs_task.public_ip": "fixed"}}, good=good, stays=stays)
        self.assertEqual(self.status(bad), "STOPPED")
        self.assertEqual(self.status(good[0]), "RUNNING")

    def test_found_by_its_events(self):
        self.assert_fixed_after("ecs_task.public_ip", {
            "ecs/RunTask": self.task(public=True), "ecs/StartTask": self.task(public=True)})

    def test_a_services_task_waits_for_its_service(self):
        self.service("shop", "ENABLED")
        arn = self.task(public=True, group="service:shop")
        found = self.one(self.remediate(arn))
        self.assertEqual(found["remediation"], "held", found)
        self.assertEqual(self.status(arn), "RUNNING")
        self.ecs.update_service(cluster="good", service="shop",
                                networkConfiguration=self.network("DISABLED"))
        found = self.one(self.remediate(arn))
        self.assertEqual(found["remediation"], "fixed", found)
        self.assertEqual(self.status(arn), "STOPPED")

    def test_what_cannot_be_undone_can_be_held(self):
        arn = self.task(public=True)
        found = self.one(self.remediate(arn, HOLD_IRREVERSIBLE="true"))
        self.assertEqual(found["remediation"], "held", found)
        self.assertEqual(self.status(arn), "RUNNING")

    def test_a_refused_look_at_the_interface_is_unknown(self):
        arn = self.task(public=True)
        self.cloud.proxy.refuse("ec2:DescribeNetworkInterfaces", code="UnauthorizedOperation")
        found = self.one(self.remediate(arn))
        self.assertEqual(found["status"], "unknown", found)
        self.assertEqual(self.status(arn), "RUNNING")


class TaskSets(Ecs):
    type = "ecs_task_set"

    def task_set(self, service, public):
        made = self.ecs.create_task_set(
            cluster="good", service=service, taskDefinition="web", launchType="FARGATE",
            networkConfiguration=self.network(public), scale={"value": 0, "unit": "PERCENT"})
        return made["taskSet"]["taskSetArn"]

    def left(self, service):
        found = self.ecs.describe_task_sets(cluster="good", service=service)["taskSets"]
        return {one["taskSetArn"] for one in found}

    def test_found_by_its_events(self):
        self.service("shop", controller="EXTERNAL")
        self.assert_fixed_after("ecs_task_set.public_ip", {
            f"ecs/{name}": self.task_set("shop", "ENABLED")
            for name in ("CreateTaskSet", "UpdateTaskSet", "UpdateServicePrimaryTaskSet")})

    def test_good_ones_and_the_primary_one_stay(self):
        self.service("shop", controller="EXTERNAL")
        production, bad, good = (self.task_set("shop", public)
                                 for public in ("ENABLED", "ENABLED", "DISABLED"))
        self.ecs.update_service_primary_task_set(cluster="good", service="shop",
                                                 primaryTaskSet=production)
        found = self.remediate(production, bad, good)
        check = "ecs_task_set.public_ip"
        self.assertEqual(found[production, check]["remediation"], "held")
        self.assertIn("production", found[production, check]["held"])
        self.assertEqual(found[bad, check]["remediation"], "fixed")
        self.assertEqual(found[good, check]["status"], "compliant")
        self.assertEqual(self.left("shop"), {production, good})

    def test_the_makers_is_found_and_deleted(self):
        [bad] = self.make()
        self.service("shop", controller="EXTERNAL")
        good = self.task_set("shop", "DISABLED")
        self.check_poll([bad, good], [bad])
        check = "ecs_task_set.public_ip"
        self.assertEqual(self.audit(good)[good, check]["status"], "compliant")
        self.assert_calls("good", good)
        self.assert_calls("bad", bad)
        self.check_plan([bad, good], {bad: {check: "fixed"}})
        found = self.remediate(bad, good)
        self.assertEqual(found[bad, check]["remediation"], "fixed", found)
        [change] = self.changes()
        self.assertTrue(change.speaks_of(bad), change)
        run = self.engine("remediate", "--all", stdin=self.line(bad))
        self.assertEqual([line["status"] for line in run.lines], ["gone"], run)
        self.assertNotEqual(self.undo().status, 0)


if __name__ == "__main__":
    unittest.main()
