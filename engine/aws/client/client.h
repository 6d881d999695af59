/* Calls: parameters in, result out. Joins model, proto, endpoint, creds, sigv4, retry and http.
 * Serves the rooms above and the bindings. The only place where a request to AWS is signed
 * (creds' own STS calls aside), hence the place where the gate stands: a session says what it
 * may sign.
 *
 * At most `max_in_flight` requests are on the wire. What AWS counts together (an account's calls
 * of one region and service) goes out no faster than AWS lets it through, in order; a throttled
 * call waits for its turn again, for as long as `patience_ms` without one success. */
#ifndef AWS_CLIENT_CLIENT_H
#define AWS_CLIENT_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "aws/client/client_call.h"
#include "aws/client/client_pages.h"
#include "aws/creds/creds.h"
#include "aws/endpoint/endpoint.h"
#include "aws/model/model.h"
#include "aws/operations/opclass.h"
#include "base/err.h"
#include "net/http/http.h"
#include "net/loop/loop.h"

/* What a session may sign. Only change/gate.c may say PERMIT_CHANGE, only notify/message.c
 * PERMIT_MESSAGE, only app/cli/cmd_run.c PERMIT_OPERATOR: a lint holds them to it. */
enum permit {
    PERMIT_READ = 0, /* reads (of class OP_READ, or in `reviewed`) that stand in `allowed` */
    PERMIT_CHANGE,   /* what is not forbidden and stands in `allowed` */
    PERMIT_MESSAGE,  /* the engine's own messages: sqs, sns, and its table */
    PERMIT_OPERATOR  /* everything: the operator's own script */
};

struct opset; /* aws/operations/opset.h */

/* Who calls. Owned by whoever made it; must outlive its calls. */
struct session {
    const char *account; /* for messages only; may be "" */
    struct creds_provider *provider;
    enum permit permit;
    const struct opset *allowed; /* PERMIT_READ and PERMIT_CHANGE */
    /* Of OP_UNREVIEWED: what the policy declares as a read, with a reason. NULL: none. */
    const struct opset *reviewed;
    /* Members of answers that the policy declares to see ("service:Operation.Path.To.Member"): all
     * others that are secret are redacted, by PERMIT_READ and PERMIT_CHANGE. NULL: none. */
    const struct opset *sensitive;
};

struct client_options {
    struct loop *loop;
    struct http_transport transport;
    struct model_set *models;
    const struct endpoints *endpoints;
    int max_in_flight;   /* 0: 200 */
    int max_attempts;    /* of calls that are not throttled; 0: 5 for reads, 3 for changes */
    int64_t patience_ms; /* 0: 900 s */
};

struct client;
struct client *client_new(const struct client_options *options);
void client_free(struct client *client);

struct client_stats {
    uint64_t calls, requests, retries, throttled, failed;
    uint64_t changes; /* requests signed for operations that are no reads */
};
void client_stats(const struct client *client, struct client_stats *stats);

/* Time is nearly over: reads that wait because they were throttled fail, now and from now on. */
void client_hurry(struct client *client);
/* Does anything wait because it was throttled? */
bool client_is_slow(const struct client *client);
/* Another run begins: what was given up is tried again. */
void client_renew(struct client *client);
/* Wall clock of the last answer that was no throttle to what AWS counts together with this
 * "service:Operation"; 0: none in this process. */
int64_t client_success_ms(const struct client *client, const char *account, const char *region,
                          const char *operation);

struct loop *client_loop(const struct client *client);
struct model_set *client_models(struct client *client);
const struct endpoints *client_endpoints(const struct client *client);

#endif
