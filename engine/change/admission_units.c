/* Which accounts the units of REPAIR hold: of several units around an account the nearest counts.
 */
#include <string.h>

#include "accounts/organization_walk.h"
#include "aws/retry/retry.h"
#include "base/mem.h"
#include "change/admission_internal.h"
#include "value/json.h"

static void finish(void *arg)
{
    struct admission *admission = arg;
    struct err *err = &admission->err;
    organization_walk_free(admission->walk);
    admission->walk = NULL;
    if (err->kind != ERR_NONE)
        err_prefix(err, "the organizational units of REPAIR cannot be listed");
    admission->done(admission->arg, err->kind != ERR_NONE ? err : NULL);
}

static void on_accounts(void *arg, const json_t *accounts, const char *unit)
{
    const struct admission *admission = arg;
    size_t i;
    json_t *account;
    json_array_foreach (accounts, i, account)
        json_object_set_new(admission->units, json_get_string(account, "Id", ""),
                            json_string_nocheck(unit));
}

/* What is left of a listing that was stopped, or failed at a page for a reason that may pass, is
 * listed the next time; after another failure all is. */
static void keep_left(struct admission *admission, const struct err *err)
{
    json_decref(admission->left);
    admission->left = NULL;
    if (err == NULL || retry_may_pass(err))
        admission->left = organization_walk_left(admission->walk);
}

static void on_listed(void *arg, const struct err *err)
{
    struct admission *admission = arg;
    keep_left(admission, err);
    if (err != NULL)
        admission->err = *err;
    else if (admission->left != NULL)
        err_set(&admission->err, ERR_TIMEOUT, "the time did not suffice to list all accounts");
    else
        admission->unreadable = false;
    finish(admission);
}

static void start(void *arg)
{
    const struct admission *admission = arg;
    organization_walk_start(admission->walk);
}

static bool is_unit(const char *key)
{
    return strncmp(key, "ou-", 3) == 0;
}

static bool names_units(const struct admission *admission)
{
    const char *key;
    json_t *list;
    json_object_foreach (admission->lists, key, list) {
        if (is_unit(key))
            return true;
    }
    return false;
}

static void add_units(struct admission *admission)
{
    const char *key;
    json_t *list;
    struct err err = {0};
    admission->unreadable = true;
    json_object_foreach (admission->lists, key, list) {
        if (is_unit(key))
            organization_walk_add(admission->walk, key);
    }
    if (admission->left != NULL)
        organization_walk_resume(admission->walk, admission->left, &err);
    else
        json_object_clear(admission->units);
}

void admission_load(struct admission *admission, const struct settings *settings, struct loop *loop,
                    struct client *client, struct sessions *sessions, admission_loaded done,
                    void *arg)
{
    const struct organization_target target = {
        .accounts = on_accounts, .done = on_listed, .arg = admission};
    admission->err = (struct err){0};
    admission->done = done;
    admission->arg = arg;
    if (names_units(admission))
        admission->walk =
            organization_walk_new(settings, client, sessions, &target, &admission->err);
    if (admission->walk == NULL) {
        loop_defer(loop, finish, admission);
        return;
    }
    add_units(admission);
    loop_defer(loop, start, admission);
}

void admission_stop(struct admission *admission)
{
    if (admission->walk != NULL)
        organization_walk_stop(admission->walk);
}
