#include "value/xml.h"

#include <expat.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/mem.h"
#include "value/xml_plain.h"

#define MAX_NESTING 512
#define MAX_MEMORY (256u << 20) /* "<a/>" becomes a node of many times its size */
#define FIRST_BLOCK 4096u
#define FIRST_STACK 16
#define KEPT_LENGTH (64u << 10)
#define MAX_BLOCK (1u << 20)

struct block {
    struct block *next;
    size_t size;
    size_t used;
    max_align_t bytes[];
};

struct xml_document {
    struct block *blocks; /* newest first */
    size_t total;
    struct xml_node *root;
};

/* An element that has not ended. Its text is moved to the arena at its end. */
struct open_element {
    struct xml_node *node;
    struct xml_node **tail;            /* where its next child is linked */
    struct xml_attribute **attributes; /* where its next attribute is */
    size_t text;                       /* where its text starts in reading.text */
};

struct reading {
    XML_Parser parser;
    struct xml_document *document;
    struct open_element *stack;
    size_t depth, capacity;
    struct buf text; /* of all open elements, the innermost last, which takes its text away again */
    bool failed;
    struct err *err;
};

static void *arena_take(struct xml_document *document, size_t size)
{
    size = (size + sizeof(void *) - 1) / sizeof(void *) * sizeof(void *);
    struct block *block = document->blocks;
    if (block == NULL || block->size - block->used < size) {
        size_t room = block == NULL ? FIRST_BLOCK : block->size * 2;
        room = room > MAX_BLOCK ? MAX_BLOCK : room;
        room = room < size ? size : room;
        block = mem_resize(NULL, sizeof *block + room); /* not zeroed: it may be large */
        block->size = room;
        block->used = 0;
        block->next = document->blocks;
        document->blocks = block;
        document->total += room;
    }
    void *taken = (char *)block->bytes + block->used;
    block->used += size;
    return taken;
}

static void clear_document(struct xml_document *document)
{
    while (document->blocks != NULL) {
        struct block *block = document->blocks;
        document->blocks = block->next;
        mem_free(block);
    }
    memset(document, 0, sizeof *document);
}

