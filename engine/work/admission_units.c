/* Which accounts the units of REPAIR hold: of several units around an account the nearest counts.
 */
#include <string.h>

#include "base/mem.h"
#include "value/json.h"
#include "work/admission_internal.h"
#include "work/organization_walk.h"

struct load {
    struct admission *admission;
    struct organization_walk *walk; /* NULL: there is nothing to list, or no way to */
    struct err err;
    admission_loaded done;
    void *arg;
};

static void finish(void *arg)
{
    struct load *load = arg;
    admission_loaded done = load->done;
    void *done_arg = load->arg;
    struct err err = load->err;
    organization_walk_free(load->walk);
    mem_free(load);
    if (err.kind != ERR_NONE)
        err_prefix(&err, "the organizational units of REPAIR cannot be listed");
    done(done_arg, err.kind != ERR_NONE ? &err : NULL);
}

static void on_accounts(void *arg, const json_t *accounts, const char *unit)
{
    const struct load *load = arg;
    size_t i;
    json_t *account;
    json_array_foreach (accounts, i, account)
        json_object_set_new(load->admission->units, json_get_string(account, "Id", ""),
                            json_string_nocheck(unit));
}

static void on_listed(void *arg, const struct err *err)
{
    struct load *load = arg;
    if (err != NULL)
        load->err = *err;
    else
        load->admission->unreadable = false;
    finish(load);
}

static void start(void *arg)
{
    const struct load *load = arg;
    organization_walk_start(load->walk);
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

static void add_units(const struct load *load)
{
    const char *key;
    json_t *list;
    json_object_clear(load->admission->units);
    load->admission->unreadable = true;
    json_object_foreach (load->admission->lists, key, list) {
        if (is_unit(key))
            organization_walk_add(load->walk, key);
    }
}

void admission_load(struct admission *admission, const struct settings *settings, struct loop *loop,
                    struct client *client, struct sessions *sessions, admission_loaded done,
                    void *arg)
{
    struct load *load = mem_alloc(sizeof *load);
    *load = (struct load){.admission = admission, .done = done, .arg = arg};
    const struct organization_target target = {
        .accounts = on_accounts, .done = on_listed, .arg = load};
    if (names_units(admission))
        load->walk = organization_walk_new(settings, client, sessions, &target, &load->err);
    if (load->walk == NULL) {
        loop_defer(loop, finish, load);
        return;
    }
    add_units(load);
    loop_defer(loop, start, load);
}
