#include "aws/client/client_bucket.h"

#include <stdio.h>
#include <string.h>

static const char *region_in_body(const struct http_response *response, char out[64])
{
    static const char open_tag[] = "<Region>";
    if (response->body == NULL)
        return NULL;
    const char *start =
        memmem(response->body, response->body_length, open_tag, sizeof open_tag - 1);
    if (start == NULL)
        return NULL;
    start += sizeof open_tag - 1;
    size_t left = (size_t)(response->body + response->body_length - start);
    const char *end = memchr(start, '<', left < 64 ? left : 64);
    if (end == NULL || end == start || (size_t)(end - start) >= 64)
        return NULL;
    snprintf(out, 64, "%.*s", (int)(end - start), start);
    return out;
}

/* S3 also names the region when it denies access (403): botocore reads it there after HeadBucket
 * (botocore/utils.py, S3RegionRedirectorv2.get_bucket_region). */
const char *client_bucket_region(const struct client_call *call,
                                 const struct http_response *response, char out[64])
{
    if (!model_info(call->model)->s3 || call->request.bucket[0] == '\0')
        return NULL;
    if (response->status != 301 && response->status != 307 && response->status != 400 &&
        response->status != 403)
        return NULL;
    const char *header = http_header_value(response, "x-amz-bucket-region");
    if (header != NULL && strlen(header) < 64) {
        snprintf(out, 64, "%s", header);
        return out;
    }
    return region_in_body(response, out);
}

/* Errors that say "in another region", possibly without naming it (the same file,
 * redirect_from_error). */
static bool is_elsewhere(const struct err *err)
{
    return err->status == 301 || strcmp(err->code, "PermanentRedirect") == 0 ||
           strcmp(err->code, "IllegalLocationConstraintException") == 0 ||
           strcmp(err->code, "AuthorizationHeaderMalformed") == 0;
}

bool client_bucket_may_ask(const struct client_call *call, const struct err *err)
{
    return model_info(call->model)->s3 && call->request.bucket[0] != '\0' && is_elsewhere(err) &&
           strcmp(call->info.name, "HeadBucket") != 0 &&
           strcmp(call->info.name, "CreateBucket") != 0;
}
