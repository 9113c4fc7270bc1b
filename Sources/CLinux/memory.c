#define _GNU_SOURCE
#include "CLinuxMemory.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mempolicy.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

int packetfs_blob_open(const char *path, int create) {
    int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | (create ? O_CREAT : 0);
    int file;
    do {
        file = open(path, flags, 0600);
    } while (file < 0 && errno == EINTR);
    return file < 0 ? -errno : file;
}

int packetfs_blob_map(int file, size_t length, int writable, void **base) {
    int protection = PROT_READ | (writable ? PROT_WRITE : 0);
    void *address = mmap(NULL, length, protection, MAP_SHARED | MAP_NORESERVE, file, 0);
    if (address == MAP_FAILED) return -errno;
    (void)madvise(address, length, MADV_DONTDUMP);
    *base = address;
    return 0;
}

int packetfs_blob_punch(int file, int64_t offset, int64_t length) {
    return fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length) ? -errno : 0;
}

int packetfs_blob_reserve(int file, int64_t offset, int64_t length) {
    int result;
    do {
        result = posix_fallocate(file, offset, length);
    } while (result == EINTR);
    return -result;
}

int packetfs_arena_reserve(size_t length, size_t alignment, void **base) {
    char *start = mmap(NULL, length + alignment, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start == MAP_FAILED) return -errno;
    size_t skip = (alignment - (size_t)start % alignment) % alignment;
    if (skip) munmap(start, skip);
    munmap(start + skip + length, alignment - skip);
    (void)madvise(start + skip, length, MADV_DONTDUMP);
    *base = start + skip;
    return 0;
}

int packetfs_arena_map(void *address, size_t length, int shift) {
    int huge = shift ? MAP_HUGETLB | shift << MAP_HUGE_SHIFT : 0;
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | huge;
    if (huge) {
        // A fixed mapping that fails takes with it what was there: whether there are enough pages is seen elsewhere.
        void *probe = mmap(NULL, length, PROT_READ | PROT_WRITE, flags, -1, 0);
        if (probe == MAP_FAILED) return -errno;
        munmap(probe, length);
    }
    if (mmap(address, length, PROT_READ | PROT_WRITE, flags | MAP_FIXED, -1, 0) == MAP_FAILED) {
        int error = errno;
        int plain = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE;
        (void)mmap(address, length, PROT_READ, plain, -1, 0);
        return -error;
    }
    (void)madvise(address, length, MADV_DONTDUMP);
    return 0;
}

int packetfs_arena_free(void *address, size_t length) {
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED;
    return mmap(address, length, PROT_READ, flags, -1, 0) == MAP_FAILED ? -errno : 0;
}

// Whether the kernel joins pages at all: it takes the advice also where it never does.
static int joins_pages(void) {
    char modes[64] = {0};
    int file = open("/sys/kernel/mm/transparent_hugepage/enabled", O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    ssize_t count = read(file, modes, sizeof modes - 1);
    close(file);
    return count > 0 && !strstr(modes, "[never]");
}

int packetfs_arena_join(void *address, size_t length) {
    if (!joins_pages()) return -EOPNOTSUPP;
    return madvise(address, length, MADV_HUGEPAGE) ? -errno : 0;
}

int packetfs_arena_bind(void *address, size_t length, int node) {
    unsigned long mask[16] = {0};
    int bits = 8 * (int)sizeof mask;
    if (node < 0 || node >= bits - 1) return -EINVAL;
    mask[(size_t)node / (8 * sizeof *mask)] = 1ul << ((size_t)node % (8 * sizeof *mask));
    return syscall(SYS_mbind, address, length, MPOL_BIND, mask, bits, 0) ? -errno : 0;
}

int packetfs_arena_node(void *address) {
    int node = -1;
    return syscall(SYS_get_mempolicy, &node, NULL, 0, address, MPOL_F_NODE | MPOL_F_ADDR) ? -errno : node;
}

int packetfs_arena_lock(void *address, size_t length) {
    return mlock(address, length) ? -errno : 0;
}
