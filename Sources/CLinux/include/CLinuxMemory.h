// Memory and logs: mapping, hole punching, process hardening.
#pragma once
#include <stddef.h>
#include <stdint.h>

// Opens a regular file for reading and writing, never through a final symlink; made 0600 if `create` and missing.
int packetfs_blob_open(const char *path, int create);

// Maps `length` bytes of the file, shared, kept out of core dumps; they may reach beyond its end.
int packetfs_blob_map(int file, size_t length, int writable, void **base);

// Gives the blocks of a range back to the file system; the range then reads as zeros.
int packetfs_blob_punch(int file, int64_t offset, int64_t length);

// Backs a range with blocks, so that a later store through a mapping cannot meet a full disk.
int packetfs_blob_reserve(int file, int64_t offset, int64_t length);

// Waits for the exclusive lock of the open file, or gives it up.
int packetfs_blob_lock(int file);
int packetfs_blob_unlock(int file);

static inline void packetfs_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }
