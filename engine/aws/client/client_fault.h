/* What an error means for whoever reads it. Serves client_call.c. */
#ifndef AWS_CLIENT_CLIENT_FAULT_H
#define AWS_CLIENT_CLIENT_FAULT_H

#include "aws/client/client_internal.h"

/* An empty answer to a read must not pass for "there is none": ERR_PARSE. */
int client_check_answer(const struct client_call *call, const struct http_response *response,
                        struct err *err);

/* Adds to err->message what the reader can do about it. */
void client_explain(const struct client_call *call, struct err *err);

#endif
