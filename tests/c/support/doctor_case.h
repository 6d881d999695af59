/* What the tests of engine doctor share: answers of the account that app_case plays, and items of
 * its output. */
#ifndef SUPPORT_DOCTOR_CASE_H
#define SUPPORT_DOCTOR_CASE_H

#include <stdint.h>

#include "support/app_case.h"

#define REGIONS(names)                                                                             \
    {                                                                                              \
        "Action=DescribeRegions", 200,                                                             \
            "<DescribeRegionsResponse><regionInfo>" names                                          \
            "</regionInfo></DescribeRegionsResponse>"                                              \
    }
#define REGION(name) "<item><regionName>" name "</regionName></item>"

#define SIMULATED(results, more)                                                                   \
    "<SimulatePrincipalPolicyResponse><SimulatePrincipalPolicyResult>" more                        \
    "<EvaluationResults>" results                                                                  \
    "</EvaluationResults></SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
#define DECISION(action, decision, more)                                                           \
    "<member><EvalActionName>" action "</EvalActionName><EvalDecision>" decision                   \
    "</EvalDecision>" more "</member>"
#define SIMULATION(results)                                                                        \
    {                                                                                              \
        "Action=SimulatePrincipalPolicy", 200, SIMULATED(results, "")                              \
    }
#define BOTH(decision, more)                                                                       \
    DECISION("sqs:ListQueues", "allowed", "") DECISION("sqs:GetQueueAttributes", decision, more)

#define ASSUMED                                                                                    \
    {                                                                                              \
        "Action=AssumeRole", 200,                                                                  \
            "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAEXAMPLE"          \
            "</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token"           \
            "</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"           \
            "</AssumeRoleResult></AssumeRoleResponse>"                                             \
    }
#define CALLER(arn)                                                                                \
    {                                                                                              \
        "Action=GetCallerIdentity", 200,                                                           \
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>" arn                        \
            "</Arn><UserId>A</UserId><Account>" APP_ACCOUNT                                        \
            "</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"                     \
    }
#define DENIED_XML                                                                                 \
    "<ErrorResponse><Error><Code>AccessDenied</Code><Message>User: arn:aws:iam::1:user/u is not "  \
    "authorized to perform: it because no identity-based policy allows it</Message></Error>"       \
    "</ErrorResponse>"
#define DENIED_JSON                                                                                \
    "{\"__type\":\"AccessDeniedException\",\"message\":\"User: arn:aws:iam::1:user/u is not "      \
    "authorized to perform: it with an explicit deny in a service control policy\"}"

/* Those of a healthy account. */
extern const struct app_answer doctor_healthy[];

/* By how much the clock of AWS is ahead. */
extern int64_t doctor_ahead_ms;

/* Answers the request that asks whether an endpoint answers, with a Date header. */
bool doctor_tell_time(const struct peer_request *request);

/* For cmocka, instead of app_case_set_up: a healthy account. */
int doctor_set_up(void **state);

/* The last run wrote an item of this probe and status, with `part` in its line. */
void doctor_item(const char *probe, const char *status, const char *part);

#endif
