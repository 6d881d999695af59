#include "work/trust.h"

#include <string.h>

#include "base/mem.h"
#include "value/json.h"
#include "work/organization.h"

const char *const trust_actions[] = {"organizations:ListAccounts",
                                     "organizations:DescribeOrganization", NULL};

struct trust {
    const struct settings *settings;
    json_t *members; /* ids of accounts, organizations and units, as keys */
    /* Said to be trusted, by KNOWN_ACCOUNTS or ORGANIZATION_ACCOUNT: anybody; some accounts; some
     * organizations. What is not of a kind that was said cannot be told from a stranger. */
    bool names_any, names_accounts, names_organizations;
    bool unreadable; /* an organization is set, and it could not be listed (yet) */
    bool callerless; /* nobody knows whose the caller is */

    struct client *client;
    struct session session;
    struct opset *reads;
    struct client_pages *pages;
    struct loop *loop;
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
    for (i = 0; i < settings->accounts.count; i++)
        add(trust, settings->accounts.items[i]);
    return trust;
}

void trust_free(struct trust *trust)
{
    if (trust == NULL)
        return;
    json_decref(trust->members);
    opset_free(trust->reads);
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
    client_pages_free(trust->pages);
    trust->pages = NULL;
    trust->done(trust->arg, trust->err.kind != ERR_NONE ? &trust->err : NULL);
}

static void fail(struct trust *trust, const struct err *err)
{
    trust->err = *err;
    err_prefix(&trust->err, "the organization of ORGANIZATION_ACCOUNT %s cannot be read",
               organization_account(trust));
    tell(trust);
}

static struct call organization_call(const struct trust *trust, const char *operation)
{
    return (struct call){.session = &trust->session,
                         .region = trust->settings->master_region,
                         .service = "organizations",
                         .operation = operation};
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

static void next_page(struct trust *trust);

static void on_accounts(void *arg, json_t *result, const struct err *err)
{
    struct trust *trust = arg;
    size_t i;
    json_t *account;
    if (err != NULL) {
        fail(trust, err);
        return;
    }
    json_array_foreach (json_object_get(result, "Accounts"), i, account) {
        const char *id = json_get_string(account, "Id", NULL);
        if (id != NULL)
            add(trust, id);
    }
    next_page(trust);
}

static void next_page(struct trust *trust)
{
    struct err err = {0};
    if (client_pages_next(trust->pages, on_accounts, trust, &err))
        return;
    struct call call = organization_call(trust, "DescribeOrganization");
    if (err.kind != ERR_NONE ||
        client_start(on_organization, trust, trust->client, &call, &err) == NULL)
        fail(trust, &err);
}

static int prepare(struct trust *trust, struct sessions *sessions, struct err *err)
{
    const char *account = organization_account(trust);
    trust->reads = opset_new();
    opset_add(trust->reads, "organizations", "ListAccounts");
    opset_add(trust->reads, "organizations", "DescribeOrganization");
    struct creds_provider *provider =
        sessions_for_actions(sessions, account, trust->settings->master_region, trust_actions, err);
    if (provider == NULL)
        return -1;
    trust->session = (struct session){
        .account = account, .provider = provider, .permit = PERMIT_READ, .allowed = trust->reads};
    struct call call = organization_call(trust, "ListAccounts");
    trust->pages = client_pages_new(trust->client, &call, err);
    return trust->pages != NULL ? 0 : -1;
}

static void start(void *arg)
{
    struct trust *trust = arg;
    next_page(trust);
}

void trust_load(struct trust *trust, struct loop *loop, struct client *client,
                struct sessions *sessions, trust_loaded done, void *arg)
{
    struct err err = {0};
    trust->loop = loop;
    trust->client = client;
    trust->done = done;
    trust->arg = arg;
    if (organization_account(trust) == NULL) {
        loop_defer(loop, tell, trust);
    } else if (prepare(trust, sessions, &err) != 0) {
        trust->err = err;
        loop_defer(loop, tell, trust);
    } else {
        loop_defer(loop, start, trust);
    }
}
