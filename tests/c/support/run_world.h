/* A run over a policy that the test plays itself: the real run, gate, journal, report, sessions and
 * client; the evaluator answers audits with what the test set before, in order, and AWS is
 * fake_aws. Each look at the clock takes a day, so that nothing waits. The policy is of the type
 * "sqs", with the checks sqs.public and sqs.shared. It may write only sqs:SetQueueAttributes. */
#ifndef TESTS_RUN_WORLD_H
#define TESTS_RUN_WORLD_H

#include "accounts/context.h"
#include "audit/run.h"
#include "support/fake_aws.h"

#define RUN_WORLD_ID "https://sqs.us-east-1.amazonaws.com/111122223333/q"
/* A step of the policy's fix, and a check's entry with it. */
#define RUN_WORLD_STEP                                                                             \
    "{\"call\":\"sqs:SetQueueAttributes\",\"with\":{\"QueueUrl\":\"" RUN_WORLD_ID                  \
    "\",\"Attributes\":{\"Policy\":\"\"}},\"undo\":{\"call\":\"sqs:SetQueueAttributes\",\"with\":" \
    "{\"QueueUrl\":\"" RUN_WORLD_ID "\",\"Attributes\":{\"Policy\":\"open\"}}},\"expected\":"      \
    "{\"policy\":\"d2\"}}"
#define RUN_WORLD_BAD(check, evidence)                                                             \
    "{\"id\":\"" check "\",\"status\":\"non_compliant\",\"summary\":\"open\",\"evidence\":"        \
    "\"" evidence "\",\"fix\":\"steps\",\"steps\":[" RUN_WORLD_STEP "]}"
#define RUN_WORLD_GOOD(check) "{\"id\":\"" check "\",\"status\":\"compliant\",\"fix\":\"none\"}"
#define RUN_WORLD_OK(digest, checks)                                                               \
    "{\"state\":\"ok\",\"digests\":{\"policy\":\"" digest "\"},\"tags\":{},\"checks\":[" checks "]}"
#define RUN_WORLD_LATER(delay) "{\"state\":\"later\",\"delay\":" delay ",\"checks\":[]}"

struct run_world {
    struct settings settings;
    struct policy policy;
    struct evaluator evaluator;
    struct context context;
    struct endpoints *endpoints;
    struct model_set *models;
    json_t *outcomes; /* not returned yet; the last one is repeated */
    int audits;
    json_t *parts; /* the part that the last audit had to read in any case, or NULL */
    char *folder, *report, *journal;
    void (*settled)(void *arg, const struct resource *resource, bool again); /* NULL: no queue */
    json_t *findings;                                                        /* of the last run */
    int status;
};

extern struct run_world run_world;

int run_world_set_up(void **state);
int run_world_tear_down(void **state);

/* The next audit's outcome: JSON, or "fails: why". */
void run_world_answer(const char *outcome);
/* A run over one line: {"account","region","type","id"} with `more` members (",\"attempt\":3"). */
void run_world_run(enum run_mode mode, const char *more);
/* The same with these lines, as from stdin. */
void run_world_lines(enum run_mode mode, const char *lines);
/* The same for a run that ends because nothing is left to wait for, and not by itself. */
void run_world_unfinished(enum run_mode mode, const char *lines);
/* Undoes what the journal contains; returns the results. New. */
json_t *run_world_undo(void);
/* A member of the last run's finding of that check. */
const char *run_world_says(const char *check, const char *key);
/* The rules of this file apply from now on. */
void run_world_exceptions(const char *rules);

#endif
