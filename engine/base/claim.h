/* A name that one process of the machine has at a time, whatever files it works with: until it lets
 * go, or ends. Serves plan_hold and undo, since a plan or journal may be copied, and be locked in
 * each copy. Makes no file: it is a local socket's abstract name, as unix(7) describes it, so what
 * it covers is one network namespace. */
#ifndef BASE_CLAIM_H
#define BASE_CLAIM_H

/* The claim's descriptor; -1 with errno, EADDRINUSE where another has it. */
int claim_take(const char *name);
void claim_drop(int claim); /* -1 is allowed */

#endif
