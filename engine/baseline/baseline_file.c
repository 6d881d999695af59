#include "baseline/baseline_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "policy/resource.h"
#include "value/format_version.h"
#include "value/json.h"

struct reading {
    const char *name; /* for messages */
    const struct baseline_taker *taker;
    FILE *file;
    size_t line, bytes, max;
    bool too_large; /* it has more than max bytes; the others are not read */
    int depth;      /* of the array around the findings: 0 or 1 */
};

static int refuse(const struct reading *reading, const char *why, struct err *err)
{
    return err_set(err, ERR_USAGE, "%s line %zu: %s", reading->name, reading->line, why);
}

static int refuse_size(const struct reading *reading, struct err *err)
{
    return err_set(err, ERR_USAGE, "%s: the file is too large: the maximum is %zu bytes",
                   reading->name, reading->max);
}

static int next_byte(struct reading *reading)
{
    int byte = getc(reading->file);
    reading->too_large |= byte != EOF && reading->bytes == reading->max;
    if (reading->too_large)
        return EOF;
    reading->line += byte == '\n';
    reading->bytes += byte != EOF;
    return byte;
}

/* One byte at a time: jansson then reads nothing beyond the end of the value. */
static size_t give(void *buffer, size_t size, void *data)
{
    int byte = next_byte(data);
    if (size == 0 || byte == EOF)
        return 0;
    *(char *)buffer = (char)byte;
    return 1;
}

/* Skips the separators between findings. Returns '{', EOF, or a byte that does not belong there. */
static int skip(struct reading *reading)
{
    for (;;) {
        int byte = next_byte(reading);
        if (byte == '[' && reading->depth == 0)
            reading->depth = 1;
        else if (byte == ']' && reading->depth == 1)
            reading->depth = 0;
        else if (byte != ' ' && byte != '\t' && byte != '\r' && byte != '\n' && byte != ',')
            return byte;
    }
}

static int take_one(const struct reading *reading, const json_t *finding, struct err *err)
{
    static const char *const keys[] = {"account", "region", "type", "id", "check", "status"};
    char why[64];
    struct err newer = {0};
    if (format_version_check(finding, LINE_FORMAT_KEY, LINE_FORMAT, &newer) != 0)
        return refuse(reading, newer.message, err);
    if (json_object_get(finding, "journal") != NULL)
        return refuse(reading, "this is a journal, which engine undo and engine show read", err);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (json_get_string(finding, keys[i], NULL) != NULL)
            continue;
        snprintf(why, sizeof why, "this is not a finding: it has no \"%s\"", keys[i]);
        return refuse(reading, why, err);
    }
    reading->taker->take(reading->taker->arg, finding);
    return 0;
}

/* A report with --compliance has its findings in an object. */
static int take_list(const struct reading *reading, const json_t *document, struct err *err)
{
    size_t i;
    json_t *finding;
    if (reading->taker->about != NULL)
        reading->taker->about(reading->taker->arg, document);
    json_array_foreach (json_object_get(document, "findings"), i, finding) {
        if (take_one(reading, finding, err) != 0)
            return -1;
    }
    return 0;
}

static int read_value(struct reading *reading, struct err *err)
{
    json_error_t error;
    ungetc('{', reading->file);
    reading->bytes--;
    json_t *value =
        json_load_callback(give, reading, JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, &error);
    if (value == NULL && reading->too_large)
        return refuse_size(reading, err);
    if (value == NULL)
        return refuse(reading, error.text, err);
    int result = json_is_array(json_object_get(value, "findings")) ? take_list(reading, value, err)
                                                                   : take_one(reading, value, err);
    json_decref(value);
    return result;
}

static int read_all(struct reading *reading, struct err *err)
{
    int byte;
    while ((byte = skip(reading)) == '{') {
        if (read_value(reading, err) != 0)
            return -1;
    }
    if (reading->too_large)
        return refuse_size(reading, err);
    if (ferror(reading->file) != 0)
        return refuse(reading, strerror(errno), err);
    if (byte != EOF)
        return refuse(reading, "this is not a report in jsonl or json", err);
    return reading->depth == 0 ? 0 : refuse(reading, "the report is cut off", err);
}

int baseline_file_read(const char *path, const char *name, size_t max,
                       const struct baseline_taker *taker, struct err *err)
{
    struct reading reading = {
        .name = name, .taker = taker, .line = 1, .max = max, .file = fopen(path, "re")};
    if (reading.file == NULL)
        return err_set(err, ERR_USAGE, "%s: %s", name, strerror(errno));
    int result = read_all(&reading, err);
    fclose(reading.file);
    return result;
}
