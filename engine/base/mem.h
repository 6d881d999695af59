/* Allocation that cannot fail: if memory runs out, the process ends with a message. That is safe:
 * every change is journalled before it is sent, and after a crash it can be done again without
 * harm. So no caller has an untested error path. Data that grows with input has its own maximum
 * (buf.h), and policies have their own limit (bindings/vm/state.h).
 * What was allocated here is freed here, and nothing else is. Not for several threads. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t size);             /* zeroed */
void *mem_resize(void *old, size_t size); /* added bytes are not zeroed */
char *mem_strdup(const char *text);       /* NULL gives NULL */
char *mem_strndup(const char *text, size_t length);
char *mem_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
void mem_free(void *old);
/* Overwrites the text before freeing it; for keys and tokens. */
void mem_free_secret(char *text);

/* Makes jansson use these functions too, so mem_free frees its texts; main() calls it once. */
void mem_install(void);

#endif
