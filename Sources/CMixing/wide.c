#include "coding.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define WIDE __attribute__((target("avx2")))
#define WIDE_INLINE static inline __attribute__((always_inline, target("avx2")))

/* What the four slots of a bit are, say, and weigh. */
typedef struct {
    __m128i slots, opinions, weights;
    uint32_t probability;
} four;

WIDE_INLINE __m128i load(uint32_t *const slots[4]) {
    __m128i left = _mm_unpacklo_epi32(_mm_cvtsi32_si128((int)*slots[0]), _mm_cvtsi32_si128((int)*slots[1]));
    __m128i right = _mm_unpacklo_epi32(_mm_cvtsi32_si128((int)*slots[2]), _mm_cvtsi32_si128((int)*slots[3]));
    return _mm_unpacklo_epi64(left, right);
}

WIDE_INLINE void store(__m128i values, uint32_t *const slots[4]) {
    *slots[0] = (uint32_t)_mm_extract_epi32(values, 0);
    *slots[1] = (uint32_t)_mm_extract_epi32(values, 1);
    *slots[2] = (uint32_t)_mm_extract_epi32(values, 2);
    *slots[3] = (uint32_t)_mm_extract_epi32(values, 3);
}

/* How much each slot is heard, in quarters: by what it has seen. */
WIDE_INLINE __m128i trust(__m128i slots) {
    __m128i seen = _mm_and_si128(slots, _mm_set1_epi32(1023));
    __m128i grown = _mm_sub_epi32(seen, _mm_cmpgt_epi32(seen, _mm_setzero_si128()));
    return _mm_min_epi32(grown, _mm_set1_epi32(4));
}

/* Of the table, by the highest bits of a slot. */
INLINE int stretched(const packetfs_mixer *mixer, const uint32_t *slot) {
    return mixer->stretch[(*slot ^ slot_bias) >> 20];
}

WIDE_INLINE __m128i opinions(const packetfs_mixer *mixer, uint32_t *const slots[4], __m128i values) {
    __m128i each = _mm_setzero_si128();
    each = _mm_insert_epi16(each, stretched(mixer, slots[0]), 0);
    each = _mm_insert_epi16(each, stretched(mixer, slots[1]), 2);
    each = _mm_insert_epi16(each, stretched(mixer, slots[2]), 4);
    each = _mm_insert_epi16(each, stretched(mixer, slots[3]), 6);
    return _mm_srai_epi32(_mm_madd_epi16(each, trust(values)), 2);
}

WIDE_INLINE four ask(const packetfs_mixer *mixer, uint32_t *const slots[4], size_t set) {
    four asked;
    asked.slots = load(slots);
    asked.opinions = opinions(mixer, slots, asked.slots);
    asked.weights = _mm_loadu_si128((const __m128i *)(mixer->weights + set * 4));
    __m128i sum = _mm_mullo_epi32(asked.opinions, asked.weights);
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
    sum = _mm_srai_epi32(_mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1)), 14);
    sum = _mm_max_epi32(_mm_min_epi32(sum, _mm_set1_epi32(2047)), _mm_set1_epi32(-2048));
    asked.probability = mixer->squash[_mm_cvtsi128_si32(sum) + 2048];
    return asked;
}

/* The share of the way, in 65,536ths: whole numbers of a float's exact quotient, which is never that near to the next. */
WIDE_INLINE __m128i rates(__m128i seen) {
    __m128 divisor = _mm_add_ps(_mm_mul_ps(_mm_cvtepi32_ps(seen), _mm_set1_ps(10)), _mm_set1_ps(16));
    return _mm_cvttps_epi32(_mm_div_ps(_mm_set1_ps(655360), divisor));
}

/* The slots once they have seen a bit. Of each product of 64 bits, those from the 16th on. */
WIDE_INLINE __m128i learned(__m128i slots, int bit) {
    __m128i bias = _mm_set1_epi32((int)slot_bias);
    __m128i seen = _mm_and_si128(slots, _mm_set1_epi32(1023));
    __m128i value = _mm_srli_epi32(_mm_xor_si128(slots, bias), 10);
    __m128i way = _mm_sub_epi32(_mm_set1_epi32(-bit & 0x3fffff), value);
    __m128i rate = rates(seen);
    __m128i even = _mm_srli_epi64(_mm_mul_epi32(way, rate), 16);
    __m128i odd = _mm_slli_epi64(_mm_mul_epi32(_mm_srli_epi64(way, 32), _mm_srli_epi64(rate, 32)), 16);
    __m128i moved = _mm_add_epi32(value, _mm_blend_epi32(even, odd, 0xa));
    __m128i count = _mm_min_epi32(_mm_add_epi32(seen, _mm_set1_epi32(1)), _mm_set1_epi32(most_seen));
    return _mm_xor_si128(_mm_or_si128(_mm_slli_epi32(moved, 10), count), bias);
}

