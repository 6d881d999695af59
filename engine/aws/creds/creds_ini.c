#include "aws/creds/creds_ini.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/creds/creds.h"
#include "aws/creds/creds_read.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/suggest.h"

#define MAX_FILE (1u << 20)

struct reader {
    const char *path;
    bool config;
    bool services; /* read "[services x]" sections, ignore profiles */
    json_t *profiles;
    json_t *section; /* section of the following lines, borrowed; NULL: ignore them */
    json_t *nested;  /* object for lines with more indent, borrowed; NULL: ignore them */
    bool any;        /* a section has started */
    bool key;        /* a line "name = value" was read in this section */
    size_t indent;   /* indent of that line; lines with more indent belong to it */
    int line;
};

static size_t blanks(const char *text)
{
    return strspn(text, " \t");
}

/* Removes trailing white space. Returns a pointer to the first other character. */
static char *trim(char *text)
{
    text += blanks(text);
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t\r", text[length - 1]) != NULL)
        text[--length] = '\0';
    return text;
}

/* A comment in a line starts after white space. */
static void cut_comment(char *text)
{
    for (char *at = text; *at != '\0'; at++) {
        if ((*at == '#' || *at == ';') && at > text && (at[-1] == ' ' || at[-1] == '\t')) {
            *at = '\0';
            return;
        }
    }
}

static char *unquote(char *text)
{
    size_t length = strlen(text);
    if (length < 2 || (text[0] != '"' && text[0] != '\'') || text[length - 1] != text[0])
        return text;
    text[length - 1] = '\0';
    return text + 1;
}

/* The profile or services name in a section heading, or NULL. */
static char *profile_name(const struct reader *reader, char *name)
{
    const char *word = reader->services ? "services" : "profile";
    size_t length = strlen(word);
    if (!reader->config || (strcmp(name, "default") == 0 && !reader->services))
        return name;
    if (strncmp(name, word, length) != 0 || blanks(name + length) == 0)
        return NULL;
    return unquote(trim(name + length));
}

static json_t *section_of(json_t *profiles, const char *name)
{
    json_t *section = json_object_get(profiles, name);
    if (section == NULL) {
        section = json_object();
        json_object_set_new_nocheck(profiles, name, section);
    }
    return section;
}

static int refuse(const struct reader *reader, const char *why, struct err *err)
{
    return err_set(err, ERR_CREDS, "%s line %d: %s", reader->path, reader->line, why);
}

static int read_section(struct reader *reader, char *text, struct err *err)
{
    char *end = strchr(text, ']');
    if (end == NULL)
        return refuse(reader, "a section's name must end with ]", err);
    *end = '\0';
    char *name = profile_name(reader, trim(text + 1));
    reader->section = name != NULL ? section_of(reader->profiles, name) : NULL;
    reader->nested = NULL;
    reader->any = true;
    reader->key = false;
    return 0;
}

static void lower(char *text)
{
    for (; *text != '\0'; text++) {
        if (*text >= 'A' && *text <= 'Z')
            *text = (char)(*text - 'A' + 'a');
    }
}

static int read_pair(struct reader *reader, char *text, struct err *err)
{
    char *equals = strchr(text, '=');
    if (equals == NULL)
        return refuse(reader, "this is neither [section] nor name = value", err);
    if (!reader->any)
        return refuse(reader, "a value precedes the first [section]", err);
    *equals = '\0';
    char *name = trim(text);
    lower(name);
    if (strcmp(name, "credential_process") != 0) /* a shell command may contain these characters */
        cut_comment(equals + 1);
    if (reader->services && reader->section != NULL)
        reader->nested = section_of(reader->section, name);
    else if (reader->section != NULL)
        json_object_set_new_nocheck(reader->section, name, json_string_nocheck(trim(equals + 1)));
    reader->key = true;
    return 0;
}

/* Settings of a service: lines with more indent than the service's name. */
static int read_nested(struct reader *reader, char *text)
{
    char *equals = strchr(text, '=');
    if (reader->nested == NULL || equals == NULL)
        return 0;
    *equals = '\0';
    char *name = trim(text);
    lower(name);
    cut_comment(equals + 1);
    json_object_set_new_nocheck(reader->nested, name, json_string_nocheck(trim(equals + 1)));
    return 0;
}

