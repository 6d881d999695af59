/* A journal read back, for undo. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "value/json.h"
#include "work/journal.h"
#include "work/journal_sums.h"

/* What is known so far. */
struct reading {
    const char *path;
    int number; /* of the line */
    json_t *fixes;
    json_t *sums;
};

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
    while (value == NULL && (next = strstr(next + 1, JOURNAL_MARK)) != NULL) {
        err_clear(err);
        value = json_parse(next, strcspn(next, "\n"), err);
    }
    if (value == NULL && strchr(start, '\n') == NULL) {
        err_clear(err);
        log_warn("the journal's last line is not whole: passed over");
    }
    return value;
}

/* -1 when the line makes no sense here. */
static int judge_line(struct reading *reading, json_t *line, struct err *err)
{
    if (!journal_sum_take(reading->sums, line))
        return err_set(err, ERR_PARSE,
                       "%s line %d is not as it was written, or a line of its fix before it is "
                       "missing: its sum does not fit, so nothing is taken back",
                       reading->path, reading->number);
    if (take_line(reading->fixes, line) != 0)
        return err_set(err, ERR_PARSE, "%s line %d belongs to no fix that this journal begins",
                       reading->path, reading->number);
    return 0;
}

static int read_line(struct reading *reading, const char *start, struct err *err)
{
    json_t *value = parse_line(start, err);
    int result = 0;
    if (value == NULL && err->kind != ERR_NONE)
        result = err_prefix(err, "%s line %d", reading->path, reading->number);
    else if (value != NULL)
        result = judge_line(reading, value, err);
    json_decref(value);
    return result;
}

static int read_lines(FILE *file, struct reading *reading, struct err *err)
{
    char *line = NULL;
    size_t size = 0;
    int result = 0;
    bool any = false;
    while (result == 0 && getline(&line, &size, file) >= 0) {
        const char *start = strstr(line, JOURNAL_MARK);
        reading->number++;
        if (start != NULL)
            result = read_line(reading, start, err);
        any |= start != NULL;
    }
    if (result == 0 && ferror(file))
        result = err_set(err, ERR_IO, "the journal %s cannot be read: %s", reading->path,
                         strerror(errno));
    else if (result == 0 && !any)
        result = err_set(err, ERR_PARSE, "%s is no journal: no line of it holds %s", reading->path,
                         JOURNAL_MARK);
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
    struct reading reading = {.path = path, .fixes = json_array(), .sums = json_object()};
    int result = read_lines(file, &reading, err);
    fclose(file);
    json_decref(reading.sums);
    drop_inverses(reading.fixes);
    if (result == 0)
        return reading.fixes;
    json_decref(reading.fixes);
    return NULL;
}
