#include "doctor/doctor_accounts.h"

#include <string.h>

#include "base/mem.h"
#include "doctor/doctor_account.h"

#define MOST_AT_A_TIME 8

struct doctor_accounts {
    struct doctor *doctor;
    struct poll *targets;
    struct doctor_account *items;
    size_t count, next, active;
};

static void start_more(struct doctor_accounts *accounts);

static void on_checked(void *arg)
{
    struct doctor_accounts *accounts = arg;
    accounts->active--;
    start_more(accounts);
}

static void tell_stopped(const struct doctor_accounts *accounts, size_t left)
{
    struct doctor_section *section = doctor_section_new(accounts->doctor->report, NULL);
    doctor_add(section, DOCTOR_FAILED, "accounts", "stopped: %zu accounts were not checked", left);
    doctor_section_end(section);
}

static void start_more(struct doctor_accounts *accounts)
{
    if (accounts->doctor->stopped && accounts->next < accounts->count) {
        tell_stopped(accounts, accounts->count - accounts->next);
        accounts->next = accounts->count;
    }
    while (accounts->active < MOST_AT_A_TIME && accounts->next < accounts->count) {
        accounts->active++;
        doctor_account_start(&accounts->items[accounts->next++]);
    }
}

static void add_account(struct doctor_accounts *accounts, size_t from, size_t count)
{
    size_t bytes = (accounts->count + 1) * sizeof *accounts->items;
    accounts->items = mem_resize(accounts->items, bytes);
    accounts->items[accounts->count++] =
        (struct doctor_account){.doctor = accounts->doctor,
                                .targets = accounts->targets,
                                .from = from,
                                .count = count,
                                .id = poll_target(accounts->targets, from)->account,
                                .done = on_checked,
                                .arg = accounts};
}

/* Targets are sorted by account. */
static void divide(struct doctor_accounts *accounts)
{
    size_t from = 0, total = poll_targets(accounts->targets);
    for (size_t i = 1; i <= total; i++) {
        if (i < total && strcmp(poll_target(accounts->targets, i)->account,
                                poll_target(accounts->targets, from)->account) == 0)
            continue;
        add_account(accounts, from, i - from);
        from = i;
    }
}

struct doctor_accounts *doctor_accounts_start(struct doctor *doctor)
{
    struct doctor_accounts *accounts = mem_alloc(sizeof *accounts);
    struct err err; /* no region is set, as doctor_hosts has said */
    accounts->doctor = doctor;
    accounts->targets = poll_new(doctor->context, doctor->caller_account, NULL, &err);
    if (accounts->targets != NULL && poll_targets(accounts->targets) > 0)
        divide(accounts);
    start_more(accounts);
    return accounts;
}

void doctor_accounts_free(struct doctor_accounts *accounts)
{
    if (accounts == NULL)
        return;
    for (size_t i = 0; i < accounts->count; i++)
        doctor_account_clear(&accounts->items[i]);
    mem_free(accounts->items);
    poll_free(accounts->targets);
    mem_free(accounts);
}
