#include "journal/journal_read.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "journal/journal_parked.h"
#include "journal/journal_sums.h"
#include "value/format_version.h"
#include "value/json.h"

/* Fixes that are newer than so many others are whole: the lines of a fix are near its first. */
#define WHOLE 100

/* What has been read so far. */
struct reading {
    const char *path;
    struct parked *parked; /* NULL: no fix is parked */
    bool all;              /* also fixes that were undone, or changed nothing */
    int number;            /* of the line */
    json_t *fixes;
    json_t *sums;
    struct err newer; /* a newer engine wrote a line: none is used */
};

static bool is_state(const json_t *line, const char *state)
{
    return strcmp(json_get_string(line, "state", ""), state) == 0;
}

static json_t *find_fix(json_t *fixes, const char *id)
{
    /* The lines of a fix are near its first line, so the newest fixes are searched first. */
    for (size_t i = json_array_size(fixes); i-- > 0;) {
        json_t *fix = json_array_get(fixes, i);
        if (strcmp(json_get_string(fix, "fix", ""), id) == 0)
            return fix;
    }
    return NULL;
}

/* Lines may follow for it. */
static json_t *find_whole(const struct reading *reading, const char *id)
{
    json_t *fix = find_fix(reading->fixes, id);
    if (fix != NULL)
        parked_restore(reading->parked, fix);
    return fix;
}

static void park(const struct reading *reading, size_t index)
{
    json_t *fix = json_array_get(reading->fixes, index);
    if (reading->parked != NULL && fix != NULL && json_object_get(fix, "damage") == NULL)
        parked_put(reading->parked, fix);
}

