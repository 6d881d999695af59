/* Paths and queries in canonical form. Serves sigv4_canonical and sigv4; calls uri. */
#ifndef AWS_SIGV4_SIGV4_URI_H
#define AWS_SIGV4_SIGV4_URI_H

#include "base/buf.h"
#include "base/err.h"

struct sigv4_request;

void sigv4_write_path(const struct sigv4_request *request, struct buf *out);
int sigv4_write_query(const char *query, struct buf *out, struct err *err);

#endif
