/* The canonical form of what a line names: its type without aliases, its id as the policy's
 * `id.canonical` writes it, and its ARN. Exceptions, plan, journal, turns and reports compare
 * these. Serves run, poll, translate, exceptions, baseline and reports; calls the evaluator. */
#ifndef POLICY_IDENTITY_H
#define POLICY_IDENTITY_H

#include "policy/evaluator.h"

/* Makes type and id canonical. On -1 the id is unchanged: the policy refuses it, or it is an ARN of
 * another account or region than the line's (code "ForeignId"). Then no call may use this id,
 * because the response would describe another resource. */
int identity_make_canonical(struct evaluator *evaluator, const struct policy *policy,
                            struct resource *resource, struct err *err);

/* Fills in "arn:${partition}:sqs:${region}:${account}:${name}" or another such template; returns a
 * new text. name is the text after the last '/' of the id. */
char *identity_expand(const char *template, const struct resource *resource);
/* The ARN of the resource, new. `given` is the template that an audit returned, or NULL: then the
 * policy's own. If there is no template, the result is the id. */
char *identity_arn(struct evaluator *evaluator, const struct policy *policy,
                   const struct resource *resource, const char *given);
/* Does the ARN name the resource? Otherwise it is that of the account. */
bool identity_is_in_arn(const struct policy *policy);
/* Replaces an id that is the resource's ARN, as other tools name it, by the canonical id. On -1 the
 * id is unchanged. */
int identity_from_arn(struct evaluator *evaluator, const struct policy *policy,
                      struct resource *resource, struct err *err);
/* What Security Hub calls the type, new: "AwsSqsQueue" for "AWS::SQS::Queue"; "Other" is its name
 * for types it has no name for. */
char *identity_asff(const struct policy *policy);
/* "aws-cn" for "cn-north-1"; "aws" for a region that is not known. */
const char *identity_partition(const char *region);
/* For a global type: does each resource have a region nevertheless (a bucket)? */
bool identity_has_region(const struct policy *policy);

#endif
