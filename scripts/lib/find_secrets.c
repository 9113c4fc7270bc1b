// Looks for any of many 8-byte chunks at every offset of a buffer, as they are, as hex and as base64. Built and called by
// canary.py.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static unsigned char seen[1 << 21];
static const uint64_t *chunks;
static int64_t count;

static uint32_t bit_of(uint64_t chunk) { return (uint32_t)(chunk * 0x9e3779b97f4a7c15u >> 40); }

// What is looked for from now on: sorted, and kept by the caller.
void set_chunks(const uint64_t *sorted, int64_t number) {
    memset(seen, 0, sizeof seen);
    chunks = sorted;
    count = number;
    for (int64_t index = 0; index < count; index++) {
        uint32_t bit = bit_of(chunks[index]);
        seen[bit >> 3] |= (unsigned char)(1 << (bit & 7));
    }
}

static int compare(const void *left, const void *right) {
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

static const uint64_t *lookup(uint64_t chunk) {
    uint32_t bit = bit_of(chunk);
    if (!(seen[bit >> 3] >> (bit & 7) & 1)) return NULL;
    return bsearch(&chunk, chunks, (size_t)count, sizeof chunk, compare);
}

static int hex_digit(unsigned char byte) {
    if (byte >= '0' && byte <= '9') return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static int base64_digit(unsigned char byte) {
    if (byte >= 'A' && byte <= 'Z') return byte - 'A';
    if (byte >= 'a' && byte <= 'z') return byte - 'a' + 26;
    if (byte >= '0' && byte <= '9') return byte - '0' + 52;
    if (byte == '+' || byte == '-') return 62;
    return byte == '/' || byte == '_' ? 63 : -1;
}

static const uint64_t *find_raw(const unsigned char *bytes, int64_t length) {
    for (int64_t offset = 0; offset + 8 <= length; offset++) {
        uint64_t chunk;
        memcpy(&chunk, bytes + offset, 8);
        const uint64_t *found = lookup(chunk);
        if (found) return found;
    }
    return NULL;
}

// The last 16 digits are 8 bytes, wherever the run of digits began.
static const uint64_t *find_hex(const unsigned char *bytes, int64_t length) {
    uint64_t value = 0;
    int run = 0;
    for (int64_t offset = 0; offset < length; offset++) {
        int digit = hex_digit(bytes[offset]);
        run = digit < 0 ? 0 : run + 1;
        value = value << 4 | (uint64_t)(digit & 15);
        const uint64_t *found = run >= 16 ? lookup(__builtin_bswap64(value)) : NULL;
        if (found) return found;
    }
    return NULL;
}

// Eight bytes end after a digit, or two or four bits before its end.
static const uint64_t *find_base64(const unsigned char *bytes, int64_t length) {
    unsigned __int128 value = 0;
    int run = 0;
    for (int64_t offset = 0; offset < length; offset++) {
        int digit = base64_digit(bytes[offset]);
        run = digit < 0 ? 0 : run + 1;
        value = value << 6 | (unsigned)(digit & 63);
        for (int shift = 0; shift <= 4 && run * 6 >= 64 + shift; shift += 2) {
            const uint64_t *found = lookup(__builtin_bswap64((uint64_t)(value >> shift)));
            if (found) return found;
        }
    }
    return NULL;
}

// The chunk that is found first, in any form; 0 if none is.
uint64_t find_secret(const unsigned char *bytes, int64_t length) {
    const uint64_t *found = find_raw(bytes, length);
    if (!found) found = find_hex(bytes, length);
    if (!found) found = find_base64(bytes, length);
    return found ? *found : 0;
}
