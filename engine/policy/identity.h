/* One spelling of what a line names: its type without aliases, its id as the policy's
 * `id.canonical` writes it, and its ARN. Exceptions, plan, journal, turns and reports compare
 * these. Serves run, poll, translate, exceptions and reports; calls the evaluator. */
#ifndef POLICY_IDENTITY_H
#define POLICY_IDENTITY_H

#include "policy/evaluator.h"

/* Makes type and id canonical. -1 leaves the id as it was: the policy refuses it, or it is an ARN
 * of another account or region than the line's (code "ForeignId"): nothing may be asked about it,
 * for the answer would be about something else. */
int identity_settle(struct evaluator *evaluator, const struct policy *policy,
                    struct resource *resource, struct err *err);

/* New text of "arn:${partition}:sqs:${region}:${account}:${name}", or of another such template;
 * name is what stands behind the id's last '/'. */
char *identity_expand(const char *template, const struct resource *resource);
/* The resource's ARN, new: `told` is the template that an audit made of it, or NULL. An id without
 * a template is left as it is. */
char *identity_arn(struct evaluator *evaluator, const struct policy *policy,
                   const struct resource *resource, const char *told);
/* What Security Hub calls the type, new: "AwsSqsQueue" of "AWS::SQS::Queue"; "Other" is its word
 * for what it has no name for. */
char *identity_asff(const struct policy *policy);
/* "aws-cn" of "cn-north-1"; "aws" of what is not known. */
const char *identity_partition(const char *region);

#endif
