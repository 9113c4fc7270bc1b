// Looks for any of many 8-byte chunks at every offset of a buffer, as they are, as hex and as base64. Built and called by
// canary.py.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// A filter of two bits for each chunk, so that few others reach the search among the chunks.
#define FILTER_BITS 23
static unsigned char filter[1 << (FILTER_BITS - 3)];
static const uint64_t *chunks;
static int64_t count;

// Pages that hold nothing, by their hash: those of one program's cores are mostly the same.
#define PAGE 4096
#define CLEAN_BITS 22
static uint64_t clean[1 << CLEAN_BITS];
// Bytes that a secret in any form may reach into the next page.
#define REACH 64

// Values of digits of hex and of base64; -1 for others.
static signed char hex[256], base64[256];

static uint32_t first_bit(uint64_t chunk) { return (uint32_t)(chunk * 0x9e3779b97f4a7c15u >> (64 - FILTER_BITS)); }
static uint32_t second_bit(uint64_t chunk) { return (uint32_t)(chunk * 0xd6e8feb86659fd93u >> (64 - FILTER_BITS)); }
static int is_set(uint32_t bit) { return filter[bit >> 3] >> (bit & 7) & 1; }
static void set(uint32_t bit) { filter[bit >> 3] |= (unsigned char)(1 << (bit & 7)); }

static void make_digits(void) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    memset(hex, -1, sizeof hex);
    memset(base64, -1, sizeof base64);
    for (int value = 0; value < 64; value++) base64[(unsigned char)letters[value]] = (signed char)value;
    base64['-'] = 62;
    base64['_'] = 63;
    for (int value = 0; value < 16; value++) {
        hex[(unsigned char)"0123456789abcdef"[value]] = (signed char)value;
        hex[(unsigned char)"0123456789ABCDEF"[value]] = (signed char)value;
    }
}

// What is looked for from now on: sorted, and kept by the caller.
void set_chunks(const uint64_t *sorted, int64_t number) {
    make_digits();
    memset(filter, 0, sizeof filter);
    memset(clean, 0, sizeof clean);
    chunks = sorted;
    count = number;
    for (int64_t index = 0; index < count; index++) {
        set(first_bit(chunks[index]));
        set(second_bit(chunks[index]));
    }
}

static int compare(const void *left, const void *right) {
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

static const uint64_t *lookup(uint64_t chunk) {
    if (!is_set(first_bit(chunk)) || !is_set(second_bit(chunk))) return NULL;
    return bsearch(&chunk, chunks, (size_t)count, sizeof chunk, compare);
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
        int digit = hex[bytes[offset]];
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
    for (int64_t offset = 0; offset < length; offset++) {
        value = value << 6 | (unsigned)base64[bytes[offset]];
        for (int shift = 0; shift <= 4 && (offset + 1) * 6 >= 64 + shift; shift += 2) {
            const uint64_t *found = lookup(__builtin_bswap64((uint64_t)(value >> shift)));
            if (found) return found;
        }
    }
    return NULL;
}

// Eight bytes take eleven digits of base64, or sixteen of hex, which are digits of base64, too.
static const uint64_t *find_digits(const unsigned char *bytes, int64_t length) {
    // A run of eleven has four digits in a row at a multiple of four.
    int64_t end = 0;
    for (int64_t offset = 0; offset + 4 <= length; offset += 4) {
        if (offset < end || base64[bytes[offset]] < 0 || base64[bytes[offset + 3]] < 0) continue;
        int64_t start = offset;
        end = offset;
        while (start > 0 && base64[bytes[start - 1]] >= 0) start--;
        while (end < length && base64[bytes[end]] >= 0) end++;
        if (end - start < 11) continue;
        const uint64_t *found = find_hex(bytes + start, end - start);
        if (!found) found = find_base64(bytes + start, end - start);
        if (found) return found;
    }
    return NULL;
}

static uint64_t hash(const unsigned char *bytes, int64_t length) {
    uint64_t lanes[4] = {1, 2, 3, 4}, word;
    for (int64_t offset = 0; offset + 8 <= length; offset += 8) {
        memcpy(&word, bytes + offset, 8);
        uint64_t *lane = &lanes[offset >> 3 & 3];
        *lane = (*lane ^ word) * 0x9e3779b97f4a7c15u;
        *lane ^= *lane >> 29;
    }
    uint64_t all = (uint64_t)length;
    for (int lane = 0; lane < 4; lane++) all = (all ^ lanes[lane] ^ all >> 31) * 0xd6e8feb86659fd93u;
    return all ^ all >> 32;
}

static int is_zero(const unsigned char *bytes, int64_t length) {
    return length > 0 && !bytes[0] && !memcmp(bytes, bytes + 1, (size_t)length - 1);
}

static const uint64_t *find_in_page(const unsigned char *bytes, int64_t length) {
    if (is_zero(bytes, length)) return NULL;
    int isWhole = length == PAGE + REACH;
    uint64_t name = isWhole ? hash(bytes, length) : 0;
    uint64_t *slot = &clean[name >> (64 - CLEAN_BITS)];
    if (isWhole && *slot == name) return NULL;
    const uint64_t *found = find_raw(bytes, length);
    if (!found) found = find_digits(bytes, length);
    if (!found && isWhole) *slot = name;
    return found;
}

// The chunk that is found first, in any form; 0 if none is.
uint64_t find_secret(const unsigned char *bytes, int64_t length) {
    for (int64_t offset = 0; offset < length; offset += PAGE) {
        int64_t left = length - offset;
        const uint64_t *found = find_in_page(bytes + offset, left < PAGE + REACH ? left : PAGE + REACH);
        if (found) return *found;
    }
    return 0;
}
