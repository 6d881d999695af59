/* Shared by the client's own files only: client.c keeps calls moving, client_send.c turns one into
 * a signed request, client_fault.c says what an error means for whoever reads it. */
#ifndef AWS_CLIENT_INTERNAL_H
#define AWS_CLIENT_INTERNAL_H

#include "aws/client.h"
#include "aws/proto.h"
#include "aws/retry.h"

struct region_quota {
    char *service;
    char *region;
    struct retry_quota quota;
    struct region_quota *next;
};

/* Where a call stands. Each state has one thing that can wake it, hence one thing to cancel. */
enum call_state {
    CALL_CREDS,  /* waiting for credentials: `waiter` */
    CALL_QUEUED, /* waiting for a free place on the wire: linked in the queue */
    CALL_SENT,   /* on the wire: `transfer` */
    CALL_PAUSED  /* waiting before another attempt, or to report: `timer` */
};

struct client_call {
    struct client *client;
    struct client_call *next; /* in the queue */
    client_done done;
    void *arg;
    const struct session *session;
    const struct model *model;
    model_operation operation;
    struct model_operation_info info;
    char *region;
    struct proto_request request;
    struct retry_state retry;
    struct region_quota *quota;
    enum call_state state;
    struct creds_waiter *waiter;
    struct http_transfer *transfer;
    struct loop_timer *timer;
    struct creds *creds;
    struct err failure; /* to report from the loop when there was no transfer */
    bool change;        /* no read: client_is_read */
    bool redirected;    /* followed a bucket to its region once */
};

/* Where an operation's requests go, as it was resolved before; not for those of a bucket or with a
 * host prefix. */
struct client_route {
    const struct model *model; /* NULL: unused */
    model_operation operation;
    char region[64];
    struct endpoint endpoint;
};

#define CLIENT_ROUTES 8

struct client {
    struct client_options options;
    struct client_route routes[CLIENT_ROUTES];
    unsigned next_route;      /* the one to be replaced next */
    struct client_call *head; /* queue */
    struct client_call **tail;
    int in_flight;
    int64_t skew_ms;
    struct region_quota *quotas;
    struct client_stats stats;
    json_t *bucket_regions;        /* bucket name to region, learnt from redirects */
    struct sigv4_result signature; /* reused: one signature at a time */
    struct buf url;
};

/* Resolves, signs and starts; -1 with call->failure. */
int client_send(struct client_call *call, http_done done);

/* The region that a reply says the bucket lives in, or NULL. Valid while the response is. */
const char *client_bucket_region(const struct client_call *call,
                                 const struct http_response *response, char out[64]);

/* An empty answer to a read must not pass for "there is none": ERR_PARSE. */
int client_check_answer(const struct client_call *call, const struct http_response *response,
                        struct err *err);

/* Adds to err->message what the reader can do about it. */
void client_explain(const struct client_call *call, struct err *err);

/* Does it change nothing? For policies: a reviewed read, or one that the policy declares with a
 * reason. For an operator's script: named as one. */
bool client_is_read(const struct session *session, const char *service, const char *operation);
/* Is what comes back for a policy, which secrets are kept from? */
bool client_redacts(const struct session *session);
/* The gate: may this session sign this operation? */
int client_permit(const struct session *session, const char *service, const char *operation,
                  struct err *err);

#endif
