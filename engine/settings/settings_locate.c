#include "settings/settings_locate.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/mem.h"
#include "settings/settings.h"

#define POLICIES "policies"
#define BUILTIN "builtin"
#define MAX_SHOWN (1u << 20)

static bool is_directory(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* People should read where it is, not how it was found. */
static char *resolved(char *path)
{
    char *real = realpath(path, NULL);
    if (real == NULL)
        return path;
    mem_free(path);
    path = mem_strdup(real);
    free(real);
    return path;
}

/* `base`/`name` if it is a directory, else NULL. */
static char *directory_in(const char *base, const char *middle, const char *name)
{
    if (base == NULL || base[0] == '\0')
        return NULL;
    char *path = mem_printf("%s/%s%s", base, middle, name);
    if (is_directory(path))
        return middle[0] != '\0' ? resolved(path) : path;
    mem_free(path);
    return NULL;
}

static void locate(char **directory, const char *name, const char *task_root,
                   const char *executable_dir)
{
    if (*directory == NULL)
        *directory = directory_in(task_root, "", name);
    if (*directory == NULL)
        *directory = directory_in(executable_dir, "", name);
    if (*directory == NULL)
        *directory = directory_in(executable_dir, "../", name);
    if (*directory == NULL)
        *directory = directory_in(executable_dir, ENGINE_INSTALLED "/", name);
}

void settings_search(struct settings *settings, settings_getenv getenv_fn,
                     const char *executable_dir)
{
    const char *root = getenv_fn("LAMBDA_TASK_ROOT");
    locate(&settings->builtin, "policies", root, executable_dir);
    locate(&settings->models, "models", root, executable_dir);
    if (settings->policies == NULL && settings->builtin != NULL)
        settings->policies = mem_strdup(settings->builtin);
}

static int check(const char *path, const char *name, struct err *err)
{
    if (path == NULL || is_directory(path))
        return 0;
    bool listed = strcmp(name, POLICIES) == 0 && strchr(path, ',') != NULL;
    return err_set(err, ERR_USAGE, "%s: '%s' is not a directory%s", name, path,
                   listed ? "; several are separated by ':'" : "");
}

static int add_folder(struct settings *settings, const char *name, struct err *err)
{
    if (strcmp(name, BUILTIN) != 0) {
        text_list_add(&settings->policy_folders, name);
        return check(name, POLICIES, err);
    }
    if (settings->builtin == NULL)
        return err_set(
            err, ERR_USAGE,
            "%s: there are no built-in policies beside the executable (a directory of this "
            "name is ./" BUILTIN ")",
            POLICIES);
    text_list_add(&settings->policy_folders, settings->builtin);
    return 0;
}

static int split_folders(struct settings *settings, struct err *err)
{
    int result = 0;
    for (const char *part = settings->policies; result == 0; part++) {
        size_t length = strcspn(part, ":");
        char *name = mem_strndup(part, length);
        result = add_folder(settings, name, err);
        mem_free(name);
        part += length;
        if (*part == '\0')
            break;
    }
    return result;
}

/* For messages, and for the next command. */
static void show_folders(struct settings *settings)
{
    struct buf text;
    buf_init(&text, MAX_SHOWN);
    for (size_t i = 0; i < settings->policy_folders.count; i++)
        buf_addf(&text, "%s%s", i > 0 ? ":" : "", settings->policy_folders.items[i]);
    mem_free(settings->policies);
    settings->policies = buf_take(&text);
}

/* The directory that was found may have a ':' in its name. */
static int find_folders(struct settings *settings, struct err *err)
{
    if (settings->policies == NULL)
        return 0;
    if (settings->builtin != NULL && strcmp(settings->policies, settings->builtin) == 0)
        return add_folder(settings, BUILTIN, err);
    if (split_folders(settings, err) != 0)
        return -1;
    show_folders(settings);
    return 0;
}

int settings_locate(struct settings *settings, settings_getenv getenv_fn,
                    const char *executable_dir, struct err *err)
{
    settings_search(settings, getenv_fn, executable_dir);
    text_list_clear(&settings->policy_folders);
    if (find_folders(settings, err) != 0)
        return -1;
    return check(settings->models, "models", err);
}
