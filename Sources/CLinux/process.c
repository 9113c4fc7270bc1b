#define _GNU_SOURCE
#include "CLinuxProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/timex.h>
#include <unistd.h>

// No kind of memory goes into a core, whoever writes one.
static int keep_memory_out_of_cores(void) {
    int file = open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC);
    if (file < 0) return -1;
    int failed = write(file, "0", 1) == 1 ? 0 : -1;
    return close(file) == 0 ? failed : -1;
}

static void note(int result, int *first) {
    if (result != 0 && *first == 0) *first = -errno;
}

int pfs_process_harden(void) {
    int first = 0;
    struct rlimit none = {0, 0};
    note(setrlimit(RLIMIT_CORE, &none), &first);
    // Before the process is not dumpable, for then its files in /proc are root's.
    note(keep_memory_out_of_cores(), &first);
    note(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), &first);
    static const int crashes[] = {SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS};
    for (size_t index = 0; index < sizeof crashes / sizeof *crashes; index++) {
        note(signal(crashes[index], SIG_DFL) == SIG_ERR, &first);
    }
    return first;
}

int pfs_process_is_dumpable(void) {
    int result = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
    return result < 0 ? -errno : result;
}

int pfs_wipe_on_fork(void *address, size_t length) {
    return madvise(address, length, MADV_WIPEONFORK) == 0 ? 0 : -errno;
}

#if defined(__x86_64__)
#define ZERO(n) "vpxorq %%zmm" #n ", %%zmm" #n ", %%zmm" #n "\n"
#define FOUR(a, b, c, d) ZERO(a) ZERO(b) ZERO(c) ZERO(d)
void pfs_clear_vectors(void) {
    if (__builtin_cpu_supports("avx512f")) {
        __asm__ volatile(FOUR(16, 17, 18, 19) FOUR(20, 21, 22, 23) FOUR(24, 25, 26, 27) FOUR(28, 29, 30, 31) ::: "memory");
    }
    if (__builtin_cpu_supports("avx")) {
        __asm__ volatile("vzeroall" ::: "memory");
    }
}
#elif defined(__aarch64__)
#define ZERO(n) "movi v" #n ".2d, #0\n"
#define FOUR(a, b, c, d) ZERO(a) ZERO(b) ZERO(c) ZERO(d)
// The lower halves of v8 to v15 belong to the caller.
void pfs_clear_vectors(void) {
    __asm__ volatile(FOUR(0, 1, 2, 3) FOUR(4, 5, 6, 7) FOUR(16, 17, 18, 19) FOUR(20, 21, 22, 23) FOUR(24, 25, 26, 27)
                     FOUR(28, 29, 30, 31) ::: "memory");
}
#else
void pfs_clear_vectors(void) {}
#endif

int pfs_clock_is_synchronized(void) {
    struct timex state = {0};
    int result = adjtimex(&state);
    return result < 0 ? -errno : result != TIME_ERROR && !(state.status & STA_UNSYNC);
}

int pfs_keep_freed_memory(size_t bytes, int arenas) {
    int keep = bytes > INT_MAX ? INT_MAX : (int)bytes;
    int is_set = mallopt(M_TRIM_THRESHOLD, keep) && mallopt(M_MMAP_THRESHOLD, 32 << 20) && mallopt(M_ARENA_MAX, arenas);
    return is_set ? 0 : -EINVAL;
}

int pfs_raise_open_files(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return -1;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit);
}
