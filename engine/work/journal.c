#include "work/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "value/json.h"

#define MARK "{\"journal\":"
#define MAX_LINE (1u << 20)

struct journal {
    char *path;
    int fd;
    bool written;
};

struct journal *journal_new(const char *path)
{
    struct journal *journal = mem_alloc(sizeof *journal);
    journal->path = mem_strdup(path);
    journal->fd = path != NULL ? -1 : STDOUT_FILENO;
    return journal;
}

void journal_free(struct journal *journal)
{
    if (journal == NULL)
        return;
    if (journal->path != NULL && journal->fd >= 0)
        close(journal->fd);
    mem_free(journal->path);
    mem_free(journal);
}

const char *journal_written(const struct journal *journal)
{
    return journal->written ? journal->path : NULL;
}

static int open_file(struct journal *journal, struct err *err)
{
    if (journal->fd >= 0)
        return 0;
    journal->fd = open(journal->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
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
    if (journal->path != NULL && fdatasync(journal->fd) != 0)
        return err_set(err, ERR_IO, "the journal %s cannot be synced: %s", journal->path,
                       strerror(errno));
    return 0;
}

int journal_write(struct journal *journal, json_t *line, struct err *err)
{
    json_t *marked = json_pack("{s:i}", "journal", 1);
    struct buf text;
    buf_init(&text, MAX_LINE);
    json_object_update(marked, line);
    int result = json_write(marked, &text) == 0 && buf_addc(&text, '\n') == 0
                     ? open_file(journal, err)
                     : err_set(err, ERR_LIMIT, "a journal line would pass %u bytes", MAX_LINE);
    if (result == 0)
        result = write_all(journal, text.data, text.len, err);
    if (result == 0)
        journal->written = true;
    buf_clear(&text);
    json_decref(marked);
    json_decref(line);
    return result;
}

static json_t *find_fix(json_t *fixes, const char *id)
{
    /* A fix's lines stand near its first, so the newest come first. */
    for (size_t i = json_array_size(fixes); i-- > 0;) {
        json_t *fix = json_array_get(fixes, i);
        if (strcmp(json_get_string(fix, "fix", ""), id) == 0)
            return fix;
    }
    return NULL;
}

static json_t *find_step(json_t *fix, json_int_t number)
{
    size_t i;
    json_t *step;
    json_array_foreach (json_object_get(fix, "steps"), i, step) {
        if (json_get_integer(step, "step", -1) == number)
            return step;
    }
    return NULL;
}

static void remove_fix(json_t *fixes, const json_t *fix)
{
    for (size_t i = 0; i < json_array_size(fixes); i++) {
        if (json_array_get(fixes, i) == fix) {
            json_array_remove(fixes, i);
            return;
        }
    }
}

/* Adds one line to what is known; -1 when it refers to nothing or lacks its names. */
static int take_line(json_t *fixes, json_t *line)
{
    const char *id = json_get_string(line, "fix", NULL);
    const char *state = json_get_string(line, "state", "");
    if (id == NULL)
        return -1;
    if (strcmp(state, "begin") == 0) {
        json_object_set_new(line, "steps", json_array());
        return json_array_append(fixes, line);
    }
    json_t *fix = find_fix(fixes, id);
    if (fix == NULL)
        return -1;
    if (strcmp(state, "step") == 0) {
        json_object_set_new(line, "done", json_false());
        return json_array_append(json_object_get(fix, "steps"), line);
    }
    if (strcmp(state, "end") == 0) {
        json_object_set(fix, "after", json_object_get(line, "after"));
        return json_object_set(fix, "result", json_object_get(line, "result"));
    }
    if (strcmp(state, "undone") == 0) {
        remove_fix(fixes, fix);
        return 0;
    }
    json_t *step = find_step(fix, json_get_integer(line, "step", -1));
    if (step == NULL)
        return -1;
    /* A failed call may have been carried out all the same: only a proven state tells. */
    return json_object_set_new(step, "done", json_boolean(strcmp(state, "done") == 0));
}

/* A crash while a line was written leaves it torn: at the end of the file, or with the next line of
 * a later run right behind it. Nothing was sent on a torn line, so it may be passed over. */
static json_t *parse_line(const char *start, struct err *err)
{
    json_t *value = json_parse(start, strcspn(start, "\n"), err);
    const char *next = start;
    while (value == NULL && (next = strstr(next + 1, MARK)) != NULL) {
        err_clear(err);
        value = json_parse(next, strcspn(next, "\n"), err);
    }
    if (value == NULL && strchr(start, '\n') == NULL) {
        err_clear(err);
        log_warn("the journal's last line is not whole: passed over");
    }
    return value;
}

static int read_line(const char *start, const char *path, int number, json_t *fixes,
                     struct err *err)
{
    json_t *value = parse_line(start, err);
    int result = 0;
    if (value == NULL && err->kind != ERR_NONE)
        result = err_prefix(err, "%s line %d", path, number);
    else if (value != NULL && take_line(fixes, value) != 0)
        result = err_set(err, ERR_PARSE, "%s line %d belongs to no fix that this journal begins",
                         path, number);
    json_decref(value);
    return result;
}

static int read_lines(FILE *file, const char *path, json_t *fixes, struct err *err)
{
    char *line = NULL;
    size_t size = 0;
    int result = 0;
    bool any = false;
    for (int number = 1; result == 0 && getline(&line, &size, file) >= 0; number++) {
        const char *start = strstr(line, MARK);
        if (start != NULL)
            result = read_line(start, path, number, fixes, err);
        any |= start != NULL;
    }
    if (result == 0 && ferror(file))
        result = err_set(err, ERR_IO, "the journal %s cannot be read: %s", path, strerror(errno));
    else if (result == 0 && !any)
        result = err_set(err, ERR_PARSE, "%s is no journal: no line of it holds %s", path, MARK);
    free(line);
    return result;
}

/* Taking back is not itself taken back: that would make the fix again. */
static void drop_inverses(json_t *fixes)
{
    for (size_t i = json_array_size(fixes); i-- > 0;) {
        if (json_object_get(json_array_get(fixes, i), "undoes") != NULL)
            json_array_remove(fixes, i);
    }
}

json_t *journal_read(const char *path, struct err *err)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        err_set(err, ERR_IO, "the journal %s cannot be read: %s", path, strerror(errno));
        return NULL;
    }
    json_t *fixes = json_array();
    int result = read_lines(file, path, fixes, err);
    fclose(file);
    drop_inverses(fixes);
    if (result == 0)
        return fixes;
    json_decref(fixes);
    return NULL;
}
