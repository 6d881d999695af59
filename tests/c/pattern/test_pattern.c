/* The matcher of engine/pattern/pattern.c compared with Lua's own library, in two states side by
 * side: the same questions, written by hand and generated, must get the same answers, captures and
 * error messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pattern/pattern.h"
#include "pattern/pattern_build.h"
#include "support/host_world.h"
#include "support/slowed.h"
#include "support/string_states.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum { GENERATED = 20000 };

static struct tally {
    unsigned matched;
    unsigned unmatched;
    unsigned raised;
} tally;

struct text {
    const char *bytes;
    size_t len;
};

static const char *probe(lua_State *L, struct text subject, struct text pattern, lua_Integer init)
{
    lua_settop(L, 0);
    lua_getglobal(L, "probe");
    lua_pushlstring(L, subject.bytes, subject.len);
    lua_pushlstring(L, pattern.bytes, pattern.len);
    lua_pushinteger(L, init);
    if (lua_pcall(L, 3, 1, 0) != LUA_OK)
        fail_msg("probe: %s", lua_tostring(L, -1));
    return lua_tostring(L, -1);
}

static void count_outcome(const char *said)
{
    if (strncmp(said, "false", 5) == 0)
        tally.raised++;
    else if (strncmp(said, "true;nil", 8) == 0)
        tally.unmatched++;
    else
        tally.matched++;
}

static void compare(struct text subject, struct text pattern, lua_Integer init)
{
    const char *want = probe(string_stock, subject, pattern, init);
    string_budget.left = AMPLE;
    const char *got = probe(string_ours, subject, pattern, init);
    size_t want_len, got_len;
    lua_tolstring(string_stock, -1, &want_len);
    lua_tolstring(string_ours, -1, &got_len);
    count_outcome(want);
    if (want_len != got_len || memcmp(want, got, want_len) != 0)
        fail_msg("subject '%s' (%zu) pattern '%s' (%zu) init %lld\nlibrary:\n%s\nours:\n%s",
                 subject.bytes, subject.len, pattern.bytes, pattern.len, (long long)init, want,
                 got);
}

static struct text text(const char *bytes)
{
    return (struct text){bytes, strlen(bytes)};
}

#define BYTES(literal)                                                                             \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

static const struct text subjects[] = {BYTES(""),
                                       BYTES("a"),
                                       BYTES("b"),
                                       BYTES("ab"),
                                       BYTES("aab"),
                                       BYTES("hello world from Lua"),
                                       BYTES("  key = value  "),
                                       BYTES("f(a(b)c)(d)"),
                                       BYTES("THE (quick) fox"),
                                       BYTES("x^2 $5.00"),
                                       BYTES("[[x]] %d %% -- ]"),
                                       BYTES("arn:aws:s3:::bucket/key-1_2.txt"),
                                       BYTES("a\0b\0\0c"),
                                       BYTES("\xff\x80\x7f\n\t\r\v\f"),
                                       BYTES("1999-12-31T23:59:59Z"),
                                       BYTES("abcabc\"'xx'\" abab")};

static const struct text patterns[] =
    {/* literals and single classes */
     BYTES(""), BYTES("a"), BYTES("ab"), BYTES("."), BYTES(".."), BYTES("%a"), BYTES("%A"),
     BYTES("%c"), BYTES("%C"), BYTES("%d"), BYTES("%D"), BYTES("%g"), BYTES("%G"), BYTES("%l"),
     BYTES("%L"), BYTES("%p"), BYTES("%P"), BYTES("%s"), BYTES("%S"), BYTES("%u"), BYTES("%U"),
     BYTES("%w"), BYTES("%W"), BYTES("%x"), BYTES("%X"), BYTES("%z"), BYTES("%Z"), BYTES("%%"),
     BYTES("%."), BYTES("%["), BYTES("%]"), BYTES("%-"), BYTES("%^"), BYTES("%$"), BYTES("%("),
     BYTES("%e"), BYTES("%E"), BYTES("%\0"), BYTES("%\xff"), BYTES("\0"), BYTES("\xff"),
     /* quantifiers */
     BYTES("a*"), BYTES("a+"), BYTES("a-"), BYTES("a?"), BYTES("a*b"), BYTES("a+b"), BYTES("a-b"),
     BYTES("a?b"), BYTES(".*"), BYTES(".-"), BYTES(".+"), BYTES(".?"), BYTES(".*b"), BYTES(".-b"),
     BYTES(".+b"), BYTES(".?b"), BYTES("%w+"), BYTES("%w*"), BYTES("%w-"), BYTES("%s*%S+"),
     BYTES("a*a"), BYTES("a*a*b"), BYTES("a?a?b"), BYTES("a-a-b"), BYTES("*"), BYTES("+"),
     BYTES("-"), BYTES("?"), BYTES("a**"), BYTES("a*+"), BYTES("a-?"), BYTES("a??"), BYTES("**"),
     BYTES("%d+%-%d+"), BYTES("%a+%s%a+"), BYTES(".-%s"), BYTES("l+o?"), BYTES("\0*"),
     BYTES("\0+c"), BYTES("%z+"), BYTES("[\0]+"), BYTES("[^\0]+"), BYTES("[\0-b]+"),
     /* anchors */
     BYTES("^"), BYTES("$"), BYTES("^$"), BYTES("^a"), BYTES("a$"), BYTES("^a$"), BYTES("^.*$"),
     BYTES("^.-$"), BYTES("^%s*(.-)%s*$"), BYTES("a^"), BYTES("$a"), BYTES("^^"), BYTES("$$"),
     BYTES("x^2"), BYTES("^*"), BYTES("^+a"), BYTES("(^a)"), BYTES("(a$)"), BYTES("a$b"),
     BYTES("^()"), BYTES("()$"), BYTES("%$%d+"), BYTES("[$^]"), BYTES("[^$^]"), BYTES("$*"),
     /* sets */
     BYTES("[a]"), BYTES("[ab]"), BYTES("[^a]"), BYTES("[a-c]"), BYTES("[^a-c]"), BYTES("[a-c]+"),
     BYTES("[%a]"), BYTES("[^%a]"), BYTES("[%a_]+"), BYTES("[%w%-_.]+"), BYTES("[]]"),
     BYTES("[^]]"), BYTES("[]-a]"), BYTES("[a-]"), BYTES("[-a]"), BYTES("[^-a]"), BYTES("[a-%%]"),
     BYTES("[%a-z]"), BYTES("[a-z-9]"), BYTES("[z-a]"), BYTES("[%]]"), BYTES("[^%]]+"),
     BYTES("[+-%]]"), BYTES("[--a]"), BYTES("[%%]"), BYTES("[.]"), BYTES("[*]"), BYTES("[(]"),
     BYTES("[a-]]"), BYTES("[[]"), BYTES("[[]]"), BYTES("[%[%]]"), BYTES("[%D]"), BYTES("[%D%d]"),
     BYTES("[^%D%d]"), BYTES("[0-9a-fA-F]+"), BYTES("[%l%u]+"), BYTES("[^%s]+"), BYTES("[a^]"),
     BYTES("[\x80-\xff]"), BYTES("[^\x80-\xff]+"), BYTES("[\x01-\xff]+"), BYTES("[?-B]"),
     BYTES("[%W]+"), BYTES("[%S%c]"), BYTES("[%p%d]-b"), BYTES("[%-%]]"), BYTES("[a-a]"),
     /* captures */
     BYTES("()"), BYTES("(a)"), BYTES("(a*)"), BYTES("(a*)b"), BYTES("((a)b)"), BYTES("(a)(b)"),
     BYTES("()a()"), BYTES("(()a)"), BYTES("(.)(.)"), BYTES("(.-)%s"), BYTES("(%w+)%s*=%s*(%w+)"),
     BYTES("(%w+):(%w*):"), BYTES("(((.)))"), BYTES("(a)*"), BYTES("(a*)*"), BYTES("()*"),
     BYTES("(a?)(a?)(a?)b"), BYTES("(a-)(a-)(a-)b"), BYTES("(.*)(.*)"), BYTES("(.-)(.-)$"),
     BYTES("(%d+)-(%d+)-(%d+)T(%d+):(%d+):(%d+)Z"), BYTES("()%s()"), BYTES("(.)()"),
     BYTES("(([^:]*):)"), BYTES("(%()"), BYTES("(%))"), BYTES("([(])"), BYTES("((((((((((a"),
     /* back-references */
     BYTES("(.)%1"), BYTES("(a)%1"), BYTES("(.-)%1"), BYTES("(.+)%1"), BYTES("(a*)%1"),
     BYTES("([\"'])(.-)%1"), BYTES("([\"'])([\"']).-%2%1"), BYTES("()%1"), BYTES("(.)(.)%2%1"),
     BYTES("(.)(.)%1%2"), BYTES("(.)%1*"), BYTES("(%w)%1%1"), BYTES("((.)%2)"), BYTES("(ab)%1"),
     /* balance and frontier */
     BYTES("%b()"), BYTES("%b()%b()"), BYTES("%bab"), BYTES("%baa"), BYTES("%b[]"), BYTES("%b%d"),
     BYTES("(%b())"), BYTES("%b()*"), BYTES(".-%b()$"), BYTES("%b\0c"), BYTES("%b  "),
     BYTES("%b\"\""), BYTES("%f[%w]%w+"), BYTES("%f[%a]"), BYTES("%f[%A]"), BYTES("%f[%z]"),
     BYTES("%f[\0]"), BYTES("%f[^\0]"), BYTES("%f[%u]%u+%f[%U]"), BYTES("%f[^%w]"),
     BYTES("(%f[%w])"), BYTES("%f[%w]*"), BYTES("%f[]]"), BYTES("%f[a-c].-%f[%s%z]"),
     /* malformed patterns, some in places that are never reached */
     BYTES("%"), BYTES("a%"), BYTES("["), BYTES("[a"), BYTES("[]"), BYTES("[^]"), BYTES("[^"),
     BYTES("[%"), BYTES("[%]"), BYTES("[a%"), BYTES("[a-"), BYTES("[a-%]"), BYTES("b["),
     BYTES("zz["), BYTES("a*["), BYTES("("), BYTES(")"), BYTES("(a"), BYTES("a)"), BYTES("(a))"),
     BYTES("((a)"), BYTES("()("), BYTES("(()"), BYTES("%b"), BYTES("%ba"), BYTES("a%b("),
     BYTES("%f"), BYTES("%fa"), BYTES("%f["), BYTES("%f[a"), BYTES("zz%f"), BYTES("%0"),
     BYTES("%1"), BYTES("(a)%2"), BYTES("(a%1)"), BYTES("(a)%0"), BYTES("(.)(%2)"), BYTES("%9"),
     BYTES("zz%1"), BYTES("a-%"), BYTES("a?["), BYTES("(%"), BYTES("[%a-"), BYTES("^%"),
     BYTES("^["), BYTES("^)"),
     BYTES("()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()"),
     BYTES("()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()"),
     BYTES("z()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()")};

