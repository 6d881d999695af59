"""The default network of a place, which is never changed, and an instance in it that passes every
check."""
import functools

from support.estate import OWNER


@functools.cache
def subnets(place):
    """The ids of all subnets, sorted."""
    return sorted(one["SubnetId"] for one in place.aws("ec2").describe_subnets()["Subnets"])


@functools.cache
def vpc(place):
    [one] = [one for one in place.aws("ec2").describe_vpcs()["Vpcs"] if one["IsDefault"]]
    return one["VpcId"]


@functools.cache
def group(place):
    """The id of one of its security groups."""
    return place.aws("ec2").describe_security_groups()["SecurityGroups"][0]["GroupId"]


def instance(place):
    made = place.aws("ec2").run_instances(
        ImageId="ami-12345678", MinCount=1, MaxCount=1,
        MetadataOptions={"HttpEndpoint": "enabled", "HttpTokens": "required"},
        NetworkInterfaces=[{"DeviceIndex": 0, "AssociatePublicIpAddress": False}],
        TagSpecifications=[{"ResourceType": "instance", "Tags": [OWNER]}])
    return made["Instances"][0]["InstanceId"]
