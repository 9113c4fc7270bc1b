#define _GNU_SOURCE
#include "CLinuxFiles.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#define RESULT(call)                          \
    do {                                      \
        __auto_type result = (call);          \
        return result < 0 ? -errno : result; \
    } while (0)

int pfs_openat(int folder, const char *name, int flags, uint32_t mode) {
    RESULT(openat(folder, name, flags | O_CLOEXEC, mode));
}

int pfs_open_beneath(int folder, const char *path, int flags, uint32_t mode) {
    struct open_how how;
    memset(&how, 0, sizeof how);
    how.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC);
    how.mode = (flags & O_CREAT) ? mode : 0;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    RESULT((int)syscall(SYS_openat2, folder, path, &how, sizeof how));
}

int pfs_open_unnamed(int folder, uint32_t mode) {
    RESULT(openat(folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, mode));
}

int pfs_rename_new(const char *from, const char *to) {
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return 0;
    if (errno != EINVAL) return -errno;
    if (link(from, to)) return -errno;
    if (unlink(from) == 0) return 0;
    int error = errno;
    unlink(to);
    return -error;
}

int pfs_exchange(int folder_a, const char *name_a, int folder_b, const char *name_b) {
    RESULT(renameat2(folder_a, name_a, folder_b, name_b, RENAME_EXCHANGE));
}

int pfs_sync_file_system(int descriptor) {
    RESULT(syncfs(descriptor));
}

int pfs_start_writeback(int descriptor, int64_t offset, int64_t length) {
    RESULT(sync_file_range(descriptor, offset, length, SYNC_FILE_RANGE_WRITE));
}

int pfs_punch_hole(int descriptor, int64_t offset, int64_t length) {
    RESULT(fallocate(descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length));
}

int pfs_lock(int descriptor) {
    while (flock(descriptor, LOCK_EX)) {
        if (errno != EINTR) return -errno;
    }
    return 0;
}

int pfs_try_lock(int descriptor) {
    RESULT(flock(descriptor, LOCK_EX | LOCK_NB));
}

int pfs_unlock(int descriptor) {
    RESULT(flock(descriptor, LOCK_UN));
}

int pfs_file_identity(int descriptor, uint64_t identity[4]) {
    struct statx status;
    memset(&status, 0, sizeof status);
    if (statx(descriptor, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &status)) return -errno;
    int known = (status.stx_mask & STATX_BTIME) != 0;
    identity[0] = (uint64_t)status.stx_dev_major << 32 | status.stx_dev_minor;
    identity[1] = status.stx_ino;
    identity[2] = known ? (uint64_t)status.stx_btime.tv_sec : 0;
    identity[3] = known ? status.stx_btime.tv_nsec : 0;
    return 0;
}

int pfs_write_all(int to, const void *bytes, size_t length, int64_t offset, pfs_writer *writer) {
    for (size_t done = 0; done < length;) {
        long count = writer(to, (const char *)bytes + done, length - done, (long)offset + (long)done);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return -errno;
        if (count == 0) return -ENOSPC;
        done += (size_t)count;
    }
    return 0;
}

// File systems without copy_file_range between these two files.
static int64_t copy_through_memory(int from, int to, int64_t offset, int64_t length) {
    char buffer[65536];
    int64_t done = 0;
    while (done < length) {
        size_t want = (size_t)(length - done) < sizeof buffer ? (size_t)(length - done) : sizeof buffer;
        ssize_t got = pread(from, buffer, want, offset + done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -errno;
        if (got == 0) break;
        int result = pfs_write_all(to, buffer, (size_t)got, offset + done, pwrite);
        if (result < 0) return result;
        done += got;
    }
    return done;
}

static int64_t copy_range(int from, int to, int64_t offset, int64_t length) {
    int64_t done = 0;
    while (done < length) {
        off_t source = offset + done, target = offset + done;
        ssize_t count = copy_file_range(from, &source, to, &target, (size_t)(length - done), 0);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && (errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP)) {
            int64_t rest = copy_through_memory(from, to, offset + done, length - done);
            return rest < 0 ? rest : done + rest;
        }
        if (count < 0) return -errno;
        if (count == 0) break;
        done += count;
    }
    return done;
}

int64_t pfs_copy_file(int from, int to, int64_t length) {
    struct stat status;
    if (fstat(from, &status)) return -errno;
    if (status.st_size < length) length = status.st_size;
    for (int64_t done = 0; done < length;) {
        off_t start = lseek(from, done, SEEK_DATA);
        if (start < 0 && errno != ENXIO) return -errno;
        if (start < 0 || start >= length) break;
        off_t end = lseek(from, start, SEEK_HOLE);
        if (end < 0) return -errno;
        if (end > length) end = length;
        int64_t copied = copy_range(from, to, start, end - start);
        if (copied < 0) return copied;
        done = start + copied;
        if (done < end) return done;
    }
    return ftruncate(to, length) ? -errno : length;
}

const int pfs_place = O_PATH;

// The descriptor may be a place alone.
int pfs_set_mode(int descriptor, uint32_t mode) {
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    RESULT(chmod(path, mode));
}

int64_t pfs_list_attributes(int descriptor, char *list, size_t size) {
    RESULT((int64_t)flistxattr(descriptor, list, size));
}

int64_t pfs_get_attribute(int descriptor, const char *name, void *value, size_t size) {
    RESULT((int64_t)fgetxattr(descriptor, name, value, size));
}

int pfs_set_attribute(int descriptor, const char *name, const void *value, size_t size) {
    RESULT(fsetxattr(descriptor, name, value, size, 0));
}

int pfs_remove_attribute(int descriptor, const char *name) {
    RESULT(fremovexattr(descriptor, name));
}