static const lua_Integer inits[] = {
    1, 0, 2, 3, 6, -1, -3, 100, -100, LUA_MAXINTEGER, LUA_MININTEGER};

static void test_by_hand(void **state)
{
    (void)state;
    memset(&tally, 0, sizeof tally);
    for (size_t p = 0; p < COUNT(patterns); p++)
        for (size_t s = 0; s < COUNT(subjects); s++)
            compare(subjects[s], patterns[p], inits[(p + s) % 3 ? 0 : (p * 7 + s) % COUNT(inits)]);
    assert_true(tally.matched > 1000 && tally.unmatched > 500 && tally.raised > 200);
}

static void test_every_init(void **state)
{
    (void)state;
    static const char *const some[] = {"",       "a", "^a", "()", ".-", "b",
                                       "%f[%w]", "o", "$",  "[",  "^"};
    for (size_t i = 0; i < COUNT(inits); i++)
        for (size_t p = 0; p < COUNT(some); p++)
            for (size_t s = 0; s < COUNT(subjects); s++)
                compare(subjects[s], text(some[p]), inits[i]);
}

/* Every byte against every letter behind '%', alone and in a set. */
static void test_every_byte(void **state)
{
    (void)state;
    char bytes[256];
    for (int i = 0; i < 256; i++)
        bytes[i] = (char)i;
    for (char letter = 'A'; letter <= 'z'; letter++) {
        char escape[] = {'%', letter, '\0'};
        char set[] = {'[', '^', '%', letter, ']', '\0'};
        compare((struct text){bytes, sizeof bytes}, text(escape), 1);
        compare((struct text){bytes, sizeof bytes}, text(set), 1);
    }
}

