#include "journal/journal.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "journal/journal_file.h"
#include "journal/journal_parked.h"
#include "journal/journal_read.h"
#include "journal/journal_sums.h"
#include "value/json.h"
#include "value/log_json.h"

#define MAX_LINE (1u << 20)
/* Amazon CloudWatch Logs User Guide, quotas: for years the limit for an event was 256 KiB. A longer
 * line would be cut, and the change that it describes could not be undone. */
#define MAX_LOG_LINE (256u << 10)
/* Space for the lines that may follow the steps of a fix (done or failed for each, end, undone),
 * without the digests at its end, which are no longer than its first line. */
#define CLOSING (4u << 10)

struct journal {
    char *path;
    char *plan;            /* digest, or NULL */
    const json_t *made_by; /* or NULL */
    struct journal_file file;
    bool written;
    bool undoable;         /* this process wrote a step with an inverse */
    struct parked *parked; /* of journal_parked_fixes */
    json_t *sums;
    json_t *open; /* fixes without an end line, with the bytes reserved for each */
    size_t kept;  /* sum of these bytes */
};

struct journal *journal_new(const char *path)
{
    struct journal *journal = mem_alloc(sizeof *journal);
    journal->path = mem_strdup(path);
    journal->file = (struct journal_file){.path = journal->path,
                                          .fd = journal->path != NULL ? -1 : STDOUT_FILENO};
    journal->sums = json_object();
    journal->open = json_object();
    return journal;
}

void journal_free(struct journal *journal)
{
    if (journal == NULL)
        return;
    if (journal->path != NULL)
        journal_file_close(&journal->file);
    parked_free(journal->parked);
    json_decref(journal->sums);
    json_decref(journal->open);
    mem_free(journal->path);
    mem_free(journal->plan);
    mem_free(journal);
}

void journal_of_plan(struct journal *journal, const char *digest)
{
    mem_free(journal->plan);
    journal->plan = mem_strdup(digest);
}

void journal_made_by(struct journal *journal, const json_t *made_by)
{
    journal->made_by = made_by;
}

const char *journal_written(const struct journal *journal)
{
    return journal->written ? journal->path : NULL;
}

int journal_open(struct journal *journal, struct err *err)
{
    if (journal->file.fd >= 0)
        return 0;
    if (journal_file_open(&journal->file, true, err) != 0)
        return -1;
    FILE *reader = journal_file_reader(&journal->file, err);
    int result =
        reader != NULL ? journal_check_owner(journal->path, reader, journal->plan, err) : -1;
    if (reader != NULL)
        fclose(reader);
    if (result != 0)
        journal_file_close(&journal->file);
    return result;
}

int journal_open_to_undo(struct journal *journal, struct err *err)
{
    return journal_file_open(&journal->file, false, err);
}

static json_t *read_fixes(const struct journal *journal, struct parked *parked, struct err *err)
{
    FILE *reader = journal_file_reader(&journal->file, err);
    if (reader == NULL)
        return NULL;
    json_t *fixes = journal_read(journal->path, reader, parked, err);
    fclose(reader);
    return fixes;
}

json_t *journal_fixes(const struct journal *journal, struct err *err)
{
    return read_fixes(journal, NULL, err);
}

json_t *journal_parked_fixes(struct journal *journal, struct err *err)
{
    if (journal->parked == NULL)
        journal->parked = parked_new();
    return read_fixes(journal, journal->parked, err);
}

json_t *journal_whole_fix(const struct journal *journal, json_t *fix)
{
    return parked_get(journal->parked, fix);
}

static bool has_inverse(const json_t *fix)
{
    size_t i;
    json_t *step;
    json_array_foreach (json_object_get(fix, "steps"), i, step) {
        if (json_object_get(step, "undo") != NULL)
            return true;
    }
    return false;
}

/* What an earlier run of the same plan wrote can be undone, too. */
bool journal_undoable(const struct journal *journal)
{
    struct err err = {0};
    size_t i;
    json_t *fix;
    bool found = journal->undoable;
    json_t *fixes = found ? NULL : journal_fixes(journal, &err);
    json_array_foreach (fixes, i, fix)
        found = found || has_inverse(fix);
    json_decref(fixes);
    return found;
}

static bool is_state(const json_t *line, const char *state)
{
    return strcmp(json_get_string(line, "state", ""), state) == 0;
}

/* Reserves space for the line, and for all lines that must follow its call. */
static int reserve(struct journal *journal, const json_t *line, size_t length, struct err *err)
{
    bool begins = is_state(line, "begin");
    size_t closing = begins ? CLOSING + length : 0;
    if (!begins && !is_state(line, "step"))
        return 0;
    if (journal_file_reserve(&journal->file, length + journal->kept + closing, err) != 0)
        return -1;
    if (begins)
        json_object_set_new(journal->open, json_get_string(line, "fix", ""),
                            json_integer((json_int_t)closing));
    journal->kept += closing;
    return 0;
}

static void give_back(struct journal *journal, const json_t *line)
{
    const char *fix = json_get_string(line, "fix", "");
    if (!is_state(line, "end"))
        return;
    journal->kept -= (size_t)json_get_integer(journal->open, fix, 0);
    json_object_del(journal->open, fix);
}

/* The line has been written. */
static void keep(struct journal *journal, const json_t *line)
{
    journal->written = true;
    journal->undoable = journal->undoable || json_object_get(line, "undo") != NULL;
    journal_sum_keep(journal->sums, line);
}

/* A step is on the disk before its call; no call depends on the other lines. */
static int write_to_file(struct journal *journal, const json_t *line, const struct buf *text,
                         struct err *err)
{
    struct journal_file *file = &journal->file;
    if (journal_open(journal, err) != 0 || reserve(journal, line, text->len, err) != 0 ||
        journal_file_append(file, text->data, text->len, err) != 0)
        return -1;
    keep(journal, line);
    give_back(journal, line);
    return is_state(line, "step") ? journal_file_sync(file, err) : 0;
}

static int write_line(struct journal *journal, const json_t *line, struct buf *text,
                      struct err *err)
{
    if (json_write(line, text) != 0 || buf_addc(text, '\n') != 0)
        return err_set(err, ERR_LIMIT, "a journal line would exceed %zu bytes", text->max);
    if (journal->path != NULL)
        return write_to_file(journal, line, text, err);
    if (journal_file_append(&journal->file, text->data, text->len, err) != 0)
        return -1;
    keep(journal, line);
    return 0;
}

int journal_write(struct journal *journal, json_t *line, struct err *err)
{
    json_t *marked = json_pack("{s:i}", "journal", JOURNAL_FORMAT);
    struct buf text;
    buf_init(&text, journal->path != NULL ? MAX_LINE : MAX_LOG_LINE);
    json_object_update(marked, line);
    if (journal->plan != NULL && is_state(marked, "begin"))
        json_object_set_new(marked, "plan", json_string(journal->plan));
    if (journal->made_by != NULL && is_state(marked, "begin"))
        json_object_set(marked, "made_by", (json_t *)(uintptr_t)journal->made_by);
    if (journal->path == NULL)
        log_json_mark(marked);
    journal_sum_add(journal->sums, marked);
    int result = write_line(journal, marked, &text, err);
    buf_clear(&text);
    json_decref(marked);
    json_decref(line);
    return result;
}
