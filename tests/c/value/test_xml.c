/* XML replies as a tree, and what a hostile one must not do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "support/slowed.h"
#include "value/xml.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static struct xml_document *parse(const char *text)
{
    struct err err = {0};
    struct xml_document *document = xml_parse(text, strlen(text), &err);
    if (document == NULL)
        fail_msg("%s: %s", text, err.message);
    return document;
}

static void refused(const char *text, size_t length, const char *want)
{
    struct err err = {0};
    assert_null(xml_parse(text, length, &err));
    assert_int_equal(err.kind, ERR_PARSE);
    if (strcmp(err.message, want) != 0)
        fail_msg("%s, want %s", err.message, want);
}

static void test_tree(void **state)
{
    (void)state;
    struct xml_document *document = parse(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<!-- none --><Result xmlns=\"urn:x\"><Item>1</Item><Other/>"
        "<Item><Deep>&lt;2&gt;&#x20AC;<![CDATA[<&>]]></Deep></Item><Last>z</Last></Result>\n");
    const struct xml_node *root = xml_root(document);
    assert_string_equal(root->name, "Result");
    assert_string_equal(root->text, "");
    assert_null(root->attributes);
    const struct xml_node *item = xml_child(root, "Item");
    assert_string_equal(item->text, "1");
    assert_int_equal(item->text_length, 1);
    const struct xml_node *second = xml_next(item);
    assert_string_equal(xml_child_text(second, "Deep"), "<2>\xe2\x82\xac<&>");
    assert_null(xml_next(second));
    assert_string_equal(xml_child_text(root, "Other"), "");
    assert_string_equal(xml_child_text(root, "Last"), "z");
    assert_null(xml_child_text(root, "Missing"));
    assert_null(xml_child(root, "Deep"));
    assert_null(root->next);
    xml_free(document);
}

static void test_nothing(void **state)
{
    (void)state;
    assert_null(xml_child(NULL, "a"));
    assert_null(xml_next(NULL));
    assert_null(xml_child_text(NULL, "a"));
    assert_null(xml_attribute_value(NULL, "a"));
    xml_free(NULL);
}

/* S3's grants give their type by an attribute with a prefix. */
static void test_names(void **state)
{
    (void)state;
    struct xml_document *document = parse(
        "<s:Grant xmlns:s=\"urn:s\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">"
        "<Grantee b=\"&quot;2&quot;\" xsi:type=\"Group\" xmlns=\"\"/><s:ID>x</s:ID></s:Grant>");
    const struct xml_node *root = xml_root(document);
    assert_string_equal(root->name, "Grant");
    assert_null(root->attributes);
    const struct xml_node *grantee = xml_child(root, "Grantee");
    assert_string_equal(grantee->attributes->name, "b");
    assert_string_equal(grantee->attributes->next->name, "xsi:type");
    assert_null(grantee->attributes->next->next);
    assert_string_equal(xml_attribute_value(grantee, "b"), "\"2\"");
    assert_string_equal(xml_attribute_value(grantee, "xsi:type"), "Group");
    assert_null(xml_attribute_value(grantee, "type"));
    assert_string_equal(xml_child_text(root, "ID"), "x");
    xml_free(document);
}

static void test_text_around_children(void **state)
{
    (void)state;
    struct xml_document *document = parse("<a> one <b>in<c>deep</c>ner</b>two <d/>\n</a>");
    const struct xml_node *root = xml_root(document);
    assert_string_equal(root->text, " one two \n");
    assert_string_equal(xml_child_text(root, "b"), "inner");
    assert_string_equal(xml_child_text(xml_child(root, "b"), "c"), "deep");
    xml_free(document);
}

static void test_encodings(void **state)
{
    static const char utf16[] = "\xff\xfe<\0a\0>\0\xac\x20<\0/\0a\0>\0";
    struct err err = {0};
    (void)state;
    struct xml_document *document = parse("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>");
    assert_string_equal(xml_root(document)->text, "\xc3\xa9");
    xml_free(document);
    document = xml_parse(utf16, sizeof utf16 - 1, &err);
    assert_non_null(document);
    assert_string_equal(xml_root(document)->text, "\xe2\x82\xac");
    xml_free(document);
}

static void test_large(void **state)
{
    struct buf text;
    struct err err = {0};
    (void)state;
    buf_init(&text, 16u << 20);
    buf_adds(&text, "<list>");
    const int nodes = (int)slowed_rounds(50000), tens = (int)slowed_rounds(200000);
    for (int j = 0; j < nodes; j++)
        buf_addf(&text, "<n a=\"%d\">%d</n>", j, j * 2);
    buf_adds(&text, "<big>");
    for (int j = 0; j < tens; j++)
        buf_adds(&text, "0123456789");
    buf_adds(&text, "</big></list>");
    struct xml_document *document = xml_parse(buf_text(&text), text.len, &err);
    assert_non_null(document);
    int i = 0;
    const struct xml_node *node = xml_child(xml_root(document), "n");
    for (; node != NULL; node = xml_next(node), i++)
        assert_true(atoi(node->text) == i * 2 && atoi(xml_attribute_value(node, "a")) == i);
    assert_int_equal(i, nodes);
    assert_int_equal(xml_child(xml_root(document), "big")->text_length, 10 * tens);
    xml_free(document);
    buf_clear(&text);
}

