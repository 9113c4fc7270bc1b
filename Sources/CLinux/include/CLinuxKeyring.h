// Keys of type "user" in the kernel's keyrings. Every call works on the calling thread alone.
#pragma once
#include <stddef.h>
#include <stdint.h>

// Adds a key that only its possessors may see, read, link, change or destroy; it is in `ring` only once that holds.
// `seconds` until it goes, or 0. -EEXIST if the ring has a key of this name.
int pfs_keyring_add(int32_t ring, const char *name, const void *payload, size_t size, uint32_t seconds);
// Bytes of the key, of which at most `size` were copied; -ENOKEY, -EKEYEXPIRED or -EKEYREVOKED if it is not there (any
// more).
int64_t pfs_keyring_read(int32_t ring, const char *name, void *payload, size_t size);
// Takes the key out of the ring and destroys its payload.
int pfs_keyring_remove(int32_t ring, const char *name);

// The number of the ring itself, which no other has as long as the ring is there.
int32_t pfs_keyring_serial(int32_t ring);
// Whether there is a keyring of this number, anybody's.
int pfs_keyring_is_there(int32_t serial);

int32_t pfs_keyring_of_session(void);
int32_t pfs_keyring_of_user(void);
