/* The structures that the signer's own files share: sigv4 decides what is signed, sigv4_canonical
 * writes it in canonical form, sigv4_headers and sigv4_uri write its parts, sigv4_keys signs it. */
#ifndef AWS_SIGV4_SIGV4_INTERNAL_H
#define AWS_SIGV4_SIGV4_INTERNAL_H

#include <stddef.h>

#include "base/clock.h"
#include "base/digest.h"
#include "net/http/http.h"

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

/* Headers that the signer adds to a request; they replace given headers of the same name. */
struct sigv4_own {
    struct http_header headers[4];
    size_t count;
    size_t unsigned_from; /* headers from here on are sent but not signed */
    const char *payload;  /* the last line of the canonical request */
    char date[CLOCK_TEXT];
    char hash[SHA256_HEX];
};

#endif
