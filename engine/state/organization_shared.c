#include "state/organization_shared.h"

#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "settings/organization.h"
#include "state/organization_parts.h"
#include "state/state_table_internal.h"
#include "value/json.h"

/* A process counts as dead after this time without a renewal of its claim. */
#define LEASE_S 120

struct organization_shared {
    struct state_table *table;
    const char *account;
    const json_t *parents;
    char *key;
    json_t *head; /* its content, as it was last read or written */
    int64_t revision;
    bool keeping;   /* the claim is being renewed */
    bool lost;      /* another process has the claim now */
    loop_fn behind; /* waits for the renewal */

    json_t *written;       /* the head of the list that is being written */
    const json_t *listing; /* its accounts */
    message_done done;
    organization_fetched fetched;
    void *arg;
};

/* ---- keys ---- */

static bool is_whole(const struct organization_shared *shared)
{
    return json_string_length(json_array_get(shared->parents, 0)) == 0;
}

struct organization_shared *organization_shared_new(struct state_table *table, const char *account,
                                                    const json_t *parents)
{
    char hex[SHA256_HEX];
    struct organization_shared *shared = mem_alloc(sizeof *shared);
    *shared = (struct organization_shared){
        .table = table, .account = account, .parents = parents, .head = json_object()};
    organization_digest(parents, hex);
    shared->key = is_whole(shared) ? mem_printf("organization/%s", account)
                                   : mem_printf("organization/%s/%s", account, hex);
    return shared;
}

void organization_shared_free(struct organization_shared *shared)
{
    if (shared == NULL)
        return;
    json_decref(shared->head);
    json_decref(shared->written);
    mem_free(shared->key);
    mem_free(shared);
}

/* ---- the head ---- */

static void on_head(void *arg, const struct state_item *item, const struct err *err)
{
    struct organization_shared *shared = arg;
    if (err == NULL) {
        json_decref(shared->head);
        shared->head = json_deep_copy(item->content);
        shared->revision = item->revision;
        shared->lost = false;
    }
    shared->done(shared->arg, err);
}

void organization_shared_read(struct organization_shared *shared, message_done done, void *arg)
{
    shared->done = done;
    shared->arg = arg;
    state_get(shared->table, shared->key, on_head, shared);
}

int64_t organization_shared_listed(const struct organization_shared *shared)
{
    return json_get_integer(shared->head, "listed", 0);
}

const char *organization_shared_generation(const struct organization_shared *shared)
{
    return json_get_string(shared->head, "generation", "");
}

void organization_shared_forget(struct organization_shared *shared)
{
    json_object_del(shared->head, "listed");
    json_object_del(shared->head, "generation");
}

static int64_t claimed_until(const struct organization_shared *shared)
{
    return json_get_integer(json_object_get(shared->head, "claim"), "until", 0);
}

/* A longer claim is ignored: otherwise anyone who can write to the table could stop all listing. */
bool organization_shared_claimed(const struct organization_shared *shared)
{
    const json_t *claim = json_object_get(shared->head, "claim");
    int64_t left_s = claimed_until(shared) - state_now_s();
    return left_s > 0 && left_s <= 2 * LEASE_S &&
           strcmp(json_get_string(claim, "token", ""), shared->table->token) != 0;
}

static void put_head(struct organization_shared *shared, message_done done)
{
    const struct state_content content = {.key = shared->key,
                                          .kind = "organization",
                                          .content = shared->head,
                                          .revision = shared->revision,
                                          .expires_s = state_now_s() + ORGANIZATION_KEPT_S};
    state_put(shared->table, &content, done, shared);
}

static void put_claim(struct organization_shared *shared, message_done done)
{
    json_object_set_new(shared->head, "claim",
                        json_pack("{s:s, s:I}", "token", shared->table->token, "until",
                                  (json_int_t)(state_now_s() + LEASE_S)));
    put_head(shared, done);
}

static void on_put(void *arg, const struct err *err)
{
    struct organization_shared *shared = arg;
    shared->revision += err == NULL;
    shared->done(shared->arg, err);
}

