/* Which accounts the units of REPAIR hold: each unit is walked down, level by level, so that the
 * first unit in which an account is met at the smallest depth is its nearest. */
#include <string.h>

#include "base/mem.h"
#include "value/json.h"
#include "work/admission_internal.h"

const char *const admission_actions[] = {"organizations:ListAccountsForParent",
                                         "organizations:ListOrganizationalUnitsForParent", NULL};

struct walk {
    struct admission *admission;
    struct client *client;
    const char *region;
    struct session session;
    struct opset *reads;
    json_t *parents; /* still to be listed: [{"id","unit","depth"}…] */
    size_t at;
    bool inner; /* of the parent under way its units are listed, no more its accounts */
    struct client_pages *pages;
    struct err err;
    admission_loaded done;
    void *arg;
};

static void next_list(struct walk *walk);

static void finish(void *arg)
{
    struct walk *walk = arg;
    admission_loaded done = walk->done;
    void *done_arg = walk->arg;
    struct err err = walk->err;
    client_pages_free(walk->pages);
    opset_free(walk->reads);
    json_decref(walk->parents);
    mem_free(walk);
    done(done_arg, err.kind != ERR_NONE ? &err : NULL);
}

static void fail(struct walk *walk, const struct err *err)
{
    walk->err = *err;
    err_prefix(&walk->err, "the organizational units of REPAIR cannot be listed");
    finish(walk);
}

static void add_parent(struct walk *walk, const char *id, const char *unit, json_int_t depth)
{
    json_array_append_new(walk->parents,
                          json_pack("{s:s, s:s, s:I}", "id", id, "unit", unit, "depth", depth));
}

static void add_account(struct walk *walk, const char *account, const json_t *parent)
{
    json_t *units = walk->admission->units;
    const json_t *known = json_object_get(units, account);
    json_int_t depth = json_get_integer(parent, "depth", 0);
    if (known == NULL || json_get_integer(known, "depth", 0) > depth)
        json_object_set(units, account, (json_t *)(uintptr_t)parent);
}

static void take_page(struct walk *walk, const json_t *result)
{
    const json_t *parent = json_array_get(walk->parents, walk->at);
    const char *member = walk->inner ? "OrganizationalUnits" : "Accounts";
    size_t i;
    json_t *item;
    json_array_foreach (json_object_get(result, member), i, item) {
        const char *id = json_get_string(item, "Id", "");
        if (walk->inner)
            add_parent(walk, id, json_get_string(parent, "unit", ""),
                       json_get_integer(parent, "depth", 0) + 1);
        else
            add_account(walk, id, parent);
    }
}

static void next_page(struct walk *walk);

static void on_page(void *arg, json_t *result, const struct err *err)
{
    struct walk *walk = arg;
    if (err != NULL) {
        fail(walk, err);
        return;
    }
    take_page(walk, result);
    next_page(walk);
}

static void next_page(struct walk *walk)
{
    struct err err = {0};
    if (client_pages_next(walk->pages, on_page, walk, &err))
        return;
    if (err.kind != ERR_NONE) {
        fail(walk, &err);
        return;
    }
    walk->at += walk->inner;
    walk->inner = !walk->inner;
    next_list(walk);
}

static void next_list(struct walk *walk)
{
    struct err err = {0};
    if (walk->at == json_array_size(walk->parents)) {
        walk->admission->unreadable = false;
        finish(walk);
        return;
    }
    const json_t *parent = json_array_get(walk->parents, walk->at);
    json_t *params = json_pack("{s:s}", "ParentId", json_get_string(parent, "id", ""));
    struct call call = {.session = &walk->session,
                        .region = walk->region,
                        .service = "organizations",
                        .operation = walk->inner ? "ListOrganizationalUnitsForParent"
                                                 : "ListAccountsForParent",
                        .params = params};
    client_pages_free(walk->pages);
    walk->pages = client_pages_new(walk->client, &call, &err);
    json_decref(params);
    if (walk->pages == NULL)
        fail(walk, &err);
    else
        next_page(walk);
}

static void start(void *arg)
{
    next_list(arg);
}

static int prepare(struct walk *walk, const struct settings *settings, struct sessions *sessions,
                   struct err *err)
{
    const char *account = json_get_string(settings->for_policies, "organization_account", NULL);
    opset_add(walk->reads, "organizations", "ListAccountsForParent");
    opset_add(walk->reads, "organizations", "ListOrganizationalUnitsForParent");
    struct creds_provider *provider =
        sessions_for_actions(sessions, account, walk->region, admission_actions, err);
    walk->session = (struct session){
        .account = account, .provider = provider, .permit = PERMIT_READ, .allowed = walk->reads};
    return provider != NULL ? 0 : -1;
}

static void add_units(struct walk *walk)
{
    const char *key;
    json_t *list;
    json_object_foreach (walk->admission->lists, key, list) {
        if (strncmp(key, "ou-", 3) == 0)
            add_parent(walk, key, key, 0);
    }
}

static void tell_failure(void *arg)
{
    struct walk *walk = arg;
    struct err err = walk->err;
    fail(walk, &err);
}

void admission_load(struct admission *admission, const struct settings *settings, struct loop *loop,
                    struct client *client, struct sessions *sessions, admission_loaded done,
                    void *arg)
{
    struct walk *walk = mem_alloc(sizeof *walk);
    *walk = (struct walk){.admission = admission,
                          .client = client,
                          .region = settings->master_region,
                          .reads = opset_new(),
                          .parents = json_array(),
                          .done = done,
                          .arg = arg};
    add_units(walk);
    if (json_array_size(walk->parents) == 0)
        loop_defer(loop, finish, walk);
    else if (prepare(walk, settings, sessions, &walk->err) != 0)
        loop_defer(loop, tell_failure, walk);
    else
        loop_defer(loop, start, walk);
}
