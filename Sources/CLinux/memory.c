#define _GNU_SOURCE
#include "CLinuxMemory.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
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

int packetfs_blob_lock(int file) {
    while (flock(file, LOCK_EX)) {
        if (errno != EINTR) return -errno;
    }
    return 0;
}

int packetfs_blob_unlock(int file) {
    return flock(file, LOCK_UN) ? -errno : 0;
}
