#define _GNU_SOURCE
#include "CLinuxSources.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#ifndef __NR_getxattrat
#define __NR_getxattrat 464
#define __NR_listxattrat 465
#endif

// For kernels, or sandboxes, without openat2.
static int open_by_walking(int root, const char *path, int flags) {
    int folder = root;
    char component[NAME_MAX + 1];
    for (;;) {
        const char *slash = strchr(path, '/');
        size_t length = slash ? (size_t)(slash - path) : strlen(path);
        if (length > NAME_MAX) {
            if (folder != root) close(folder);
            return -ENAMETOOLONG;
        }
        memcpy(component, path, length);
        component[length] = 0;
        int wanted = slash ? O_PATH | O_DIRECTORY | O_CLOEXEC : flags;
        int next = strcmp(component, "..") == 0 ? -1 : openat(folder, component, wanted | O_NOFOLLOW);
        int error = next < 0 ? (strcmp(component, "..") == 0 ? EXDEV : errno) : 0;
        if (folder != root) close(folder);
        if (error) return -error;
        if (!slash) return next;
        folder = next;
        path = slash + 1;
    }
}

int clinux_source_open(int root, const char *path, int flags) {
    flags |= O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    if (*path == 0) {
        int fd = openat(root, ".", flags);
        return fd < 0 ? -errno : fd;
    }
    struct open_how how = { .flags = (uint64_t)flags, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };
    for (int tries = 0; tries < 16; tries++) {
        int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof how);
        if (fd >= 0) return fd;
        // EAGAIN: something was renamed while the kernel looked.
        if (errno == EAGAIN) continue;
        if (errno != ENOSYS && errno != EPERM) return -errno;
        break;
    }
    return open_by_walking(root, path, flags);
}

int clinux_source_data(int file, int64_t offset, int64_t *start, int64_t *end) {
    *start = offset;
    *end = INT64_MAX;
    off_t data = lseek(file, offset, SEEK_DATA);
    if (data < 0) return errno == EINVAL ? 0 : -errno;
    off_t hole = lseek(file, data, SEEK_HOLE);
    if (hole < 0) return -errno;
    *start = data;
    *end = hole;
    return 0;
}

struct attribute_arguments {
    uint64_t value;
    uint32_t size;
    uint32_t flags;
};

static void path_of(char *path, size_t size, int folder, const char *name) {
    snprintf(path, size, "/proc/self/fd/%d/%s", folder, name);
}

long clinux_source_attributes(int folder, const char *name, char *buffer, size_t size) {
    static _Atomic int is_missing;
    if (!is_missing) {
        ssize_t count = syscall(__NR_listxattrat, folder, name, AT_SYMLINK_NOFOLLOW, buffer, size);
        if (count >= 0) return count;
        if (errno != ENOSYS && errno != EPERM) return -errno;
        is_missing = 1;
    }
    char path[NAME_MAX + 64];
    path_of(path, sizeof path, folder, name);
    ssize_t count = llistxattr(path, buffer, size);
    return count < 0 ? -errno : count;
}

long clinux_source_attribute(int folder, const char *name, const char *attribute, void *buffer, size_t size) {
    static _Atomic int is_missing;
    if (!is_missing) {
        struct attribute_arguments arguments = { (uint64_t)(uintptr_t)buffer, (uint32_t)size, 0 };
        ssize_t count = syscall(
            __NR_getxattrat, folder, name, AT_SYMLINK_NOFOLLOW, attribute, &arguments, sizeof arguments);
        if (count >= 0) return count;
        if (errno != ENOSYS && errno != EPERM) return -errno;
        is_missing = 1;
    }
    char path[NAME_MAX + 64];
    path_of(path, sizeof path, folder, name);
    ssize_t count = lgetxattr(path, attribute, buffer, size);
    return count < 0 ? -errno : count;
}
