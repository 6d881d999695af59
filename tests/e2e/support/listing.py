"""What an account has in a region: the ids of all resources that misconfiguration_maker may
create."""

import jmespath

ALIVE = [{"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]}]
# (service, operation, its parameters, where the ids are)
CALLS = (
    ("ec2", "describe_instances", {"Filters": ALIVE}, "Reservations[].Instances[].InstanceId"),
    ("ec2", "describe_volumes", {}, "Volumes[].VolumeId"),
    ("ec2", "describe_snapshots", {"OwnerIds": ["self"]},
     "Snapshots[?!starts_with(Description, 'Auto-created')].SnapshotId"),  # moto's own, for an image
    ("ec2", "describe_images", {"Owners": ["self"]}, "Images[].ImageId"),
    ("ec2", "describe_security_groups", {}, "SecurityGroups[].GroupId"),
    ("ec2", "describe_vpcs", {}, "Vpcs[].VpcId"),
    ("ec2", "describe_addresses", {}, "Addresses[].AllocationId"),
    ("ecs", "list_task_definitions", {}, "taskDefinitionArns"),
    ("elb", "describe_load_balancers", {}, "LoadBalancerDescriptions[].LoadBalancerName"),
    ("elbv2", "describe_load_balancers", {}, "LoadBalancers[].LoadBalancerArn"),
    ("elbv2", "describe_target_groups", {}, "TargetGroups[].TargetGroupArn"),
    ("iam", "list_users", {}, "Users[].UserName"),
    ("iam", "list_roles", {}, "Roles[].RoleName"),
    ("iam", "list_policies", {"Scope": "Local"}, "Policies[].Arn"),
    ("kms", "list_aliases", {}, "Aliases[?TargetKeyId].AliasName"),
    ("lambda", "list_functions", {}, "Functions[].FunctionName"),
    ("rds", "describe_db_instances", {}, "DBInstances[].DBInstanceIdentifier"),
    ("rds", "describe_db_snapshots", {"SnapshotType": "manual"},
     "DBSnapshots[].DBSnapshotIdentifier"),
    ("redshift", "describe_clusters", {}, "Clusters[].ClusterIdentifier"),
    ("redshift", "describe_cluster_parameter_groups", {}, "ParameterGroups[].ParameterGroupName"),
    ("s3", "list_buckets", {}, "Buckets[].Name"),
    ("sqs", "list_queues", {}, "QueueUrls"),
)


def keys(cloud, account, region):
    """The KMS keys that are not about to be deleted, without moto's own."""
    kms = cloud.client("kms", account, region)
    described = [kms.describe_key(KeyId=one["KeyId"])["KeyMetadata"]
                 for one in kms.list_keys()["Keys"]]
    return [one["KeyId"] for one in described
            if one["KeyState"] != "PendingDeletion" and one["Description"] != "Default key"]


def clusters(cloud, account, region):
    """The ECS resources that are not deleted: deleted ones can be described for a while."""
    ecs = cloud.client("ecs", account, region)
    arns = ecs.list_clusters()["clusterArns"]
    return [one["clusterArn"] for one in ecs.describe_clusters(clusters=arns)["clusters"]
            if one["status"] == "ACTIVE"] if arns else []


def listing(cloud, account, region):
    """{operation: sorted ids}, bypassing the engine and IAM; no entry if there are none."""
    found = {"kms.list_keys": sorted(keys(cloud, account, region)),
             "ecs.list_clusters": sorted(clusters(cloud, account, region))}
    for service, operation, parameters, where in CALLS:
        client = cloud.client(service, account, region)
        pages = (client.get_paginator(operation).paginate(**parameters)
                 if client.can_paginate(operation) else [getattr(client, operation)(**parameters)])
        ids = [one for page in pages for one in jmespath.search(where, page) or []]
        found[f"{service}.{operation}"] = sorted(ids)
    return {name: ids for name, ids in found.items() if ids}
