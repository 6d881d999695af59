#include "work/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "value/json.h"
#include "work/journal_sums.h"

#define MAX_LINE (1u << 20)
/* Amazon CloudWatch Logs User Guide, quotas: an event of 256 KiB was the limit for years. A longer
 * line would be cut there, and the change that it names could not be undone. */
#define MAX_LOG_LINE (256u << 10)

struct journal {
    char *path;
    int fd;
    bool made; /* the file is ours */
    bool written;
    json_t *sums;
};

struct journal *journal_new(const char *path)
{
    struct journal *journal = mem_alloc(sizeof *journal);
    journal->path = mem_strdup(path);
    journal->fd = path != NULL ? -1 : STDOUT_FILENO;
    journal->sums = json_object();
    return journal;
}

void journal_free(struct journal *journal)
{
    if (journal == NULL)
        return;
    if (journal->path != NULL && journal->fd >= 0)
        close(journal->fd);
    if (journal->made && !journal->written)
        unlink(journal->path);
    json_decref(journal->sums);
    mem_free(journal->path);
    mem_free(journal);
}

const char *journal_written(const struct journal *journal)
{
    return journal->written ? journal->path : NULL;
}

int journal_open(struct journal *journal, struct err *err)
{
    const int flags = O_WRONLY | O_APPEND | O_CLOEXEC;
    if (journal->fd >= 0)
        return 0;
    journal->fd = open(journal->path, flags | O_CREAT | O_EXCL, 0600);
    journal->made = journal->fd >= 0;
    if (journal->fd < 0 && errno == EEXIST)
        journal->fd = open(journal->path, flags);
    if (journal->fd < 0)
        return err_set(err, ERR_IO, "the journal %s cannot be opened: %s; nothing was changed",
                       journal->path, strerror(errno));
    return 0;
}

static int write_all(struct journal *journal, const char *text, size_t length, struct err *err)
{
    while (length > 0) {
        ssize_t written = write(journal->fd, text, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return err_set(err, ERR_IO, "the journal %s cannot be written: %s",
                           journal->path != NULL ? journal->path : "(log)", strerror(errno));
        text += written;
        length -= (size_t)written;
    }
    /* EINVAL: a pipe or the like, which cannot be synced. */
    if (journal->path != NULL && fdatasync(journal->fd) != 0 && errno != EINVAL)
        return err_set(err, ERR_IO, "the journal %s cannot be synced: %s", journal->path,
                       strerror(errno));
    return 0;
}

int journal_write(struct journal *journal, json_t *line, struct err *err)
{
    json_t *marked = json_pack("{s:i}", "journal", 1);
    struct buf text;
    buf_init(&text, journal->path != NULL ? MAX_LINE : MAX_LOG_LINE);
    json_object_update(marked, line);
    journal_sum_add(journal->sums, marked);
    int result = json_write(marked, &text) == 0 && buf_addc(&text, '\n') == 0
                     ? journal_open(journal, err)
                     : err_set(err, ERR_LIMIT, "a journal line would pass %zu bytes", text.max);
    if (result == 0)
        result = write_all(journal, text.data, text.len, err);
    if (result == 0) {
        journal->written = true;
        journal_sum_keep(journal->sums, marked);
    }
    buf_clear(&text);
    json_decref(marked);
    json_decref(line);
    return result;
}
