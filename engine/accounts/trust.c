#include "accounts/trust.h"

#include <string.h>

#include "accounts/organization_walk.h"
#include "aws/retry/retry.h"
#include "base/mem.h"
#include "settings/organization.h"
#include "value/json.h"

struct trust {
    const struct settings *settings;
    json_t *members; /* ids of accounts, organizations and units, as keys */
    /* Said to be trusted, by KNOWN_ACCOUNTS or ORGANIZATION_ACCOUNT: anybody; some accounts; some
     * organizations. What is not of a kind that was said cannot be told from a stranger. */
    bool names_any, names_accounts, names_organizations;
    bool unreadable; /* an organization is set, and it could not be listed (yet) */
    bool callerless; /* nobody knows whose the caller is */

    struct organization_walk *walk; /* while the organization is listed */
    json_t *left;                   /* where a listing was cut off; NULL: from the beginning */
    struct err err;
    trust_loaded done;
    void *arg;
};

static const char *organization_account(const struct trust *trust)
{
    return json_get_string(trust->settings->for_policies, "organization_account", NULL);
}

static void add(struct trust *trust, const char *id)
{
    json_object_set_new(trust->members, id, json_true());
}

struct trust *trust_new(const struct settings *settings)
{
    struct trust *trust = mem_alloc(sizeof *trust);
    size_t i;
    json_t *known;
    trust->settings = settings;
    trust->members = json_object();
    trust->unreadable = organization_account(trust) != NULL;
    trust->names_any = trust->names_accounts = trust->names_organizations = trust->unreadable;
    json_array_foreach (json_object_get(settings->for_policies, "known_accounts"), i, known) {
        const char *id = json_string_value(known);
        add(trust, id);
        trust->names_any = true;
        trust->names_accounts |= organization_is_account(id);
        trust->names_organizations |= organization_is_id(id);
    }
    /* Words for an organization are listed with it. */
    for (i = 0; i < settings->accounts.count; i++) {
        if (organization_is_account(settings->accounts.items[i]))
            add(trust, settings->accounts.items[i]);
    }
    return trust;
}

void trust_free(struct trust *trust)
{
    if (trust == NULL)
        return;
    organization_walk_free(trust->walk);
    json_decref(trust->left);
    json_decref(trust->members);
    mem_free(trust);
}

void trust_caller(struct trust *trust, const char *account)
{
    trust->callerless = account == NULL;
    if (account != NULL)
        add(trust, account);
}

int trust_check(void *arg, const char *id)
{
    const struct trust *trust = arg;
    if (json_object_get(trust->members, id) != NULL)
        return 1;
    return trust->unreadable ? -1 : 0;
}

/* One, a path or a part of it, or what has its ARN. */
static bool is_of_organization(const char *id)
{
    return strncmp(id, "o-", 2) == 0 || strncmp(id, "ou-", 3) == 0 || strncmp(id, "r-", 2) == 0 ||
           strstr(id, ":organizations:") != NULL;
}

static const char *doubt_organization(const struct trust *trust)
{
    return trust->names_organizations
               ? NULL
               : "KNOWN_ACCOUNTS names no organization, so nobody can tell whether this one is "
                 "your own: add its id, or set ORGANIZATION_ACCOUNT";
}

static const char *doubt_account(const struct trust *trust)
{
    if (!trust->names_accounts)
        return "KNOWN_ACCOUNTS names no account, so nobody can tell whether this one is of your "
               "organization: add yours, or set ORGANIZATION_ACCOUNT";
    if (trust->callerless)
        return "the caller's own account could not be asked for, and may be this one";
    return NULL;
}

const char *trust_doubt(void *arg, const char *id)
{
    const struct trust *trust = arg;
    if (!trust->names_any)
        return "neither KNOWN_ACCOUNTS nor ORGANIZATION_ACCOUNT says which accounts are trusted";
    return is_of_organization(id) ? doubt_organization(trust) : doubt_account(trust);
}

static void tell(void *arg)
{
    struct trust *trust = arg;
    organization_walk_free(trust->walk);
    trust->walk = NULL;
    trust->done(trust->arg, trust->err.kind != ERR_NONE ? &trust->err : NULL);
}

static void fail(struct trust *trust, const struct err *err)
{
    trust->err = *err;
    err_prefix(&trust->err, "the organization of ORGANIZATION_ACCOUNT %s cannot be read",
               organization_account(trust));
    tell(trust);
}

static void on_organization(void *arg, json_t *result, const struct err *err)
{
    struct trust *trust = arg;
    if (err != NULL) {
        fail(trust, err);
        return;
    }
    const json_t *organization = json_object_get(result, "Organization");
    const char *id = json_get_string(organization, "Id", NULL);
    if (id == NULL) {
        struct err missing = {0};
        err_set(&missing, ERR_PARSE, "organizations:DescribeOrganization answered without an id");
        fail(trust, &missing);
        return;
    }
    add(trust, id);
    trust->unreadable = false;
    tell(trust);
}

static void on_accounts(void *arg, const json_t *accounts, const char *unit)
{
    struct trust *trust = arg;
    size_t i;
    json_t *account;
    (void)unit;
    json_array_foreach (accounts, i, account) {
        const char *id = json_get_string(account, "Id", NULL);
        if (id != NULL)
            add(trust, id);
    }
}

/* What is left of a listing that was stopped, or failed at a page for a reason that may pass, is
 * listed the next time; after another failure all is, since the page may be asked for in vain. */
static bool keep_left(struct trust *trust, const struct err *err)
{
    json_decref(trust->left);
    trust->left = NULL;
    if (err == NULL || retry_may_pass(err))
        trust->left = organization_walk_left(trust->walk);
    return trust->left != NULL;
}

static void on_listed(void *arg, const struct err *err)
{
    struct trust *trust = arg;
    struct err why = {0};
    bool cut = keep_left(trust, err);
    if (cut && err == NULL)
        err_set(&why, ERR_TIMEOUT, "the time did not suffice to list all accounts");
    if (err != NULL || cut)
        fail(trust, err != NULL ? err : &why);
    else if (organization_walk_describe(trust->walk, on_organization, trust, &why) == NULL)
        fail(trust, &why);
}

static void start(void *arg)
{
    struct trust *trust = arg;
    organization_walk_start(trust->walk);
}

void trust_load(struct trust *trust, struct loop *loop, struct client *client,
                struct sessions *sessions, trust_loaded done, void *arg)
{
    const struct organization_target target = {
        .accounts = on_accounts, .done = on_listed, .arg = trust};
    trust->err = (struct err){0};
    trust->done = done;
    trust->arg = arg;
    if (organization_account(trust) != NULL)
        trust->walk =
            organization_walk_new(trust->settings, client, sessions, &target, &trust->err);
    if (trust->walk == NULL) {
        loop_defer(loop, tell, trust);
        return;
    }
    organization_walk_add(trust->walk, ORGANIZATION_WHOLE);
    if (trust->left != NULL)
        organization_walk_resume(trust->walk, trust->left, &trust->err);
    loop_defer(loop, start, trust);
}

void trust_stop(struct trust *trust)
{
    if (trust->walk != NULL)
        organization_walk_stop(trust->walk);
}

bool trust_is_partial(const struct trust *trust)
{
    return trust->left != NULL;
}
