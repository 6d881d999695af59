#include "intake/poll_targets.h"

#include <stdlib.h>
#include <string.h>

static int in_order(const void *left, const void *right)
{
    const struct poll_target *a = left, *b = right;
    int by_account = strcmp(a->account, b->account);
    int by_region = strcmp(a->region, b->region);
    if (by_account != 0)
        return by_account;
    return by_region != 0 ? by_region : strcmp(a->policy->type, b->policy->type);
}

size_t poll_targets_sort(struct poll_target *targets, size_t count)
{
    size_t kept = 0;
    if (count > 0)
        qsort(targets, count, sizeof *targets, in_order);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || in_order(&targets[kept - 1], &targets[i]) != 0)
            targets[kept++] = targets[i];
    }
    return kept;
}
