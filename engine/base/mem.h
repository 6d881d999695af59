/* Allocation that cannot fail: out of memory ends the process with a message. Every change that the
 * engine makes is journalled before it is sent and done again harmlessly after a crash, so ending
 * is the safe answer, and no caller has an untested path for it. What grows with input has a
 * maximum of its own (buf.h); policies have a ceiling of their own (bindings/vm/state.h). */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t size);             /* zeroed */
void *mem_resize(void *old, size_t size); /* new bytes are not zeroed */
char *mem_strdup(const char *text);       /* NULL gives NULL */
char *mem_strndup(const char *text, size_t length);
char *mem_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
void mem_free(void *old);
/* Overwrites before freeing; for keys and tokens. */
void mem_free_secret(char *text);

/* Makes jansson allocate here too; called once by every main(). */
void mem_install(void);

#endif
