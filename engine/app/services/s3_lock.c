#include "app/services/s3_lock.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/services/services_objects.h"
#include "aws/retry/retry.h"
#include "base/clean_text.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/mem.h"
#include "value/json.h"

#define MAX_LOCK 65536

static json_t *describe(const struct s3_lock *lock, struct services *services)
{
    char now[CLOCK_TEXT], host[256] = "";
    char *arn = services_caller_arn(services);
    gethostname(host, sizeof host - 1);
    clock_rfc3339(clock_wall_ms(), now);
    json_t *text = json_pack("{s:i, s:s, s:s, s:I, s:s, s:s}", "lock", 1, "by", arn, "host", host,
                             "pid", (json_int_t)getpid(), "since", now, "token", lock->token);
    mem_free(arn);
    return text;
}

/* What the object says, new; an empty object if that is not JSON. NULL: it cannot be read. */
static json_t *read_lock(struct services *services, const struct s3_url *url, struct err *err)
{
    struct err ignored = {0};
    json_t *text = services_object_get(services, url, MAX_LOCK, err);
    if (text == NULL)
        return NULL;
    json_t *said = json_parse(json_string_value(text), json_string_length(text), &ignored);
    json_decref(text);
    return said != NULL ? said : json_object();
}

static bool is_ours(const struct s3_lock *lock, const json_t *said)
{
    return strcmp(json_get_string(said, "token", ""), lock->token) == 0;
}

static void add_clean(struct buf *out, const json_t *said, const char *name)
{
    const char *text = json_get_string(said, name, "?");
    text_clean(out, text, strlen(text));
}

static int refuse(const struct s3_url *url, const json_t *said, struct err *err)
{
    struct buf who;
    buf_init(&who, 4096);
    add_clean(&who, said, "by");
    buf_adds(&who, " on the host ");
    add_clean(&who, said, "host");
    buf_adds(&who, ", since ");
    add_clean(&who, said, "since");
    char *word = s3_url_shell(url);
    err_set(err, ERR_IO,
            "another process holds the lock s3://%s/%s (%.600s): wait until it has ended. If it "
            "was killed, remove the lock (aws s3 rm %s). Nothing was changed",
            url->bucket, url->key, buf_text(&who), word);
    mem_free(word);
    buf_clear(&who);
    return -1;
}

/* After a lost reply the object may be our own. */
static int look(struct s3_lock *lock, struct services *services, struct err *err)
{
    struct err unread = {0};
    json_t *said = read_lock(services, &lock->url, &unread);
    int result = 0;
    if (message_object_missing(&unread))
        result = err_set(err, ERR_IO,
                         "another process is just taking or releasing the lock s3://%s/%s: try "
                         "again. Nothing was changed",
                         lock->url.bucket, lock->url.key);
    else if (said == NULL)
        result = err_set(err, ERR_IO,
                         "another process holds the lock, and its owner cannot be read: %.600s. "
                         "Nothing was changed",
                         unread.message);
    else if (!is_ours(lock, said))
        result = refuse(&lock->url, said, err);
    json_decref(said);
    return result;
}

/* No attempt was answered, and yet one may have been carried out. */
static int look_after_fault(const struct s3_lock *lock, struct services *services, struct err *err)
{
    struct err unread = {0};
    json_t *said = read_lock(services, &lock->url, &unread);
    bool ours = said != NULL && is_ours(lock, said);
    json_decref(said);
    if (!ours)
        return -1;
    err_clear(err);
    return 0;
}

int s3_lock_take(struct s3_lock *lock, struct services *services, const struct s3_url *url,
                 struct err *err)
{
    lock->url = *url;
    random_uuid(lock->token);
    json_t *said = describe(lock, services);
    char *text = json_text(said);
    const struct message_object object = {.url = *url,
                                          .bytes = text,
                                          .length = strlen(text),
                                          .type = "application/json",
                                          .only_new = true};
    int result = services_object_put(services, &object, err);
    if (result != 0 && (message_object_exists(err) || message_object_contended(err)))
        result = look(lock, services, err);
    else if (result != 0 && retry_is_transient(err))
        result = look_after_fault(lock, services, err);
    if (result != 0)
        lock->token[0] = '\0';
    mem_free(text);
    json_decref(said);
    return result;
}

int s3_lock_release(struct s3_lock *lock, struct services *services, struct err *err)
{
    if (lock->token[0] == '\0')
        return 0;
    json_t *said = read_lock(services, &lock->url, err);
    int result = -1;
    if (said != NULL && is_ours(lock, said))
        result = services_object_delete(services, &lock->url, err);
    else if (said != NULL)
        err_set(err, ERR_IO,
                "somebody removed it during the run, and it now belongs to another process");
    else if (message_object_missing(err))
        err_set(err, ERR_IO, "somebody removed it during the run");
    json_decref(said);
    lock->token[0] = '\0';
    return result;
}
