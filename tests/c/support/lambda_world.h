/* What a Lambda handler works with, for its tests: services over run_world (the real queue,
 * sessions and client over fake_aws), with one policy, "sqs", whose discovery the test plays. Two
 * accounts and two regions are polled; POLL_QUEUE and POLLER_SQS are set. */
#ifndef TESTS_LAMBDA_WORLD_H
#define TESTS_LAMBDA_WORLD_H

#include "app/services/services.h"
#include "support/run_world.h"

#define LAMBDA_OWN "111122223333"
#define LAMBDA_OTHER "222233334444"
#define LAMBDA_POLL_QUEUE "https://sqs.us-east-1.amazonaws.com/111122223333/poll"
#define LAMBDA_LINES_QUEUE "https://sqs.us-east-1.amazonaws.com/111122223333/lines"

struct lambda_world {
    struct services services;
    int discoveries;
    enum err_kind failure; /* of each discovery; ERR_NONE: it finds "q" */
    const char *code;      /* AWS's, of that failure */
    const char *accounts;  /* the organization's: a body of ListAccounts */
    int accounts_status;   /* 200 */
    const char *regions;   /* a body of DescribeRegions */
    int regions_status;    /* 200 */
};

extern struct lambda_world lambda_world;

int lambda_world_set_up(void **state);
int lambda_world_tear_down(void **state);

/* ACCOUNTS, instead of the two. Valid until the next call. */
void lambda_world_poll(const char *first, const char *second);

/* What the queue received, in order: "body delay", one per line. mem_free. */
char *lambda_world_sent(const char *queue_url);

#endif
