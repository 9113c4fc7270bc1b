/* What plain and wide mixing share: one bit of a code. */
#include "CMixing.h"

#define INLINE static inline __attribute__((always_inline))

enum { half_probability = 1 << 21, most_weight = 7 << 14, most_seen = 255 };
static const uint32_t slot_bias = 0x80000000u;

INLINE uint32_t middle(uint32_t low, uint32_t high, uint32_t probability) {
    return low + (uint32_t)(((uint64_t)(high - low) * probability) >> 16);
}

INLINE int read_bit(packetfs_code_reader *code, uint32_t probability) {
    uint32_t mid = middle(code->low, code->high, probability);
    int bit = code->value <= mid;
    code->high = bit ? mid : code->high;
    code->low = bit ? code->low : mid + 1;
    while (((code->low ^ code->high) & 0xff000000u) == 0) {
        uint32_t next = 0;
        if (code->left > 0) {
            next = *code->next++;
            code->left--;
        } else {
            code->beyond += code->beyond < UINT32_MAX;
        }
        code->low <<= 8;
        code->high = code->high << 8 | 0xff;
        code->value = code->value << 8 | next;
    }
    return bit;
}

INLINE size_t write_bit(packetfs_code_writer *code, uint32_t probability, int bit, uint8_t *out) {
    uint32_t mid = middle(code->low, code->high, probability);
    code->high = bit ? mid : code->high;
    code->low = bit ? code->low : mid + 1;
    size_t count = 0;
    while (((code->low ^ code->high) & 0xff000000u) == 0) {
        out[count++] = (uint8_t)(code->high >> 24);
        code->low <<= 8;
        code->high = code->high << 8 | 0xff;
    }
    return count;
}

INLINE void find_lines(
    packetfs_slot_lines lines, const uint32_t contexts[4], uint32_t path, uint32_t *found[4]
) {
    for (int each = 0; each < 4; each++) {
        found[each] = lines.slots + (((contexts[each] ^ path) * 0x9e3779b1u) >> lines.shift) * 16;
    }
}

/* Of the second half of a byte, whose first half is `node`. */
INLINE uint32_t second_path(uint32_t node) { return node * 0x01016b2fu; }

/* What learns twice in one bit cannot learn in one go. */
INLINE int are_distinct(uint32_t *const places[4]) {
    return places[0] != places[1] && places[0] != places[2] && places[0] != places[3] && places[1] != places[2] &&
           places[1] != places[3] && places[2] != places[3];
}

/* Four bits by the slots of four lines: `node` is 1 and the bits of the byte before them; returns it with these. */
uint32_t packetfs_wide_read_nibble(
    const packetfs_mixer *mixer, packetfs_code_reader *code, uint32_t *const lines[4], size_t set, uint32_t node);
size_t packetfs_wide_write_nibble(
    const packetfs_mixer *mixer, packetfs_code_writer *code, uint32_t *const lines[4], size_t set, uint32_t node,
    uint32_t bits, uint8_t *out);
int packetfs_wide_read_bit(
    const packetfs_mixer *mixer, packetfs_code_reader *code, uint32_t *const slots[4], size_t set);
size_t packetfs_wide_write_bit(
    const packetfs_mixer *mixer, packetfs_code_writer *code, uint32_t *const slots[4], size_t set, int bit,
    uint8_t *out);
