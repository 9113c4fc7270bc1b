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

__attribute__((target("avx2,bmi2"))) static inline __m256i part(const uint8_t *bytes, __m256i factor) {
    return _mm256_mullo_epi32(_mm256_loadu_si256((const __m256i *)bytes), factor);
}

/* Lane n tells whether the place 4 n bytes on is chosen. */
__attribute__((target("avx2,bmi2"))) static inline __m256i every_fourth(const uint8_t *bytes) {
    __m256i sum = _mm256_set1_epi32((int)offset);
    sum = _mm256_add_epi32(sum, part(bytes, _mm256_set1_epi32((int)factor[0])));
    sum = _mm256_add_epi32(sum, part(bytes + 4, _mm256_set1_epi32((int)factor[1])));
    sum = _mm256_add_epi32(sum, part(bytes + 8, _mm256_set1_epi32((int)factor[2])));
    sum = _mm256_add_epi32(sum, part(bytes + 12, _mm256_set1_epi32((int)factor[3])));
    return _mm256_cmpeq_epi32(_mm256_srli_epi32(sum, 24), _mm256_setzero_si256());
}

__attribute__((target("avx2,bmi2"))) static size_t find_wide(
    const uint8_t *bytes, size_t count, uint32_t *places
) {
    size_t found = 0, place = 0;
    for (; place + 32 <= count; place += 32) {
        __m256i hits[4];
        for (int shift = 0; shift < 4; shift++) hits[shift] = every_fourth(bytes + place + shift);
        __m256i any = _mm256_or_si256(_mm256_or_si256(hits[0], hits[1]), _mm256_or_si256(hits[2], hits[3]));
        if (_mm256_testz_si256(any, any)) continue;
        uint32_t bits = 0;
        for (int shift = 0; shift < 4; shift++) {
            bits |= _pdep_u32((uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(hits[shift])), 0x11111111u << shift);
        }
        for (; bits != 0; bits &= bits - 1) places[found++] = (uint32_t)place + (uint32_t)__builtin_ctz(bits);
    }
    return find_each(bytes, place, count, places, found);
}
#endif

size_t packetfs_anchors_find(const uint8_t *bytes, size_t count, uint32_t *places) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2")) return find_wide(bytes, count, places);
#endif
    return find_each(bytes, 0, count, places, 0);
}
