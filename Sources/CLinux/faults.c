// Mapped bytes that their file cannot give: its disk fails under a page, or somebody cut it short. The system sends SIGBUS to
// whoever looks at them. Here such a page of a log becomes one of zeros, as a read of it has them.
//
// For every other SIGBUS there is what there was before: by default, the end of the process. Nothing is printed.
#define _GNU_SOURCE
#include "CLinuxMemory.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

// Mappings at a time. `start` is 0 where there is none, 1 while one comes or goes.
#define MAPPINGS 4096
static struct {
    _Atomic uintptr_t start, end;
} mappings[MAPPINGS];

static struct sigaction before;
static uintptr_t page;

static int is_mapped(uintptr_t address) {
    for (size_t index = 0; index < MAPPINGS; index++) {
        uintptr_t start = atomic_load(&mappings[index].start);
        uintptr_t end = atomic_load(&mappings[index].end);
        if (start > 1 && start <= address && address < end && atomic_load(&mappings[index].start) == start) return 1;
    }
    return 0;
}

static int clear_page(uintptr_t address) {
    void *place = (void *)(address / page * page);
    return mmap(place, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED;
}

// Runs in the thread that looked, whose log stays mapped as long.
static void bus_error(int number, siginfo_t *info, void *context) {
    (void)context;
    int error = errno, is_fault = info->si_code > 0;
    uintptr_t address = (uintptr_t)info->si_addr;
    if (!is_fault || !is_mapped(address) || !clear_page(address)) {
        sigaction(number, &before, NULL);
        // A fault comes again by itself.
        if (!is_fault) raise(number);
    }
    errno = error;
}

static int watch(void) {
    struct sigaction current, action = {.sa_sigaction = bus_error, .sa_flags = SA_SIGINFO};
    if (sigaction(SIGBUS, NULL, &current)) return -errno;
    if (current.sa_flags & SA_SIGINFO && current.sa_sigaction == bus_error) return 0;
    page = (uintptr_t)sysconf(_SC_PAGESIZE);
    before = current;
    return sigaction(SIGBUS, &action, NULL) ? -errno : 0;
}

int packetfs_log_map(int file, size_t length, void **base) {
    int error = watch();
    for (size_t index = 0; !error && index < MAPPINGS; index++) {
        uintptr_t none = 0;
        if (!atomic_compare_exchange_strong(&mappings[index].start, &none, 1)) continue;
        error = packetfs_blob_map(file, length, 0, base);
        atomic_store(&mappings[index].end, error ? 0 : (uintptr_t)*base + length);
        atomic_store(&mappings[index].start, error ? 0 : (uintptr_t)*base);
        return error;
    }
    return error ? error : -ENOMEM;
}

void packetfs_log_unmap(void *base, size_t length) {
    for (size_t index = 0; index < MAPPINGS; index++) {
        uintptr_t start = (uintptr_t)base;
        if (atomic_compare_exchange_strong(&mappings[index].start, &start, 1)) {
            munmap(base, length);
            atomic_store(&mappings[index].start, 0);
            return;
        }
    }
}
