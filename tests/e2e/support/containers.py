"""ECS in a place: a cluster "good" beside misconfiguration_maker's, and what runs in it."""
import functools

from support.network import group, subnets
from support.type_case import TypeCase

IMAGE = {"name": "web", "image": "busybox", "memory": 64}


@functools.cache
def prepare(place):
    """Creates the cluster and a task definition, once."""
    ecs = place.aws("ecs")
    ecs.create_cluster(clusterName="good")
    ecs.register_task_definition(
        family="web", networkMode="awsvpc", containerDefinitions=[IMAGE],
        requiresCompatibilities=["FARGATE"], cpu="256", memory="512")


def network(place, public="DISABLED"):
    return {"awsvpcConfiguration": {"subnets": subnets(place)[:2], "assignPublicIp": public,
                                    "securityGroups": [group(place)]}}


def service(place, name, public="DISABLED", controller="ECS"):
    prepare(place)
    more = {} if controller == "EXTERNAL" else {
        "taskDefinition": "web", "networkConfiguration": network(place, public)}
    made = place.aws("ecs").create_service(
        cluster="good", serviceName=name, desiredCount=0, launchType="FARGATE",
        deploymentController={"type": controller}, **more)
    return made["service"]["serviceArn"]


class Containers(TypeCase):
    """Code that the tests of the three types share."""

    def setUp(self):
        super().setUp()
        self.ecs = self.aws("ecs")
        prepare(self)

    def one(self, findings):
        [finding] = findings.values()
        return finding
