/* One request and its response as JSON, as in recordings, without secrets. Serves record and
 * replay, so both agree on when two requests are equal.
 *
 * Request: {"method","host","path","query","account","scope":"region/service","headers":{…},
 * "body": a value if it is JSON, else text}. Absent fields are left out; "body_base64" replaces
 * "body" for bytes that are not text.
 * Answer: {"status","headers":[[name,value],…],"body"} or {"error":{"kind","message","sent"}}. */
#ifndef NET_RECORDING_RECORDED_EXCHANGE_H
#define NET_RECORDING_RECORDED_EXCHANGE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "net/http/http.h"
#include "net/http/http_easy.h"

/* New references. */
json_t *recorded_request(const struct http_request *request);
/* token: the request's session token (recorded_token), which is removed from the response. */
json_t *recorded_answer(const struct redaction_marks *marks, const char *token,
                        const struct http_response *response, const struct err *err);

/* The request's session token, or NULL. Borrowed. */
const char *recorded_token(const struct http_request *request);

/* Is the request repeated after this response? True for a throttle, no response, and expired
 * credentials. */
bool recorded_is_transient(const json_t *answer);
/* Calls `done` as the transport did. */
void recorded_deliver(const json_t *answer, http_done done, void *arg);

/* The role that the request assumes, as written in the form; NULL: none. Free with mem_free. */
char *recorded_role(const json_t *request);

/* "POST HOST/ (us-east-1/sqs AmazonSQS.ListQueues {}) in account 111122223333": for errors. Free
 * with mem_free. */
char *recorded_name(const json_t *request);

#endif
