/* One request and its answer as JSON, as recordings hold them, without secrets. Serves record and
 * replay, which so agree on what is the same request.
 *
 * Request: {"method","host","path","query","account","scope":"region/service","headers":{…},
 * "body": what it sends: a value where it is JSON, else text} (what is not there is left out, and
 * "body_base64" stands for bytes that are no text).
 * Answer: {"status","headers":[[name,value],…],"body"} or {"error":{"kind","message","sent"}}. */
#ifndef NET_RECORDING_EXCHANGE_H
#define NET_RECORDING_EXCHANGE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "net/http/http.h"
#include "net/http/http_easy.h"

/* New references. */
json_t *exchange_request(const struct http_request *request);
/* token: the request's (exchange_token), which must not come back in the answer. */
json_t *exchange_answer(const struct mask_marks *marks, const char *token,
                        const struct http_response *response, const struct err *err);

/* The request's session token, or NULL. Borrowed. */
const char *exchange_token(const struct http_request *request);

/* Such an answer is asked for again: throttled, no answer, credentials that had expired. */
bool exchange_may_pass(const json_t *answer);
/* Calls done as the transport did. */
void exchange_tell(const json_t *answer, http_done done, void *arg);

/* The role that is to be assumed, as it stands in the form; NULL: none. mem_free. */
char *exchange_role(const json_t *request);

/* "POST HOST/ (us-east-1/sqs AmazonSQS.ListQueues {}) in account 111122223333": for errors.
 * mem_free. */
char *exchange_name(const json_t *request);

#endif
