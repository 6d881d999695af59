#include "prompt/history.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text_list.h"

#define MAX_FILE ((size_t)16 << 20)
#define LONGEST 4096
/* The file may grow to twice the lines that are kept before it is written anew. */
#define MAX_LINES ((size_t)2 * HISTORY_LINES)

struct history {
    struct text_list lines;
    bool secret; /* the current statement begins with a space */
    int file;    /* -1: none */
};

static bool is_worth_keeping(const struct history *history, const char *text)
{
    size_t count = history->lines.count;
    bool again = count > 0 && strcmp(text, history->lines.items[count - 1]) == 0;
    return text[strspn(text, " \t")] != '\0' && !history->secret && strlen(text) <= LONGEST &&
           !again;
}

static void forget_oldest(struct text_list *lines)
{
    size_t extra = lines->count - HISTORY_LINES;
    for (size_t i = 0; i < extra; i++)
        mem_free(lines->items[i]);
    lines->count = HISTORY_LINES;
    memmove(lines->items, lines->items + extra, lines->count * sizeof *lines->items);
}

static void remember(struct history *history, const char *text)
{
    text_list_add(&history->lines, text);
    if (history->lines.count > MAX_LINES)
        forget_oldest(&history->lines);
}

/* ---- the file ---- */

static void make_folders(const char *path)
{
    char *copy = mem_strdup(path);
    for (char *slash = strchr(copy + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(copy, 0700);
        *slash = '/';
    }
    mem_free(copy);
}

static void read_lines(struct history *history, char *text)
{
    char *rest = text;
    for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n")) {
        if (line[0] != '\0')
            remember(history, line);
    }
}

/* With a new file in place of the old one, a reader sees either of them, never a part. Its name is
 * not fixed: what a process left that was killed here would be in the way of all others. */
static void write_anew(const struct history *history, const char *path)
{
    char *fresh = mem_printf("%s.XXXXXX", path);
    struct buf text;
    buf_init(&text, 2 * MAX_FILE);
    for (size_t i = 0; i < history->lines.count; i++)
        buf_addf(&text, "%s\n", history->lines.items[i]);
    int file = mkostemp(fresh, O_CLOEXEC);
    bool whole =
        file >= 0 && !text.failed && write(file, buf_text(&text), text.len) == (ssize_t)text.len;
    if (file >= 0)
        close(file);
    if (file >= 0 && (!whole || rename(fresh, path) != 0))
        unlink(fresh);
    buf_clear(&text);
    mem_free(fresh);
}

/* Only a file of one's own is used: another user could write lines into theirs, to be recalled. */
static int open_file(const char *path, struct err *err)
{
    struct stat info;
    int file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0)
        return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    if (fstat(file, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == geteuid() &&
        fchmod(file, 0600) == 0)
        return file;
    close(file);
    return err_set(err, ERR_IO, "%s: not a file of this user", path);
}

static void load(struct history *history, const char *path, struct err *err)
{
    size_t length;
    make_folders(path);
    history->file = open_file(path, err);
    char *text = history->file >= 0 ? file_read(path, MAX_FILE, &length) : NULL;
    if (text == NULL)
        return;
    read_lines(history, text);
    mem_free(text);
    if (history->lines.count <= HISTORY_LINES)
        return;
    forget_oldest(&history->lines);
    write_anew(history, path);
    close(history->file);
    history->file = open_file(path, err);
}

struct history *history_new(const char *path, struct err *err)
{
    struct history *history = mem_alloc(sizeof *history);
    history->file = -1;
    if (path != NULL)
        load(history, path, err);
    return history;
}

void history_free(struct history *history)
{
    if (history == NULL)
        return;
    if (history->file >= 0)
        close(history->file);
    text_list_clear(&history->lines);
    mem_free(history);
}

void history_add(struct history *history, const char *text, bool further)
{
    if (!further)
        history->secret = isspace((unsigned char)text[0]);
    if (!is_worth_keeping(history, text))
        return;
    remember(history, text);
    char *line = mem_printf("%s\n", text);
    size_t length = strlen(line);
    if (history->file >= 0 && write(history->file, line, length) != (ssize_t)length) {
        close(history->file); /* a full disk: from now on in memory only */
        history->file = -1;
    }
    mem_free(line);
}

/* ---- recalling ---- */

static bool fits(const char *line, const char *start, size_t length)
{
    return strncmp(line, start, length) == 0 && strcmp(line, start) != 0;
}

const char *history_before(const struct history *history, size_t *at, const char *start,
                           size_t length)
{
    for (size_t i = *at; i > 0; i--) {
        const char *line = history->lines.items[i - 1];
        if (fits(line, start, length)) {
            *at = i - 1;
            return line;
        }
    }
    return NULL;
}

const char *history_after(const struct history *history, size_t *at, const char *start,
                          size_t length)
{
    for (size_t i = *at + 1; i < history->lines.count; i++) {
        const char *line = history->lines.items[i];
        if (fits(line, start, length)) {
            *at = i;
            return line;
        }
    }
    return NULL;
}

size_t history_count(const struct history *history)
{
    return history->lines.count;
}
