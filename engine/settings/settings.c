#include "settings/settings.h"

#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/region.h"
#include "settings/settings_env.h"
#include "settings/settings_fields.h"
#include "settings/settings_locate.h"
#include "settings/settings_value.h"

#define VERIFY_S 60
#define CONCURRENCY 200
#define REPAIR_ROUNDS 3

static const char *value_of(settings_getenv getenv_fn, const char *name)
{
    const char *text = getenv_fn(name);
    return text != NULL && text[0] != '\0' ? text : NULL;
}

static void set_text(char **address, const char *text)
{
    char *copy = mem_strdup(text);
    mem_free(*address);
    *address = copy;
}

static void set_defaults(struct settings *settings)
{
    *settings = (struct settings){.log_level = LOG_WARN,
                                  .hold_irreversible = true,
                                  .metrics = true,
                                  .max_changes = -1,
                                  .max_changes_per_day = -1,
                                  .repair_rounds = REPAIR_ROUNDS,
                                  .verify_s = VERIFY_S,
                                  .concurrency = CONCURRENCY,
                                  .max_attempts = -1,
                                  .patience_s = -1};
    settings->member_role = mem_strdup("member_remediator");
    settings->for_policies = json_object();
    settings->extra = json_object();
}

/* AWS SDKs and Tools Reference Guide, "AWS Region": AWS_REGION; the CLI and boto3 read
 * AWS_DEFAULT_REGION. */
static int read_region(struct settings *settings, settings_getenv getenv_fn, struct err *err)
{
    static const char *const names[] = {"AWS_REGION", "AWS_DEFAULT_REGION"};
    for (size_t i = 0; i < 2 && settings->region == NULL; i++) {
        const char *text = value_of(getenv_fn, names[i]);
        if (text == NULL)
            continue;
        if (settings_check_region(names[i], text, err) != 0)
            return -1;
        set_text(&settings->region, text);
    }
    return 0;
}

static int read_variables(struct settings *settings, settings_getenv getenv_fn, struct err *err)
{
    for (size_t i = 0; i < settings_field_count; i++) {
        const struct field *field = &settings_fields[i];
        const char *text = field->variable != NULL ? value_of(getenv_fn, field->variable) : NULL;
        if (text != NULL && settings_assign(settings, field, field->variable, text, err) != 0)
            return -1;
    }
    return settings_read_for_policies(settings, getenv_fn, err);
}

/* "all" beside a region stays in the list, which services refuses: it is no region. */
static void settle_regions(struct settings *settings)
{
    struct text_list *regions = &settings->regions;
    if (regions->count == 0)
        return;
    settings->all_regions = regions->count == 1 && strcmp(regions->items[0], REGION_ALL) == 0;
    if (settings->all_regions)
        text_list_clear(regions);
}

void settings_settle(struct settings *settings)
{
    const char *home = settings->region != NULL ? settings->region : "us-east-1";
    if (settings->dry_run)
        settings->remediate = false;
    if (strcmp(settings->member_role, "none") == 0)
        settings->no_assume_role = true;
    if (!settings->master_region_given)
        set_text(&settings->master_region, home);
    if (!settings->format_given) {
        bool terminal = settings->output == NULL && isatty(STDOUT_FILENO) == 1;
        settings->format = terminal ? FORMAT_TABLE : FORMAT_JSONL;
    }
    if (settings->format == FORMAT_HTML)
        settings->steps = true; /* the HTML page shows them */
    settle_regions(settings);
    settings_publish(settings);
}

int settings_init(struct settings *settings, settings_getenv getenv_fn, const char *executable_dir,
                  struct err *err)
{
    set_defaults(settings);
    if (read_region(settings, getenv_fn, err) != 0 ||
        read_variables(settings, getenv_fn, err) != 0) {
        settings_clear(settings);
        return -1;
    }
    settings_search(settings, getenv_fn, executable_dir);
    settings_settle(settings);
    return 0;
}

static void clear_field(struct settings *settings, const struct field *field)
{
    void *address = settings_address(settings, field);
    switch (field->kind) {
    case FIELD_TEXT:
    case FIELD_FOLDERS:
    case FIELD_ACCOUNT:
    case FIELD_REGION:
    case FIELD_ROLE: mem_free(*(char **)address); return;
    case FIELD_LIST:
    case FIELD_ACCOUNTS:
    case FIELD_REGIONS: text_list_clear(address); return;
    default: return;
    }
}

void settings_clear(struct settings *settings)
{
    for (size_t i = 0; i < settings_field_count; i++)
        clear_field(settings, &settings_fields[i]);
    json_decref(settings->for_policies);
    json_decref(settings->extra);
    text_list_clear(&settings->again);
    text_list_clear(&settings->policy_folders);
    mem_free(settings->builtin);
    *settings = (struct settings){0};
}

void settings_fallback_region(struct settings *settings, const char *region)
{
    if (settings->region == NULL && region != NULL)
        settings->region = mem_strdup(region);
    settings_settle(settings);
}

const char *settings_queue(const struct settings *settings, bool poll)
{
    if (settings->to_stdout)
        return NULL;
    if (settings->sqs != NULL)
        return settings->sqs;
    return poll ? settings->poller_sqs : settings->translator_sqs;
}

bool settings_notifies(const struct settings *settings)
{
    return settings->notification_topic != NULL || settings->event_bus != NULL ||
           settings->security_hub;
}
