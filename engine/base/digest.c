#include "base/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct digest_stream {
    EVP_MD_CTX *context;
};

static void must(int ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "engine: OpenSSL: %s failed\n", what);
        abort();
    }
}

/* Fetched once: EVP_sha256() would look up the provider's implementation at every use. */
static const EVP_MD *sha256(void)
{
    static EVP_MD *md;
    if (md == NULL) {
        md = EVP_MD_fetch(NULL, "SHA256", NULL);
        must(md != NULL, "SHA256");
    }
    return md;
}

void digest_sha256(const void *bytes, size_t length, unsigned char out[SHA256_BYTES])
{
    static EVP_MD_CTX *context;
    if (context == NULL)
        context = EVP_MD_CTX_new();
    must(EVP_DigestInit_ex(context, sha256(), NULL) && EVP_DigestUpdate(context, bytes, length) &&
             EVP_DigestFinal_ex(context, out, NULL),
         "SHA256");
}

/* RFC 2104, on digest_sha256's block size of 64 bytes. OpenSSL 3's one-shot HMAC() fetches its
 * implementation each time, which costs more than the hash itself. */
void digest_hmac_sha256(const void *key, size_t key_length, const void *bytes, size_t length,
                        unsigned char out[SHA256_BYTES])
{
    static EVP_MD_CTX *context;
    unsigned char block[64] = {0};
    unsigned char pad[64];
    if (context == NULL)
        context = EVP_MD_CTX_new();
    if (key_length > sizeof block)
        digest_sha256(key, key_length, block);
    else if (key_length > 0)
        memcpy(block, key, key_length);
    for (size_t i = 0; i < sizeof pad; i++)
        pad[i] = block[i] ^ 0x36;
    must(EVP_DigestInit_ex(context, sha256(), NULL) && EVP_DigestUpdate(context, pad, sizeof pad) &&
             EVP_DigestUpdate(context, bytes, length) && EVP_DigestFinal_ex(context, out, NULL),
         "HMAC");
    for (size_t i = 0; i < sizeof pad; i++)
        pad[i] = block[i] ^ 0x5c;
    must(EVP_DigestInit_ex(context, sha256(), NULL) && EVP_DigestUpdate(context, pad, sizeof pad) &&
             EVP_DigestUpdate(context, out, SHA256_BYTES) && EVP_DigestFinal_ex(context, out, NULL),
         "HMAC");
    OPENSSL_cleanse(block, sizeof block);
    OPENSSL_cleanse(pad, sizeof pad);
}

void digest_md5(const void *bytes, size_t length, unsigned char out[16])
{
    must(EVP_Digest(bytes, length, out, NULL, EVP_md5(), NULL), "MD5");
}

void digest_hex(const unsigned char *bytes, size_t length, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < length; i++) {
        out[i * 2] = digits[bytes[i] >> 4];
        out[i * 2 + 1] = digits[bytes[i] & 15];
    }
    out[length * 2] = '\0';
}

struct digest_stream *digest_stream_new(void)
{
    struct digest_stream *stream = mem_alloc(sizeof *stream);
    stream->context = EVP_MD_CTX_new();
    must(EVP_DigestInit_ex(stream->context, sha256(), NULL), "SHA256");
    return stream;
}

void digest_stream_add(struct digest_stream *stream, const void *bytes, size_t length)
{
    must(EVP_DigestUpdate(stream->context, bytes, length), "SHA256");
}

void digest_stream_finish(struct digest_stream *stream, unsigned char out[SHA256_BYTES])
{
    must(EVP_DigestFinal_ex(stream->context, out, NULL), "SHA256");
    EVP_MD_CTX_free(stream->context);
    mem_free(stream);
}

int base64_encode(const void *bytes, size_t length, struct buf *out)
{
    if (length > INT32_MAX / 2) {
        out->failed = true;
        return -1;
    }
    unsigned char *text = mem_alloc(4 * ((length + 2) / 3) + 1);
    int written = EVP_EncodeBlock(text, bytes, (int)length);
    int result = buf_add(out, text, (size_t)written);
    mem_free(text);
    return result;
}

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static int decode_group(const char *text, size_t padding, struct buf *out)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < 4; i++) {
        int value = i >= 4 - padding ? 0 : base64_value(text[i]);
        if (value < 0)
            return -1;
        bits = bits << 6 | (uint32_t)value;
    }
    const char bytes[3] = {(char)(bits >> 16 & 255), (char)(bits >> 8 & 255), (char)(bits & 255)};
    return buf_add(out, bytes, 3 - padding);
}

int base64_decode(const char *text, size_t length, struct buf *out)
{
    if (length % 4 != 0)
        return -1;
    for (size_t i = 0; i < length; i += 4) {
        size_t padding = 0;
        if (i + 4 == length && text[i + 3] == '=')
            padding = text[i + 2] == '=' ? 2 : 1;
        if (decode_group(text + i, padding, out) != 0)
            return -1;
    }
    return 0;
}

void random_bytes(void *out, size_t length)
{
    must(RAND_bytes(out, (int)length) == 1, "RAND_bytes");
}

void random_uuid(char out[37])
{
    unsigned char b[16];
    random_bytes(b, sizeof b);
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    char hex[33];
    digest_hex(b, sizeof b, hex);
    snprintf(out, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

double random_unit(void)
{
    uint32_t bits;
    random_bytes(&bits, sizeof bits);
    return (double)bits / 4294967296.0;
}
