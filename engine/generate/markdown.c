#include "generate/markdown.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/mem.h"
#include "policy/check_names.h"

void markdown_text(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '|' || *text == '\\')
            buf_addc(out, '\\');
        buf_addc(out, *text == '\n' ? ' ' : *text);
    }
}

void markdown_item(struct buf *out, const char *name, const char *text)
{
    if (text[0] == '\0')
        return;
    buf_addf(out, "- %s: ", name);
    markdown_text(out, text);
    buf_adds(out, "\n");
}

static void add_ids(struct buf *out, size_t begin, const char *framework, const json_t *ids)
{
    size_t i;
    json_t *id;
    json_array_foreach (ids, i, id) {
        buf_adds(out, out->len > begin ? ", " : "");
        buf_adds(out, framework);
        markdown_text(out, json_string_value(id));
    }
}

/* An id of Security Hub is clear by itself; the others follow their framework's name. */
void markdown_controls(struct buf *out, json_t *controls)
{
    const char *framework;
    json_t *ids;
    size_t begin = out->len;
    add_ids(out, begin, "", json_object_get(controls, "securityhub"));
    add_ids(out, begin, CHECK_NAMES_CIS, json_object_get(controls, "cis"));
    json_object_foreach (controls, framework, ids) {
        if (strcmp(framework, "securityhub") == 0 || strcmp(framework, "cis") == 0)
            continue;
        char *name = mem_printf("%s ", framework);
        add_ids(out, begin, name, ids);
        mem_free(name);
    }
}

void markdown_anchor(struct buf *out, const char *heading)
{
    for (; *heading != '\0'; heading++) {
        unsigned char c = (unsigned char)*heading;
        if (isalnum(c) || c == '_' || c == '-')
            buf_addc(out, (char)tolower(c));
        else if (c == ' ')
            buf_addc(out, '-');
    }
}
