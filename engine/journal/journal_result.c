#include "journal/journal_result.h"

#include <string.h>

#include "value/json.h"

static const char *const names[] = {
    [JOURNAL_OPEN] = "",           [JOURNAL_FIXED] = "fixed",   [JOURNAL_FAILED] = "failed",
    [JOURNAL_PENDING] = "pending", [JOURNAL_UNDONE] = "undone", [JOURNAL_HELD] = "held",
};

const char *journal_result_name(enum journal_result result)
{
    return names[result];
}

enum journal_result journal_result(const json_t *group)
{
    const char *name = json_get_string(group, "result", "");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i], name) == 0)
            return (enum journal_result)i;
    }
    return JOURNAL_OPEN;
}
