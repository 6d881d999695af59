#include "accounts/own_reads.h"

#include <string.h>

#include "base/mem.h"

const char *const own_reads_actions[] = {"ec2:DescribeRegions", "iam:SimulatePrincipalPolicy",
                                         NULL};

struct opset *own_reads_set(const char *const *actions)
{
    struct opset *set = opset_new();
    for (; *actions != NULL; actions++) {
        const char *operation = strchr(*actions, ':') + 1;
        char *service = mem_strndup(*actions, (size_t)(operation - 1 - *actions));
        opset_add_action(set, service, operation, *actions);
        mem_free(service);
    }
    return set;
}
