#include "publish/publish_names.h"

#include "base/mem.h"
#include "policy/finding.h"
#include "policy/identity.h"

json_t *publish_names(struct evaluator *evaluator, const struct resource *resource,
                      const char *given)
{
    const struct policy *policy = evaluator->find(evaluator->self, resource->type);
    if (policy == NULL)
        return NULL;
    char *arn = identity_arn(evaluator, policy, resource, given);
    char *type = identity_asff(policy);
    json_t *names = json_object();
    finding_set(names, "arn", arn);
    finding_set(names, "type", type);
    mem_free(arn);
    mem_free(type);
    return names;
}
