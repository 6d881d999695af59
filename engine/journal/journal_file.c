#include "journal/journal_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"

#define OPEN_FLAGS (O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
#define CHUNK (64 << 10) /* reserved at a time */
#define TRIES 10         /* to lock a file that others remove in the meantime */

static int fail(const struct journal_file *file, struct err *err, const char *what)
{
    return err_set(err, ERR_IO, "the journal %s cannot be %s: %s; nothing was changed", file->path,
                   what, strerror(errno));
}

static int refuse(const struct journal_file *file, struct err *err, const char *why)
{
    return err_set(err, ERR_USAGE, "the journal %s %s, so it is not used; nothing was changed",
                   file->path, why);
}

/* A new file survives a crash only if its directory is synced. */
static int sync_folder(const struct journal_file *file, struct err *err)
{
    const char *slash = strrchr(file->path, '/');
    char *folder = slash == NULL         ? mem_strdup(".")
                   : slash == file->path ? mem_strdup("/")
                                         : mem_strndup(file->path, (size_t)(slash - file->path));
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* EINVAL: the file system cannot sync a directory. */
    int result = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL) ? 0 : fail(file, err, "synced");
    if (fd >= 0)
        close(fd);
    mem_free(folder);
    return result;
}

static int open_or_make(struct journal_file *file, bool make, struct err *err)
{
    file->made = false;
    if (make)
        file->fd = open(file->path, OPEN_FLAGS | O_CREAT | O_EXCL, 0600);
    file->made = file->fd >= 0;
    if (file->fd < 0 && (!make || errno == EEXIST))
        file->fd = open(file->path, OPEN_FLAGS);
    if (file->fd >= 0)
        return 0;
    if (errno == ELOOP)
        return refuse(file, err, "is a symbolic link");
    fail(file, err, "opened");
    if (!make)
        err->kind = ERR_USAGE; /* the user names a file that exists */
    return -1;
}

/* A file of this name may be a trap: only a regular file without other links is written to, and an
 * empty one only if it is ours. */
static int check_kind(struct journal_file *file, const struct stat *info, struct err *err)
{
    if (!S_ISREG(info->st_mode))
        return refuse(file, err, "is not a regular file");
    if (info->st_nlink > 1)
        return refuse(file, err, "has another name (a hard link)");
    if (info->st_size > 0)
        return 0;
    if (info->st_uid != geteuid())
        return refuse(file, err, "is an empty file of another user");
    return fchmod(file->fd, 0600) == 0 ? 0 : fail(file, err, "made private");
}

static int lock(const struct journal_file *file, struct err *err)
{
    if (flock(file->fd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    if (errno != EWOULDBLOCK)
        return fail(file, err, "locked");
    return err_set(err, ERR_IO,
                   "another engine process is using the journal %s: wait until it has ended; "
                   "nothing was changed",
                   file->path);
}

/* 1 if the file was removed or replaced before it was locked. */
static int settle(struct journal_file *file, struct err *err)
{
    struct stat opened, named;
    if (lock(file, err) != 0)
        return -1;
    if (fstat(file->fd, &opened) != 0)
        return fail(file, err, "looked at");
    if (lstat(file->path, &named) != 0 || named.st_ino != opened.st_ino ||
        named.st_dev != opened.st_dev)
        return 1;
    file->size = file->reserved = opened.st_size;
    return check_kind(file, &opened, err);
}

static void forget(struct journal_file *file)
{
    close(file->fd);
    file->fd = -1;
}

int journal_file_open(struct journal_file *file, bool make, struct err *err)
{
    for (int i = 0; i < TRIES; i++) {
        if (open_or_make(file, make, err) != 0)
            return -1;
        int settled = settle(file, err);
        if (settled == 0 && file->made && (settled = sync_folder(file, err)) != 0)
            unlink(file->path);
        if (settled == 0)
            return 0;
        forget(file);
        if (settled < 0)
            return -1;
    }
    return err_set(err, ERR_IO, "the journal %s is replaced again and again; nothing was changed",
                   file->path);
}

void journal_file_close(struct journal_file *file)
{
    struct err err = {0};
    if (file->fd < 0)
        return;
    if (file->size > 0 && journal_file_sync(file, &err) != 0)
        log_error("%s", err.message);
    if (file->reserved > file->size && ftruncate(file->fd, file->size) != 0)
        log_debug("the journal %s keeps the space that was reserved", file->path);
    /* While it is locked, so that no other process has started to write to it. */
    if (file->made && file->size == 0)
        unlink(file->path);
    forget(file);
}

/* EFBIG if the limit of the process does not allow it. */
static int check_limit(off_t end)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
        (rlim_t)end <= limit.rlim_cur)
        return 0;
    errno = EFBIG;
    return -1;
}

static int allocate(struct journal_file *file, off_t end)
{
    int result;
    do
        result = fallocate(file->fd, FALLOC_FL_KEEP_SIZE, file->reserved, end - file->reserved);
    while (result != 0 && errno == EINTR);
    if (result == 0)
        file->reserved = end;
    /* The file system cannot reserve space; each write is checked anyway. */
    return result == 0 || errno == EOPNOTSUPP || errno == ENOSYS ? 0 : -1;
}

int journal_file_reserve(struct journal_file *file, size_t length, struct err *err)
{
    off_t end = file->size + (off_t)length;
    if (check_limit(end) == 0 &&
        (end <= file->reserved || allocate(file, end + CHUNK) == 0 || allocate(file, end) == 0))
        return 0;
    return err_set(err, ERR_IO, "there is no space for the journal %s: %s; the call was not made",
                   file->path, strerror(errno));
}

/* Removes an incomplete line, which is useless; if that fails, the reader skips it. */
static int fail_half_way(struct journal_file *file, struct err *err)
{
    err_set(err, ERR_IO, "the journal %s cannot be written: %s",
            file->path != NULL ? file->path : "(log)", strerror(errno));
    if (file->path != NULL && ftruncate(file->fd, file->size) != 0)
        log_warn("the journal %s ends in an incomplete line: %s", file->path, strerror(errno));
    return -1;
}

int journal_file_append(struct journal_file *file, const char *text, size_t length, struct err *err)
{
    size_t done = 0;
    while (done < length) {
        ssize_t written = write(file->fd, text + done, length - done);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return fail_half_way(file, err);
        done += (size_t)written;
    }
    file->size += (off_t)length;
    return 0;
}

int journal_file_sync(const struct journal_file *file, struct err *err)
{
    if (fdatasync(file->fd) == 0)
        return 0;
    return err_set(err, ERR_IO, "the journal %s cannot be synced: %s", file->path, strerror(errno));
}

FILE *journal_file_reader(const struct journal_file *file, struct err *err)
{
    int fd = fcntl(file->fd, F_DUPFD_CLOEXEC, 0);
    FILE *reader = fd >= 0 ? fdopen(fd, "r") : NULL;
    if (reader != NULL) {
        rewind(reader);
        return reader;
    }
    if (fd >= 0)
        close(fd);
    fail(file, err, "read");
    return NULL;
}