void organization_shared_claim(struct organization_shared *shared, message_done done, void *arg)
{
    shared->done = done;
    shared->arg = arg;
    put_claim(shared, on_put);
}

/* ---- the claim ---- */

static void after_keeping(struct organization_shared *shared, loop_fn next)
{
    if (shared->keeping)
        shared->behind = next;
    else
        next(shared);
}

static void on_kept(void *arg, const struct err *err)
{
    struct organization_shared *shared = arg;
    loop_fn behind = shared->behind;
    shared->keeping = false;
    shared->behind = NULL;
    shared->revision += err == NULL;
    shared->lost = state_is_conflict(err);
    if (err != NULL && !shared->lost)
        state_note(shared->table, err);
    if (behind != NULL)
        behind(shared);
}

void organization_shared_keep(struct organization_shared *shared)
{
    if (shared->keeping || shared->lost || claimed_until(shared) - state_now_s() > LEASE_S / 2)
        return;
    shared->keeping = true;
    put_claim(shared, on_kept);
}

static void release(void *arg)
{
    struct organization_shared *shared = arg;
    if (shared->lost)
        return;
    json_object_del(shared->head, "claim");
    shared->keeping = true;
    put_head(shared, on_kept);
}

void organization_shared_release(struct organization_shared *shared)
{
    after_keeping(shared, release);
}

/* ---- reading a list ---- */

static char *list_key(const struct organization_shared *shared, const char *generation)
{
    return mem_printf("%s/%s", shared->key, generation);
}

static const char *organization_of(const struct organization_shared *shared)
{
    return json_get_string(shared->head, "organization", NULL);
}

/* The account that lists the organization is always in it. */
static const char *flaw_of(const struct organization_shared *shared, const json_t *accounts)
{
    if (!is_whole(shared))
        return NULL;
    if (json_object_get(accounts, shared->account) == NULL)
        return "it does not contain ORGANIZATION_ACCOUNT";
    return organization_of(shared) == NULL || !organization_is_id(organization_of(shared))
               ? "it does not contain the organization's id"
               : NULL;
}

static void on_read(void *arg, json_t *accounts, const struct err *err)
{
    struct organization_shared *shared = arg;
    const char *flaw = err == NULL ? flaw_of(shared, accounts) : NULL;
    struct err why = {0};
    if (flaw != NULL)
        err_set(&why, ERR_PARSE, ORGANIZATION_UNUSABLE, shared->key, flaw);
    shared->fetched(shared->arg, accounts, organization_of(shared), flaw != NULL ? &why : err);
}

void organization_shared_fetch(struct organization_shared *shared, organization_fetched done,
                               void *arg)
{
    char *key = list_key(shared, organization_shared_generation(shared));
    shared->fetched = done;
    shared->arg = arg;
    organization_parts_read(shared->table, key, json_object_get(shared->head, "parts"),
                            shared->parents, on_read, shared);
    mem_free(key);
}

/* ---- writing a list ---- */

static void on_written(void *arg, json_t *digests, const struct err *err)
{
    struct organization_shared *shared = arg;
    if (err != NULL) {
        shared->done(shared->arg, err);
        return;
    }
    json_object_set(shared->written, "parts", digests);
    json_decref(shared->head);
    shared->head = json_incref(shared->written);
    put_head(shared, on_put);
}

/* If the claim was lost, the head has another revision, so it is not replaced. */
static void write_list(void *arg)
{
    struct organization_shared *shared = arg;
    char *key = list_key(shared, json_get_string(shared->written, "generation", ""));
    organization_parts_write(shared->table, key, shared->listing, on_written, shared);
    mem_free(key);
}

void organization_shared_store(struct organization_shared *shared,
                               const struct organization_known *known, message_done done, void *arg)
{
    char generation[37];
    random_uuid(generation);
    shared->done = done;
    shared->arg = arg;
    shared->listing = known->accounts;
    json_decref(shared->written);
    shared->written =
        json_pack("{s:I, s:s}", "listed", (json_int_t)known->listed_s, "generation", generation);
    if (known->id != NULL)
        json_object_set_new(shared->written, "organization", json_string(known->id));
    after_keeping(shared, write_list);
}
