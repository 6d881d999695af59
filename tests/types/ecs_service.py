"""ECS services with public addresses: they are found, repaired, and restored by undo."""
import unittest

from support import containers
from support.containers import Containers
from support.type_files import Calls, Deployed, Listing, Type, events_of

SERVICE = "arn:aws:ecs:us-east-1:111122223333:service/shop/orders"

TYPE = Type(
    repairs={"public_ip": {"ecs:UpdateService"}},
    good=containers.service,
    absent="arn:aws:ecs:us-east-1:111122223333:service/none/none",
    listing=Listing("ecs", "ListServices", "serviceArns", str,
                    "arn:aws:ecs:us-east-1:111122223333:service/c/s{}"),
    calls=Calls(
        listing="ecs:ListClusters, ecs:ListServices x 2",
        good="ecs:DescribeServices",
        bad="ecs:DescribeServices"),
    deployed=Deployed("ecs:CreateService"),
    events=events_of(
        SERVICE, "ecs:CreateService", "ecs:UpdateService", "ecs:CreateService-cut",
        "ecs:UpdateService-cut"))


class Services(Containers):
    type = "ecs_service"

    def described(self, cluster, name):
        found = self.ecs.describe_services(cluster=cluster, services=[name])["services"][0]
        return found["networkConfiguration"]["awsvpcConfiguration"]

    def test_found_repaired_and_undone(self):
        [bad] = self.make()
        good = [self.good()]
        before = self.described(bad.split("/")[1], bad)
        self.assertEqual(before["assignPublicIp"], "ENABLED")
        self.life(bad={bad: self.outcomes()}, good=good)
        self.assertEqual(self.described(bad.split("/")[1], bad), before)
        self.remediate(bad)
        self.assertEqual(self.described(bad.split("/")[1], bad),
                         {**before, "assignPublicIp": "DISABLED"})

    def test_found_by_its_events(self):
        self.assert_fixed_after("ecs_service.public_ip", {
            "ecs:CreateService": containers.service(self, "made", "ENABLED"),
            "ecs:UpdateService": containers.service(self, "changed", "ENABLED")})

    def test_services_deployed_by_others_are_held(self):
        arn = containers.service(self, "pushed", "ENABLED", controller="CODE_DEPLOY")
        found = self.one(self.remediate(arn))
        self.assertEqual(found["remediation"], "held", found)
        self.assertIn("CodeDeploy", found["held"])
        self.assertEqual(self.changes(), [])

    def test_a_service_without_its_cluster_is_unknown(self):
        arn = containers.service(self, "private").replace("/good/", "/")
        run = self.engine("remediate", "--all", stdin=self.line(arn))
        [found] = run.lines
        self.assertEqual(found["status"], "unknown", run)
        self.assertIn("without a cluster", found["error"]["message"])

    def test_a_deleted_service_is_gone(self):
        arn = containers.service(self, "private", "ENABLED")
        self.ecs.delete_service(cluster="good", service="private", force=True)
        nowhere = arn.replace("/good/", "/elsewhere/")
        run = self.engine("remediate", "--all", "--remediate",
                          stdin=self.line(arn) + "\n" + self.line(nowhere))
        self.assertEqual([line["status"] for line in run.lines], ["gone", "gone"], run)

    def test_many_are_listed(self):
        arns = {containers.service(self, f"s{i}") for i in range(130)}
        self.assertEqual({line["id"] for line in self.poll().lines}, arns)


if __name__ == "__main__":
    unittest.main()