static char *copy_text(char *copy, const char *text, size_t length)
{
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

static const char *arena_text(struct xml_document *document, const char *text, size_t length)
{
    return length > 0 ? copy_text(arena_take(document, length + 1), text, length) : "";
}

/* The first explanation is kept: after that the parser fails only because it was stopped. */
static void explain(struct reading *reading, const char *why)
{
    if (reading->failed)
        return;
    reading->failed = true;
    err_set(reading->err, ERR_PARSE, "XML, line %lu column %lu: %s",
            (unsigned long)XML_GetCurrentLineNumber(reading->parser),
            (unsigned long)XML_GetCurrentColumnNumber(reading->parser) + 1, why);
}

static void refuse(struct reading *reading, const char *why)
{
    explain(reading, why);
    XML_StopParser(reading->parser, XML_FALSE);
}

static struct open_element *innermost(struct reading *reading)
{
    return &reading->stack[reading->depth - 1];
}

/* Of the innermost element. */
static void add_attribute(void *arg, const char *name, size_t length, const char *value,
                          size_t value_length)
{
    struct reading *reading = arg;
    struct xml_document *document = reading->document;
    if (length >= 5 && memcmp(name, "xmlns", 5) == 0 && (length == 5 || name[5] == ':'))
        return;
    struct open_element *element = innermost(reading);
    struct xml_attribute *attribute = arena_take(document, sizeof *attribute);
    attribute->name = arena_text(document, name, length);
    attribute->value = arena_text(document, value, value_length);
    attribute->next = NULL;
    *element->attributes = attribute;
    element->attributes = &attribute->next;
}

static void push(struct reading *reading, struct xml_node *node)
{
    if (reading->depth == reading->capacity) {
        reading->capacity = reading->capacity == 0 ? FIRST_STACK : reading->capacity * 2;
        reading->stack =
            mem_resize(reading->stack, reading->capacity * sizeof(struct open_element));
    }
    reading->stack[reading->depth++] =
        (struct open_element){node, &node->first_child, &node->attributes, reading->text.len};
}

static bool is_full(const struct reading *reading)
{
    return reading->depth == MAX_NESTING || reading->document->total > MAX_MEMORY;
}

static bool add_element(void *arg, const char *name, size_t length)
{
    struct reading *reading = arg;
    struct xml_document *document = reading->document;
    if (is_full(reading))
        return false;
    const char *colon = memrchr(name, ':', length);
    const char *local = colon != NULL ? colon + 1 : name;
    length -= (size_t)(local - name);
    struct xml_node *node = arena_take(document, sizeof *node + length + 1);
    *node = (struct xml_node){.name = copy_text((char *)(node + 1), local, length), .text = ""};
    if (reading->depth == 0) {
        document->root = node;
    } else {
        struct open_element *parent = innermost(reading);
        *parent->tail = node;
        parent->tail = &node->next;
    }
    push(reading, node);
    return true;
}

static void XMLCALL on_start(void *arg, const char *name, const char **attributes)
{
    struct reading *reading = arg;
    if (!add_element(reading, name, strlen(name))) {
        refuse(reading, reading->depth == MAX_NESTING ? "nested too deep" : "too large");
        return;
    }
    for (; *attributes != NULL; attributes += 2)
        add_attribute(reading, attributes[0], strlen(attributes[0]), attributes[1],
                      strlen(attributes[1]));
}

static void end_element(void *arg)
{
    struct reading *reading = arg;
    struct open_element *element = &reading->stack[--reading->depth];
    size_t length = reading->text.len - element->text;
    element->node->text =
        arena_text(reading->document, buf_text(&reading->text) + element->text, length);
    element->node->text_length = length;
    buf_cut(&reading->text, element->text);
}

static void XMLCALL on_end(void *arg, const char *name)
{
    const struct reading *reading = arg;
    (void)name;
    if (!reading->failed) /* a stopped parser still reports the end of "<a/>" */
        end_element(arg);
}

static bool add_text(void *arg, const char *text, size_t length)
{
    struct reading *reading = arg;
    return buf_add(&reading->text, text, length) == 0;
}

/* Outside the root expat only allows white space, and does not report it. */
static void XMLCALL on_text(void *arg, const char *text, int length)
{
    if (!add_text(arg, text, (size_t)length))
        refuse(arg, "too large");
}

/* Entities can only be declared in a DTD, so without a DTD there is nothing to expand. */
static void XMLCALL on_doctype(void *arg, const char *name, const char *system_id,
                               const char *public_id, int has_internal_subset)
{
    (void)name;
    (void)system_id;
    (void)public_id;
    (void)has_internal_subset;
    refuse(arg, "a document type declaration is not allowed");
}

/* ---- the parser ---- */

/* One parser serves all documents, one after the other: making one costs more than reading a small
 * document. It keeps the memory that it used, so one that read a large document is not kept. */
static XML_Parser kept;

static XML_Parser take_parser(void)
{
    static unsigned long salt; /* of expat's tables: else it asks the kernel for each document */
    XML_Parser parser = kept != NULL ? kept : XML_ParserCreate(NULL);
    kept = NULL;
    if (salt == 0)
        random_bytes(&salt, sizeof salt);
    XML_SetHashSalt(parser, salt);
    return parser;
}

static void give_parser(XML_Parser parser, size_t length)
{
    if (kept == NULL && length <= KEPT_LENGTH && XML_ParserReset(parser, NULL))
        kept = parser;
    else
        XML_ParserFree(parser);
}

static int read_document(struct reading *reading, const char *text, size_t length)
{
    reading->parser = take_parser();
    XML_SetUserData(reading->parser, reading);
    XML_SetElementHandler(reading->parser, on_start, on_end);
    XML_SetCharacterDataHandler(reading->parser, on_text);
    XML_SetStartDoctypeDeclHandler(reading->parser, on_doctype);
    if (XML_Parse(reading->parser, text, (int)length, XML_TRUE) != XML_STATUS_OK)
        explain(reading, XML_ErrorString(XML_GetErrorCode(reading->parser)));
    give_parser(reading->parser, length);
    return reading->failed ? -1 : 0;
}

/* Makes the document anew with expat unless it is plain. */
static int read_any(struct reading *reading, const char *text, size_t length)
{
    static const struct xml_plain_events events = {add_element, add_attribute, add_text,
                                                   end_element};
    if (xml_plain(text, length, &events, reading))
        return 0;
    clear_document(reading->document);
    reading->depth = 0;
    buf_reset(&reading->text);
    return read_document(reading, text, length);
}

struct xml_document *xml_parse(const char *text, size_t length, struct err *err)
{
    if (length > INT_MAX) {
        err_set(err, ERR_PARSE, "XML: too large");
        return NULL;
    }
    struct xml_document *document = mem_alloc(sizeof *document);
    struct reading reading = {.document = document, .err = err};
    /* UTF-16 and ISO-8859-1 may grow threefold when converted to UTF-8. */
    buf_init(&reading.text, length * 3 + 1);
    if (read_any(&reading, text, length) != 0) {
        xml_free(document);
        document = NULL;
    }
    mem_free(reading.stack);
    buf_clear(&reading.text);
    return document;
}

const struct xml_node *xml_root(const struct xml_document *document)
{
    return document->root;
}

void xml_free(struct xml_document *document)
{
    if (document == NULL)
        return;
    clear_document(document);
    mem_free(document);
}

static const struct xml_node *first_named(const struct xml_node *node, const char *name)
{
    while (node != NULL && strcmp(node->name, name) != 0)
        node = node->next;
    return node;
}

const struct xml_node *xml_child(const struct xml_node *node, const char *name)
{
    return node != NULL ? first_named(node->first_child, name) : NULL;
}

const struct xml_node *xml_next(const struct xml_node *node)
{
    return node != NULL ? first_named(node->next, node->name) : NULL;
}

const char *xml_child_text(const struct xml_node *node, const char *name)
{
    const struct xml_node *child = xml_child(node, name);
    return child != NULL ? child->text : NULL;
}

const char *xml_attribute_value(const struct xml_node *node, const char *name)
{
    const struct xml_attribute *attribute = node != NULL ? node->attributes : NULL;
    while (attribute != NULL && strcmp(attribute->name, name) != 0)
        attribute = attribute->next;
    return attribute != NULL ? attribute->value : NULL;
}
