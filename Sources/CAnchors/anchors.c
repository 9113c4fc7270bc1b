#include "CAnchors.h"

#include <string.h>

static const uint32_t factor[4] = {0x9e3779b1u, 0x85ebca77u, 0xc2b2ae3du, 0x27d4eb2fu};
static const uint32_t offset = 0x165667b1u;

static inline uint32_t word(const uint8_t *bytes) {
    uint32_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

/* Of the 16 bytes from here on: their little-endian words times the factors, summed. */
static inline int is_chosen(const uint8_t *bytes) {
    uint32_t sum = offset + word(bytes) * factor[0] + word(bytes + 4) * factor[1] + word(bytes + 8) * factor[2] +
                   word(bytes + 12) * factor[3];
    return sum >> 24 == 0;
}

static size_t find_each(const uint8_t *bytes, size_t from, size_t count, uint32_t *places, size_t found) {
    for (size_t place = from; place < count; place++) {
        places[found] = (uint32_t)place;
        found += (size_t)is_chosen(bytes + place);
    }
    return found;
}

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx2"))) static inline __m256i part(const uint8_t *bytes, __m256i factor) {
    return _mm256_mullo_epi32(_mm256_loadu_si256((const __m256i *)bytes), factor);
}

/* The sums of every fourth place: they are chosen whose highest byte is 0. */
__attribute__((target("avx2"))) static inline __m256i every_fourth(const uint8_t *bytes) {
    __m256i sum = _mm256_set1_epi32((int)offset);
    sum = _mm256_add_epi32(sum, part(bytes, _mm256_set1_epi32((int)factor[0])));
    sum = _mm256_add_epi32(sum, part(bytes + 4, _mm256_set1_epi32((int)factor[1])));
    sum = _mm256_add_epi32(sum, part(bytes + 8, _mm256_set1_epi32((int)factor[2])));
    return _mm256_add_epi32(sum, part(bytes + 12, _mm256_set1_epi32((int)factor[3])));
}

/* Bit n tells whether the place n bytes on is chosen: the highest bytes of the sums, in the order of their places. */
__attribute__((target("avx2"))) static inline uint32_t chosen(const uint8_t *bytes) {
    __m256i first = _mm256_srli_epi32(every_fourth(bytes), 24);
    __m256i second = _mm256_srli_epi32(every_fourth(bytes + 1), 24);
    __m256i third = _mm256_srli_epi32(every_fourth(bytes + 2), 24);
    __m256i fourth = _mm256_andnot_si256(_mm256_set1_epi32(0xffffff), every_fourth(bytes + 3));
    __m256i low = _mm256_or_si256(first, _mm256_slli_epi32(second, 8));
    __m256i highest = _mm256_or_si256(_mm256_or_si256(low, _mm256_slli_epi32(third, 16)), fourth);
    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(highest, _mm256_setzero_si256()));
}

__attribute__((target("avx2,bmi"))) static size_t find_wide(const uint8_t *bytes, size_t count, uint32_t *places) {
    size_t found = 0, place = 0;
    for (; place + 32 <= count; place += 32) {
        uint32_t bits = chosen(bytes + place);
        /* None or one, as a rule, and nobody foretells which: no branch for these. */
        places[found] = (uint32_t)place + _tzcnt_u32(bits);
        found += bits != 0;
        for (bits &= bits - 1; bits != 0; bits &= bits - 1) places[found++] = (uint32_t)place + _tzcnt_u32(bits);
    }
    return find_each(bytes, place, count, places, found);
}
#endif

size_t packetfs_anchors_find(const uint8_t *bytes, size_t count, uint32_t *places) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi")) return find_wide(bytes, count, places);
#endif
    return find_each(bytes, 0, count, places, 0);
}
