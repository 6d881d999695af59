"""ECS task sets with public addresses: they are found and deleted."""
import unittest

from support import containers, pager
from support.containers import Containers
from support.type_files import Calls, Deployed, Type, all_types, events_of

TASK_SET = "arn:aws:ecs:us-east-1:111122223333:task-set/shop/orders/ecs-svc/9223370526085364041"


def task_set(place, service, public="DISABLED"):
    made = place.aws("ecs").create_task_set(
        cluster="good", service=service, taskDefinition="web", launchType="FARGATE",
        networkConfiguration=containers.network(place, public),
        scale={"value": 0, "unit": "PERCENT"})
    return made["taskSet"]["taskSetArn"]


def good(place, name):
    containers.service(place, name, controller="EXTERNAL")
    return task_set(place, name)


TYPE = Type(
    repairs={"public_ip": {"ecs:DeleteTaskSet"}},
    impacts={"public_ip": "destroys"},
    irreversible=True,
    good=good,
    absent="arn:aws:ecs:us-east-1:111122223333:task-set/none/none/ecs-svc/1",
    listing=None,
    calls=Calls(
        listing="ecs:ListClusters, ecs:ListServices x 2, ecs:DescribeServices x 2",
        good="ecs:DescribeTaskSets",
        bad="ecs:DescribeTaskSets"),
    by_script="mocked",
    deployed=Deployed("ecs:CreateTaskSet", "moto"),
    events=events_of(
        TASK_SET, "ecs:CreateTaskSet", "ecs:UpdateTaskSet",
        "ecs:UpdateServicePrimaryTaskSet", "ecs:UpdateTaskSet-cut",
        "ecs:UpdateServicePrimaryTaskSet-cut"))


class TaskSets(Containers):
    type = "ecs_task_set"

    def left(self, service):
        found = self.ecs.describe_task_sets(cluster="good", service=service)["taskSets"]
        return {one["taskSetArn"] for one in found}

    def test_found_by_its_events(self):
        containers.service(self, "shop", controller="EXTERNAL")
        self.assert_fixed_after("ecs_task_set.public_ip", {
            f"ecs:{name}": task_set(self, "shop", "ENABLED")
            for name in ("CreateTaskSet", "UpdateTaskSet", "UpdateServicePrimaryTaskSet")})

    def test_good_and_primary_task_sets_stay(self):
        containers.service(self, "shop", controller="EXTERNAL")
        production, bad, good = (task_set(self, "shop", public)
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

    def test_found_repaired_and_undone(self):
        [bad] = self.make()
        good = self.good()
        self.check_poll([bad, good], [bad])
        check = "ecs_task_set.public_ip"
        self.assertEqual(self.audit(good)[good, check]["status"], "compliant")
        self.assert_calls("good", good)
        self.assert_calls("bad", bad)
        self.check_plan([bad, good], {bad: self.outcomes()})
        found = self.remediate(bad, good)
        self.assertEqual(found[bad, check]["remediation"], "fixed", found)
        [change] = self.changes()
        self.assertTrue(change.speaks_of(bad), change)
        run = self.engine("remediate", "--all", stdin=self.line(bad))
        self.assertEqual([line["status"] for line in run.lines], ["gone"], run)
        self.assertNotEqual(self.undo().status, 0)

    def test_it_is_listed_page_by_page(self):
        """The task sets of thousands of services."""
        services, _ = pager.thousands(all_types()["ecs_service"].listing)
        described = pager.Pager("ecs", "DescribeServices", [])
        described.answer = lambda request: described.encoded({"failures": [], "services": [
            {"serviceArn": one, "deploymentController": {"type": "EXTERNAL"}, "status": "ACTIVE",
             "taskSets": [{"taskSetArn": one.replace("service/", "task-set/") + "/ecs-svc/1"}]}
            for one in request.json()["services"]]})
        self.cloud.proxy.rules += [services, described]
        run = self.poll()
        self.assertEqual((run.err, len(run.lines)), ("", pager.COUNT))
        self.assertEqual(len({one["id"] for one in run.lines}), pager.COUNT)
        self.assertEqual(self.cloud.proxy.operations().count("ecs:DescribeServices"),
                         pager.COUNT // 10)


if __name__ == "__main__":
    unittest.main()
