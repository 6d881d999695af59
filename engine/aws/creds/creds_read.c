#include "aws/creds/creds_read.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/creds/creds.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "value/json.h"

#define MAX_TOKEN (64u << 10)

const char *creds_getenv(const struct creds_env *env, const char *name)
{
    const char *value = env->getenv != NULL ? env->getenv(name) : getenv(name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

const char *creds_profile_chosen(const struct creds_env *env)
{
    if (env->profile_name != NULL)
        return env->profile_name;
    const char *name = creds_getenv(env, "AWS_PROFILE");
    return name != NULL ? name : creds_getenv(env, "AWS_DEFAULT_PROFILE");
}

char *creds_read_file(const char *path, struct err *err)
{
    size_t length;
    char *text = file_read(path, MAX_TOKEN, &length);
    if (text == NULL && errno != EFBIG) {
        err_set(err, ERR_CREDS, "cannot read %s: %s", path, strerror(errno));
        return NULL;
    }
    if (text == NULL || memchr(text, '\0', length) != NULL) {
        if (text != NULL)
            explicit_bzero(text, length);
        mem_free(text);
        err_set(err, ERR_CREDS, "%s contains no token of at most %u bytes", path, MAX_TOKEN);
        return NULL;
    }
    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
        text[--length] = '\0';
    return text;
}

/* Returns 0 and sets *expires_ms to 0 if there is no expiration. */
static int read_expiration(const json_t *object, const char *what, int64_t *expires_ms,
                           struct err *err)
{
    const json_t *value = json_object_get(object, "Expiration");
    *expires_ms = 0;
    if (value == NULL || json_is_null(value))
        return 0;
    if (json_is_string(value) && clock_parse_rfc3339(json_string_value(value), expires_ms) == 0)
        return 0;
    return err_set(
        err, ERR_CREDS,
        "%s returned credentials whose Expiration is not a time such as 2026-11-23T10:00:00Z",
        what);
}

static struct creds *read_object(const json_t *object, const char *token_name, const char *what,
                                 struct err *err)
{
    const char *access_key = json_get_string(object, "AccessKeyId", "");
    const char *secret_key = json_get_string(object, "SecretAccessKey", "");
    int64_t expires_ms;
    if (access_key[0] == '\0' || secret_key[0] == '\0') {
        err_set(err, ERR_CREDS, "%s returned no JSON object with AccessKeyId and SecretAccessKey",
                what);
        return NULL;
    }
    if (read_expiration(object, what, &expires_ms, err) != 0)
        return NULL;
    const char *token = json_get_string(object, token_name, "");
    return creds_new(access_key, secret_key, token[0] != '\0' ? token : NULL, expires_ms);
}

static void wipe(json_t *value)
{
    const char *key;
    json_t *member;
    if (json_is_string(value))
        explicit_bzero((char *)json_string_value(value), json_string_length(value));
    json_object_foreach (value, key, member)
        wipe(member);
}

void creds_json_free(json_t *value)
{
    wipe(value);
    json_decref(value);
}

struct creds *creds_from_json(const char *text, size_t length, const char *token_name,
                              const char *what, struct err *err)
{
    json_t *object = json_parse(text, length, NULL); /* no err: its message could quote a secret */
    struct creds *creds = read_object(object, token_name, what, err);
    creds_json_free(object);
    return creds;
}
