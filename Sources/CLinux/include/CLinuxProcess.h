// The process itself: what may be dumped, and what a child may inherit.
#pragma once
#include <stddef.h>
#include <stdint.h>

// Sets RLIMIT_CORE and PR_SET_DUMPABLE to 0, leaves all memory out of a core that is written nevertheless, and gives crash
// signals back to the kernel, so that no handler prints registers and memory. All of it is tried; the first error is
// returned.
int pfs_process_harden(void);
// 1 if the kernel would write a core of this process, else 0.
int pfs_process_is_dumpable(void);
// Pages from `address`, `length` bytes, read as zeros in a child after fork.
int pfs_wipe_on_fork(void *address, size_t length);
// Makes zeros of the vector registers, in which copying and hashing leave what they worked on.
void pfs_clear_vectors(void);
// 1 if the clock follows a reference, else 0.
int pfs_clock_is_synchronized(void);
// Raises the soft limit of open files to the hard one; -1 if the kernel refuses.
int pfs_raise_open_files(void);
// Lets the allocator keep up to `bytes` of freed memory in each of at most so many arenas, and serve blocks below 32 MiB
// from it. By default it gives freed memory back at once beyond 128 KiB, and frames of 64 KiB then fault their pages in
// again and again.
int pfs_keep_freed_memory(size_t bytes, int arenas);
