/* Parents are listed one after the other: first the accounts of each, then its units, which become
 * parents themselves. A unit that was added itself is not entered from the unit around it. */
#include "accounts/organization_walk.h"

#include <string.h>

#include "aws/operations/opset.h"
#include "base/mem.h"
#include "settings/organization.h"
#include "settings/settings.h"
#include "value/json.h"

const char *const organization_actions[] = {
    "organizations:ListAccounts", "organizations:DescribeOrganization",
    "organizations:ListAccountsForParent", "organizations:ListOrganizationalUnitsForParent", NULL};

struct organization_walk {
    struct organization_target target;
    struct client *client;
    const char *region;
    struct session session;
    struct opset *reads;
    json_t *asked;   /* parents that were added, as keys */
    json_t *parents; /* [{"id","unit"}…], those from `at` on are still to be listed */
    size_t at;
    bool inner;  /* the current parent's accounts are listed; its units are listed now */
    char *token; /* of the next page; NULL: the first */
    struct client_pages *pages;
    bool stopped;
};

struct organization_walk *organization_walk_new(const struct settings *settings,
                                                struct client *client, struct sessions *sessions,
                                                const struct organization_target *target,
                                                struct err *err)
{
    const char *account = json_get_string(settings->for_policies, "organization_account", NULL);
    const char *region = settings->master_region;
    struct creds_provider *provider =
        sessions_for_actions(sessions, account, region, organization_actions, err);
    if (provider == NULL)
        return NULL;
    struct organization_walk *walk = mem_alloc(sizeof *walk);
    *walk = (struct organization_walk){.target = *target,
                                       .client = client,
                                       .region = region,
                                       .reads = opset_new(),
                                       .asked = json_object(),
                                       .parents = json_array()};
    for (const char *const *action = organization_actions; *action != NULL; action++)
        opset_add(walk->reads, "organizations", strchr(*action, ':') + 1);
    walk->session = (struct session){
        .account = account, .provider = provider, .permit = PERMIT_READ, .allowed = walk->reads};
    return walk;
}

void organization_walk_free(struct organization_walk *walk)
{
    if (walk == NULL)
        return;
    client_pages_free(walk->pages);
    opset_free(walk->reads);
    json_decref(walk->asked);
    json_decref(walk->parents);
    mem_free(walk->token);
    mem_free(walk);
}

static void add_parent(struct organization_walk *walk, const char *id, const char *unit)
{
    json_array_append_new(walk->parents, json_pack("{s:s, s:s}", "id", id, "unit", unit));
}

void organization_walk_add(struct organization_walk *walk, const char *parent)
{
    if (json_object_get(walk->asked, parent) != NULL)
        return;
    json_object_set_new(walk->asked, parent, json_true());
    add_parent(walk, parent, parent);
}

static const char *parent_id(const struct organization_walk *walk)
{
    return json_get_string(json_array_get(walk->parents, walk->at), "id", "");
}

static struct call call_for(const struct organization_walk *walk, const char *operation)
{
    return (struct call){.session = &walk->session,
                         .region = walk->region,
                         .service = "organizations",
                         .operation = operation};
}

/* ---- pages ---- */

static void next_list(struct organization_walk *walk);
static void next_page(struct organization_walk *walk);

static void take_units(struct organization_walk *walk, const json_t *units)
{
    const char *around = json_get_string(json_array_get(walk->parents, walk->at), "unit", "");
    size_t i;
    json_t *unit;
    json_array_foreach (units, i, unit) {
        const char *id = json_get_string(unit, "Id", "");
        if (organization_is_ou(id) && json_object_get(walk->asked, id) == NULL)
            add_parent(walk, id, around);
    }
}

static void keep_token(struct organization_walk *walk, const char *token)
{
    char *kept = token != NULL && token[0] != '\0' ? mem_strdup(token) : NULL;
    mem_free(walk->token);
    walk->token = kept;
}

static void on_page(void *arg, json_t *result, const struct err *err)
{
    struct organization_walk *walk = arg;
    if (err != NULL) {
        walk->target.done(walk->target.arg, err);
        return;
    }
    const json_t *parent = json_array_get(walk->parents, walk->at);
    if (walk->inner)
        take_units(walk, json_object_get(result, "OrganizationalUnits"));
    else
        walk->target.accounts(walk->target.arg, json_object_get(result, "Accounts"),
                              json_get_string(parent, "unit", ""));
    keep_token(walk, json_get_string(result, "NextToken", NULL));
    next_page(walk);
}

/* The list of this parent is complete: its units follow, then the next parent. */
static void end_list(struct organization_walk *walk)
{
    bool has_units = !walk->inner && parent_id(walk)[0] != '\0';
    walk->inner = has_units;
    walk->at += !has_units;
    keep_token(walk, NULL);
    next_list(walk);
}

