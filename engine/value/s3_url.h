/* Names of S3 objects as the AWS CLI writes them: s3://bucket/key. Serves reports, plans and
 * journals that are kept in S3. */
#ifndef VALUE_S3_URL_H
#define VALUE_S3_URL_H

#include <stdbool.h>

#include "base/err.h"

struct s3_url {
    char bucket[64];
    char key[1025]; /* as it is, not encoded */
};

/* Does the text begin with "s3://"? */
bool s3_url_is(const char *text);
/* ERR_USAGE says what is wrong with the bucket's name or the key. */
int s3_url_parse(const char *text, struct s3_url *url, struct err *err);
/* A prefix of keys: s3://bucket, s3://bucket/a/b or s3://bucket/a/b/. The key is "" or ends with
 * '/'. */
int s3_url_parse_prefix(const char *text, struct s3_url *url, struct err *err);
/* The URL as a word of a shell command (text_shell). New: mem_free. */
char *s3_url_shell(const struct s3_url *url);

#endif
