#include "intake/listing_turns.h"

#include <string.h>

#include "base/mem.h"

/* Slow listings of all accounts together. Each takes memory. */
#define MOST_SLOW 512
/* What each account may have in any case. */
#define FEWEST 4
/* Of so many begun listings, one is of an account that has slow ones, so that this account need not
 * wait until all others are finished. */
#define FOR_OTHERS 8
/* If no account may begin, so many of them are looked at for each line, on average. */
#define LOOKS_FOR_A_LINE 8

struct listing_account {
    struct listing_account *next; /* the next with targets left */
    size_t at, end;               /* the targets that are left */
    size_t active, slow;          /* listings in progress; those of them that are slow */
    bool begun;
};

struct listing_turns {
    struct listing_account *accounts; /* all */
    struct listing_account *first;    /* with targets left */
    size_t with_targets;              /* their number */
    size_t left, holding, begun;
    size_t waiting; /* accounts that have slow listings */
    size_t rest;    /* lines after which no account is looked at */
    struct listing_turn *turns;
};

static size_t count_accounts(const struct poll_target_list *targets)
{
    size_t count = 0;
    for (size_t i = 0; i < targets->count; i++)
        count += i == 0 || strcmp(targets->items[i].account, targets->items[i - 1].account) != 0;
    return count;
}

static void divide(struct listing_turns *turns, const struct poll_target_list *targets)
{
    struct listing_account *account = turns->accounts;
    for (size_t i = 0; i < targets->count; i++) {
        if (i > 0 && strcmp(targets->items[i].account, targets->items[i - 1].account) != 0) {
            account->next = account + 1;
            account++;
        }
        if (account->end == 0)
            account->at = i;
        account->end = i + 1;
    }
}

struct listing_turns *listing_turns_new(const struct poll_target_list *targets)
{
    struct listing_turns *turns = mem_alloc(sizeof *turns);
    turns->accounts = mem_alloc((count_accounts(targets) + 1) * sizeof *turns->accounts);
    turns->first = targets->count > 0 ? turns->accounts : NULL;
    turns->with_targets = count_accounts(targets);
    turns->left = targets->count;
    divide(turns, targets);
    return turns;
}

void listing_turns_free(struct listing_turns *turns)
{
    if (turns == NULL)
        return;
    mem_free(turns->accounts);
    mem_free(turns);
}

/* ---- which is next ---- */

static bool is_within_share(const struct listing_turns *turns,
                            const struct listing_account *account)
{
    size_t share = MOST_SLOW / (turns->waiting + (account->slow == 0));
    return account->active < (share > FEWEST ? share : FEWEST);
}

/* The first account of those that wait, or of those that do not, of which a target may be begun;
 * else the first of the others. */
static const struct listing_account *choose(const struct listing_turns *turns, bool waiting,
                                            listing_may may, void *arg)
{
    const struct listing_account *other = NULL;
    for (const struct listing_account *account = turns->first; account != NULL;
         account = account->next) {
        if (waiting && other != NULL && !account->begun)
            break;
        if (!is_within_share(turns, account) || !may(arg, account->at))
            continue;
        if ((account->slow > 0) == waiting)
            return account;
        if (other == NULL)
            other = account;
    }
    return other;
}

bool listing_turns_next(struct listing_turns *turns, listing_may may, void *arg, size_t *target)
{
    if (turns->holding >= LISTING_SLOTS || turns->left == 0)
        return false;
    bool waiting = turns->waiting > 0 && turns->begun % FOR_OTHERS == 0;
    const struct listing_account *account = choose(turns, waiting, may, arg);
    turns->rest = account == NULL ? turns->with_targets / LOOKS_FOR_A_LINE : 0;
    if (account != NULL)
        *target = account->at;
    return account != NULL;
}

bool listing_turns_rest(struct listing_turns *turns)
{
    bool rests = turns->rest > 0;
    turns->rest -= rests;
    return rests;
}

/* ---- listings in progress ---- */

static struct listing_account *take(struct listing_turns *turns, size_t target)
{
    struct listing_account **link = &turns->first;
    while ((*link)->at != target)
        link = &(*link)->next;
    struct listing_account *account = *link;
    account->at++;
    account->begun = true;
    if (account->at == account->end) {
        *link = account->next;
        turns->with_targets--;
    }
    return account;
}

void listing_turns_begin(struct listing_turns *turns, struct listing_turn *turn, size_t target,
                         int64_t now_ms)
{
    *turn = (struct listing_turn){.next = turns->turns, .link = &turns->turns, .moved_ms = now_ms};
    turn->account = take(turns, target);
    turn->account->active++;
    if (turn->next != NULL)
        turn->next->link = &turn->next;
    turns->turns = turn;
    turns->holding++;
    turns->begun++;
    turns->left--;
}

static void give_slot(struct listing_turns *turns, struct listing_turn *turn)
{
    *turn->link = turn->next;
    if (turn->next != NULL)
        turn->next->link = turn->link;
    turns->holding--;
}

void listing_turns_moved(struct listing_turn *turn, int64_t now_ms)
{
    turn->moved_ms = now_ms;
}

void listing_turns_end(struct listing_turns *turns, struct listing_turn *turn)
{
    struct listing_account *account = turn->account;
    turns->rest = 0;
    account->active--;
    if (!turn->slow)
        give_slot(turns, turn);
    else if (--account->slow == 0)
        turns->waiting--;
}

void listing_turns_look(struct listing_turns *turns, int64_t now_ms)
{
    struct listing_turn *next;
    turns->rest = 0;
    for (struct listing_turn *turn = turns->turns; turn != NULL; turn = next) {
        next = turn->next;
        if (now_ms - turn->moved_ms < LISTING_SLOW_MS)
            continue;
        give_slot(turns, turn);
        turn->slow = true;
        if (turn->account->slow++ == 0)
            turns->waiting++;
    }
}

size_t listing_turns_left(const struct listing_turns *turns)
{
    return turns->left;
}

void listing_turns_stop(struct listing_turns *turns)
{
    turns->left = 0;
    turns->first = NULL;
}
