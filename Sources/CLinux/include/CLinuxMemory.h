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

// Address space of `length` bytes at a multiple of `alignment`: reads as zeros, takes no memory, kept out of core dumps.
int packetfs_arena_reserve(size_t length, size_t alignment, void **base);
// Private pages of 1 << `shift` bytes for a part of it, set aside at once; ordinary ones for 0.
int packetfs_arena_map(void *address, size_t length, int shift);
// Takes the pages of a part back: it is address space again.
int packetfs_arena_free(void *address, size_t length);
// Asks for transparent huge pages.
int packetfs_arena_join(void *address, size_t length);
// Pages of one node alone; and which node an address is on.
int packetfs_arena_bind(void *address, size_t length, int node);
int packetfs_arena_node(void *address);
int packetfs_arena_lock(void *address, size_t length);

static inline void packetfs_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }
