#include "net/mask.h"

#include <string.h>
#include <strings.h>

#include "value/json.h"

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

static bool is(const char *name, size_t length, const char *known)
{
    return strlen(known) == length && strncasecmp(name, known, length) == 0;
}

/* The id of a key is no secret where users and their keys are listed, but belongs to one where the
 * key itself is handed out. */
static bool is_secret(const char *name, size_t length, bool with_ids)
{
    for (size_t i = 0; i < sizeof secret_names / sizeof *secret_names; i++) {
        if (is(name, length, secret_names[i]))
            return true;
    }
    return with_ids && is(name, length, "accesskeyid");
}

static const char *find(const char *text, size_t length, const char *word)
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

bool mask_json(json_t *value)
{
    return mask_members(value, has_key(value));
}

static bool names_a_secret(const char *text, size_t length)
{
    for (size_t i = 0; i < sizeof secret_names / sizeof *secret_names; i++) {
        if (find(text, length, secret_names[i]) != NULL)
            return true;
    }
    return false;
}

/* What cannot be read is kept only where it cannot hold a secret. */
static void mask_json_text(struct buf *out, const char *text, size_t length)
{
    struct err ignored = {0};
    json_t *value = json_parse(text, length, &ignored);
    if (value != NULL && mask_json(value))
        json_write(value, out);
    else if (value != NULL || !names_a_secret(text, length))
        buf_add(out, text, length);
    else
        buf_adds(out, MASKED);
    json_decref(value);
}

/* ---- XML ---- */

static bool begins_tag(const char *text, const char *end)
{
    return text + 1 < end && text[0] == '<' &&
           (text[1] == '/' || (text[1] >= 'A' && text[1] <= 'Z') ||
            (text[1] >= 'a' && text[1] <= 'z'));
}

static bool is_blank(const char *text, const char *end)
{
    while (text < end && strchr(" \t\r\n", *text) != NULL && *text != '\0')
        text++;
    return text == end;
}

/* Behind a section of characters, in which tags are none. */
static const char *section_end(const char *text, const char *end)
{
    const char *close = memmem(text, (size_t)(end - text), "]]>", 3);
    return close != NULL ? close + 3 : end;
}

static const char *text_end(const char *text, const char *end)
{
    while (text < end && !begins_tag(text, end)) {
        bool is_section = end - text > 8 && memcmp(text, "<![CDATA[", 9) == 0;
        text = is_section ? section_end(text, end) : text + 1;
    }
    return text;
}

static const char *tag_end(const char *tag, const char *end)
{
    const char *close = memchr(tag, '>', (size_t)(end - tag));
    return close != NULL ? close + 1 : end;
}

static size_t name_length(const char *name, const char *end)
{
    size_t length = 0;
    while (name + length < end && strchr(" \t\r\n/>", name[length]) == NULL)
        length++;
    return length;
}

/* From behind an element's first tag to its last: tags stay, texts go. Where it goes on from. */
static const char *mask_element(struct buf *out, const char *text, const char *end,
                                const char *name, size_t length)
{
    while (text < end) {
        const char *stop = text_end(text, end);
        if (is_blank(text, stop))
            buf_add(out, text, (size_t)(stop - text));
        else
            buf_adds(out, MASKED);
        bool last = end - stop > (ptrdiff_t)length + 2 && stop[1] == '/' &&
                    name_length(stop + 2, end) == length && memcmp(stop + 2, name, length) == 0;
        text = stop < end ? tag_end(stop, end) : end;
        buf_add(out, stop, (size_t)(text - stop));
        if (last)
            break;
    }
    return text;
}

static void mask_xml(struct buf *out, const char *text, size_t size)
{
    const char *end = text + size;
    bool with_ids = find(text, size, "<SecretAccessKey>") != NULL;
    while (text < end) {
        const char *tag = text_end(text, end);
        const char *next = tag < end ? tag_end(tag, end) : end;
        buf_add(out, text, (size_t)(next - text));
        text = next;
        if (tag == end)
            break;
        const char *name = tag + 1;
        size_t length = name_length(name, end);
        if (is_secret(name, length, with_ids) && next[-2] != '/')
            text = mask_element(out, text, end, name, length);
    }
}

/* ---- forms, queries, and what stands within texts ---- */

static bool is_left_out(const char *name, size_t length)
{
    return is(name, length, "rolesessionname") || is(name, length, "externalid");
}

/* "Password", "User.Password", and "UserData.Value" or "Environment.Variables.entry.1.value": a
 * structure's members stand in a form by their path. */
static bool is_secret_path(const char *name, size_t length)
{
    const char *end = name + length;
    while (name < end) {
        const char *dot = memchr(name, '.', (size_t)(end - name));
        const char *stop = dot != NULL ? dot : end;
        if (is_secret(name, (size_t)(stop - name), false))
            return true;
        name = stop + (dot != NULL);
    }
    return false;
}

void mask_form(struct buf *out, const char *text, size_t length)
{
    const char *end = text + length;
    const char *separator = "";
    while (text < end) {
        const char *stop = memchr(text, '&', (size_t)(end - text));
        stop = stop != NULL ? stop : end;
        const char *equals = memchr(text, '=', (size_t)(stop - text));
        size_t size = (size_t)((equals != NULL ? equals : stop) - text);
        if (!is_left_out(text, size)) {
            bool secret = equals != NULL && is_secret_path(text, size);
            buf_adds(out, separator);
            buf_add(out, text, (size_t)((secret ? equals + 1 : stop) - text));
            buf_adds(out, secret ? MASKED : "");
            separator = "&";
        }
        text = stop + 1;
    }
}

/* In signed URLs that answers hold ("X-Amz-Signature=…") and in what was signed ("name:…"). */
static const char *signed_value(const char *text, const char *end)
{
    static const char *const names[] = {"x-amz-security-token", "x-amz-signature",
                                        "x-amz-credential"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t length = strlen(names[i]);
        if ((size_t)(end - text) > length && strncasecmp(text, names[i], length) == 0 &&
            (text[length] == '=' || text[length] == ':'))
            return text + length + 1;
    }
    return NULL;
}

static void mask_signed(struct buf *out, const char *text, size_t length)
{
    const char *end = text + length;
    while (text < end) {
        const char *start = memchr(text, 'x', (size_t)(end - text));
        const char *upper = memchr(text, 'X', (size_t)(end - text));
        if (start == NULL || (upper != NULL && upper < start))
            start = upper;
        if (start == NULL)
            break;
        const char *value = signed_value(start, end);
        const char *kept = value != NULL ? value : start + 1;
        buf_add(out, text, (size_t)(kept - text));
        text = kept;
        if (value == NULL)
            continue;
        buf_adds(out, MASKED);
        while (text < end && strchr("&\"'<>\\ \r\n\t", *text) == NULL)
            text++;
    }
    buf_add(out, text, (size_t)(end - text));
}

static void mask_token(struct buf *out, const char *text, size_t length, const char *token)
{
    const char *end = text + length;
    size_t size = token != NULL ? strlen(token) : 0;
    const char *found;
    while (size > 0 && (found = memmem(text, (size_t)(end - text), token, size)) != NULL) {
        buf_add(out, text, (size_t)(found - text));
        buf_adds(out, MASKED);
        text = found + size;
    }
    buf_add(out, text, (size_t)(end - text));
}

void mask_body(struct buf *out, const char *body, size_t length, const char *token)
{
    struct buf named;
    struct buf unsigned_text;
    size_t at = 0;
    buf_init(&named, out->max);
    buf_init(&unsigned_text, out->max);
    while (at < length && is_blank(body + at, body + at + 1))
        at++;
    if (at < length && (body[at] == '{' || body[at] == '['))
        mask_json_text(&named, body, length);
    else if (at < length && body[at] == '<')
        mask_xml(&named, body, length);
    else
        buf_add(&named, body, length);
    mask_signed(&unsigned_text, buf_text(&named), named.len);
    mask_token(out, buf_text(&unsigned_text), unsigned_text.len, token);
    out->failed |= named.failed || unsigned_text.failed;
    buf_clear(&named);
    buf_clear(&unsigned_text);
}
