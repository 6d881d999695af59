#include "value/s3_url.h"

#include <stdio.h>
#include <string.h>

#include "base/clean_text.h"

#define SCHEME "s3://"

bool s3_url_is(const char *text)
{
    return strncmp(text, SCHEME, strlen(SCHEME)) == 0;
}

/* Amazon S3 User Guide, "General purpose buckets naming rules": 3 to 63 lower-case letters, digits,
 * '.' and '-', beginning and ending with a letter or digit. */
static bool is_bucket(const char *name, size_t length)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    if (length < 3 || length > 63 || memchr(plain, name[0], sizeof plain - 1) == NULL ||
        memchr(plain, name[length - 1], sizeof plain - 1) == NULL)
        return false;
    return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-") >= length;
}

static int split(const char *text, struct s3_url *url, struct err *err)
{
    if (!s3_url_is(text))
        return err_set(err, ERR_USAGE, "'%s' is not s3://bucket/key", text);
    const char *name = text + strlen(SCHEME);
    size_t length = strcspn(name, "/");
    const char *key = name + length + (name[length] == '/');
    if (!is_bucket(name, length))
        return err_set(err, ERR_USAGE, "%s: '%.*s' is not the name of an S3 bucket", text,
                       (int)length, name);
    /* The same guide, "Naming Amazon S3 objects": at most 1,024 bytes. */
    if (strlen(key) >= sizeof url->key)
        return err_set(err, ERR_USAGE, "s3://%.*s: a key has at most 1,024 bytes", (int)length,
                       name);
    snprintf(url->bucket, sizeof url->bucket, "%.*s", (int)length, name);
    snprintf(url->key, sizeof url->key, "%s", key);
    return 0;
}

int s3_url_parse(const char *text, struct s3_url *url, struct err *err)
{
    if (split(text, url, err) != 0)
        return -1;
    size_t length = strlen(url->key);
    if (length == 0 || url->key[length - 1] == '/')
        return err_set(err, ERR_USAGE, "%s names no object: write s3://bucket/key", text);
    return 0;
}

int s3_url_parse_prefix(const char *text, struct s3_url *url, struct err *err)
{
    if (split(text, url, err) != 0)
        return -1;
    size_t length = strlen(url->key);
    if (length == 0 || url->key[length - 1] == '/')
        return 0;
    if (length + 1 >= sizeof url->key)
        return err_set(err, ERR_USAGE, "%s is too long for a prefix of keys", text);
    strcpy(url->key + length, "/");
    return 0;
}

char *s3_url_shell(const struct s3_url *url)
{
    char text[sizeof SCHEME + sizeof url->bucket + sizeof url->key];
    snprintf(text, sizeof text, SCHEME "%s/%s", url->bucket, url->key);
    return text_shell(text);
}
