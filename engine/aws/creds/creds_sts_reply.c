#include "aws/creds/creds_sts_reply.h"

#include <stdio.h>
#include <string.h>

#include "aws/creds/creds.h"
#include "aws/creds/creds_read.h"
#include "aws/endpoint/endpoint_settings.h"
#include "base/mem.h"
#include "value/uri.h"
#include "value/xml.h"

/* Source: "dnsSuffix" and "dualStackDnsSuffix" of botocore's partitions.json. */
static const struct partition {
    const char *prefix; /* of its regions' names */
    const char *suffix;
    const char *dual_stack;
} partitions[] = {
    {"cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"},
    {"us-iso-", "c2s.ic.gov", "api.aws.ic.gov"},
    {"us-isob-", "sc2s.sgov.gov", "api.aws.scloud"},
    {"us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"},
    {"eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"},
    {"eusc-", "amazonaws.eu", "api.amazonwebservices.eu"},
    {"", "amazonaws.com", "api.aws"},
};

static const char *dns_suffix(const char *region, unsigned variant)
{
    const struct partition *partition = partitions;
    while (strncmp(region, partition->prefix, strlen(partition->prefix)) != 0)
        partition++;
    return variant & ENDPOINT_DUAL_STACK ? partition->dual_stack : partition->suffix;
}

/* All endpoints of STS in GovCloud are FIPS endpoints, except the dual-stack ones. */
static const char *first_label(const char *region, unsigned variant)
{
    bool named = (variant & ENDPOINT_FIPS) != 0 &&
                 (strncmp(region, "us-gov-", 7) != 0 || (variant & ENDPOINT_DUAL_STACK) != 0);
    return named ? "sts-fips" : "sts";
}

static const char *region_of(const struct creds_env *env, const char *region)
{
    if (env->region != NULL && env->region[0] != '\0')
        return env->region;
    return region != NULL ? region : "us-east-1";
}

static int use_url(const char *text, const char *source, struct creds_endpoint *endpoint,
                   struct err *err)
{
    struct uri uri;
    struct buf host;
    if (uri_parse(text, &uri, err) != 0)
        return err_prefix(err, "%s", source);
    buf_init(&host, sizeof endpoint->host - 1);
    int failed = uri_host_header(&uri, &host);
    int length = snprintf(endpoint->url, sizeof endpoint->url, "%s://%s%s", uri.scheme,
                          buf_text(&host), uri.path);
    snprintf(endpoint->host, sizeof endpoint->host, "%s", buf_text(&host));
    int path = snprintf(endpoint->path, sizeof endpoint->path, "%s", uri.path);
    if (failed != 0 || (size_t)length >= sizeof endpoint->url ||
        (size_t)path >= sizeof endpoint->path)
        failed = err_set(err, ERR_USAGE, "%s: the URL is too long", source);
    buf_clear(&host);
    uri_clear(&uri);
    return failed;
}

int creds_sts_endpoint(const struct creds_env *env, const char *region,
                       struct creds_endpoint *endpoint, struct err *err)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    const char *name = region_of(env, region);
    const char *source;
    const char *url = endpoint_own_url(env->getenv, env->profile, "STS", &source);
    unsigned variant;
    if (strlen(name) >= sizeof endpoint->region || name[strspn(name, allowed)] != '\0')
        return err_set(err, ERR_USAGE, "\"%.64s\" is not a region", name);
    snprintf(endpoint->region, sizeof endpoint->region, "%s", name);
    if (endpoint_variant(env->getenv, env->profile, &variant, err) != 0)
        return -1;
    if (url != NULL)
        return variant != 0 ? endpoint_refuse_both(source, err)
                            : use_url(url, source, endpoint, err);
    snprintf(endpoint->host, sizeof endpoint->host, "%s.%s.%s",
             first_label(endpoint->region, variant), endpoint->region,
             dns_suffix(endpoint->region, variant));
    snprintf(endpoint->url, sizeof endpoint->url, "https://%s/", endpoint->host);
    snprintf(endpoint->path, sizeof endpoint->path, "/");
    return 0;
}

static void copy_error(const struct xml_node *root, struct err *err)
{
    const struct xml_node *error = xml_child(root, "Error");
    if (error == NULL)
        error = xml_child(xml_child(root, "Errors"), "Error");
    if (error == NULL)
        error = root;
    const char *code = xml_child_text(error, "Code");
    const char *message = xml_child_text(error, "Message");
    const char *id = xml_child_text(root, "RequestId");
    snprintf(err->code, sizeof err->code, "%s", code != NULL ? code : "");
    snprintf(err->request_id, sizeof err->request_id, "%s", id != NULL ? id : "");
    if (message != NULL)
        /* If a signature was refused, the lines after the first hold the canonical request with the
         * token. */
        snprintf(err->message, sizeof err->message, "%.*s", (int)strcspn(message, "\r\n"), message);
}

int creds_sts_error(const struct http_response *response, struct err *err)
{
    struct err ignored = {0};
    err_set(err, ERR_API, "no reason was given with status %d", response->status);
    struct xml_document *document = response->body_length > 0
                                        ? xml_parse(response->body, response->body_length, &ignored)
                                        : NULL;
    if (document != NULL)
        copy_error(xml_root(document), err);
    xml_free(document);
    err->status = response->status;
    return -1;
}

static const char *hint_of(const char *operation, const char *code)
{
    static const struct {
        const char *code;
        const char *hint;
    } hints[] = {
        {"SignatureDoesNotMatch", "the caller's secret key does not belong to its access key"},
        {"InvalidSignatureException", "the caller's secret key does not belong to its access key"},
        {"InvalidClientTokenId", "the caller's access key or session token is not known"},
        {"ExpiredToken", "the caller's own session has expired: get new credentials"},
        {"ExpiredTokenException", "the token has expired: whoever writes its file must renew it"},
        {"InvalidIdentityToken", "the account needs an OIDC provider for the token's issuer, and "
                                 "the token must be for its audience"},
        {"PackedPolicyTooLarge", "the session policy is too large: declare fewer permissions"},
        {"PackedPolicySize", "the session policy is too large: declare fewer permissions"},
        {"MalformedPolicyDocument", "STS rejected the session policy as malformed"},
        {"RegionDisabledException",
         "STS is turned off in this region for the account: set AWS_REGION to another region"},
    };
    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++) {
        if (strcmp(hints[i].code, code) == 0)
            return hints[i].hint;
    }
    if (strcmp(code, "AccessDenied") != 0 && strcmp(code, "AccessDeniedException") != 0)
        return NULL;
    return strcmp(operation, "AssumeRole") == 0
               ? "check that the role exists, that its trust policy names this caller and the "
                 "external id given here, and that the caller is allowed sts:AssumeRole on it"
               : "check that the role exists and that its trust policy names the token's issuer, "
                 "subject and audience";
}

void creds_sts_explain(const char *operation, const char *role_arn, struct err *err)
{
    const char *hint = hint_of(operation, err->code);
    char reason[sizeof err->message];
    snprintf(reason, sizeof reason, "%s", err->message);
    snprintf(err->operation, sizeof err->operation, "sts:%s", operation);
    if (err->kind != ERR_API) {
        err_prefix(err, "sts:%s for %s", operation, role_arn);
        return;
    }
    err->kind = ERR_CREDS;
    snprintf(err->message, sizeof err->message, "role %s could not be assumed (%s%s%.500s)%s%s",
             role_arn, err->code[0] != '\0' ? err->code : "no code", ": ", reason,
             hint != NULL ? ": " : "", hint != NULL ? hint : "");
}