static int read_line(struct reader *reader, char *text, struct err *err)
{
    size_t indent = blanks(text);
    char *line = trim(text);
    if (line[0] == '\0' || line[0] == '#' || line[0] == ';')
        return 0;
    if (reader->key && indent > reader->indent)
        return read_nested(reader, line);
    if (line[0] == '[')
        return read_section(reader, line, err);
    reader->indent = indent;
    return read_pair(reader, line, err);
}

static int read_lines(struct reader *reader, char *text, struct err *err)
{
    if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
        text += 3;
    for (char *next; text != NULL; text = next) {
        next = strchr(text, '\n');
        if (next != NULL)
            *next++ = '\0';
        reader->line++;
        if (read_line(reader, text, err) != 0)
            return -1;
    }
    return 0;
}

/* Returns NULL if the file does not exist or cannot be read, as all AWS tools do. */
static char *load(const char *path, size_t *length)
{
    char *text = file_read(path, MAX_FILE, length);
    if (text == NULL && errno == EFBIG)
        log_warn("%s is ignored: it is larger than %u bytes", path, MAX_FILE);
    else if (text == NULL && errno != ENOENT && errno != ENOTDIR)
        log_warn("%s is ignored: %s", path, strerror(errno));
    return text;
}

static int read_file(struct reader *reader, struct err *err)
{
    size_t length;
    char *text = load(reader->path, &length);
    if (text == NULL)
        return 0;
    int result = read_lines(reader, text, err);
    explicit_bzero(text, length);
    mem_free(text);
    return result;
}

int creds_ini_read(const char *path, bool config, json_t *profiles, struct err *err)
{
    struct reader reader = {.path = path, .config = config, .profiles = profiles};
    return read_file(&reader, err);
}

int creds_ini_services(const char *path, json_t *services, struct err *err)
{
    struct reader reader = {.path = path, .config = true, .services = true, .profiles = services};
    return read_file(&reader, err);
}

/* Free with mem_free. NULL if neither the variable nor a home directory is set. */
static char *path_of(const struct creds_env *env, const char *variable, const char *name)
{
    const char *path = creds_getenv(env, variable);
    const char *home = creds_getenv(env, "HOME");
    if (path == NULL)
        return home != NULL ? mem_printf("%s/.aws/%s", home, name) : NULL;
    if (path[0] == '~' && path[1] == '/' && home != NULL)
        return mem_printf("%s%s", home, path + 1);
    return mem_strdup(path);
}

/* The credentials file is read last, so its settings take precedence. */
json_t *creds_profiles(const struct creds_env *env, struct err *err)
{
    json_t *profiles = json_object();
    char *config = path_of(env, "AWS_CONFIG_FILE", "config");
    char *credentials = path_of(env, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
    int failed = config != NULL ? creds_ini_read(config, true, profiles, err) : 0;
    if (failed == 0 && credentials != NULL)
        failed = creds_ini_read(credentials, false, profiles, err);
    mem_free(config);
    mem_free(credentials);
    if (failed == 0)
        return profiles;
    creds_json_free(profiles);
    return NULL;
}

static char *shown_path(const struct creds_env *env, const char *variable, const char *name)
{
    char *path = path_of(env, variable, name);
    return path != NULL ? path : mem_printf("~/.aws/%s", name);
}

int creds_refuse_profile(const struct creds_env *env, const json_t *profiles, const char *name,
                         enum err_kind kind, struct err *err)
{
    struct suggest suggest;
    char hint[SUGGEST_TEXT];
    const char *other;
    json_t *profile;
    char *config = shown_path(env, "AWS_CONFIG_FILE", "config");
    char *credentials = shown_path(env, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
    suggest_init(&suggest, name);
    json_object_foreach ((json_t *)(uintptr_t)profiles, other, profile)
        suggest_offer(&suggest, other);
    suggest_text(&suggest, hint);
    err_set(err, kind, "profile '%s' (%s) is in neither %s nor %s%s", name,
            env->profile_name != NULL ? "--profile" : "AWS_PROFILE", config, credentials, hint);
    mem_free(config);
    mem_free(credentials);
    return -1;
}

json_t *creds_services(const struct creds_env *env, struct err *err)
{
    json_t *services = json_object();
    char *config = path_of(env, "AWS_CONFIG_FILE", "config");
    int failed = config != NULL ? creds_ini_services(config, services, err) : 0;
    mem_free(config);
    if (failed == 0)
        return services;
    json_decref(services);
    return NULL;
}