static void next_page(struct organization_walk *walk)
{
    struct err err = {0};
    if (walk->token != NULL && walk->stopped) {
        walk->target.done(walk->target.arg, NULL);
        return;
    }
    if (client_pages_next(walk->pages, &err, on_page, walk))
        return;
    if (err.kind != ERR_NONE)
        walk->target.done(walk->target.arg, &err);
    else
        end_list(walk);
}

static const char *list_operation(const struct organization_walk *walk)
{
    if (walk->inner)
        return "ListOrganizationalUnitsForParent";
    return parent_id(walk)[0] != '\0' ? "ListAccountsForParent" : "ListAccounts";
}

static struct client_pages *pages_of(struct organization_walk *walk, struct err *err)
{
    json_t *params = json_object();
    struct call call = call_for(walk, list_operation(walk));
    if (parent_id(walk)[0] != '\0')
        json_object_set_new(params, "ParentId", json_string_nocheck(parent_id(walk)));
    if (walk->token != NULL)
        json_object_set_new(params, "NextToken", json_string_nocheck(walk->token));
    call.params = params;
    struct client_pages *pages = client_pages_new(walk->client, &call, err);
    json_decref(params);
    return pages;
}

static void next_list(struct organization_walk *walk)
{
    struct err err = {0};
    if (walk->stopped || walk->at == json_array_size(walk->parents)) {
        walk->target.done(walk->target.arg, NULL);
        return;
    }
    client_pages_free(walk->pages);
    walk->pages = pages_of(walk, &err);
    if (walk->pages == NULL)
        walk->target.done(walk->target.arg, &err);
    else
        next_page(walk);
}

void organization_walk_start(struct organization_walk *walk)
{
    next_list(walk);
}

void organization_walk_stop(struct organization_walk *walk)
{
    walk->stopped = true;
}

void organization_walk_abandon(struct organization_walk *walk)
{
    client_pages_free(walk->pages);
    walk->pages = NULL;
}

/* ---- continuing in another walk ---- */

json_t *organization_walk_left(const struct organization_walk *walk)
{
    if (walk->at == json_array_size(walk->parents))
        return NULL;
    json_t *ids = json_array();
    json_t *units = json_array();
    for (size_t i = walk->at; i < json_array_size(walk->parents); i++) {
        const json_t *parent = json_array_get(walk->parents, i);
        json_array_append(ids, json_object_get(parent, "id"));
        json_array_append(units, json_object_get(parent, "unit"));
    }
    json_t *left =
        json_pack("{s:o, s:o, s:b}", "parents", ids, "units", units, "inner", walk->inner);
    if (walk->token != NULL)
        json_object_set_new(left, "token", json_string_nocheck(walk->token));
    return left;
}

static bool is_parent(const json_t *id)
{
    const char *text = json_string_value(id);
    return text != NULL && (text[0] == '\0' || organization_is_unit(text));
}

/* Without "units" each parent was added itself. */
static int resume_at(struct organization_walk *walk, const json_t *left, size_t i, struct err *err)
{
    const json_t *id = json_array_get(json_object_get(left, "parents"), i);
    const json_t *units = json_object_get(left, "units");
    const json_t *unit = units != NULL ? json_array_get(units, i) : id;
    if (!is_parent(id) || !is_parent(unit))
        return err_set(err, ERR_PARSE, "\"parents\" and \"units\" must hold roots and units");
    add_parent(walk, json_string_value(id), json_string_value(unit));
    return 0;
}

int organization_walk_resume(struct organization_walk *walk, const json_t *left, struct err *err)
{
    size_t count = json_array_size(json_object_get(left, "parents"));
    json_array_clear(walk->parents);
    for (size_t i = 0; i < count; i++) {
        if (resume_at(walk, left, i, err) != 0)
            return -1;
    }
    walk->inner = json_get_bool(left, "inner", false);
    keep_token(walk, json_get_string(left, "token", NULL));
    return 0;
}

struct client_call *organization_walk_describe(struct organization_walk *walk, struct err *err,
                                               client_done done, void *arg)
{
    struct call call = call_for(walk, "DescribeOrganization");
    return client_start(walk->client, &call, err, done, arg);
}

/* AWS Organizations API Reference, Account: State is ACTIVE, PENDING_ACTIVATION, SUSPENDED,
 * PENDING_CLOSURE or CLOSED; Status is the older member, with fewer values. */
bool organization_walk_is_active(const json_t *account)
{
    const char *status = json_get_string(account, "Status", "ACTIVE");
    return strcmp(json_get_string(account, "State", status), "ACTIVE") == 0;
}
