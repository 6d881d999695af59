/* Builds the canonical request from its parts. Serves sigv4; calls sigv4_headers and sigv4_uri. */
#ifndef AWS_SIGV4_SIGV4_CANONICAL_H
#define AWS_SIGV4_SIGV4_CANONICAL_H

#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"

struct sigv4_headers;
struct sigv4_key;
struct sigv4_own;
struct sigv4_request;

/* The first of the three stages. */
int sigv4_canonical_request(const struct sigv4_request *request, const struct sigv4_key *key,
                            struct buf *out, struct buf *signed_headers, struct err *err);

/* Refuses values that would break out of their line or scope; the message names the part, never a
 * key. */
int sigv4_check(const struct sigv4_request *request, const struct sigv4_key *key, struct err *err);

void sigv4_own_headers(const struct sigv4_request *request, const struct sigv4_key *key,
                       struct sigv4_own *own);
/* The hash of a request's payload (or "UNSIGNED-PAYLOAD" and the like). */
const char *sigv4_payload(const struct sigv4_request *request, char hash[SHA256_HEX]);
/* Writes the canonical request; `query` is converted to canonical form unless it already is. */
int sigv4_compose(const struct sigv4_request *request, const struct sigv4_headers *headers,
                  const char *canonical_query, const char *payload, struct buf *out,
                  struct err *err);

#endif
