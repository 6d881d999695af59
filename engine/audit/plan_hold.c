#include "audit/plan_hold.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/claim.h"
#include "base/mem.h"

static int fail(const char *path, struct err *err)
{
    return err_set(err, ERR_USAGE, "the plan %s cannot be read: %s", path, strerror(errno));
}

/* NFS locks only a file that is open for writing, although nothing is written. */
static int open_plan(const char *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    return fd >= 0 ? fd : open(path, O_RDONLY | O_CLOEXEC);
}

static int applied_elsewhere(const char *path, struct err *err)
{
    return err_set(err, ERR_IO,
                   "another engine is applying the plan %s: wait until it has ended; nothing was "
                   "changed",
                   path);
}

static int lock(int fd, const char *path, struct err *err)
{
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    if (errno != EWOULDBLOCK)
        return err_set(err, ERR_IO, "the plan %s cannot be locked: %s; nothing was changed", path,
                       strerror(errno));
    return applied_elsewhere(path, err);
}

static int digest(struct plan_hold *hold, const char *path, struct err *err)
{
    char bytes[1 << 14];
    unsigned char sum[SHA256_BYTES];
    ssize_t count;
    struct digest_stream *stream = digest_stream_new();
    while ((count = read(hold->fd, bytes, sizeof bytes)) > 0)
        digest_stream_add(stream, bytes, (size_t)count);
    digest_stream_finish(stream, sum);
    digest_hex(sum, sizeof sum, hold->digest);
    return count == 0 ? 0 : fail(path, err);
}

static const char *name_of(const struct plan_hold *hold, const char *path)
{
    return hold->name != NULL ? hold->name : path;
}

int plan_hold(struct plan_hold *hold, const char *path, struct err *err)
{
    const char *name = name_of(hold, path);
    hold->claim = -1;
    hold->fd = open_plan(path);
    if (hold->fd < 0)
        return fail(name, err);
    if (lock(hold->fd, name, err) == 0 && digest(hold, name, err) == 0)
        return 0;
    plan_release(hold);
    return -1;
}

int plan_hold_claim(struct plan_hold *hold, const char *path, struct err *err)
{
    char *name = mem_printf("plan %s", hold->digest);
    hold->claim = claim_take(name);
    mem_free(name);
    if (hold->claim >= 0)
        return 0;
    if (errno == EADDRINUSE)
        return applied_elsewhere(name_of(hold, path), err);
    return err_set(err, ERR_IO, "the plan %s cannot be claimed: %s; nothing was changed",
                   name_of(hold, path), strerror(errno));
}

int plan_hold_check(const struct plan_hold *hold, const char *path, struct err *err)
{
    struct stat held, named;
    if (fstat(hold->fd, &held) == 0 && stat(path, &named) == 0 && held.st_dev == named.st_dev &&
        held.st_ino == named.st_ino)
        return 0;
    return err_set(
        err, ERR_IO,
        "the plan %s was replaced while it was read: apply it again; nothing was changed",
        name_of(hold, path));
}

void plan_release(struct plan_hold *hold)
{
    claim_drop(hold->claim);
    if (hold->fd >= 0)
        close(hold->fd);
    hold->fd = hold->claim = -1;
}
