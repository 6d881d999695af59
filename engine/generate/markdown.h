/* Markdown from what the policies declare. Serves the pages about checks; writes to the caller's
 * buffer. */
#ifndef GENERATE_MARKDOWN_H
#define GENERATE_MARKDOWN_H

#include <jansson.h>

#include "base/buf.h"

/* A text on one line, also in a table: what would end the cell is escaped, and line breaks become
 * spaces. */
void markdown_text(struct buf *out, const char *text);
/* "- Name: text"; nothing if there is no text. */
void markdown_item(struct buf *out, const char *name, const char *text);
/* "SQS.3, CIS 3.0 2.1.1, nist X" of a check's `controls`; nothing if there are none. */
void markdown_controls(struct buf *out, json_t *controls);
/* The anchor that GitHub and GitLab give a heading: lower case, without punctuation. */
void markdown_anchor(struct buf *out, const char *heading);

#endif
