/* Digests, encodings and random numbers: a thin layer over OpenSSL's EVP. Serves the signer,
 * checksums, idempotency tokens and session names. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stddef.h>

#include "base/buf.h"

#define SHA256_BYTES 32
#define SHA256_HEX 65 /* with NUL */

void digest_sha256(const void *bytes, size_t length, unsigned char out[SHA256_BYTES]);
void digest_hmac_sha256(const void *key, size_t key_length, const void *bytes, size_t length,
                        unsigned char out[SHA256_BYTES]);
void digest_md5(const void *bytes, size_t length, unsigned char out[16]);
void digest_hex(const unsigned char *bytes, size_t length, char *out); /* 2 × length + NUL */

/* Hashes a body piece by piece. */
struct digest_stream;
struct digest_stream *digest_stream_new(void);
void digest_stream_add(struct digest_stream *stream, const void *bytes, size_t length);
void digest_stream_finish(struct digest_stream *stream,
                          unsigned char out[SHA256_BYTES]); /* frees */

/* RFC 4648 base64 with padding. Decoding returns -1 for anything else. */
int base64_encode(const void *bytes, size_t length, struct buf *out);
int base64_decode(const char *text, size_t length, struct buf *out);

void random_bytes(void *out, size_t length); /* cryptographic; aborts if there is no entropy */
void random_uuid(char out[37]);              /* version 4, RFC 9562 */
double random_unit(void);                    /* [0, 1): only for jitter */

#endif