static void park_older(const struct reading *reading)
{
    size_t count = json_array_size(reading->fixes);
    if (count > WHOLE)
        park(reading, count - WHOLE - 1);
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

/* ---- one line ---- */

/* The fix is damaged; perhaps nothing else is known of it. */
static void damage(struct reading *reading, const char *id, const char *what)
{
    char *text = mem_printf("line %d of the journal %s", reading->number, what);
    json_t *fix = id[0] != '\0' ? find_whole(reading, id) : NULL;
    if (fix == NULL) {
        fix = json_pack("{s:s, s:[]}", "fix", id, "steps");
        json_array_append_new(reading->fixes, fix);
    }
    json_object_set_new(fix, "damage", json_string(text));
    mem_free(text);
}

static int take_answer(json_t *fix, const json_t *line)
{
    json_t *step = find_step(fix, json_get_integer(line, "step", -1));
    if (step == NULL)
        return -1;
    json_object_set_new(step, "refused", json_boolean(json_get_bool(line, "refused", false)));
    return json_object_set_new(step, "done", json_boolean(is_state(line, "done")));
}

/* A step that was refused may have been retried: the last attempt counts. */
static int take_step(json_t *fix, json_t *line)
{
    json_t *before = find_step(fix, json_get_integer(line, "step", -1));
    json_object_set_new(line, "done", json_false());
    if (before == NULL)
        return json_array_append(json_object_get(fix, "steps"), line);
    json_object_clear(before);
    return json_object_update(before, line);
}

/* Adds one line to its fix; -1 if it refers to nothing. */
static int take_line(const struct reading *reading, json_t *fix, json_t *line)
{
    json_t *fixes = reading->fixes;
    if (is_state(line, "begin")) {
        json_object_set_new(line, "steps", json_array());
        return json_array_append(fixes, line);
    }
    if (fix == NULL)
        return -1;
    if (is_state(line, "step"))
        return take_step(fix, line);
    if (is_state(line, "undone") && reading->all)
        return json_object_set_new(fix, "undone", json_true());
    if (is_state(line, "undone")) {
        remove_fix(fixes, fix);
        return 0;
    }
    if (!is_state(line, "end"))
        return take_answer(fix, line);
    json_object_set(fix, "after", json_object_get(line, "after"));
    return json_object_set(fix, "result", json_object_get(line, "result"));
}

static int check_version(const json_t *line, struct err *err)
{
    return format_version_check(line, "journal", JOURNAL_FORMAT, err);
}

static void judge_line(struct reading *reading, json_t *line)
{
    const char *id = json_get_string(line, "fix", "");
    json_t *fix = id[0] != '\0' ? find_whole(reading, id) : NULL;
    if (fix != NULL && json_object_get(fix, "damage") != NULL && !is_state(line, "undone"))
        return;
    if (!journal_sum_take(reading->sums, line))
        /* A first line cannot belong to an existing fix, so the damage is in its name. */
        damage(
            reading, fix != NULL && is_state(line, "begin") ? "" : id,
            "was changed, or an earlier line of its fix is missing: its checksum does not match");
    else if (check_version(line, &reading->newer) == 0 && take_line(reading, fix, line) != 0)
        damage(reading, id, "belongs to a fix whose first line is not in this journal");
    park_older(reading);
}

/* The name of the fix in a line that cannot be parsed; "" if it cannot be read. mem_free. */
static char *legible_name(const char *start, size_t length)
{
    static const char key[] = "\"fix\":\"";
    const char *name = memmem(start, length, key, sizeof key - 1);
    if (name == NULL)
        return mem_strdup("");
    name += sizeof key - 1;
    size_t count = strspn(name, "0123456789abcdefABCDEF-");
    return mem_strndup(name, name[count] == '"' ? count : 0);
}

/* Where the journal line starts in a text; NULL if there is none. A crash may leave zeros. */
static const char *mark_of(const char *text, size_t length)
{
    return memmem(text, length, JOURNAL_MARK, sizeof JOURNAL_MARK - 1);
}

/* A crash during a write leaves an incomplete line: at the end of the file, or directly before the
 * next line of a later run. No call was made for it, so it may be skipped. */
static void read_line(struct reading *reading, const char *start, size_t length)
{
    bool whole = start[length - 1] == '\n';
    const char *next = start, *end = start + length - whole;
    json_t *value = json_parse(start, (size_t)(end - start), NULL);
    while (value == NULL && (next = mark_of(next + 1, (size_t)(end - next - 1))) != NULL)
        value = json_parse(next, (size_t)(end - next), NULL);
    if (value != NULL) {
        judge_line(reading, value);
    } else if (!whole) {
        log_warn("the last line of the journal %s is incomplete: ignored", reading->path);
    } else {
        char *name = legible_name(start, length);
        damage(reading, name, "cannot be read");
        mem_free(name);
    }
    json_decref(value);
}

/* ---- all lines ---- */

static int fail(const char *path, struct err *err)
{
    return err_set(err, ERR_IO, "the journal %s cannot be read: %s", path, strerror(errno));
}

/* If the disk was full, an incomplete line may be shorter than the mark. */
static bool begins_as_journal(const char *line, size_t length)
{
    size_t most = sizeof JOURNAL_MARK - 1;
    return length > 0 && strncmp(line, JOURNAL_MARK, length < most ? length : most) == 0;
}

static bool is_blank(const char *line, size_t length)
{
    return strspn(line, " \t\r\n") == length || begins_as_journal(line, length);
}

static int read_lines(FILE *file, struct reading *reading, struct err *err)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t length;
    bool any = false, empty = true;
    while (reading->newer.kind == ERR_NONE && (length = getline(&line, &size, file)) >= 0) {
        const char *start = mark_of(line, (size_t)length);
        reading->number++;
        if (start != NULL)
            read_line(reading, start, (size_t)(line + length - start));
        any |= start != NULL;
        empty &= is_blank(line, (size_t)length);
    }
    free(line);
    if (reading->newer.kind != ERR_NONE)
        return err_set(err, ERR_USAGE, "the journal %s line %d: %s", reading->path, reading->number,
                       reading->newer.message);
    if (ferror(file))
        return fail(reading->path, err);
    if (!any && !empty)
        return err_set(err, ERR_USAGE,
                       "%s is not a journal: no line of it contains %s (engine apply writes the "
                       "journal of a plan beside it: PLAN.journal)",
                       reading->path, JOURNAL_MARK);
    return 0;
}

