/* What is read without expat is read as expat reads it: the same tree, or refused. A byte order
 * mark at the start, which expat skips, leaves a document to expat. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/slowed.h"
#include "value/xml.h"
#include "value/xml_plain.h"

#define MARK "\xef\xbb\xbf"
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static bool on_start(void *arg, const char *name, size_t length)
{
    (void)name;
    (void)length;
    ++*(int *)arg;
    return true;
}

static void on_attribute(void *arg, const char *name, size_t length, const char *value,
                         size_t value_length)
{
    (void)arg;
    (void)name;
    (void)length;
    (void)value;
    (void)value_length;
}

static bool on_text(void *arg, const char *text, size_t length)
{
    (void)arg;
    (void)text;
    (void)length;
    return true;
}

static void on_end(void *arg)
{
    --*(int *)arg;
}

static bool is_plain(const char *text)
{
    static const struct xml_plain_events events = {on_start, on_attribute, on_text, on_end};
    int depth = 0;
    bool plain = xml_plain(text, strlen(text), &events, &depth);
    if (plain)
        assert_int_equal(depth, 0);
    return plain;
}

static void same_attributes(const struct xml_attribute *one, const struct xml_attribute *other)
{
    for (; one != NULL && other != NULL; one = one->next, other = other->next) {
        assert_string_equal(one->name, other->name);
        assert_string_equal(one->value, other->value);
    }
    assert_ptr_equal(one, other);
}

static void same_nodes(const struct xml_node *one, const struct xml_node *other)
{
    for (; one != NULL && other != NULL; one = one->next, other = other->next) {
        assert_string_equal(one->name, other->name);
        assert_int_equal(one->text_length, other->text_length);
        assert_memory_equal(one->text, other->text, one->text_length + 1);
        same_attributes(one->attributes, other->attributes);
        same_nodes(one->first_child, other->first_child);
    }
    assert_ptr_equal(one, other);
}

/* True if the text is well-formed. */
static bool agrees(const char *text)
{
    struct err err, marked_err;
    char *marked = mem_printf("%s%s", MARK, text);
    struct xml_document *one = xml_parse(text, strlen(text), &err);
    struct xml_document *other = xml_parse(marked, strlen(marked), &marked_err);
    mem_free(marked);
    if ((one == NULL) != (other == NULL))
        fail_msg("%s: expat %s it", text, other == NULL ? "refuses" : "reads");
    if (one != NULL)
        same_nodes(xml_root(one), xml_root(other));
    bool read = one != NULL;
    xml_free(one);
    xml_free(other);
    return read;
}

static const char *const plain[] = {
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<DescribeInstancesResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\n"
    "    <requestId>r</requestId>\n    <reservationSet>\n\t<item><a/><b >1</b\n></item>\n"
    "    <item><tag><key>Name</key><value>a &amp; b &lt;c&gt; ]] &quot;&apos;</value></tag></item>"
    "</reservationSet>\n</DescribeInstancesResponse>\n",
    "<?xml version=\"1.0\"?><s:a xmlns:s='urn:s' xsi:type=\"Group\" x='> \"'>t<b x=\"1\"/>u</s:a>",
    "<Policy>%7B%22Version%22%3A%222012-10-17%22%7D</Policy>",
    "<a>]]&gt;</a>",
    "<:a._-1/>",
};

static void test_plain(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(plain); i++) {
        assert_true(is_plain(plain[i]));
        assert_true(agrees(plain[i]));
    }
}

/* Each character in place of each one of a document. */
static void test_every_character(void **state)
{
    static const char text[] = "<ab c=\"d\">e]]&gt;<f/>g</ab>";
    char spoilt[sizeof text];
    size_t plain_ones = 0;
    (void)state;
    for (size_t at = 0; at < sizeof text - 1; at++) {
        for (int c = 1; c < 256; c++) {
            memcpy(spoilt, text, sizeof text);
            spoilt[at] = (char)c;
            bool well_formed = agrees(spoilt);
            plain_ones += is_plain(spoilt);
            assert_true(well_formed || !is_plain(spoilt));
        }
    }
    assert_true(plain_ones > 300);
}

static void test_others(void **state)
{
    static const char *const well_formed[] = {
        "<!-- c --><a/>",
        "<a><![CDATA[<]]></a>",
        "<a>&#65;</a>",
        "<a>\xc3\xa4</a>",
        "<a>\r\n</a>",
        "<a b=\"&lt;\"/>",
        "<a b=\"\n\"/>",
        "<a b = \"1\"/>",
        "<a a='1' b='2' c='3' d='4' e='5'/>",
        "<a/><!-- c -->",
        "<?xml version='1.0' encoding='ISO-8859-1'?><a/>",
        "<a><?p i?></a>",
    };
    static const char *const wrong[] = {
        "",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "x<a/>",
        "<a/>x",
        "<a>]]></a>",
        "<a b='1' b=''/>",
        "<a b='1'c='2'/>",
        "<a b=1/>",
        "<a>&x;</a>",
        "<1/>",
        "< a/>",
        "<a/ >",
        "</a>",
        "<a>\x01</a>",
        "<a b='<'/>",
        "<a",
        "<a></a",
        " <?xml version=\"1.0\"?><a/>",
        "<a xmlns='1' xmlns='2'/>",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(well_formed); i++) {
        assert_false(is_plain(well_formed[i]));
        assert_true(agrees(well_formed[i]));
    }
    for (size_t i = 0; i < COUNT(wrong); i++) {
        assert_false(is_plain(wrong[i]));
        assert_false(agrees(wrong[i]));
    }
}

static void test_nesting(void **state)
{
    (void)state;
    for (size_t depth = 60; depth < 70; depth++) {
        char text[600] = "";
        for (size_t i = 0; i < depth; i++)
            memcpy(text + 3 * i, "<a>", 3);
        for (size_t i = 0; i < depth; i++)
            memcpy(text + 3 * depth + 4 * i, "</a>", 4);
        assert_true(agrees(text));
    }
}

static unsigned seed = 11;

static size_t random_below(size_t limit)
{
    seed = seed * 1103515245 + 12345;
    return (seed >> 8) % limit;
}

/* Removes, replaces or repeats a part of the text. */
static void spoil(char *text, size_t room)
{
    static const char letters[] = "<>/&;'\"= :aA1-.]![?x\n\r\t\x80\x7f";
    size_t length = strlen(text), at = random_below(length), part = 1 + random_below(6);
    if (at + part > length || length + part + 1 > room)
        return;
    switch (random_below(3)) {
    case 0: memmove(text + at, text + at + part, length - at - part + 1); return;
    case 1: text[at] = letters[random_below(sizeof letters - 1)]; return;
    default: memmove(text + at + part, text + at, length - at + 1); return;
    }
}

static void test_spoilt(void **state)
{
    size_t read = 0, rounds = slowed_rounds(20000);
    (void)state;
    for (size_t round = 0; round < rounds; round++) {
        char text[800];
        snprintf(text, sizeof text, "%s", plain[round % COUNT(plain)]);
        for (size_t times = 1 + random_below(3); times > 0 && text[0] != '\0'; times--)
            spoil(text, sizeof text);
        read += agrees(text);
    }
    assert_in_range(read, rounds / 10, rounds * 9 / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),  cmocka_unit_test(test_every_character),
        cmocka_unit_test(test_others), cmocka_unit_test(test_nesting),
        cmocka_unit_test(test_spoilt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
