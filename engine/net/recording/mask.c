#include "net/recording/mask.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "net/recording/mask_internal.h"
#include "value/json.h"

#define MAX_NAME 256

/* Names in lower case: members of AWS's APIs that carry what opens something. Source: botocore's
 * service models, members of shapes marked sensitive that are credentials, and what users keep
 * secrets in although AWS does not say so (environment variables, user data): what a review in
 * engine/aws/reads calls secret, where the name alone tells it. */
static const char *const secret_names[] = {
    "secretaccesskey", "sessiontoken", "securitytoken", "x-amz-security-token", "x-amz-signature",
    "x-amz-credential", "webidentitytoken", "samlassertion", "tokencode", "password", "newpassword",
    "oldpassword", "masteruserpassword", "adminuserpassword", "servicepassword", "userpassword",
    "tdecredentialpassword", "passworddata", "secretstring", "secretbinary", "secrethash",
    "clientsecret", "secret", "apikey", "accesstoken", "refreshtoken", "idtoken", "bearertoken",
    "authtoken", "authorizationtoken", "oauthtoken", "workloadaccesstoken", "workloadidentitytoken",
    "jointoken", "privatekey", "privatekeyplaintext", "keymaterial", "plaintext",
    "base32stringseed", "qrcodepng", "encryptedpinblock", "basicauthcredentials", "environment",
    "environmentvariables", "userdata", "presharedkey", "customergatewayconfiguration",
    "vpnconnectiondevicesampleconfiguration", "precopassword", "fsxadminpassword",
    "kdcadminpassword", "crossrealmtrustprincipalpassword", "addomainjoinpassword",
    "sslclientkeypassword", "saslpassword", "authpassword", "asmpassword",
    "securitydbencryptionkey", "domainjoinserviceaccountpassword", "certificatewallet",
    "extraconnectionattributes", "badgerequesturl", "presignedurl", "snapshotdownloadurl",
    "stagevariables", "notebookinstancelifecycleconfigcontent", "studiolifecycleconfigcontent",
    /* A refused signature is explained by what was signed, the session token among it. */
    "canonicalrequest", "canonicalrequestbytes", "stringtosign", "stringtosignbytes"};

bool mask_is(const char *name, size_t length, const char *known)
{
    return strlen(known) == length && strncasecmp(name, known, length) == 0;
}

/* The id of a key is no secret where users and their keys are listed, but belongs to one where the
 * key itself is handed out. */
static bool is_secret(const char *name, size_t length, bool with_ids)
{
    for (size_t i = 0; i < sizeof secret_names / sizeof *secret_names; i++) {
        if (mask_is(name, length, secret_names[i]))
            return true;
    }
    return with_ids && mask_is(name, length, "accesskeyid");
}

void mask_begin(struct mask *mask, const struct mask_marks *marks, bool answer, const char *token)
{
    *mask = (struct mask){.answer = answer, .token = token};
    if (marks == NULL || marks->model == NULL)
        return;
    mask->marks = marks;
    mask->names = marks->names(marks, answer);
}

void mask_end(struct mask *mask)
{
    json_decref(mask->names);
}

const char *mask_marked(const struct mask *mask, const char *name, size_t length)
{
    char lower[MAX_NAME];
    if (mask->names == NULL || length >= sizeof lower)
        return NULL;
    for (size_t i = 0; i < length; i++)
        lower[i] = (char)tolower((unsigned char)name[i]);
    lower[length] = '\0';
    return json_get_string(mask->names, lower, NULL);
}

const char *mask_stands_for(const struct mask *mask, const char *name, size_t length, bool with_ids)
{
    const char *marked = mask_marked(mask, name, length);
    return marked == NULL && is_secret(name, length, with_ids) ? MASKED : marked;
}

const char *mask_find(const char *text, size_t length, const char *word)
{
    size_t size = strlen(word);
    for (size_t i = 0; i + size <= length; i++) {
        if (strncasecmp(text + i, word, size) == 0)
            return text + i;
    }
    return NULL;
}

/* ---- JSON ---- */

static bool mask_leaves(json_t *value, bool keep_names);

static json_t *masked_leaf(json_t *value, bool keep_names, bool *masked)
{
    if (!json_is_string(value)) {
        *masked |= mask_leaves(value, keep_names);
        return NULL;
    }
    *masked = true;
    return json_string(MASKED);
}

/* Every text below a secret's name. The names of variables are no secrets, and policies see them.
 */
