/* A small world for a policy: the real host and client with a transport that answers from a table.
 * No network, one service (sqs, of tests/fixtures/host). For the tests of the host; the world owns
 * everything, and world_close checks that nothing is left in progress. */
#ifndef SUPPORT_HOST_WORLD_H
#define SUPPORT_HOST_WORLD_H

#include <jansson.h>

#include "aws/client/client.h"
#include "bindings/policy/evaluator.h"
#include "net/loop/loop.h"
#include "policy/evaluator.h"

struct world {
    char folder[64]; /* policies and models, removed at the end */
    struct loop *loop;
    struct model_set *models;
    struct endpoints *endpoints;
    struct creds_provider *provider;
    struct client *client;
    struct evaluator *evaluator;
    struct session session;
    struct scope scope;
    json_t *settings;
    json_t *replies;  /* operation to a list of {"status","body"}: the last one is repeated */
    json_t *requests; /* [{"operation","url","authorization","body"}…] */
    bool mute;        /* nothing is answered, and nothing waits for it */
    int in_flight, most_in_flight;
    int reply_ms;  /* until an answer comes */
    int trusted;   /* what scope.trusted returns for "222222222222"; 0 for others */
    json_t *found; /* [{"id","options"}…] of the last discovery */
    int files;
};

/* limits: memory_max and the like; NULL for defaults. */
void world_open(struct world *here, const struct host_options *limits);
void world_close(struct world *here);

/* The world of the tests of one program, for cmocka. A test that wants limits or replies opens its
 * own. */
extern struct world world;
int world_set_up(void **state);
int world_tear_down(void **state);

struct http_transport world_transport(struct world *here);
/* Sets the answer to the next call of the operation; the last answer is repeated. */
void world_reply(struct world *here, const char *operation, int status, const char *body);
size_t world_count(const struct world *here, const char *operation); /* requests made */

/* Writes a file below the folder. */
void world_write(struct world *here, const char *name, const char *text);
/* Loads policies/<name>.lua; the test fails if it is refused. */
const struct policy *world_load(struct world *here, const char *name, const char *text);
/* The message with which it is refused; valid until the next call. The test fails if it is
 * accepted. */
const char *world_refusal(struct world *here, const char *text);

/* Starts an audit and waits. New reference: the outcome, or {"failed":message,"kind":…}. */
json_t *world_audit(struct world *here, const struct policy *policy,
                    const struct audit_options *options);
/* Audits with a policy of one check: its error's message, or its status, contains `expected`. */
void world_expect(struct world *here, const struct policy *policy,
                  const struct audit_options *options, const char *expected);
json_t *world_discover(struct world *here, const struct policy *policy);

/* The message of the only check's error, its status if it has none, or the error of the whole
 * audit, for a policy whose audit has this body. Valid until the next call. */
const char *world_try(struct world *here, const char *body);

#endif
