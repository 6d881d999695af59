/* From which sources this executable was built. Serves reports, plans and journals. */
#ifndef SCOPE_COMMIT_H
#define SCOPE_COMMIT_H

/* The commit in hex, with "+changes" if files of it were changed; "" if it is not known. */
extern const char engine_commit[];

#endif
