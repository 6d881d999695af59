/* Which target is listed next: accounts whose listings wait leave their slots to others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/mem.h"
#include "intake/listing_turns.h"

#define ACCOUNTS 100
#define EACH 200

static char names[ACCOUNTS][8];
static struct poll_target items[ACCOUNTS * EACH];
static struct listing_turn turns_of[ACCOUNTS * EACH];
static const struct poll_target_list targets = {items, ACCOUNTS *EACH};
static struct listing_turns *turns;
static size_t barred; /* this account may not be begun */
static int64_t now;

static size_t asked;

static bool may(void *arg, size_t target)
{
    (void)arg;
    asked++;
    return target / EACH != barred;
}

static int set_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < targets.count; i++) {
        snprintf(names[i / EACH], sizeof names[0], "%zu", i / EACH);
        items[i].account = names[i / EACH];
    }
    turns = listing_turns_new(&targets);
    barred = ACCOUNTS;
    now = 0;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    listing_turns_free(turns);
    return 0;
}

/* Begins all that may be; returns how many. */
static size_t begin_all(void)
{
    size_t target, count = 0;
    for (; listing_turns_next(turns, may, NULL, &target); count++)
        listing_turns_begin(turns, &turns_of[target], target, now);
    return count;
}

static void pass(int64_t ms)
{
    now += ms;
    listing_turns_look(turns, now);
}

/* How many of the account were begun. */
static size_t begun(size_t account)
{
    size_t count = 0;
    for (size_t i = account * EACH; i < (account + 1) * EACH; i++)
        count += turns_of[i].account != NULL;
    return count;
}

static void account_after_account(void **state)
{
    (void)state;
    assert_int_equal(begin_all(), LISTING_SLOTS);
    assert_int_equal(begun(0), LISTING_SLOTS);
    for (size_t i = 0; i < LISTING_SLOTS; i++)
        listing_turns_end(turns, &turns_of[i]);
    assert_int_equal(begin_all(), LISTING_SLOTS);
    assert_int_equal(begun(0), 2 * LISTING_SLOTS);
    assert_int_equal(listing_turns_left(turns), targets.count - 2 * LISTING_SLOTS);
}

/* Whatever finds something keeps its slot. */
static void a_slow_listing_gives_its_slot_to_another_account(void **state)
{
    (void)state;
    begin_all();
    pass(LISTING_SLOW_MS - 1);
    assert_int_equal(begin_all(), 0);
    listing_turns_moved(&turns_of[7], now);
    pass(1);
    assert_int_equal(begin_all(), LISTING_SLOTS - 1);
    assert_in_range(begun(1), LISTING_SLOTS * 3 / 4, LISTING_SLOTS - 1);
    assert_int_equal(begun(0) + begun(1), 2 * LISTING_SLOTS - 1);
}

/* All listings of all accounts are slow: each account gets its share, and the last ones too. */
static void accounts_share_the_slow_listings(void **state)
{
    (void)state;
    size_t all = 0;
    for (int round = 0; round < 1000; round++) {
        all += begin_all();
        pass(LISTING_SLOW_MS);
    }
    assert_in_range(all, ACCOUNTS * 4, 5 * 512);
    for (size_t i = 0; i < ACCOUNTS; i++)
        assert_in_range(begun(i), 4, EACH);
    assert_in_range(begun(0), 100, EACH);
    assert_in_range(begun(ACCOUNTS - 1), 4, 8);
}

/* When a slow listing ends, its account may begin another one. */
static void an_account_with_slow_listings_is_not_forgotten(void **state)
{
    (void)state;
    begin_all();
    pass(LISTING_SLOW_MS);
    size_t before = begun(0);
    for (size_t i = 0; i < before; i++)
        listing_turns_end(turns, &turns_of[i]);
    begin_all();
    assert_in_range(begun(0), before + 1, before + LISTING_SLOTS);
}

static void a_receiver_that_is_full(void **state)
{
    (void)state;
    barred = 0;
    assert_int_equal(begin_all(), LISTING_SLOTS);
    assert_int_equal(begun(0), 0);
    assert_int_equal(begun(1), LISTING_SLOTS);
    listing_turns_stop(turns);
    assert_int_equal(listing_turns_left(turns), 0);
    for (size_t i = EACH; i < EACH + LISTING_SLOTS; i++)
        listing_turns_end(turns, &turns_of[i]);
    assert_int_equal(begin_all(), 0);
}

static int forget(void **state)
{
    (void)state;
    for (size_t i = 0; i < targets.count; i++)
        turns_of[i] = (struct listing_turn){0};
    return set_up(state);
}

static bool may_not(void *arg, size_t target)
{
    (void)arg, (void)target;
    asked++;
    return false;
}

/* What a line costs does not grow with the number of accounts. */
static void few_accounts_are_looked_at_for_a_line(void **state)
{
    size_t target, lines = 10000;
    (void)state;
    asked = 0;
    for (size_t i = 0; i < lines; i++) {
        if (!listing_turns_rest(turns))
            assert_false(listing_turns_next(turns, may_not, NULL, &target));
    }
    assert_true(asked > lines); /* they are not forgotten */
    assert_true(asked < 10 * lines);
    pass(1); /* after a while, all are looked at again */
    assert_false(listing_turns_rest(turns));
    assert_true(begin_all() > 0);
    assert_false(listing_turns_next(turns, may_not, NULL, &target));
    listing_turns_end(turns, &turns_of[0]);
    assert_false(listing_turns_rest(turns));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, forget, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(account_after_account),
                                       TEST(a_slow_listing_gives_its_slot_to_another_account),
                                       TEST(accounts_share_the_slow_listings),
                                       TEST(an_account_with_slow_listings_is_not_forgotten),
                                       TEST(a_receiver_that_is_full),
                                       TEST(few_accounts_are_looked_at_for_a_line)};
    mem_install();
    return cmocka_run_group_tests_name("listing_turns", tests, NULL, NULL);
}
