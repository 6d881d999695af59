"""Code that the tests of both types of load balancers share."""
from support.type_case import TypeCase


class Balancers(TypeCase):
    def setUp(self):
        super().setUp()
        self.environment = {"DEV_ACCOUNTS": f"444455556666,{self.account}"}

    def instance(self, *tags):
        ec2 = self.aws("ec2")
        more = {"TagSpecifications": [{"ResourceType": "instance", "Tags": tags}]} if tags else {}
        made = ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1, **more)
        return made["Instances"][0]["InstanceId"]
