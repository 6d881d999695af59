#include "accounts/accounts.h"

#include <string.h>

#include "base/mem.h"
#include "settings/organization.h"
#include "settings/settings.h"
#include "value/json.h"

struct accounts {
    const struct settings *settings;
    struct text_list list;
    json_t *named;   /* accounts that words include or exclude, as keys */
    json_t *parents; /* parents to list in the organization: ["ou-…"] or [""] */

    struct organization_walk *walk;
    struct err err;
    accounts_loaded done;
    void *arg;
};

/* ---- the words ---- */

static void read_word(struct accounts *accounts, const char *word)
{
    const char *parent = organization_asked(word);
    if (word[0] == '!')
        json_object_set_new(accounts->named, word + 1, json_true());
    else if (parent != NULL)
        json_array_insert_new(accounts->parents,
                              parent[0] == '\0' ? 0 : json_array_size(accounts->parents),
                              json_string(parent));
}

/* Call it after all exclusions are known. */
static void take_id(struct accounts *accounts, const char *word)
{
    if (!organization_is_account(word) || json_object_get(accounts->named, word) != NULL)
        return;
    json_object_set_new(accounts->named, word, json_true());
    text_list_add(&accounts->list, word);
}

static int check(const struct accounts *accounts, struct err *err)
{
    const struct settings *settings = accounts->settings;
    bool asks = accounts_ask_organization(accounts);
    if (asks && json_object_get(settings->for_policies, "organization_account") == NULL)
        return err_set(err, ERR_USAGE,
                       "--accounts (ACCOUNTS) names the organization, but ORGANIZATION_ACCOUNT, "
                       "the account that lists it, is not set");
    if (settings->accounts.count > 0 && !asks && accounts->list.count == 0)
        return err_set(err, ERR_USAGE,
                       "--accounts (ACCOUNTS) only excludes accounts: also name the accounts to "
                       "include, or org");
    return 0;
}

struct accounts *accounts_new(const struct settings *settings, struct err *err)
{
    struct accounts *accounts = mem_alloc(sizeof *accounts);
    const struct text_list *words = &settings->accounts;
    *accounts =
        (struct accounts){.settings = settings, .named = json_object(), .parents = json_array()};
    for (size_t i = 0; i < words->count; i++)
        read_word(accounts, words->items[i]);
    for (size_t i = 0; i < words->count; i++)
        take_id(accounts, words->items[i]);
    if (check(accounts, err) == 0)
        return accounts;
    accounts_free(accounts);
    return NULL;
}

void accounts_free(struct accounts *accounts)
{
    if (accounts == NULL)
        return;
    organization_walk_free(accounts->walk);
    text_list_clear(&accounts->list);
    json_decref(accounts->named);
    json_decref(accounts->parents);
    mem_free(accounts);
}

const struct text_list *accounts_list(const struct accounts *accounts)
{
    return &accounts->list;
}

bool accounts_ask_organization(const struct accounts *accounts)
{
    return json_array_size(accounts->parents) > 0;
}

static bool asks_whole(const struct accounts *accounts)
{
    const json_t *first = json_array_get(accounts->parents, 0);
    return first != NULL && json_string_length(first) == 0;
}

/* The whole organization contains every unit. */
void accounts_add_parents(const struct accounts *accounts, struct organization_walk *walk)
{
    size_t i;
    json_t *parent;
    json_array_foreach (accounts->parents, i, parent) {
        organization_walk_add(walk, json_string_value(parent));
        if (json_string_length(parent) == 0)
            return;
    }
}

bool accounts_take(const struct accounts *accounts, const json_t *account)
{
    const char *id = json_get_string(account, "Id", "");
    return organization_is_account(id) && organization_walk_is_active(account) &&
           json_object_get(accounts->named, id) == NULL;
}

/* ---- the organization ---- */

static void on_accounts(void *arg, const json_t *found, const char *unit)
{
    struct accounts *accounts = arg;
    size_t i;
    json_t *account;
    (void)unit;
    json_array_foreach (found, i, account) {
        if (accounts_take(accounts, account))
            take_id(accounts, json_get_string(account, "Id", ""));
    }
}

static int check_any(const struct accounts *accounts, struct err *err)
{
    if (accounts->list.count > 0)
        return 0;
    return err_set(err, ERR_USAGE,
                   "--accounts (ACCOUNTS) selects no active account of the organization");
}

bool accounts_from_known(struct accounts *accounts, const struct organization_known *known,
                         struct err *err)
{
    const char *id;
    json_t *parent;
    if (known == NULL || known->inactive == NULL || !asks_whole(accounts))
        return false;
    json_object_foreach (known->accounts, id, parent) {
        if (json_object_get(known->inactive, id) == NULL)
            take_id(accounts, id);
    }
    check_any(accounts, err);
    return true;
}

static void finish(void *arg)
{
    struct accounts *accounts = arg;
    organization_walk_free(accounts->walk);
    accounts->walk = NULL;
    accounts->done(accounts->arg, accounts->err.kind != ERR_NONE ? &accounts->err : NULL);
}

static void on_listed(void *arg, const struct err *err)
{
    struct accounts *accounts = arg;
    if (err != NULL) {
        accounts->err = *err;
        err_prefix(&accounts->err, "the accounts to poll cannot be listed");
    } else {
        check_any(accounts, &accounts->err);
    }
    finish(accounts);
}

static void start(void *arg)
{
    const struct accounts *accounts = arg;
    organization_walk_start(accounts->walk);
}

void accounts_load(struct accounts *accounts, struct loop *loop, struct client *client,
                   struct sessions *sessions, accounts_loaded done, void *arg)
{
    const struct organization_target target = {
        .accounts = on_accounts, .done = on_listed, .arg = accounts};
    accounts->err = (struct err){0};
    accounts->done = done;
    accounts->arg = arg;
    accounts->walk =
        organization_walk_new(accounts->settings, client, sessions, &target, &accounts->err);
    if (accounts->walk == NULL) {
        loop_defer(loop, finish, accounts);
        return;
    }
    accounts_add_parents(accounts, accounts->walk);
    loop_defer(loop, start, accounts);
}
