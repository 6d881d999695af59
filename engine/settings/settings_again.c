#include "settings/settings_again.h"

#include <stdbool.h>
#include <string.h>

#include "base/mem.h"
#include "settings/settings.h"
#include "settings/settings_fields.h"

static const char *const repeated[] = {
    "accounts",
    "account",
    "regions",
    "region",
    "profile",
    "types",
    "checks",
    "severity",
    "only-use-test-resources",
    "policy",
    "resource",
    "config",
    "policies",
    "models",
    "exceptions",
    "baseline",
    "compliance",
    "repair",
    "hold-irreversible",
    "concurrency",
    "patience",
    "no-assume-role",
    "replay",
};

void settings_again_begin(struct settings *settings, const char *program, const char *command)
{
    text_list_add(&settings->again, program);
    text_list_add(&settings->again, command);
}

static bool is_repeated(const char *name)
{
    for (size_t i = 0; i < sizeof repeated / sizeof *repeated; i++) {
        if (strcmp(repeated[i], name) == 0)
            return true;
    }
    return false;
}

/* A flag takes its value only after '='. */
void settings_again_add(struct settings *settings, const char *label, const char *value)
{
    const char *name = label + strlen("--");
    if (!is_repeated(name))
        return;
    if (value != NULL && !settings_takes_value(settings_field(name))) {
        char *word = mem_printf("%s=%s", label, value);
        text_list_add(&settings->again, word);
        mem_free(word);
        return;
    }
    text_list_add(&settings->again, label);
    if (value != NULL)
        text_list_add(&settings->again, value);
}
