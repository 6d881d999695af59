/* Source: Service Authorization Reference, "Actions, resources, and condition keys" of each service
 * (June 2026). An action that stands in several rows takes resources of several types. What is
 * missing here is allowed on "*": that always works, and is all that IAM offers for lists.
 *
 * Left out although the reference names a type, since calls that name no such resource may be
 * judged on "*": ecs:ListTasks, config:DescribeConfigurationRecorders and …RecorderStatus. */
#include <stdbool.h>
#include <string.h>

#include "base/mem.h"
#include "generate/generate_internal.h"

struct resource_row {
    const char *service;
    const char *place;   /* region, account and resource of the ARN */
    const char *actions; /* separated by blanks */
};

static const struct resource_row rows[] = {
    {"cloudtrail", "*:*:trail/*", "GetTrail GetTrailStatus GetEventSelectors"},
    {"ec2", "*:*:elastic-ip/*", "AssociateAddress DisassociateAddress"},
    {"ec2", "*::image/*", "DescribeImageAttribute ModifyImageAttribute ResetImageAttribute"},
    {"ec2", "*:*:instance/*",
     "AssociateAddress DescribeInstanceAttribute ModifyInstanceAttribute "
     "ModifyInstanceMetadataOptions ModifyNetworkInterfaceAttribute StartInstances StopInstances "
     "TerminateInstances"},
    {"ec2", "*:*:network-interface/*",
     "AssociateAddress DisassociateAddress ModifyNetworkInterfaceAttribute"},
    {"ec2", "*:*:prefix-list/*", "GetManagedPrefixListEntries"},
    {"ec2", "*:*:security-group/*",
     "AuthorizeSecurityGroupIngress ModifyNetworkInterfaceAttribute RevokeSecurityGroupIngress"},
    {"ec2", "*::snapshot/*",
     "DescribeSnapshotAttribute ModifySnapshotAttribute ResetSnapshotAttribute"},
    {"ecs", "*:*:cluster/*", "DescribeClusters"},
    {"ecs", "*:*:service/*", "DescribeServices UpdateService"},
    {"ecs", "*:*:task/*", "DescribeTasks StopTask"},
    {"ecs", "*:*:task-set/*", "CreateTaskSet DeleteTaskSet DescribeTaskSets UpdateTaskSet"},
    {"elasticloadbalancing", "*:*:loadbalancer/*",
     "DeregisterInstancesFromLoadBalancer RegisterInstancesWithLoadBalancer"},
    {"elasticloadbalancing", "*:*:targetgroup/*", "DeregisterTargets RegisterTargets"},
    {"guardduty", "*:*:detector/*", "GetDetector"},
    {"iam", ":*:role/*",
     "GetRole ListAttachedRolePolicies ListRolePolicies ListRoleTags PassRole "
     "UpdateAssumeRolePolicy"},
    {"iam", ":*:user/*",
     "CreateLoginProfile DeleteAccessKey DeleteLoginProfile GetAccessKeyLastUsed GetLoginProfile "
     "GetUser ListAccessKeys ListMFADevices ListUserTags UpdateAccessKey"},
    {"kms", "*:*:key/*",
     "CreateGrant Decrypt DescribeKey GenerateDataKey GetKeyPolicy ListGrants ListResourceTags "
     "PutKeyPolicy RetireGrant"},
    {"lambda", "*:*:function:*",
     "AddPermission DeleteFunctionUrlConfig GetFunction GetFunctionConfiguration "
     "GetFunctionUrlConfig GetPolicy ListAliases ListFunctionUrlConfigs ListTags "
     "ListVersionsByFunction RemovePermission UpdateFunctionUrlConfig"},
    {"rds", "*:*:cluster:*",
     "DescribeDBClusterSnapshots DescribeDBClusters ListTagsForResource ModifyDBCluster "
     "StartDBCluster StopDBCluster"},
    {"rds", "*:*:cluster-snapshot:*",
     "DescribeDBClusterSnapshotAttributes DescribeDBClusterSnapshots ListTagsForResource "
     "ModifyDBClusterSnapshotAttribute"},
    {"rds", "*:*:db:*",
     "DescribeDBInstances DescribeDBSnapshots ListTagsForResource ModifyDBInstance "
     "StartDBInstance StopDBInstance"},
    {"rds", "*:*:snapshot:*",
     "DescribeDBSnapshotAttributes DescribeDBSnapshots ListTagsForResource "
     "ModifyDBSnapshotAttribute"},
    {"redshift", "*:*:cluster:*", "DescribeClusters DescribeLoggingStatus ModifyCluster"},
    {"redshift", "*:*:parametergroup:*", "DescribeClusterParameters"},
    {"s3", "::*",
     "DeleteBucketPolicy GetBucketAcl GetBucketLocation GetBucketOwnershipControls "
     "GetBucketPolicy GetBucketPolicyStatus GetBucketPublicAccessBlock GetBucketTagging "
     "GetEncryptionConfiguration ListBucket PutBucketAcl PutBucketPolicy "
     "PutBucketPublicAccessBlock"},
    {"sqs", "*:*:*", "GetQueueAttributes GetQueueUrl ListQueueTags SetQueueAttributes"},
};

static bool has_word(const char *words, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = words; *at != '\0'; at += strspn(at, " ")) {
        size_t span = strcspn(at, " ");
        if (span == length && memcmp(at, word, length) == 0)
            return true;
        at += span;
    }
    return false;
}

void generate_resources(const char *action, const char *partition, json_t *resources)
{
    size_t service = strcspn(action, ":");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct resource_row *row = &rows[i];
        if (strlen(row->service) != service || strncmp(row->service, action, service) != 0 ||
            !has_word(row->actions, action + service + 1))
            continue;
        char *arn = mem_printf("arn:%s:%s:%s", partition, row->service, row->place);
        json_object_set_new(resources, arn, json_true());
        mem_free(arn);
    }
}
