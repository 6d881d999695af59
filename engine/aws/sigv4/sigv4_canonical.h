/* The canonical request, from its parts. Serves sigv4; calls sigv4_headers and sigv4_uri. */
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

/* Refuses what would break out of its line or scope; the message names the part, never a key. */
int sigv4_check(const struct sigv4_request *request, const struct sigv4_key *key, struct err *err);

void sigv4_own_headers(const struct sigv4_request *request, const struct sigv4_key *key,
                       struct sigv4_own *own);
/* The payload's hash for requests (or "UNSIGNED-PAYLOAD" and the like). */
const char *sigv4_payload(const struct sigv4_request *request, char hash[SHA256_HEX]);
/* The canonical request; `query` is put into canonical form unless it is so already. */
int sigv4_compose(const struct sigv4_request *request, const struct sigv4_headers *headers,
                  const char *canonical_query, const char *payload, struct buf *out,
                  struct err *err);

#endif
