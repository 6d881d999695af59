/* Derives and caches signing keys, and computes signatures. Serves sigv4. Keys are wiped when they
 * are dropped. */
#ifndef AWS_SIGV4_SIGV4_KEYS_H
#define AWS_SIGV4_SIGV4_KEYS_H

#include <stddef.h>

#include "base/digest.h"

struct sigv4_key;
struct sigv4_request;

/* Caches signing keys by secret, day, region and service (a small table; secrets are hashed). */
void sigv4_signature(const struct sigv4_request *request, const struct sigv4_key *key,
                     const char *string_to_sign, size_t length, char out[SHA256_HEX]);
/* Wipes cached signing keys. */
void sigv4_forget(void);

#endif
