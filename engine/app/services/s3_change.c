#include "app/services/s3_change.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/services/s3_copy.h"
#include "app/services/services.h"
#include "base/clean_text.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/spool.h"

#define JOURNAL ".journal"
#define LOCK ".lock"
#define FOLLOW_MS 1000
/* A journal of this size is copied less often: each copy is the whole file. */
#define LARGE (1 << 20)
#define FOLLOW_LARGE_MS 5000

/* ---- names ---- */

static int add_end(struct s3_url *url, const char *end, struct err *err)
{
    size_t length = strlen(url->key);
    if (length + strlen(end) >= sizeof url->key)
        return err_set(err, ERR_USAGE, "s3://%s/%s is too long a name for a plan", url->bucket,
                       url->key);
    strcpy(url->key + length, end);
    return 0;
}

/* A plan and its journal have one lock. */
static void cut_end(struct s3_url *url, const char *end)
{
    size_t length = strlen(url->key), rest = strlen(end);
    if (length > rest && strcmp(url->key + length - rest, end) == 0)
        url->key[length - rest] = '\0';
}

static const char *last_name(const struct s3_url *url)
{
    const char *slash = strrchr(url->key, '/');
    return slash != NULL ? slash + 1 : url->key;
}

static int lock(struct s3_change *change, struct err *err)
{
    struct s3_url url = change->subject;
    cut_end(&url, JOURNAL);
    return add_end(&url, LOCK, err) == 0 ? s3_lock_take(&change->lock, change->services, &url, err)
                                         : -1;
}

/* ---- the plan ---- */

static int fetch_plan(struct s3_change *change, struct err *err)
{
    json_t *text =
        services_object_get(change->services, &change->subject, MESSAGE_OBJECT_READ, err);
    if (text == NULL)
        return -1;
    change->plan_fd = spool_open(err);
    int result = change->plan_fd >= 0 ? spool_write(change->plan_fd, 0, json_string_value(text),
                                                    json_string_length(text), err)
                                      : -1;
    snprintf(change->plan_path, sizeof change->plan_path, "/proc/self/fd/%d", change->plan_fd);
    json_decref(text);
    return result;
}

/* ---- the journal's two copies ---- */

static int fail(const struct s3_change *change, const char *what, struct err *err)
{
    return err_set(err, ERR_IO, "the journal %s cannot be %s: %s", change->journal_path, what,
                   strerror(errno));
}

static int refuse_different(const struct s3_change *change, struct err *err)
{
    return err_set(err, ERR_USAGE,
                   "the journal %s differs from s3://%s/%s: different runs wrote them. Keep both; "
                   "to continue with the one in S3, move the local file away. Nothing was changed",
                   change->journal_path, change->journal.bucket, change->journal.key);
}

/* Adds to the local file what only the copy has. */
static int add_rest(const struct s3_change *change, int fd, const char *rest, size_t length,
                    struct err *err)
{
    off_t end = lseek(fd, 0, SEEK_END);
    if (end < 0)
        return fail(change, "read", err);
    if (spool_write(fd, (uint64_t)end, rest, length, err) != 0)
        return -1;
    return fsync(fd) == 0 ? 0 : fail(change, "written", err);
}

static int compare(const struct s3_change *change, int fd, const json_t *copy, struct err *err)
{
    struct stat info;
    size_t copied = json_string_length(copy);
    if (fstat(fd, &info) != 0)
        return fail(change, "read", err);
    if (!S_ISREG(info.st_mode))
        return err_set(err, ERR_USAGE, "the journal %s is not a regular file",
                       change->journal_path);
    size_t size = (size_t)info.st_size, shared = size < copied ? size : copied;
    char *bytes = mem_alloc(shared + 1);
    int result = spool_read(fd, 0, bytes, shared, err);
    if (result == 0 && memcmp(bytes, json_string_value(copy), shared) != 0)
        result = refuse_different(change, err);
    mem_free(bytes);
    if (result != 0 || size >= copied)
        return result;
    return add_rest(change, fd, json_string_value(copy) + size, copied - size, err);
}

