#include "intake/poll_targets.h"

#include <stdlib.h>
#include <string.h>

#include "accounts/enabled_regions.h"
#include "base/mem.h"
#include "policy/selection.h"
#include "policy/words.h"

/* What is chosen, and where it is added. */
struct choice {
    const struct context *context;
    const char *caller;
    struct poll_target_list *list;
};

static int in_order(const void *left, const void *right)
{
    const struct poll_target *a = left, *b = right;
    int by_account = strcmp(a->account, b->account);
    int by_region = strcmp(a->region, b->region);
    if (by_account != 0)
        return by_account;
    return by_region != 0 ? by_region : strcmp(a->policy->type, b->policy->type);
}

void poll_targets_sort(struct poll_target_list *list)
{
    struct poll_target *targets = list->items;
    size_t kept = 0;
    if (list->count > 0)
        qsort(targets, list->count, sizeof *targets, in_order);
    for (size_t i = 0; i < list->count; i++) {
        if (kept == 0 || in_order(&targets[kept - 1], &targets[i]) != 0)
            targets[kept++] = targets[i];
    }
    list->count = kept;
}

void poll_targets_add(struct poll_target_list *list, const struct policy *policy,
                      const char *account, const char *region)
{
    list->items = mem_resize(list->items, (list->count + 1) * sizeof *list->items);
    list->items[list->count++] =
        (struct poll_target){.account = account, .region = region, .policy = policy};
}

static void add_regions(const struct choice *choice, const struct policy *policy,
                        const char *account)
{
    const struct settings *settings = choice->context->settings;
    if (policy->global) {
        poll_targets_add(choice->list, policy, account, settings->master_region);
        return;
    }
    const struct text_list *regions = settings->all_regions
                                          ? enabled_regions_of(choice->context->regions, account)
                                          : &settings->regions;
    for (size_t i = 0; i < regions->count; i++)
        poll_targets_add(choice->list, policy, account, regions->items[i]);
    if (regions->count == 0)
        poll_targets_add(choice->list, policy, account,
                         settings->region != NULL ? settings->region : settings->master_region);
}

static void add_accounts(const struct choice *choice, const struct policy *policy)
{
    const struct text_list *accounts = choice->context->accounts;
    if (!json_is_true(json_object_get(policy->meta, "discover")) ||
        !selection_has_any(choice->context->selected, policy))
        return;
    for (size_t i = 0; i < accounts->count; i++)
        add_regions(choice, policy, accounts->items[i]);
    if (accounts->count == 0)
        add_regions(choice, policy, choice->caller);
}

static int add_types(const struct choice *choice, struct err *err)
{
    struct evaluator *evaluator = choice->context->evaluator;
    const struct text_list *types = &choice->context->settings->types;
    size_t count;
    const struct policy *const *all = evaluator->all(evaluator->self, &count);
    for (size_t i = 0; i < types->count; i++) {
        const struct policy *policy = evaluator->find(evaluator->self, types->items[i]);
        if (policy == NULL)
            return words_type(evaluator, &(struct word){"--types", types->items[i], false}, err);
        add_accounts(choice, policy);
    }
    for (size_t i = 0; types->count == 0 && i < count; i++)
        add_accounts(choice, all[i]);
    return 0;
}

int poll_targets_choose(struct poll_target_list *list, const struct context *context,
                        const char *caller, struct err *err)
{
    const struct choice choice = {.context = context, .caller = caller, .list = list};
    return add_types(&choice, err);
}

/* Where --regions all is given and an account's regions are not known, its one target for each
 * type (add_regions) says why. */
int poll_target_scope(const struct poll_target *target, const struct context *context,
                      struct scope *scope, struct err *err)
{
    const struct err *unknown =
        target->policy->global ? NULL : enabled_regions_error(context->regions, target->account);
    if (unknown != NULL)
        *err = *unknown;
    return unknown != NULL ? -1
                           : context_scope(context, target->policy, target->account, target->region,
                                           scope, err);
}
