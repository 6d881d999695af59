/* Completion of command lines in bash, zsh and fish, made of the same table as --help. Serves
 * cmd_generate.c. */
#ifndef GUIDE_COMPLETION_SHELLS_H
#define GUIDE_COMPLETION_SHELLS_H

#include "base/buf.h"
#include "guide/guide.h"

/* Writes what the shell reads. ERR_USAGE: there is no completion for this shell. */
int completion_write(const char *shell, const struct guide *guide, struct buf *out,
                     struct err *err);

#endif
