/* Explains errors to the person who reads them. Serves client_call.c. */
#ifndef AWS_CLIENT_CLIENT_FAULT_H
#define AWS_CLIENT_CLIENT_FAULT_H

#include "aws/client/client_internal.h"

/* Reads a response. Fails with ERR_PARSE for an empty response to a read: it must not be taken for
 * "there is none". */
int client_decode(const struct client_call *call, const struct http_response *response,
                  json_t **result, struct err *err);

/* Adds to err->message what the reader can do about the error. */
void client_explain(const struct client_call *call, struct err *err);

#endif