static void test_broken(void **state)
{
    static const char *const cases[][2] = {
        {"", "XML, line 1 column 1: no element found"},
        {"hello", "XML, line 1 column 1: syntax error"},
        {"<a>", "XML, line 1 column 4: no element found"},
        {"<a>\n<b></a>", "XML, line 2 column 6: mismatched tag"},
        {"<a/><b/>", "XML, line 1 column 5: junk after document element"},
        {"<a>&nbsp;</a>", "XML, line 1 column 4: undefined entity"},
        {"<a b=1/>", "XML, line 1 column 6: not well-formed (invalid token)"},
        {"<a b='1' b='2'/>", "XML, line 1 column 10: duplicate attribute"},
        {"<a>\xff</a>", "XML, line 1 column 4: not well-formed (invalid token)"},
        {"<?xml version='1.0' encoding='EBCDIC-1'?><a/>",
         "XML, line 1 column 31: unknown encoding"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        refused(cases[i][0], strlen(cases[i][0]), cases[i][1]);
}

static void test_declarations(void **state)
{
    static const char *const texts[] = {
        "<!DOCTYPE a><a/>",
        "<!DOCTYPE a [<!ENTITY b \"boom\">]><a>&b;</a>",
        "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>",
        "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct err err = {0};
        assert_null(xml_parse(texts[i], strlen(texts[i]), &err));
        assert_non_null(strstr(err.message, "a document type declaration is not allowed"));
    }
}

static void nest(struct buf *text, int depth, const char *innermost)
{
    buf_reset(text);
    for (int i = 0; i < depth; i++)
        buf_adds(text, "<a>");
    buf_adds(text, innermost);
    for (int i = 0; i < depth; i++)
        buf_adds(text, "</a>");
}

static void test_nesting(void **state)
{
    struct buf text;
    struct err err = {0};
    (void)state;
    buf_init(&text, 1u << 20);
    nest(&text, 512, "x");
    struct xml_document *document = xml_parse(buf_text(&text), text.len, &err);
    assert_non_null(document);
    xml_free(document);
    nest(&text, 512, "<b>text</b>");
    refused(buf_text(&text), text.len, "XML, line 1 column 1537: nested too deep");
    nest(&text, 512, "<b/>text"); /* its end is reported even then */
    refused(buf_text(&text), text.len, "XML, line 1 column 1537: nested too deep");
    nest(&text, 100000, "");
    refused(buf_text(&text), text.len, "XML, line 1 column 1537: nested too deep");
    buf_clear(&text);
}

/* Four bytes of text create a node of many times that size. */
static void test_memory(void **state)
{
    size_t length = 24u << 20;
    struct err err = {0};
    (void)state;
    if (is_slowed())
        return;
    char *text = mem_alloc(length);
    memcpy(text, "<r> ", 4);
    for (size_t i = 4; i < length; i += 4)
        memcpy(text + i, "<a/>", 4);
    assert_null(xml_parse(text, length, &err));
    assert_non_null(strstr(err.message, ": too large"));
    assert_null(xml_parse(text, (size_t)INT32_MAX + 1, &err));
    assert_string_equal(err.message, "XML: too large");
    mem_free(text);
}

/* All documents are read by one parser: nothing of one is left for the next. */
static void test_one_after_another(void **state)
{
    static const char *const before[] = {"<a>left", "<a><b c='left'>left</b>", "<!DOCTYPE a><a/>",
                                         "<?xml version='1.0' encoding='UTF-16'?><a/>", "left"};
    (void)state;
    for (size_t i = 0; i < COUNT(before); i++) {
        struct err err = {0};
        assert_null(xml_parse(before[i], strlen(before[i]), &err));
        struct xml_document *document = parse("<r>t<b>\xc3\xa9</b></r>");
        struct xml_document *other = parse("<s/>");
        assert_string_equal(xml_root(document)->text, "t");
        assert_string_equal(xml_child_text(xml_root(document), "b"), "\xc3\xa9");
        assert_null(xml_root(document)->first_child->next);
        assert_string_equal(xml_root(other)->text, "");
        xml_free(document);
        xml_free(other);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_text_around_children),
        cmocka_unit_test(test_encodings),
        cmocka_unit_test(test_large),
        cmocka_unit_test(test_broken),
        cmocka_unit_test(test_declarations),
        cmocka_unit_test(test_nesting),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_one_after_another),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
