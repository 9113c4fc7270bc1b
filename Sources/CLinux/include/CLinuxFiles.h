// Files: beneath-root opening, renaming, extended attributes. Every descriptor is opened close-on-exec.
#pragma once
#include <stddef.h>
#include <stdint.h>

// openat with a mode; adds O_CLOEXEC.
int pfs_openat(int folder, const char *name, int flags, uint32_t mode);
// openat2 that leaves `folder` neither by `..` nor by an absolute path nor through any symbolic link.
int pfs_open_beneath(int folder, const char *path, int flags, uint32_t mode);
// A file without a name on the file system of `folder`, gone when closed.
int pfs_open_unnamed(int folder, uint32_t mode);
// Gives a file another name that nothing has: -EEXIST if something does. Where the file system cannot rename so (NFS, 9p,
// some of FUSE), the file has both names for a moment, and after a crash then.
int pfs_rename_new(const char *from, const char *to);
// Swaps two names of one file system.
int pfs_exchange(int folder_a, const char *name_a, int folder_b, const char *name_b);
int pfs_sync_file_system(int descriptor);
// Asks for these bytes to be written out, without waiting.
int pfs_start_writeback(int descriptor, int64_t offset, int64_t length);
int pfs_punch_hole(int descriptor, int64_t offset, int64_t length);
// Waits for the exclusive lock of the open file.
int pfs_lock(int descriptor);
// Waits for no one: -EWOULDBLOCK if somebody else has the open file locked.
int pfs_try_lock(int descriptor);
// A child that another thread begins has the open file until it runs its program: closing alone leaves it locked so long.
int pfs_unlock(int descriptor);
// Device, inode and time of birth of an open file; the time is zero where the file system keeps none.
int pfs_file_identity(int descriptor, uint64_t identity[4]);
typedef long pfs_writer(int to, const void *bytes, size_t length, long offset);
// Writes all bytes by calls of `writer`, which is pwrite but in tests. One that takes nothing is a full disk: -ENOSPC.
int pfs_write_all(int to, const void *bytes, size_t length, int64_t offset, pfs_writer *writer);
// The first `length` bytes of `from` into an empty file, with their holes. Bytes copied, less than `length` only at the end
// of `from`, whose position moves.
int64_t pfs_copy_file(int from, int to, int64_t length);

// O_PATH, which Swift does not see.
extern const int pfs_place;
int pfs_set_mode(int descriptor, uint32_t mode);
int64_t pfs_list_attributes(int descriptor, char *list, size_t size);
int64_t pfs_get_attribute(int descriptor, const char *name, void *value, size_t size);
int pfs_set_attribute(int descriptor, const char *name, const void *value, size_t size);
int pfs_remove_attribute(int descriptor, const char *name);
