#include "settings/settings_locate.h"

#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "settings/settings.h"

static bool is_directory(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* `base`/`name` if it is a directory, else NULL. */
static char *directory_in(const char *base, const char *middle, const char *name)
{
    if (base == NULL || base[0] == '\0')
        return NULL;
    char *path = mem_printf("%s/%s%s", base, middle, name);
    if (is_directory(path))
        return path;
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
    locate(&settings->policies, "policies", root, executable_dir);
    locate(&settings->models, "models", root, executable_dir);
}

static int check(const char *path, const char *name, struct err *err)
{
    if (path == NULL || is_directory(path))
        return 0;
    return err_set(err, ERR_USAGE, "%s: '%s' is not a directory", name, path);
}

int settings_locate(struct settings *settings, settings_getenv getenv_fn,
                    const char *executable_dir, struct err *err)
{
    settings_search(settings, getenv_fn, executable_dir);
    if (check(settings->policies, "policies", err) != 0)
        return -1;
    return check(settings->models, "models", err);
}
