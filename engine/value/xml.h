/* XML replies as a small tree, read by expat, or without it if they are plain
 * (xml_plain.h). Namespace prefixes are removed from names (the
 * attribute "xsi:type" keeps its prefix, because S3's grants use it). DTDs and entities defined in
 * the document are refused, nesting is limited, and all memory is one arena. */
#ifndef VALUE_XML_H
#define VALUE_XML_H

#include <stddef.h>

#include "base/err.h"

struct xml_attribute {
    const char *name;
    const char *value;
    struct xml_attribute *next;
};

struct xml_node {
    const char *name; /* local name */
    const char *text; /* all character data directly inside; never NULL */
    size_t text_length;
    struct xml_attribute *attributes; /* in order, without xmlns declarations */
    struct xml_node *first_child;
    struct xml_node *next; /* sibling */
};

struct xml_document;

/* New document, or NULL with ERR_PARSE. */
struct xml_document *xml_parse(const char *text, size_t length, struct err *err);
const struct xml_node *xml_root(const struct xml_document *document);
void xml_free(struct xml_document *document);

/* The first child of that name, or NULL; `node` may be NULL. */
const struct xml_node *xml_child(const struct xml_node *node, const char *name);
/* The next sibling of the same name, or NULL. */
const struct xml_node *xml_next(const struct xml_node *node);
/* The text of the first child of that name, or NULL. */
const char *xml_child_text(const struct xml_node *node, const char *name);
const char *xml_attribute_value(const struct xml_node *node, const char *name);

#endif
