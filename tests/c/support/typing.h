/* A terminal in place of stdin and stdout, on which keys were typed before anyone reads them. */
#ifndef SUPPORT_TYPING_H
#define SUPPORT_TYPING_H

#include <stddef.h>

void typing_begin(const char *keys, unsigned short columns);
/* Puts stdin and stdout back; what was written since, free(3) it. */
char *typing_end(void);

#endif
