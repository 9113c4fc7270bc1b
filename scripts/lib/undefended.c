// Takes away the defences that UNDEFENDED names, separated by commas, from the program that it is preloaded into: the
// calls then do nothing and say that they worked. For canary-hunt: what guards secrets must be missed at once.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static int lacks(const char *defence) {
    const char *all = getenv("UNDEFENDED");
    return all && strstr(all, defence) != NULL;
}

int madvise(void *address, size_t length, int advice) {
    if (advice == MADV_DONTDUMP && lacks("dontdump")) return 0;
    return (int)syscall(SYS_madvise, address, length, advice);
}

int prctl(int option, ...) {
    va_list list;
    va_start(list, option);
    unsigned long a = va_arg(list, unsigned long), b = va_arg(list, unsigned long);
    unsigned long c = va_arg(list, unsigned long), d = va_arg(list, unsigned long);
    va_end(list);
    if (option == PR_SET_DUMPABLE && lacks("dumpable")) return 0;
    return (int)syscall(SYS_prctl, option, a, b, c, d);
}

int setrlimit(__rlimit_resource_t resource, const struct rlimit *limit) {
    if (resource == RLIMIT_CORE && lacks("corelimit")) return 0;
    return (int)syscall(SYS_prlimit64, 0, resource, limit, NULL);
}

int open(const char *path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    int mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(list, int) : 0;
    va_end(list);
    if (strcmp(path, "/proc/self/coredump_filter") == 0 && lacks("corefilter")) path = "/dev/null";
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

__sighandler_t signal(int number, __sighandler_t handler) {
    if (handler == SIG_DFL && lacks("crashsignals")) return SIG_DFL;
    __sighandler_t (*real)(int, __sighandler_t) = (__sighandler_t (*)(int, __sighandler_t))dlsym(RTLD_NEXT, "signal");
    return real(number, handler);
}