static uint64_t seed;

/* xorshift64*: the same cases on every machine. */
static unsigned pick(unsigned below)
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (unsigned)((seed * UINT64_C(2685821657736338717)) >> 33) % below;
}

struct draft {
    char bytes[128];
    size_t len;
};

static void add(struct draft *draft, struct text piece)
{
    assert_true(draft->len + piece.len < sizeof draft->bytes);
    memcpy(draft->bytes + draft->len, piece.bytes, piece.len);
    draft->len += piece.len;
    draft->bytes[draft->len] = '\0';
}

static void add_some(struct draft *draft, const struct text *pieces, unsigned count, unsigned max)
{
    for (unsigned n = pick(max + 1); n > 0; n--)
        add(draft, pieces[pick(count)]);
}

static const struct text letters[] = {
    BYTES("a"),  BYTES("a"),  BYTES("b"),  BYTES("b"),  BYTES("ab"),   BYTES("aba"),
    BYTES("ba"), BYTES("(a"), BYTES("b)"), BYTES("aa"), BYTES("abab"), BYTES("("),
    BYTES(")"),  BYTES("A"),  BYTES("1"),  BYTES(" "),  BYTES("-"),    BYTES("]"),
    BYTES("%"),  BYTES("\0"), BYTES("^"),  BYTES("$"),  BYTES("\xe9"), BYTES(".")};

