#include "baseline/fail_on.h"

#include <string.h>

#include "policy/finding.h"
#include "policy/selection.h"
#include "policy/verdict.h"

#define NEW "new"

int fail_on_check(const struct settings *settings, struct err *err)
{
    const struct text_list *words = &settings->fail_on;
    for (size_t i = 0; i < words->count; i++) {
        if (strcmp(words->items[i], NEW) != 0 &&
            selection_check_severity("--fail-on", words->items[i], NEW, err) != 0)
            return -1;
    }
    if (text_list_has(words, NEW) && settings->baseline == NULL)
        return err_set(err, ERR_USAGE, "--fail-on new needs --baseline FILE: an earlier report");
    if (words->count > 0 && settings->dry_run)
        return err_set(err, ERR_USAGE,
                       "--fail-on and --dry-run cannot be combined: the exit status of a plan says "
                       "whether it has steps");
    return 0;
}

/* The rank of the least severe of the words; without a severity, a rank that no finding exceeds. */
static int least_rank(const struct text_list *words)
{
    int least = -1;
    for (size_t i = 0; i < words->count; i++) {
        int rank = strcmp(words->items[i], NEW) != 0 ? severity_rank(words->items[i]) : -1;
        least = rank > least ? rank : least;
    }
    return least >= 0 ? least : SEVERITY_OTHER;
}

int fail_on_status(const struct settings *settings, const json_t *finding)
{
    int status = finding_exit_status(finding);
    const struct text_list *words = &settings->fail_on;
    if (status != 2 || words->count == 0)
        return status;
    if (text_list_has(words, NEW) && verdict_mark(finding) != MARK_NEW)
        return 0;
    return severity_rank(finding_get(finding, "severity")) <= least_rank(words) ? status : 0;
}
