#define _GNU_SOURCE
#include "CLinuxProcess.h"

#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

int pfs_process_harden(void) {
    struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0) return -errno;
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return -errno;
    return 0;
}

int pfs_process_is_dumpable(void) {
    int result = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
    return result < 0 ? -errno : result;
}

int pfs_wipe_on_fork(void *address, size_t length) {
    return madvise(address, length, MADV_WIPEONFORK) == 0 ? 0 : -errno;
}

int pfs_keep_freed_memory(size_t bytes) {
    int keep = bytes > INT_MAX ? INT_MAX : (int)bytes;
    return mallopt(M_TRIM_THRESHOLD, keep) && mallopt(M_MMAP_THRESHOLD, 32 << 20) ? 0 : -EINVAL;
}