/* An undo is not undone itself: that would make the fix again. The result of the last attempt is
 * stored with the fix. */
static void keep_inverse(const struct reading *reading, json_t *group, const char *undoes)
{
    json_t *fix = find_whole(reading, undoes);
    parked_restore(reading->parked, group);
    if (fix == NULL || json_object_get(group, "damage") != NULL)
        return;
    json_object_set(fix, "inverse", group);
    if (reading->parked != NULL && json_object_get(fix, "damage") == NULL)
        parked_put(reading->parked, fix);
}

static void keep_inverses(const struct reading *reading)
{
    json_t *fixes = reading->fixes;
    for (size_t i = 0; i < json_array_size(fixes);) {
        json_t *group = json_array_get(fixes, i);
        const char *undoes = json_get_string(group, "undoes", NULL);
        if (undoes != NULL)
            keep_inverse(reading, group, undoes);
        if (undoes != NULL)
            json_array_remove(fixes, i);
        else
            i++;
    }
}

/* If the first step of a fix was refused, or if it has only its first line, it changed nothing. */
static bool changed_nothing(const json_t *fix)
{
    const json_t *first = json_array_get(json_object_get(fix, "steps"), 0);
    return json_object_get(fix, "damage") == NULL &&
           (first == NULL || json_get_bool(first, "refused", false));
}

static void drop_unmade(const struct reading *reading)
{
    for (size_t i = json_array_size(reading->fixes); i-- > 0;) {
        json_t *fix = json_array_get(reading->fixes, i);
        parked_restore(reading->parked, fix);
        if (changed_nothing(fix))
            json_array_remove(reading->fixes, i);
        else
            park(reading, i);
    }
}

static json_t *read_fixes(const char *path, FILE *file, struct parked *parked, bool all,
                          struct err *err)
{
    struct reading reading = {
        .path = path, .parked = parked, .all = all, .fixes = json_array(), .sums = json_object()};
    int result = read_lines(file, &reading, err);
    json_decref(reading.sums);
    keep_inverses(&reading);
    if (!all)
        drop_unmade(&reading);
    if (result == 0)
        return reading.fixes;
    json_decref(reading.fixes);
    return NULL;
}

json_t *journal_read(const char *path, FILE *file, struct parked *parked, struct err *err)
{
    return read_fixes(path, file, parked, false, err);
}

json_t *journal_read_all(const char *path, FILE *file, struct parked *parked, struct err *err)
{
    return read_fixes(path, file, parked, true, err);
}

/* ---- to which plan does the journal belong? ---- */

static bool is_of_plan(const json_t *line, const char *plan)
{
    const char *own = json_get_string(line, "plan", NULL);
    if (!is_state(line, "begin") || json_object_get(line, "undoes") != NULL)
        return true;
    return plan != NULL && own != NULL ? strcmp(own, plan) == 0 : plan == own;
}

static int refuse_owner(const char *path, struct err *err, const char *why)
{
    return err_set(err, ERR_USAGE,
                   "%s %s: nothing is written to it, and nothing was changed (move it away, or "
                   "name another file: --journal FILE)",
                   path, why);
}

int journal_check_owner(const char *path, FILE *file, const char *plan, struct err *err)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t length;
    int result = 0;
    for (int number = 1; result == 0 && (length = getline(&line, &size, file)) >= 0; number++) {
        json_t *value = json_parse(line, (size_t)length, NULL);
        if (number == 1 && !begins_as_journal(line, (size_t)length))
            result = refuse_owner(path, err, "is not a journal");
        else if (value != NULL && check_version(value, err) != 0)
            result = err_prefix(err, "%s line %d", path, number);
        else if (value != NULL && !is_of_plan(value, plan))
            result = refuse_owner(path, err,
                                  plan != NULL ? "is not the journal of this plan"
                                               : "is the journal of a plan");
        json_decref(value);
    }
    free(line);
    return result == 0 && ferror(file) ? fail(path, err) : result;
}
