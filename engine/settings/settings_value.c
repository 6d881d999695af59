#include "settings/settings_value.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/region.h"
#include "base/suggest.h"
#include "settings/organization.h"
#include "settings/settings.h"
#include "settings/settings_fields.h"
#include "settings/settings_list.h"

static int refuse(const char *label, const char *text, const char *expected, struct err *err)
{
    return err_set(err, ERR_USAGE, "%s: '%s' is not %s", label, text, expected);
}

int settings_check_account(const char *label, const char *text, struct err *err)
{
    if (organization_is_account(text))
        return 0;
    return refuse(label, text, "an account id of 12 digits", err);
}

/* The words that accounts.h accepts. */
static int check_polled(const char *label, const char *text, struct err *err)
{
    if (organization_is_account(text + (text[0] == '!')) || organization_asked(text) != NULL)
        return 0;
    return refuse(label, text,
                  "an account id of 12 digits, such an id after ! (excluded), org or org:ou-…",
                  err);
}

int settings_check_known(const char *label, const char *text, struct err *err)
{
    if (organization_is_account(text) || organization_is_id(text) || organization_is_unit(text))
        return 0;
    return refuse(label, text,
                  "an account id of 12 digits, an organization (o-…), a unit (ou-…) or a root "
                  "(r-…)",
                  err);
}

int settings_check_region(const char *label, const char *text, struct err *err)
{
    return region_is_name(text) ? 0 : refuse(label, text, "a region such as 'us-east-1'", err);
}

/* A path consists of printable characters (IAM API reference, CreateRole). */
static int check_role(const char *label, const char *text, struct err *err)
{
    size_t length = strlen(text);
    bool printable = true;
    for (size_t i = 0; i < length; i++)
        printable = printable && text[i] > ' ' && text[i] <= '~';
    if (length > 0 && printable && strncmp(text, "arn:", 4) != 0 && text[0] != '/' &&
        text[length - 1] != '/')
        return 0;
    return refuse(label, text, "the name of a role, after its path if it has one, or none", err);
}

static int check_polled_region(const char *label, const char *text, struct err *err)
{
    if (strcmp(text, REGION_ALL) == 0 || region_is_name(text))
        return 0;
    return refuse(label, text, "a region such as 'us-east-1', or all", err);
}

int settings_parse_int(const char *label, const char *text, int min, int max, int *value,
                       struct err *err)
{
    char *end = NULL;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (isdigit((unsigned char)text[0]) && *end == '\0' && errno == 0 && number >= min &&
        number <= max) {
        *value = (int)number;
        return 0;
    }
    char expected[80];
    snprintf(expected, sizeof expected, "a whole number from %d to %d", min, max);
    return refuse(label, text, expected, err);
}

static int parse_flag(const char *label, const char *text, bool *value, struct err *err)
{
    bool yes = strcasecmp(text, "true") == 0 || strcmp(text, "1") == 0;
    if (!yes && strcasecmp(text, "false") != 0 && strcmp(text, "0") != 0)
        return refuse(label, text, "true or false", err);
    *value = yes;
    return 0;
}

/* A word that only looks like consent must not allow changes. */
static int parse_consent(const char *label, const char *text, bool *value, struct err *err)
{
    if (strcasecmp(text, "true") != 0 && strcasecmp(text, "false") != 0)
        return refuse(label, text, "true or false", err);
    *value = strcasecmp(text, "true") == 0;
    return 0;
}

static int parse_format(const char *label, const char *text, enum settings_format *format,
                        struct err *err)
{
    static const char *const names[] = {"table", "summary", "jsonl", "json", "csv",     "html",
                                        "sarif", "junit",   "asff",  "ocsf", "markdown"};
    const size_t count = sizeof names / sizeof names[0];
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], text) == 0) {
            *format = (enum settings_format)i;
            return 0;
        }
    }
    return suggest_refuse(label, text, names, count, err);
}

static int parse_level(const char *label, const char *text, enum log_level *level, struct err *err)
{
    static const char *const names[] = {"error", "warn", "info", "debug"};
    if (log_level_parse(text, level) == 0)
        return 0;
    return suggest_refuse(label, text, names, sizeof names / sizeof names[0], err);
}

static int parse_log_format(const char *label, const char *text, enum settings_log_format *format,
                            struct err *err)
{
    static const char *const names[] = {"text", "json"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcasecmp(names[i], text) == 0) {
            *format = (enum settings_log_format)i;
            return 0;
        }
    }
    return suggest_refuse(label, text, names, sizeof names / sizeof names[0], err);
}

typedef int (*item_check)(const char *label, const char *text, struct err *err);

static int parse_list(const char *label, const char *text, item_check check, struct text_list *list,
                      struct err *err)
{
    struct text_list given = {0};
    int result = settings_read_list(label, text, &given, err);
    for (size_t i = 0; i < given.count && result == 0 && check != NULL; i++)
        result = check(label, given.items[i], err);
    if (result != 0) {
        text_list_clear(&given);
        return -1;
    }
    text_list_clear(list);
    *list = given;
    return 0;
}

static int parse_text(const char *label, const char *text, item_check check, char **value,
                      struct err *err)
{
    if (check != NULL && check(label, text, err) != 0)
        return -1;
    mem_free(*value);
    *value = mem_strdup(text);
    return 0;
}

static void mark_given(struct settings *settings, const struct field *field, const char *label)
{
    if (field->offset == offsetof(struct settings, format))
        settings->format_given = true;
    if (field->offset == offsetof(struct settings, master_region))
        settings->master_region_given = true;
    if (field->offset == offsetof(struct settings, region))
        settings->region_given = true;
    if (field->offset == offsetof(struct settings, exceptions))
        settings->exceptions_given = label[0] == '-';
}

int settings_assign(struct settings *settings, const struct field *field, const char *label,
                    const char *text, struct err *err)
{
    void *address = settings_address(settings, field);
    mark_given(settings, field, label);
    switch (field->kind) {
    case FIELD_TEXT:
    case FIELD_FOLDERS: return parse_text(label, text, NULL, address, err);
    case FIELD_ACCOUNT: return parse_text(label, text, settings_check_account, address, err);
    case FIELD_REGION: return parse_text(label, text, settings_check_region, address, err);
    case FIELD_ROLE: return parse_text(label, text, check_role, address, err);
    case FIELD_FLAG: return parse_flag(label, text, address, err);
    case FIELD_INT: return settings_parse_int(label, text, field->min, field->max, address, err);
    case FIELD_LIST: return parse_list(label, text, NULL, address, err);
    case FIELD_ACCOUNTS: return parse_list(label, text, check_polled, address, err);
    case FIELD_KNOWN: return parse_list(label, text, settings_check_known, address, err);
    case FIELD_REGIONS: return parse_list(label, text, check_polled_region, address, err);
    case FIELD_FORMAT: return parse_format(label, text, address, err);
    case FIELD_LOG_LEVEL: return parse_level(label, text, address, err);
    case FIELD_LOG_FORMAT: return parse_log_format(label, text, address, err);
    case FIELD_CONSENT: return parse_consent(label, text, address, err);
    }
    return err_set(err, ERR_INTERNAL, "%s: of no kind", label);
}
