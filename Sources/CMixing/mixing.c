#include "coding.h"

int packetfs_mixes_wide(void) {
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx2") != 0;
#else
    return 0;
#endif
}

INLINE int32_t bounded(int32_t value, int32_t least, int32_t most) {
    return value < least ? least : value > most ? most : value;
}

INLINE int32_t opinion(const packetfs_mixer *mixer, uint32_t slot) {
    int32_t seen = (int32_t)(slot & 1023);
    int32_t trust = seen == 0 ? 0 : bounded(seen + 1, 0, 4);
    return (mixer->stretch[(slot ^ slot_bias) >> 20] * trust) >> 2;
}

INLINE uint32_t mixed(const packetfs_mixer *mixer, const int32_t opinions[4], size_t set) {
    const int32_t *weights = mixer->weights + set * 4;
    int32_t sum = 0;
    for (int each = 0; each < 4; each++) sum += weights[each] * opinions[each];
    return mixer->squash[bounded(sum >> 14, -2048, 2047) + 2048];
}

INLINE uint32_t learned(uint32_t slot, int bit, const uint32_t *rates) {
    uint32_t seen = slot & 1023;
    int64_t value = (slot ^ slot_bias) >> 10;
    int64_t moved = value + (((((int64_t)bit << 22) - bit - value) * rates[seen]) >> 16);
    return ((uint32_t)moved << 10 | (seen < most_seen ? seen + 1 : most_seen)) ^ slot_bias;
}

INLINE void learn(
    const packetfs_mixer *mixer, const int32_t opinions[4], uint32_t *const slots[4], size_t set, int bit,
    uint32_t probability
) {
    int32_t *weights = mixer->weights + set * 4;
    int32_t error = ((bit << 16) - (int32_t)probability) * mixer->rate;
    for (int each = 0; each < 4; each++) {
        int32_t moved = weights[each] + ((opinions[each] * error + (1 << 17)) >> 18);
        weights[each] = bounded(moved, -most_weight, most_weight);
        *slots[each] = learned(*slots[each], bit, mixer->rates);
    }
}

INLINE void ask(const packetfs_mixer *mixer, uint32_t *const slots[4], int32_t opinions[4]) {
    for (int each = 0; each < 4; each++) opinions[each] = opinion(mixer, *slots[each]);
}

static int plain_read_bit(
    const packetfs_mixer *mixer, packetfs_code_reader *code, uint32_t *const slots[4], size_t set
) {
    int32_t opinions[4];
    ask(mixer, slots, opinions);
    uint32_t probability = mixed(mixer, opinions, set);
    int bit = read_bit(code, probability);
    learn(mixer, opinions, slots, set, bit, probability);
    return bit;
}

static size_t plain_write_bit(
    const packetfs_mixer *mixer, packetfs_code_writer *code, uint32_t *const slots[4], size_t set, int bit,
    uint8_t *out
) {
    int32_t opinions[4];
    ask(mixer, slots, opinions);
    uint32_t probability = mixed(mixer, opinions, set);
    size_t count = write_bit(code, probability, bit, out);
    learn(mixer, opinions, slots, set, bit, probability);
    return count;
}

INLINE void find_slots(uint32_t *const lines[4], uint32_t slot, uint32_t *slots[4]) {
    for (int each = 0; each < 4; each++) slots[each] = lines[each] + slot;
}

static uint32_t plain_read_nibble(
    const packetfs_mixer *mixer, packetfs_code_reader *code, uint32_t *const lines[4], size_t set, uint32_t node
) {
    uint32_t slot = 1, *slots[4];
    for (int depth = 0; depth < 4; depth++) {
        find_slots(lines, slot, slots);
        uint32_t bit = (uint32_t)plain_read_bit(mixer, code, slots, set + node);
        slot = slot << 1 | bit;
        node = node << 1 | bit;
    }
    return node;
}

static size_t plain_write_nibble(
    const packetfs_mixer *mixer, packetfs_code_writer *code, uint32_t *const lines[4], size_t set, uint32_t node,
    uint32_t bits, uint8_t *out
) {
    uint32_t slot = 1, *slots[4];
    size_t count = 0;
    for (int depth = 3; depth >= 0; depth--) {
        uint32_t bit = bits >> depth & 1;
        find_slots(lines, slot, slots);
        count += plain_write_bit(mixer, code, slots, set + node, (int)bit, out + count);
        slot = slot << 1 | bit;
        node = node << 1 | bit;
    }
    return count;
}

#if defined(__x86_64__)
#define IS_WIDE(places) (mixer->is_wide && are_distinct(places))
#else
#define IS_WIDE(places) 0
#define packetfs_wide_read_bit plain_read_bit
#define packetfs_wide_write_bit plain_write_bit
#define packetfs_wide_read_nibble plain_read_nibble
#define packetfs_wide_write_nibble plain_write_nibble
#endif

int packetfs_read_bit(const packetfs_mixer *mixer, packetfs_code_reader *code, packetfs_slots slots, size_t set) {
    if (IS_WIDE(slots.each)) return packetfs_wide_read_bit(mixer, code, slots.each, set);
    return plain_read_bit(mixer, code, slots.each, set);
}

size_t packetfs_write_bit(
    const packetfs_mixer *mixer, packetfs_code_writer *code, packetfs_slots slots, size_t set, int bit, uint8_t *out
) {
    if (IS_WIDE(slots.each)) return packetfs_wide_write_bit(mixer, code, slots.each, set, bit, out);
    return plain_write_bit(mixer, code, slots.each, set, bit, out);
}

int packetfs_read_byte(
    const packetfs_mixer *mixer, packetfs_code_reader *code, packetfs_slot_lines lines, packetfs_contexts contexts,
    size_t set
) {
    uint32_t node = 1, *found[4];
    for (int half = 0; half < 2; half++) {
        find_lines(lines, contexts.each, half == 0 ? 0 : second_path(node), found);
        node = IS_WIDE(found) ? packetfs_wide_read_nibble(mixer, code, found, set, node)
                                                     : plain_read_nibble(mixer, code, found, set, node);
    }
    return (int)(node & 255);
}

size_t packetfs_write_byte(
    const packetfs_mixer *mixer, packetfs_code_writer *code, packetfs_slot_lines lines, packetfs_contexts contexts,
    size_t set, int byte, uint8_t *out
) {
    uint32_t *found[4];
    size_t count = 0;
    for (int half = 0; half < 2; half++) {
        uint32_t node = half == 0 ? 1 : 16 | (uint32_t)byte >> 4;
        uint32_t bits = half == 0 ? (uint32_t)byte >> 4 : (uint32_t)byte & 15;
        find_lines(lines, contexts.each, half == 0 ? 0 : second_path(node), found);
        count += IS_WIDE(found)
                     ? packetfs_wide_write_nibble(mixer, code, found, set, node, bits, out + count)
                     : plain_write_nibble(mixer, code, found, set, node, bits, out + count);
    }
    return count;
}
