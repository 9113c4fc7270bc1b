#define _GNU_SOURCE
#include "CLinuxKeyring.h"

#include <errno.h>
#include <linux/keyctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// KEY_POS_ALL of the kernel: whoever possesses the key may do everything, whoever merely owns it nothing.
#define POSSESSOR_ALONE 0x3f000000

static long keyctl(int operation, long a, long b, long c, long d) {
    long result = syscall(SYS_keyctl, operation, a, b, c, d);
    return result < 0 ? -errno : result;
}

// The serial number of a keyring. A thread without a session keyring gets that of its user, which outlives it; linking
// to KEY_SPEC_SESSION_KEYRING itself would make a new one that ends with the thread.
static long serial(int32_t ring) {
    return ring == KEY_SPEC_SESSION_KEYRING ? keyctl(KEYCTL_GET_KEYRING_ID, ring, 0, 0, 0) : ring;
}

// Finds the key and links it to the thread's own keyring: a key counts as possessed only while it can be reached from
// one's keyrings, and the keyring of a user need not be one of them.
static long possess(long ring, const char *name) {
    return keyctl(KEYCTL_SEARCH, ring, (long)"user", (long)name, KEY_SPEC_THREAD_KEYRING);
}

static void let_go(long key) {
    (void)keyctl(KEYCTL_UNLINK, key, KEY_SPEC_THREAD_KEYRING, 0, 0);
}

int pfs_keyring_add(int32_t which, const char *name, const void *payload, size_t size, uint32_t seconds) {
    long ring = serial(which);
    if (ring < 0 && ring != which) return (int)ring;
    long found = possess(ring, name);
    if (found >= 0) let_go(found);
    if (found >= 0) return -EEXIST;
    if (found != -ENOKEY && found != -EKEYEXPIRED && found != -EKEYREVOKED) return (int)found;
    long key = syscall(SYS_add_key, "user", name, payload, size, KEY_SPEC_THREAD_KEYRING);
    if (key < 0) return -errno;
    long result = keyctl(KEYCTL_SETPERM, key, POSSESSOR_ALONE, 0, 0);
    if (result >= 0 && seconds) result = keyctl(KEYCTL_SET_TIMEOUT, key, seconds, 0, 0);
    if (result >= 0) result = keyctl(KEYCTL_LINK, key, ring, 0, 0);
    let_go(key);
    return result < 0 ? (int)result : 0;
}

int64_t pfs_keyring_read(int32_t which, const char *name, void *payload, size_t size) {
    long ring = serial(which);
    if (ring < 0 && ring != which) return ring;
    long key = possess(ring, name);
    if (key < 0) return key;
    long count = keyctl(KEYCTL_READ, key, (long)payload, (long)size, 0);
    let_go(key);
    return count;
}

int pfs_keyring_remove(int32_t which, const char *name) {
    long ring = serial(which);
    if (ring < 0 && ring != which) return (int)ring;
    long key = possess(ring, name);
    if (key < 0) return (int)key;
    long result = keyctl(KEYCTL_UNLINK, key, ring, 0, 0);
    // Frees the payload, which the kernel wipes, also where another keyring still has the key.
    if (result >= 0) result = keyctl(KEYCTL_INVALIDATE, key, 0, 0, 0);
    let_go(key);
    return result < 0 ? (int)result : 0;
}

int32_t pfs_keyring_serial(int32_t ring) {
    return (int32_t)keyctl(KEYCTL_GET_KEYRING_ID, ring, 0, 0, 0);
}

int pfs_keyring_is_there(int32_t serial) {
    long result = keyctl(KEYCTL_DESCRIBE, serial, 0, 0, 0);
    return result != -ENOKEY && result != -EKEYREVOKED && result != -EKEYEXPIRED;
}

int32_t pfs_keyring_of_session(void) { return KEY_SPEC_SESSION_KEYRING; }
int32_t pfs_keyring_of_user(void) { return KEY_SPEC_USER_KEYRING; }
