/* The manual page engine(1), made of the same table as --help. Serves cmd_generate.c. */
#ifndef GUIDE_MANUAL_H
#define GUIDE_MANUAL_H

#include "base/buf.h"
#include "guide/guide.h"

/* In the macros of man(7). */
void manual_write(const struct guide *guide, struct buf *out);

#endif
