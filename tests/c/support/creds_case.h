/* An environment, files, clocks and a network of its own for tests of credentials. Every secret in
 * these tests contains the word in SECRET; no error and no line of the log may show it. */
#ifndef SUPPORT_CREDS_CASE_H
#define SUPPORT_CREDS_CASE_H

#include "aws/creds/creds.h"

#define SECRET "s3cr3t"
#define CASE_NOW 1795428000000 /* 2026-11-23T10:00:00Z */
#define MINUTE 60000

/* What a provider returned, and how often. */
struct outcome {
    int calls;
    struct creds *creds; /* held */
    struct err err;
    struct creds_waiter *waiter;
};

extern struct creds_env case_env; /* loop, transport, getenv */
extern int64_t case_now;          /* wall clock */

int case_setup(void **state);
/* Fails if a request is in progress, or a reply was never requested. */
int case_teardown(void **state);

void case_setenv(const char *name, const char *value); /* NULL unsets */
/* A file in a directory of the case; returns its path, valid until the teardown. */
const char *case_file(const char *name, const char *text);

/* The next request must be this one, and gets this reply. */
void case_reply(const char *method, const char *url, int status, const char *body);
void case_reply_header(const char *name, const char *value); /* of the last reply */
void case_fault(const char *method, const char *url, enum err_kind kind, bool sent);
/* The next request is never answered: it must be cancelled. */
void case_silence(const char *method, const char *url);

/* The requests so far, in order. Headers as "name: value\n" lines. */
int case_requests(void);
const char *case_request_headers(int index);
const char *case_request_body(int index);

/* Makes a request, and turns the loop until nothing is left; timers pass at once. */
void case_get(struct creds_provider *provider, struct outcome *outcome);
void case_ask(struct creds_provider *provider, struct outcome *outcome); /* without a turn */
void case_run(void);
void case_run_for_real(void); /* timers take their real time */
void case_clear(struct outcome *outcome);

/* Each checks and clears. */
void case_keys(struct outcome *outcome, const char *access_key);
void case_failure(struct outcome *outcome, const char *part);

/* A response of STS with the given access key. */
const char *case_sts_xml(const char *operation, const char *access_key, const char *expiration);
const char *case_sts_error(const char *code, const char *message);
/* Keys in the form of the metadata endpoints. */
const char *case_json(const char *access_key, const char *token_name, const char *expiration);

#endif