WIDE_INLINE void learn(const packetfs_mixer *mixer, four asked, uint32_t *const slots[4], size_t set, int bit) {
    __m128i error = _mm_set1_epi32(((bit << 16) - (int32_t)asked.probability) * mixer->rate);
    __m128i change = _mm_add_epi32(_mm_mullo_epi32(asked.opinions, error), _mm_set1_epi32(1 << 17));
    __m128i moved = _mm_add_epi32(asked.weights, _mm_srai_epi32(change, 18));
    moved = _mm_max_epi32(_mm_min_epi32(moved, _mm_set1_epi32(most_weight)), _mm_set1_epi32(-most_weight));
    _mm_storeu_si128((__m128i *)(mixer->weights + set * 4), moved);
    store(learned(asked.slots, bit), slots);
}

/* Keeps the compiler from making one value of two branches: of a branch the processor foretells which way it goes, and
 * need not wait for the bit before it goes on. */
INLINE int fixed(int bit) {
    __asm__("" : "+r"(bit));
    return bit;
}

WIDE int packetfs_wide_read_bit(
    const packetfs_mixer *mixer, packetfs_code_reader *code, uint32_t *const slots[4], size_t set
) {
    four asked = ask(mixer, slots, set);
    if (read_bit(code, asked.probability)) {
        learn(mixer, asked, slots, set, fixed(1));
        return 1;
    }
    learn(mixer, asked, slots, set, fixed(0));
    return 0;
}

WIDE_INLINE size_t write_with(
    const packetfs_mixer *mixer, packetfs_code_writer *code, uint32_t *const slots[4], size_t set, int bit,
    uint8_t *out
) {
    four asked = ask(mixer, slots, set);
    size_t count = write_bit(code, asked.probability, bit, out);
    learn(mixer, asked, slots, set, bit);
    return count;
}

WIDE size_t packetfs_wide_write_bit(
    const packetfs_mixer *mixer, packetfs_code_writer *code, uint32_t *const slots[4], size_t set, int bit,
    uint8_t *out
) {
    return write_with(mixer, code, slots, set, bit, out);
}

WIDE_INLINE void find_slots(uint32_t *const lines[4], uint32_t slot, uint32_t *slots[4]) {
    for (int each = 0; each < 4; each++) slots[each] = lines[each] + slot;
}

WIDE size_t packetfs_wide_write_nibble(
    const packetfs_mixer *mixer, packetfs_code_writer *code, uint32_t *const lines[4], size_t set, uint32_t node,
    uint32_t bits, uint8_t *out
) {
    packetfs_code_writer state = *code;
    uint32_t slot = 1, *slots[4];
    size_t count = 0;
    for (int depth = 3; depth >= 0; depth--) {
        uint32_t bit = bits >> depth & 1;
        find_slots(lines, slot, slots);
        count += write_with(mixer, &state, slots, set + node, (int)bit, out + count);
        slot = slot << 1 | bit;
        node = node << 1 | bit;
    }
    *code = state;
    return count;
}

/* What both possible next bits' slots are, say and weigh. */
typedef struct {
    four of[2];
} both;

WIDE_INLINE both ask_both(const packetfs_mixer *mixer, uint32_t *const lines[4], uint32_t slot, size_t set) {
    both asked;
    uint32_t *slots[4];
    for (uint32_t bit = 0; bit < 2; bit++) {
        find_slots(lines, slot | bit, slots);
        asked.of[bit] = ask(mixer, slots, set + bit);
    }
    return asked;
}

WIDE_INLINE __m128i chosen(__m128i first, __m128i second, __m128i mask) {
    return _mm_blendv_epi8(first, second, mask);
}

WIDE_INLINE four choose(both asked, uint32_t bit) {
    __m128i mask = _mm_set1_epi32(-(int)bit);
    return (four){
        chosen(asked.of[0].slots, asked.of[1].slots, mask), chosen(asked.of[0].opinions, asked.of[1].opinions, mask),
        chosen(asked.of[0].weights, asked.of[1].weights, mask),
        bit ? asked.of[1].probability : asked.of[0].probability};
}

/* A bit decides where the next one's slots are. Asking both places before it is known spares waiting for them. */
WIDE uint32_t packetfs_wide_read_nibble(
    const packetfs_mixer *mixer, packetfs_code_reader *code, uint32_t *const lines[4], size_t set, uint32_t node
) {
    packetfs_code_reader state = *code;
    uint32_t slot = 1, *slots[4];
    find_slots(lines, slot, slots);
    four asked = ask(mixer, slots, set + node);
    for (int depth = 0; depth < 3; depth++) {
        both next = ask_both(mixer, lines, slot << 1, set + (node << 1));
        uint32_t bit = (uint32_t)read_bit(&state, asked.probability);
        find_slots(lines, slot, slots);
        learn(mixer, asked, slots, set + node, (int)bit);
        asked = choose(next, bit);
        slot = slot << 1 | bit;
        node = node << 1 | bit;
    }
    uint32_t bit = (uint32_t)read_bit(&state, asked.probability);
    find_slots(lines, slot, slots);
    learn(mixer, asked, slots, set + node, (int)bit);
    *code = state;
    return node << 1 | bit;
}
#endif