static bool mask_leaves(json_t *value, bool keep_names)
{
    bool masked = false;
    const char *key;
    json_t *member;
    size_t i;
    json_object_foreach (value, key, member) {
        if (keep_names && strcmp(key, "name") == 0)
            continue;
        json_t *leaf = masked_leaf(member, keep_names, &masked);
        if (leaf != NULL)
            json_object_set_new_nocheck(value, key, leaf);
    }
    json_array_foreach (value, i, member) {
        json_t *leaf = masked_leaf(member, keep_names, &masked);
        if (leaf != NULL)
            json_array_set_new(value, i, leaf);
    }
    return masked;
}

/* A tag "environment" is no environment. */
static bool is_secret_member(const char *key, const json_t *value, bool with_ids)
{
    return is_secret(key, strlen(key), with_ids) &&
           !(json_is_string(value) && strcasecmp(key, "environment") == 0);
}

/* A parameter of Systems Manager, as ssm:GetParameter tells and ssm:PutParameter takes it: its type
 * says whether its value is a secret. */
static bool is_secure_value(const json_t *object, const char *key)
{
    return strcmp(key, "Value") == 0 &&
           strcmp(json_get_string(object, "Type", ""), "SecureString") == 0;
}

static bool mask_members(json_t *value, bool with_ids)
{
    bool masked = false;
    const char *key;
    json_t *member;
    size_t i;
    json_object_foreach (value, key, member) {
        if (!is_secret_member(key, member, with_ids) && !is_secure_value(value, key)) {
            masked |= mask_members(member, with_ids);
            continue;
        }
        bool keep_names = json_is_array(member) && strncasecmp(key, "environment", 11) == 0;
        json_t *leaf = masked_leaf(member, keep_names, &masked);
        if (leaf != NULL)
            json_object_set_new_nocheck(value, key, leaf);
    }
    json_array_foreach (value, i, member)
        masked |= mask_members(member, with_ids);
    return masked;
}

static bool has_key(json_t *value)
{
    const char *key;
    json_t *member;
    size_t i;
    json_object_foreach (value, key, member) {
        if (strcasecmp(key, "SecretAccessKey") == 0 || has_key(member))
            return true;
    }
    json_array_foreach (value, i, member) {
        if (has_key(member))
            return true;
    }
    return false;
}

bool mask_json(const struct mask *mask, json_t *value)
{
    bool masked = mask_members(value, has_key(value));
    if (mask->marks != NULL && mask->marks->cover(mask->marks, mask->answer, value))
        masked = true;
    return masked;
}

static bool names_a_secret(const struct mask *mask, const char *text, size_t length)
{
    const char *name;
    json_t *stand_in;
    json_object_foreach (mask->names, name, stand_in) {
        if (mask_find(text, length, name) != NULL)
            return true;
    }
    for (size_t i = 0; i < sizeof secret_names / sizeof *secret_names; i++) {
        if (mask_find(text, length, secret_names[i]) != NULL)
            return true;
    }
    return false;
}

/* What cannot be read is kept only where it cannot hold a secret. */
static void mask_json_text(const struct mask *mask, struct buf *out, const char *text,
                           size_t length)
{
    struct err ignored = {0};
    json_t *value = json_parse(text, length, &ignored);
    if (value != NULL && mask_json(mask, value))
        json_write(value, out);
    else if (value != NULL || !names_a_secret(mask, text, length))
        buf_add(out, text, length);
    else
        buf_adds(out, MASKED);
    json_decref(value);
}

/* ---- whole bodies ---- */

void mask_body(const struct mask *mask, struct buf *out, const char *body, size_t length)
{
    struct buf named;
    struct buf unsigned_text;
    size_t at = 0;
    buf_init(&named, out->max);
    buf_init(&unsigned_text, out->max);
    while (at < length && mask_is_blank(body + at, body + at + 1))
        at++;
    if (at < length && mask_marked(mask, "", 0) != NULL)
        buf_adds(&named, MASKED);
    else if (at < length && (body[at] == '{' || body[at] == '['))
        mask_json_text(mask, &named, body, length);
    else if (at < length && body[at] == '<')
        mask_xml(mask, &named, body, length);
    else
        buf_add(&named, body, length);
    mask_signed(&unsigned_text, buf_text(&named), named.len);
    mask_token(out, buf_text(&unsigned_text), unsigned_text.len, mask->token);
    out->failed |= named.failed || unsigned_text.failed;
    buf_clear(&named);
    buf_clear(&unsigned_text);
}
