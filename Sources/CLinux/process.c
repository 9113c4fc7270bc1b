#define _GNU_SOURCE
#include "CLinuxProcess.h"

#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/timex.h>

int pfs_process_harden(void) {
    struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0) return -errno;
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return -errno;
    static const int crashes[] = {SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS};
    for (size_t index = 0; index < sizeof crashes / sizeof *crashes; index++) {
        if (signal(crashes[index], SIG_DFL) == SIG_ERR) return -errno;
    }
    return 0;
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

int pfs_keep_freed_memory(size_t bytes) {
    int keep = bytes > INT_MAX ? INT_MAX : (int)bytes;
    return mallopt(M_TRIM_THRESHOLD, keep) && mallopt(M_MMAP_THRESHOLD, 32 << 20) ? 0 : -EINVAL;
}
