/* A page about each resource type, with a section for each check. Serves `engine generate pages`;
 * uses only the policies' metadata. */
#ifndef GENERATE_GENERATE_PAGES_H
#define GENERATE_GENERATE_PAGES_H

#include "generate/generate.h"

/* Markdown: one page after the other. */
void generate_pages(const struct generate_input *input, struct buf *out);

#endif
