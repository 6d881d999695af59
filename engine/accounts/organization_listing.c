#include "accounts/organization_listing.h"

#include "accounts/organization_walk.h"
#include "aws/retry/retry.h"
#include "base/clock.h"
#include "base/mem.h"
#include "value/json.h"

/* A listing that began longer ago than this is started again: half an hour of its hour would be
 * over. */
#define RESUME_MS (30 * 60 * 1000)

struct organization_listing {
    const struct settings *settings;
    const json_t *parents;
    struct organization_listing_target target;
    struct organization_known found;
    int64_t started_ms;             /* monotonic */
    json_t *left;                   /* where it was interrupted; NULL: start from the beginning */
    struct organization_walk *walk; /* while the listing is running */
};

struct organization_listing *organization_listing_new(const struct settings *settings,
                                                      const json_t *parents,
                                                      struct organization_listing_target target)
{
    struct organization_listing *listing = mem_alloc(sizeof *listing);
    *listing =
        (struct organization_listing){.settings = settings, .parents = parents, .target = target};
    return listing;
}

void organization_listing_forget(struct organization_listing *listing)
{
    organization_known_clear(&listing->found);
    json_decref(listing->left);
    listing->left = NULL;
}

void organization_listing_free(struct organization_listing *listing)
{
    if (listing == NULL)
        return;
    organization_walk_free(listing->walk);
    organization_listing_forget(listing);
    mem_free(listing);
}

bool organization_listing_is_partial(const struct organization_listing *listing)
{
    return listing->left != NULL;
}

void organization_listing_take(struct organization_listing *listing,
                               struct organization_known *known)
{
    organization_known_clear(known);
    *known = listing->found;
    listing->found = (struct organization_known){0};
}

static void end(struct organization_listing *listing, const struct err *err)
{
    organization_walk_free(listing->walk);
    listing->walk = NULL;
    listing->target.done(listing->target.arg, err);
}

static void on_accounts(void *arg, const json_t *accounts, const char *parent)
{
    struct organization_listing *listing = arg;
    size_t i;
    json_t *account;
    json_array_foreach (accounts, i, account) {
        const char *id = json_get_string(account, "Id", "");
        json_object_set_new(listing->found.accounts, id, json_string_nocheck(parent));
        if (!organization_walk_is_active(account))
            json_object_set_new(listing->found.inactive, id, json_true());
    }
    listing->target.page(listing->target.arg);
}

/* The rest of a listing that was stopped, or that failed at a page for a reason that may be
 * transient, is listed the next time. After another failure everything is listed again, because a
 * retry of that page may fail each time. */
static void on_listed(void *arg, const struct err *err)
{
    struct organization_listing *listing = arg;
    struct err why = {0};
    json_decref(listing->left);
    listing->left =
        err == NULL || retry_is_transient(err) ? organization_walk_left(listing->walk) : NULL;
    if (err == NULL && listing->left != NULL)
        err_set(&why, ERR_TIMEOUT, "there was not enough time to list all accounts");
    end(listing, why.kind != ERR_NONE ? &why : err);
}

static void on_organization(void *arg, json_t *result, const struct err *err)
{
    struct organization_listing *listing = arg;
    struct err missing = {0};
    const char *id = json_get_string(json_object_get(result, "Organization"), "Id", NULL);
    if (err == NULL && id == NULL)
        err_set(&missing, ERR_PARSE, "organizations:DescribeOrganization returned no id");
    if (err != NULL || id == NULL) {
        end(listing, err != NULL ? err : &missing);
        return;
    }
    listing->found.id = mem_strdup(id);
    organization_walk_start(listing->walk);
}

static void begin_again(struct organization_listing *listing)
{
    organization_listing_forget(listing);
    listing->found.accounts = json_object();
    listing->found.inactive = json_object();
    listing->found.listed_s = clock_wall_ms() / 1000;
    listing->started_ms = clock_mono_ms();
}

static void begin(struct organization_listing *listing)
{
    struct err err = {0};
    bool whole = json_string_length(json_array_get(listing->parents, 0)) == 0;
    if (listing->left != NULL && clock_mono_ms() < listing->started_ms + RESUME_MS)
        organization_walk_resume(listing->walk, listing->left, &err);
    else
        begin_again(listing);
    if (!whole || listing->found.id != NULL)
        organization_walk_start(listing->walk);
    else if (organization_walk_describe(listing->walk, &err, on_organization, listing) == NULL)
        end(listing, &err);
}

void organization_listing_start(struct organization_listing *listing, const struct context *context)
{
    const struct organization_target target = {
        .accounts = on_accounts, .done = on_listed, .arg = listing};
    struct err err = {0};
    size_t i;
    json_t *parent;
    listing->walk =
        organization_walk_new(listing->settings, context->client, context->sessions, &target, &err);
    if (listing->walk == NULL) {
        end(listing, &err);
        return;
    }
    json_array_foreach ((json_t *)(uintptr_t)listing->parents, i, parent)
        organization_walk_add(listing->walk, json_string_value(parent));
    begin(listing);
}

void organization_listing_stop(struct organization_listing *listing)
{
    if (listing->walk != NULL)
        organization_walk_stop(listing->walk);
}