static const struct text tokens[] = {
    BYTES("a"),     BYTES("a"),    BYTES("b"),    BYTES("b"),      BYTES("."),
    BYTES("."),     BYTES("%a"),   BYTES("%d"),   BYTES("%S"),     BYTES("%w"),
    BYTES("%p"),    BYTES("[ab]"), BYTES("[^a]"), BYTES("[a-b1]"), BYTES("[%a%s]"),
    BYTES("[^%w]"), BYTES("(a"),   BYTES("("),    BYTES("("),      BYTES(")"),
    BYTES(")"),     BYTES("()"),   BYTES("(.-)"), BYTES("(a*)"),   BYTES("%1"),
    BYTES("%2"),    BYTES("%b()"), BYTES("%bab"), BYTES("%f[a]"),  BYTES("%f[%W]"),
    BYTES("\0"),    BYTES("%%"),   BYTES("^"),    BYTES("$"),      BYTES("\xe9"),
    BYTES("b-"),    BYTES("a?"),   BYTES("%("),   BYTES("%)")};

/* Bytes with a meaning, in any order: mostly malformed patterns. */
static const struct text soup[] = {BYTES("["), BYTES("]"), BYTES("^"),  BYTES("%"), BYTES("-"),
                                   BYTES("a"), BYTES("b"), BYTES("z"),  BYTES("("), BYTES(")"),
                                   BYTES("."), BYTES("*"), BYTES("?"),  BYTES("+"), BYTES("$"),
                                   BYTES("1"), BYTES("f"), BYTES("\0"), BYTES(" "), BYTES("0")};

static const struct text marks[] = {BYTES("*"), BYTES("+"), BYTES("-"), BYTES("?"), BYTES("*"),
                                    BYTES("-"), BYTES(""),  BYTES(""),  BYTES("")};

/* At most five repeated tokens on short subjects, so that the library stays fast. */
static void draft_pattern(struct draft *draft)
{
    draft->len = 0;
    draft->bytes[0] = '\0';
    if (pick(4) == 0) {
        add_some(draft, soup, COUNT(soup), 8);
        return;
    }
    if (pick(6) == 0)
        add(draft, text("^"));
    for (unsigned n = 1 + pick(5); n > 0; n--) {
        add(draft, tokens[pick(COUNT(tokens))]);
        add(draft, marks[pick(COUNT(marks))]);
    }
    if (pick(6) == 0)
        add(draft, text("$"));
}

/* In memory of exactly the promised size, where the sanitizers notice one byte too many. */
static void search_in_exact_room(const struct draft *subject, const struct draft *pattern)
{
    struct pattern_match match;
    void *room = malloc(pattern_room(pattern->bytes, pattern->len));
    assert_non_null(room);
    struct pattern *built = pattern_build(room, pattern->bytes, pattern->len, true);
    char *copy = malloc(subject->len + 1);
    assert_non_null(copy);
    memcpy(copy, subject->bytes, subject->len);
    char *exact = realloc(copy, subject->len ? subject->len : 1);
    assert_non_null(exact);
    enum pattern_status status =
        pattern_search(built, exact, subject->len, 0, PATTERN_NOWHERE, NULL, &match);
    assert_int_not_equal(status, PATTERN_EXHAUSTED);
    if (status == PATTERN_MATCHED)
        assert_true(match.from <= match.to && match.to <= subject->len);
    free(exact);
    free(room);
}

static void test_generated(void **state)
{
    (void)state;
    seed = UINT64_C(0x9e3779b97f4a7c15);
    memset(&tally, 0, sizeof tally);
    const unsigned rounds = is_slowed() ? GENERATED / 64 : GENERATED;
    for (unsigned i = 0; i < rounds; i++) {
        struct draft subject = {.len = 0};
        struct draft pattern;
        add_some(&subject, letters, COUNT(letters), 16);
        draft_pattern(&pattern);
        compare((struct text){subject.bytes, subject.len},
                (struct text){pattern.bytes, pattern.len}, pick(3) ? 1 : (lua_Integer)pick(16) - 8);
        search_in_exact_room(&subject, &pattern);
    }
    assert_int_equal(tally.matched + tally.unmatched + tally.raised, rounds);
    assert_true(tally.matched > rounds / 6 && tally.unmatched > rounds / 10 &&
                tally.raised > rounds / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_by_hand, string_states_set_up,
                                        string_states_tear_down),
        cmocka_unit_test_setup_teardown(test_every_init, string_states_set_up,
                                        string_states_tear_down),
        cmocka_unit_test_setup_teardown(test_every_byte, string_states_set_up,
                                        string_states_tear_down),
        cmocka_unit_test_setup_teardown(test_generated, string_states_set_up,
                                        string_states_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
