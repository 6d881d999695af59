#include "app/services/scope_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/digest.h"
#include "base/mem.h"
#include "value/json.h"
#include "value/s3_url.h"

#define CHUNK 65536

/* Where the file is, or will be. mem_free. */
static char *place_of(const char *path)
{
    char *name = mem_strdup(path);
    char *slash = strrchr(name, '/');
    char *real = realpath(path, NULL), *folder = NULL, *place = NULL;
    if (slash != NULL)
        *slash = '\0';
    if (real == NULL)
        folder = realpath(slash == NULL ? "." : slash == name ? "/" : name, NULL);
    if (folder != NULL)
        place = mem_printf("%s/%s", folder, slash != NULL ? slash + 1 : name);
    else
        place = mem_strdup(real != NULL ? real : path);
    free(real);
    free(folder);
    mem_free(name);
    return place;
}

static bool is_same(const char *one, const char *two)
{
    if (one == NULL || two == NULL)
        return false;
    char *first = place_of(one), *second = place_of(two);
    bool same = strcmp(first, second) == 0;
    mem_free(first);
    mem_free(second);
    return same;
}

int scope_file_check(const struct settings *settings, struct err *err)
{
    const char *const others[][2] = {{"output", settings->output},
                                     {"journal", settings->journal},
                                     {"exceptions", settings->exceptions},
                                     {"baseline", settings->baseline}};
    if (settings->scope == NULL)
        return 0;
    if (s3_url_is(settings->scope))
        return err_set(err, ERR_USAGE, "--scope: %s is not a file", settings->scope);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (is_same(settings->scope, others[i][1]))
            return err_set(err, ERR_USAGE, "--scope and --%s name the same file: %s", others[i][0],
                           settings->scope);
    }
    return 0;
}

int scope_file_open(const struct settings *settings, struct output **file, struct err *err)
{
    *file = NULL;
    if (settings->scope == NULL)
        return 0;
    *file = output_open(settings->scope, err);
    return *file != NULL ? 0 : err_prefix(err, "--scope");
}

/* False if it cannot be read, or is no regular file. */
static bool digest_file(const char *path, char hex[SHA256_HEX])
{
    char chunk[CHUNK];
    unsigned char digest[SHA256_BYTES];
    struct stat info;
    size_t got;
    FILE *file = stat(path, &info) == 0 && S_ISREG(info.st_mode) ? fopen(path, "re") : NULL;
    if (file == NULL)
        return false;
    struct digest_stream *stream = digest_stream_new();
    while ((got = fread(chunk, 1, sizeof chunk, file)) > 0)
        digest_stream_add(stream, chunk, got);
    digest_stream_finish(stream, digest);
    digest_hex(digest, sizeof digest, hex);
    bool whole = ferror(file) == 0;
    fclose(file);
    return whole;
}

/* If this run made no report, the file may be that of an earlier one. */
static void add_report(const struct settings *settings, const char *failure, json_t *record)
{
    char hex[SHA256_HEX];
    if (settings->output == NULL || s3_url_is(settings->output))
        return;
    json_t *file = json_string_nocheck(settings->output);
    json_t *report = NULL;
    if (failure != NULL)
        report = json_pack("{s:O, s:o}", "file", file, "error", json_string_nocheck(failure));
    else if (digest_file(settings->output, hex))
        report = json_pack("{s:O, s:s}", "file", file, "sha256", hex);
    if (report != NULL)
        json_object_set_new(record, "report", report);
    json_decref(file);
}

int scope_file_close(const struct settings *settings, struct output *file, json_t *record,
                     const char *failure, struct err *err)
{
    int error = 0;
    if (file != NULL && record != NULL) {
        add_report(settings, failure, record);
        char *text = json_text(record);
        error = fprintf(output_file(file), "%s\n", text) < 0 ? errno : 0;
        mem_free(text);
    }
    if (file != NULL) {
        int closed = output_close(file, record != NULL && error == 0);
        error = error != 0 ? error : closed;
    }
    json_decref(record);
    if (error == 0)
        return 0;
    return err_set(err, ERR_IO, "the record of the scope could not be written to %s: %s",
                   settings->scope, strerror(error));
}
