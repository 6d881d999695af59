/* Objects in S3, one at a time: starts a call and runs the loop until it has ended. Serves the
 * commands before and after their run, with the caller's own credentials. */
#ifndef APP_SERVICES_SERVICES_OBJECTS_H
#define APP_SERVICES_SERVICES_OBJECTS_H

#include <jansson.h>

#include "app/services/services.h"
#include "notify/message_object.h"
#include "report/report.h"

/* The content as a JSON string (raw bytes), new. NULL: the object cannot be read, or is longer than
 * `max` bytes. */
json_t *services_object_get(struct services *services, const struct s3_url *url, size_t max,
                            struct err *err);
/* The same, with its version (MESSAGE_OBJECT_VERSION bytes), which message_object's match takes. */
json_t *services_object_get_version(struct services *services, const struct s3_url *url, size_t max,
                                    char *version, struct err *err);
int services_object_put(struct services *services, const struct message_object *object,
                        struct err *err);
int services_object_delete(struct services *services, const struct s3_url *url, struct err *err);

/* The ARN of the caller, new; "" if STS does not tell. */
char *services_caller_arn(struct services *services);

/* Puts the whole file at s3://bucket/key. Its content is not read into memory. */
int services_object_put_file(struct services *services, const char *url, int fd, struct err *err);

/* For reports whose --output is s3://…. */
struct report_store services_report_store(struct services *services);

/* A file's content in memory, and its content type by the end of its name. */
struct object_file {
    struct message_object object;
    size_t mapped; /* 0: nothing to unmap */
};
int object_file_map(struct object_file *file, const struct s3_url *url, int fd, struct err *err);
void object_file_unmap(struct object_file *file);

#endif
