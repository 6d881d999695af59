#include "app/services/s3_copy.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/services/services.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/spool.h"
#include "value/json.h"

void s3_copy_expect(struct s3_change *change)
{
    struct message_object *object = &change->upload.object;
    object->only_new = change->version[0] == '\0';
    object->match = change->version[0] != '\0' ? change->version : NULL;
    object->version = change->version;
}

/* Does the local journal begin with the copy? Another process would have added steps of its own. */
static bool is_ours(const struct s3_change *change, const json_t *copy)
{
    struct err err = {0};
    size_t length = json_string_length(copy);
    int fd = open(change->journal_path, O_RDONLY | O_CLOEXEC);
    off_t size = fd >= 0 ? lseek(fd, 0, SEEK_END) : -1;
    bool ours = false;
    if (size >= 0 && (size_t)size >= length) {
        char *bytes = mem_alloc(length + 1);
        ours = spool_read(fd, 0, bytes, length, &err) == 0 &&
               memcmp(bytes, json_string_value(copy), length) == 0;
        mem_free(bytes);
    }
    if (fd >= 0)
        close(fd);
    return ours;
}

static void judge(struct s3_change *change, const json_t *copy, const char *version)
{
    change->foreign = !is_ours(change, copy);
    if (change->foreign)
        return;
    snprintf(change->version, sizeof change->version, "%s", version);
    change->copied = (off_t)json_string_length(copy);
}

int s3_copy_refuse(const struct s3_change *change, struct err *err)
{
    return err_set(err, ERR_IO,
                   "another process wrote s3://%s/%s during this run: somebody removed the lock. "
                   "It is not overwritten",
                   change->journal.bucket, change->journal.key);
}

static void on_looked(void *arg, json_t *result, const struct err *err)
{
    struct s3_change *change = arg;
    struct err refused = {0};
    change->looking = false;
    if (message_object_missing(err))
        change->version[0] = '\0';
    if (err != NULL)
        return; /* the next copy finds out again */
    judge(change, json_object_get(result, "Body"), json_get_string(result, "ETag", ""));
    if (change->foreign && s3_copy_refuse(change, &refused) != 0)
        log_warn("%s: the journal %s is complete and goes on", refused.message,
                 change->journal_path);
}

void s3_copy_look(struct s3_change *change)
{
    change->looking = true;
    message_object_get(change->services->message, &change->journal, on_looked, change);
}

int s3_copy_look_now(struct s3_change *change, struct err *err)
{
    char version[MESSAGE_OBJECT_VERSION];
    json_t *copy = services_object_get_version(change->services, &change->journal,
                                               MESSAGE_OBJECT_READ, version, err);
    if (copy == NULL && message_object_missing(err)) {
        change->version[0] = '\0';
        err_clear(err);
        return 0;
    }
    if (copy == NULL)
        return -1;
    judge(change, copy, version);
    json_decref(copy);
    return change->foreign ? s3_copy_refuse(change, err) : 0;
}
