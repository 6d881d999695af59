/* Headers in canonical form: sorted, trimmed, joined. Serves sigv4 and sigv4_canonical. */
#ifndef AWS_SIGV4_SIGV4_HEADERS_H
#define AWS_SIGV4_SIGV4_HEADERS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

struct sigv4_headers;
struct sigv4_own;
struct sigv4_request;

/* Collects the given headers, host and the signer's own headers, sorted. */
int sigv4_headers_collect(struct sigv4_headers *list, const struct sigv4_request *request,
                          const struct sigv4_own *own, struct err *err);
/* Writes "name:value\n" for each, with values of equal names joined by commas. */
int sigv4_headers_write(const struct sigv4_headers *list, struct buf *out, struct err *err);
/* Writes "name;name". */
void sigv4_headers_names(const struct sigv4_headers *list, struct buf *out);
bool sigv4_name_is(const char *name, const char *lower);

#endif
