#include "net/recording/replay_file.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "net/recording/record.h"
#include "net/recording/recorded_exchange.h"
#include "net/recording/replay_internal.h"
#include "value/json.h"

#define MAX_BYTES ((int64_t)1 << 30) /* of one recording */
#define MAX_ANSWERS 10000000

static size_t add_answer(struct replay *replay, json_t *answer)
{
    if (replay->count == replay->room) {
        replay->room = replay->room == 0 ? 256 : replay->room * 2;
        replay->answers = mem_resize(replay->answers, replay->room * sizeof *replay->answers);
    }
    replay->answers[replay->count] = (struct replay_answer){.answer = json_incref(answer)};
    return replay->count++;
}

static json_t *indexes_of(struct replay *replay, const json_t *request)
{
    char *key = json_text_canonical(request);
    json_t *indexes = json_object_get(replay->indexes, key);
    if (indexes == NULL) {
        indexes = json_array();
        json_object_set_new(replay->indexes, key, indexes);
    }
    mem_free(key);
    return indexes;
}

static void note_role(struct replay *replay, const json_t *request, size_t index)
{
    const json_t *answer = replay->answers[index].answer;
    char *role = recorded_role(request);
    if (role != NULL && json_get_integer(answer, "status", 0) == 200 &&
        json_object_get(replay->roles, role) == NULL)
        json_object_set_new_nocheck(replay->roles, role, json_integer((json_int_t)index));
    mem_free(role);
}

/* Drops the last response if it was transient, because the request was then repeated. */
static void drop_transient(struct replay *replay, json_t *indexes)
{
    size_t last = json_array_size(indexes);
    if (last == 0)
        return;
    size_t index = (size_t)json_integer_value(json_array_get(indexes, last - 1));
    if (!recorded_is_transient(replay->answers[index].answer))
        return;
    replay->answers[index].used = true;
    json_array_remove(indexes, last - 1);
}

/* Adds in the order of the responses. Requests that look the same have numbers, and their responses
 * are added in the order of the requests. */
static void add_index(struct replay *replay, json_t *indexes, size_t index)
{
    size_t at = json_array_size(indexes);
    for (; at > 0; at--) {
        json_int_t before = json_integer_value(json_array_get(indexes, at - 1));
        if (replay->answers[before].number <= replay->answers[index].number)
            break;
    }
    json_array_insert_new(indexes, at, json_integer((json_int_t)index));
}

static int add_recorded(struct replay *replay, const json_t *recorded, struct err *err)
{
    json_t *request = json_object_get(recorded, "request");
    json_t *answer = json_object_get(recorded, "answer");
    if (!json_is_object(request) || !json_is_object(answer))
        return err_set(err, ERR_PARSE, "this is not a request with its response");
    if (replay->count >= MAX_ANSWERS)
        return err_set(err, ERR_LIMIT, "there are more than %d responses", MAX_ANSWERS);
    if (json_get_bool(recorded, "change", false))
        return 0; /* changes are never replayed */
    json_t *indexes = indexes_of(replay, request);
    if (json_integer_value(json_array_get(indexes, 0)) < (json_int_t)replay->file_start &&
        json_array_size(indexes) > 0)
        return 0; /* an earlier file has this request, recorded at another time */
    drop_transient(replay, indexes);
    size_t index = add_answer(replay, answer);
    replay->answers[index].number = json_get_integer(recorded, "number", 0);
    add_index(replay, indexes, index);
    note_role(replay, request, index);
    return 0;
}

static int read_head(struct replay *replay, const json_t *head, struct err *err)
{
    json_int_t clock_ms = json_get_integer(head, "clock_ms", 0);
    if (json_get_integer(head, "recording", 0) != RECORDING_FORMAT || clock_ms <= 0)
        return err_set(err, ERR_PARSE, "this is not a recording of format %d", RECORDING_FORMAT);
    if (replay->clock_ms == 0)
        replay->endpoints = json_incref(json_object_get(head, "endpoints"));
    if (replay->clock_ms == 0)
        replay->clock_ms = clock_ms;
    return 0;
}

static int read_line(struct replay *replay, const char *line, size_t length, int number,
                     struct err *err)
{
    json_t *value = json_parse_line(line, length, err);
    if (value == NULL)
        return -1;
    int result = number == 1 ? read_head(replay, value, err) : add_recorded(replay, value, err);
    json_decref(value);
    return result;
}

static int read_lines(struct replay *replay, FILE *file, const char *path, struct err *err)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    int result = 0;
    int number = 0;
    while (result == 0 && (length = getline(&line, &room, file)) > 0) {
        result = read_line(replay, line, (size_t)length, ++number, err);
        if (result != 0)
            err_prefix(err, "--replay: %s line %d", path, number);
    }
    if (result == 0 && number == 0)
        result = err_set(err, ERR_PARSE, "--replay: %s is empty", path);
    free(line);
    return result;
}

static int read_file(struct replay *replay, const char *path, struct err *err)
{
    struct stat status;
    FILE *file = fopen(path, "re");
    int result;
    replay->file_start = replay->count;
    if (file == NULL || fstat(fileno(file), &status) != 0)
        result = err_set(err, ERR_IO, "--replay: %s: %s", path, strerror(errno));
    else if (status.st_size > MAX_BYTES)
        result = err_set(err, ERR_LIMIT, "--replay: %s has more than %lld bytes", path,
                         (long long)MAX_BYTES);
    else
        result = read_lines(replay, file, path, err);
    if (file != NULL)
        fclose(file);
    return result;
}

static int is_recording(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > 6 && strcmp(entry->d_name + length - 6, ".jsonl") == 0;
}

/* Reads all files except the one of the command, which was read first. */
static int read_others(struct replay *replay, const char *own, struct err *err)
{
    struct dirent **entries = NULL;
    int result = 0;
    int count = scandir(replay->dir, &entries, is_recording, alphasort);
    if (count < 0)
        return err_set(err, ERR_USAGE, "--replay: %s: %s", replay->dir, strerror(errno));
    for (int i = 0; i < count; i++) {
        char *path = mem_printf("%s/%s", replay->dir, entries[i]->d_name);
        if (result == 0 && strcmp(path, own) != 0)
            result = read_file(replay, path, err);
        mem_free(path);
        free(entries[i]);
    }
    free(entries);
    return result;
}

int replay_read(struct replay *replay, const char *command, struct err *err)
{
    char *own = record_path(replay->dir, command);
    struct stat ignored;
    int result = stat(own, &ignored) == 0 ? read_file(replay, own, err) : 0;
    if (result == 0)
        result = read_others(replay, own, err);
    mem_free(own);
    if (result == 0 && replay->clock_ms == 0)
        result = err_set(err, ERR_USAGE,
                         "--replay: there is no recording in %s (--record makes "
                         "one)",
                         replay->dir);
    return result;
}
