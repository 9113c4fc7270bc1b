#include "CMixing.h"

static size_t find_each(const packetfs_pairs *pairs, const uint8_t *bytes, size_t from, size_t count) {
    for (size_t place = from; place < count; place++) {
        if (pairs->pairs[(size_t)bytes[place - 2] << 8 | bytes[place - 1]]) return place;
    }
    return count;
}

static size_t count_each(const uint8_t *left, const uint8_t *right, size_t from, size_t count) {
    while (from < count && left[from] == right[from]) from++;
    return from;
}

#if defined(__x86_64__)
#include <immintrin.h>

#define WIDE __attribute__((target("avx2")))
#define WIDE_INLINE static inline __attribute__((always_inline, target("avx2")))

/* Which of 32 bytes belong to the set, given their lower halves and the bits of their upper halves. */
WIDE_INLINE __m256i are_in(packetfs_bytes set, __m256i bytes, __m256i low, __m256i bit) {
    __m256i first = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)set.rows));
    __m256i second = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(set.rows + 16)));
    __m256i row = _mm256_blendv_epi8(_mm256_shuffle_epi8(first, low), _mm256_shuffle_epi8(second, low), bytes);
    return _mm256_cmpeq_epi8(_mm256_and_si256(row, bit), bit);
}

WIDE_INLINE __m256i lower(__m256i bytes) { return _mm256_and_si256(bytes, _mm256_set1_epi8(15)); }

WIDE_INLINE __m256i upper_bit(__m256i bytes) {
    __m256i bits = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128));
    return _mm256_shuffle_epi8(bits, lower(_mm256_srli_epi16(bytes, 4)));
}

WIDE static size_t find_wide(const packetfs_pairs *pairs, const uint8_t *bytes, size_t from, size_t count) {
    for (; from + 32 <= count; from += 32) {
        __m256i first = _mm256_loadu_si256((const __m256i *)(bytes + from - 2));
        __m256i second = _mm256_loadu_si256((const __m256i *)(bytes + from - 1));
        __m256i low = lower(second), bit = upper_bit(second);
        __m256i always = are_in(pairs->always, second, low, bit);
        __m256i sometimes = are_in(pairs->sometimes, second, low, bit);
        __m256i before = are_in(pairs->before, first, lower(first), upper_bit(first));
        __m256i some = _mm256_or_si256(always, _mm256_and_si256(sometimes, before));
        for (uint32_t hits = (uint32_t)_mm256_movemask_epi8(some); hits != 0; hits &= hits - 1) {
            size_t place = from + (size_t)__builtin_ctz(hits);
            if (pairs->pairs[(size_t)bytes[place - 2] << 8 | bytes[place - 1]]) return place;
        }
    }
    return find_each(pairs, bytes, from, count);
}

WIDE static size_t count_wide(const uint8_t *left, const uint8_t *right, size_t count) {
    size_t place = 0;
    for (; place + 32 <= count; place += 32) {
        __m256i same = _mm256_cmpeq_epi8(
            _mm256_loadu_si256((const __m256i *)(left + place)), _mm256_loadu_si256((const __m256i *)(right + place)));
        uint32_t different = ~(uint32_t)_mm256_movemask_epi8(same);
        if (different != 0) return place + (size_t)__builtin_ctz(different);
    }
    return count_each(left, right, place, count);
}
#endif

size_t packetfs_find_behind_pair(const packetfs_pairs *pairs, const uint8_t *bytes, size_t from, size_t count) {
#if defined(__x86_64__)
    if (packetfs_mixes_wide()) return find_wide(pairs, bytes, from, count);
#endif
    return find_each(pairs, bytes, from, count);
}

size_t packetfs_count_equal(const uint8_t *left, const uint8_t *right, size_t count) {
#if defined(__x86_64__)
    if (packetfs_mixes_wide()) return count_wide(left, right, count);
#endif
    return count_each(left, right, 0, count);
}
