#include "accounts/trust.h"

#include <string.h>

#include "base/mem.h"
#include "settings/organization.h"
#include "settings/settings.h"
#include "value/json.h"

struct trust {
    const struct settings *settings;
    json_t *members; /* ids of accounts, organizations and units that the settings name, as keys */
    /* Which kinds KNOWN_ACCOUNTS and ORGANIZATION_ACCOUNT name as trusted: any; accounts;
     * organizations. If they name no id of some kind, it cannot be determined whether an id of that
     * kind is foreign. */
    bool names_any, names_accounts, names_organizations;
    bool callerless;                        /* the caller's own account is not known */
    const struct organization_known *known; /* NULL: none is set, or it could not be read */
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
    trust->names_any = trust->names_accounts = trust->names_organizations =
        organization_account(trust) != NULL;
    json_array_foreach (json_object_get(settings->for_policies, "known_accounts"), i, known) {
        const char *id = json_string_value(known);
        add(trust, id);
        trust->names_any = true;
        trust->names_accounts |= organization_is_account(id);
        trust->names_organizations |= organization_is_id(id);
    }
    /* The members of the organization are listed with it, so words that name it add nothing. */
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
    json_decref(trust->members);
    mem_free(trust);
}

void trust_caller(struct trust *trust, const char *account)
{
    trust->callerless = account == NULL;
    if (account != NULL)
        add(trust, account);
}

void trust_organization(struct trust *trust, const struct organization_known *known)
{
    trust->known = known;
}

int trust_check(void *arg, const char *id)
{
    const struct trust *trust = arg;
    if (json_object_get(trust->members, id) != NULL)
        return 1;
    if (trust->known == NULL)
        return organization_account(trust) != NULL ? -1 : 0;
    return json_object_get(trust->known->accounts, id) != NULL || strcmp(trust->known->id, id) == 0;
}

/* Is it the id, path or ARN of an organization, a unit or a root? */
static bool is_of_organization(const char *id)
{
    return strncmp(id, "o-", 2) == 0 || strncmp(id, "ou-", 3) == 0 || strncmp(id, "r-", 2) == 0 ||
           strstr(id, ":organizations:") != NULL;
}

static const char *doubt_organization(const struct trust *trust)
{
    return trust->names_organizations
               ? NULL
               : "KNOWN_ACCOUNTS names no organization, so it is not known whether this one is "
                 "your own: add its id, or set ORGANIZATION_ACCOUNT";
}

static const char *doubt_account(const struct trust *trust)
{
    if (!trust->names_accounts)
        return "KNOWN_ACCOUNTS names no account, so it is not known whether this one belongs to "
               "your organization: add yours, or set ORGANIZATION_ACCOUNT";
    if (trust->callerless)
        return "the caller's own account is not known, and may be this one";
    return NULL;
}

const char *trust_doubt(void *arg, const char *id)
{
    const struct trust *trust = arg;
    if (!trust->names_any)
        return "neither KNOWN_ACCOUNTS nor ORGANIZATION_ACCOUNT says which accounts are trusted";
    return is_of_organization(id) ? doubt_organization(trust) : doubt_account(trust);
}
