/* The real client with a transport that answers from the test: no socket, but the real models,
 * signer, encodings and retries. Each look at the clock takes a second, so that nothing waits. The
 * models come from ENGINE_MODELS. The answers are the test's; requests are kept until the
 * tear-down. */
#ifndef TESTS_FAKE_AWS_H
#define TESTS_FAKE_AWS_H

#include <jansson.h>

#include "aws/client/client.h"
#include "net/loop/loop.h"

struct fake_request {
    char *method;
    char *url;
    char *target;    /* X-Amz-Target, or "" */
    char *body;      /* as sent */
    json_t *json;    /* the body of JSON protocols, or NULL */
    json_t *headers; /* by name in lower case */
};

/* The response. `failure` other than ERR_NONE: there is no response at all, and a status other than
 * 0 says that the request had been sent. */
struct fake_answer {
    int status;
    char *body; /* mem_free'd */
    enum err_kind failure;
    const char *bucket_region; /* the header x-amz-bucket-region; NULL: none */
};

/* index counts from 0 over all requests. */
typedef struct fake_answer (*fake_fn)(const struct fake_request *request, size_t index);

struct fake_aws {
    struct loop *loop;
    struct client *client;
    struct creds_provider *provider;
    fake_fn answer;
    struct fake_request *requests;
    size_t count;
};

extern struct fake_aws fake_aws;
extern const struct http_transport fake_aws_transport;

int fake_aws_set_up(void **state);
int fake_aws_tear_down(void **state);

/* The monotonic clock: each look takes a second. */
int64_t fake_aws_clock(void);
/* Turns the loop until nothing is left; does not sleep until a timer is due. */
void fake_aws_run(void);

/* A response of that status with a copy of the text. */
struct fake_answer fake_reply(int status, const char *body);
/* A header (in lower case) of the request with this index, "" if it is absent. */
const char *fake_header(size_t index, const char *name);
/* The decoded value of a form's field (query protocol), "" if it is absent; valid until the next
 * call. */
const char *fake_form(const struct fake_request *request, const char *field);

#endif
