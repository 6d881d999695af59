#include "aws/sigv4/sigv4_keys.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "aws/sigv4/sigv4.h"
#include "base/clock.h"
#include "base/mem.h"

/* A cache of signing keys. A key is valid for one secret, day, region and service, and deriving it
 * costs four times as much as signing with it. Direct-mapped: with thousands of sessions, new keys
 * replace old ones. */
#define SLOTS 256
#define DAY_LENGTH 8

static struct slot {
    unsigned char id[SHA256_BYTES]; /* hash of the inputs of the derivation; zero: empty */
    unsigned char key[SHA256_BYTES];
} slots[SLOTS];

static void derive(const char *day, const struct sigv4_request *request, const char *secret,
                   unsigned char key[SHA256_BYTES])
{
    char *start = mem_printf("AWS4%s", secret);
    digest_hmac_sha256(start, strlen(start), day, DAY_LENGTH, key);
    mem_free_secret(start);
    digest_hmac_sha256(key, SHA256_BYTES, request->region, strlen(request->region), key);
    digest_hmac_sha256(key, SHA256_BYTES, request->service, strlen(request->service), key);
    digest_hmac_sha256(key, SHA256_BYTES, "aws4_request", 12, key);
}

/* Returns false if the parts are too long for the buffer, so that keys could be confused. */
static bool identify(const char *day, const struct sigv4_request *request, const char *secret,
                     unsigned char id[SHA256_BYTES])
{
    char text[512];
    const char *const parts[] = {secret, day, request->region, request->service};
    size_t used = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t length = i == 1 ? DAY_LENGTH : strlen(parts[i]);
        if (length + 1 > sizeof text - used) {
            explicit_bzero(text, used);
            return false;
        }
        memcpy(text + used, parts[i], length);
        used += length;
        text[used++] = '\0';
    }
    digest_sha256(text, used, id);
    explicit_bzero(text, used);
    return true;
}

static void signing_key(const struct sigv4_request *request, const char *secret,
                        unsigned char key[SHA256_BYTES])
{
    unsigned char id[SHA256_BYTES];
    char date[CLOCK_TEXT];
    clock_basic(request->time_ms, date);
    if (!identify(date, request, secret, id)) {
        derive(date, request, secret, key);
        return;
    }
    struct slot *slot = &slots[id[0]];
    if (memcmp(slot->id, id, sizeof id) != 0) {
        derive(date, request, secret, slot->key);
        memcpy(slot->id, id, sizeof id);
    }
    memcpy(key, slot->key, SHA256_BYTES);
}

void sigv4_signature(const struct sigv4_request *request, const struct sigv4_key *key,
                     const char *string_to_sign, size_t length, char out[SHA256_HEX])
{
    unsigned char signing[SHA256_BYTES];
    unsigned char signature[SHA256_BYTES];
    signing_key(request, key->secret_key, signing);
    digest_hmac_sha256(signing, sizeof signing, string_to_sign, length, signature);
    digest_hex(signature, sizeof signature, out);
    explicit_bzero(signing, sizeof signing);
}

void sigv4_forget(void)
{
    explicit_bzero(slots, sizeof slots);
}