/* A process that works with the local file has locked it. */
static int make_equal(const struct s3_change *change, const json_t *copy, struct err *err)
{
    int fd =
        open(change->journal_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (fd < 0)
        return fail(change, "opened", err);
    int result = flock(fd, LOCK_EX | LOCK_NB) == 0 ? compare(change, fd, copy, err)
                                                   : fail(change, "locked", err);
    close(fd);
    return result;
}

/* `optional`: there need not be a journal yet. */
static int fetch_journal(struct s3_change *change, bool optional, struct err *err)
{
    json_t *copy = services_object_get_version(change->services, &change->journal,
                                               MESSAGE_OBJECT_READ, change->version, err);
    if (copy == NULL && optional && message_object_missing(err)) {
        err_clear(err);
        return 0;
    }
    if (copy == NULL)
        return optional && err->status == 403
                   ? err_prefix(err, "without s3:ListBucket on the bucket, it is not known "
                                     "whether the plan has a journal")
                   : -1;
    int result = make_equal(change, copy, err);
    change->copied = (off_t)json_string_length(copy);
    json_decref(copy);
    return result;
}

static int begin(struct s3_change *change, struct services *services, const char *url,
                 struct err *err)
{
    *change = S3_CHANGE_NONE;
    change->services = services;
    if (s3_url_parse(url, &change->subject, err) != 0)
        return -1;
    change->journal = change->subject;
    return lock(change, err);
}

int s3_change_plan(struct s3_change *change, struct services *services, const char *url,
                   const char *local, struct err *err)
{
    if (begin(change, services, url, err) != 0 || add_end(&change->journal, JOURNAL, err) != 0)
        return -1;
    change->journal_path = mem_strdup(local != NULL ? local : last_name(&change->journal));
    if (fetch_plan(change, err) != 0)
        return -1;
    return fetch_journal(change, true, err);
}

/* The local file gets the object's name: it must not be any file. */
static int check_journal_name(const char *url, struct err *err)
{
    size_t length = strlen(url), end = strlen(JOURNAL);
    if (length > end && strcmp(url + length - end, JOURNAL) == 0)
        return 0;
    return err_set(err, ERR_USAGE,
                   "%s is not the name of a journal: `engine apply` writes PLAN.journal beside a "
                   "plan",
                   url);
}

int s3_change_journal(struct s3_change *change, struct services *services, const char *url,
                      struct err *err)
{
    if (check_journal_name(url, err) != 0)
        return -1;
    if (begin(change, services, url, err) != 0)
        return -1;
    change->journal_path = mem_strdup(last_name(&change->journal));
    return fetch_journal(change, false, err);
}

/* ---- the copy follows ---- */

static void end_upload(struct s3_change *change)
{
    object_file_unmap(&change->upload);
    if (change->upload_fd >= 0)
        close(change->upload_fd);
    change->upload_fd = -1;
}

/* The journal as it is now, mapped; false if there is nothing new to copy, or with err. */
static bool map_journal(struct s3_change *change, struct err *err)
{
    change->upload_fd = open(change->journal_path, O_RDONLY | O_CLOEXEC);
    if (change->upload_fd < 0 && errno != ENOENT) /* it is removed if nothing was written */
        fail(change, "copied", err);
    if (change->upload_fd >= 0 &&
        object_file_map(&change->upload, &change->journal, change->upload_fd, err) == 0 &&
        (off_t)change->upload.mapped != change->copied && change->upload.mapped > 0) {
        s3_copy_expect(change);
        return true;
    }
    end_upload(change);
    return false;
}

static void note(struct s3_change *change, const struct err *err)
{
    change->failed = err != NULL;
    if (err == NULL)
        change->copied = (off_t)change->upload.mapped;
}

static void on_copied(void *arg, const struct err *err)
{
    struct s3_change *change = arg;
    bool other = message_object_exists(err);
    if (err != NULL && !change->failed && !other)
        log_warn("%s: the journal %s is complete and goes on", err->message, change->journal_path);
    note(change, err);
    end_upload(change);
    if (other || message_object_missing(err))
        s3_copy_look(change);
}

static void follow(void *arg)
{
    struct s3_change *change = arg;
    struct err err = {0};
    s3_change_follow(change);
    bool idle = change->upload_fd < 0 && !change->looking && !change->foreign;
    if (idle && map_journal(change, &err))
        message_object_put(change->services->message, &change->upload.object, on_copied, change);
}

void s3_change_follow(struct s3_change *change)
{
    struct loop *loop = change->services->loop;
    change->follows = true;
    int64_t delay_ms = change->copied < LARGE ? FOLLOW_MS : FOLLOW_LARGE_MS;
    change->timer = loop_after(loop, delay_ms, follow, change);
    loop_timer_background(loop, change->timer);
}

static void note_journal(const struct s3_change *change)
{
    char *word = s3_url_shell(&change->journal);
    log_note("journal: s3://%s/%s (to undo it on any machine: engine undo %s)",
             change->journal.bucket, change->journal.key, word);
    mem_free(word);
}

static int copy_once(struct s3_change *change, struct err *err)
{
    int result = services_object_put(change->services, &change->upload.object, err);
    note(change, result != 0 ? err : NULL);
    end_upload(change);
    return result;
}

static int copy_last(struct s3_change *change, struct err *err)
{
    if (change->foreign)
        return s3_copy_refuse(change, err);
    if (!map_journal(change, err))
        return err->kind != ERR_NONE ? -1 : 0;
    int result = copy_once(change, err);
    if (result != 0 && (message_object_exists(err) || message_object_missing(err))) {
        err_clear(err);
        if (s3_copy_look_now(change, err) != 0)
            return -1;
        result = map_journal(change, err) ? copy_once(change, err) : 0;
    }
    if (result == 0 && !change->services->settings.quiet)
        note_journal(change);
    return result;
}

/* The lock stays: with an older journal, changes would be forgotten. */
static int log_uncopied(const struct s3_change *change, const struct err *err)
{
    char *file = text_shell(change->journal_path);
    char *journal = s3_url_shell(&change->journal);
    char *lock = s3_url_shell(&change->lock.url);
    log_error("%s. The local file %s is the complete journal: keep it. The lock stays, so that "
              "nobody works with an older journal. Copy the file, and then remove the lock: aws s3 "
              "cp %s %s && aws s3 rm %s",
              err->message, change->journal_path, file, journal, lock);
    mem_free(file);
    mem_free(journal);
    mem_free(lock);
    return 1;
}

/* The lock is that of the other process, if there is one. */
static int log_foreign(const struct s3_change *change, const struct err *err)
{
    char *file = text_shell(change->journal_path);
    log_error("%s. The local file %s is the complete journal of this run: keep it (to undo it: "
              "engine undo %s)",
              err->message, change->journal_path, file);
    mem_free(file);
    return 1;
}

static int finish(struct s3_change *change)
{
    struct err err = {0};
    if (change->follows && copy_last(change, &err) != 0)
        return change->foreign ? log_foreign(change, &err) : log_uncopied(change, &err);
    if (s3_lock_release(&change->lock, change->services, &err) == 0)
        return 0;
    log_error("the lock s3://%s/%s was not removed: %s", change->lock.url.bucket,
              change->lock.url.key, err.message);
    return 1;
}

int s3_change_close(struct s3_change *change)
{
    if (change->services == NULL)
        return 0;
    loop_cancel(change->services->loop, change->timer);
    while ((change->upload_fd >= 0 || change->looking) && loop_turn(change->services->loop, -1))
        continue;
    int status = change->lock.token[0] != '\0' ? finish(change) : 0;
    if (change->plan_fd >= 0)
        close(change->plan_fd);
    mem_free(change->journal_path);
    *change = S3_CHANGE_NONE;
    return status;
}
