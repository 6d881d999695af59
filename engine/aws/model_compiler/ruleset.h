/* The rules language of AWS endpoints, as far as it depends on the region only: no ARN, bucket or
 * account is given. Functions of such values (aws.parseArn, parseURL, substring, uriEncode and
 * aws.isVirtualHostableS3Bucket) are undefined here, so their conditions are false. Source:
 * Smithy's "Endpoint Rules Engine" specification, botocore/endpoint_provider.py. Serves
 * endpoints. */
#ifndef AWS_MODEL_COMPILER_RULESET_H
#define AWS_MODEL_COMPILER_RULESET_H

#include <jansson.h>
#include <stdbool.h>

/* Where a rule set (endpoint-rule-set-1.json) sends a call with these parameters in this partition.
 * False if it gives no endpoint. */
struct ruleset_answer {
    char *url;            /* owned by the caller: ruleset_answer_clear */
    char *signing_region; /* or NULL */
    char *signing_name;   /* or NULL */
};
bool ruleset_resolve(const json_t *ruleset, const json_t *parameters, const json_t *partition,
                     struct ruleset_answer *answer);
void ruleset_answer_clear(struct ruleset_answer *answer);

#endif
