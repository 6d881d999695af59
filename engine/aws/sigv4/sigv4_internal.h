/* Shared by the signer's own files only: sigv4.c says what is signed, sigv4_canonical.c writes it
 * in canonical form, sigv4_headers.c and sigv4_uri.c write its parts, sigv4_keys.c signs it. */
#ifndef AWS_SIGV4_SIGV4_INTERNAL_H
#define AWS_SIGV4_SIGV4_INTERNAL_H

#include "aws/sigv4/sigv4.h"
#include "base/clock.h"

#define SIGV4_MAX_HEADERS 128
#define SIGV4_MAX_PARAMS 1024

/* Signed headers in canonical order; names and values are borrowed. */
struct sigv4_headers {
    struct sigv4_header {
        const char *name;
        size_t name_length;
        const char *value;
    } items[SIGV4_MAX_HEADERS];
    size_t count;
};

/* What the signer adds to a request: headers that stand for any of their name that were given. */
struct sigv4_own {
    struct http_header headers[4];
    size_t count;
    size_t unsigned_from; /* headers from here on are sent but not signed */
    const char *payload;  /* the canonical request's last line */
    char date[CLOCK_TEXT];
    char hash[SHA256_HEX];
};

/* Collects the headers that are given, host and the signer's own, sorted. */
int sigv4_headers_collect(struct sigv4_headers *list, const struct sigv4_request *request,
                          const struct sigv4_own *own, struct err *err);
/* "name:value\n" each, values of equal names joined by commas. */
int sigv4_headers_write(const struct sigv4_headers *list, struct buf *out, struct err *err);
/* "name;name". */
void sigv4_headers_names(const struct sigv4_headers *list, struct buf *out);
bool sigv4_name_is(const char *name, const char *lower);

void sigv4_write_path(const struct sigv4_request *request, struct buf *out);
int sigv4_write_query(const char *query, struct buf *out, struct err *err);

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

/* "20150830/us-east-1/iam/aws4_request". */
void sigv4_write_scope(const struct sigv4_request *request, struct buf *out);

#endif
