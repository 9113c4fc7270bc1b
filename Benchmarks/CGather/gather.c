#include "CGather.h"

#include <string.h>

void cgather(const unsigned char *base, const uint64_t *offsets, size_t count, size_t length, unsigned char *target,
             size_t room) {
    size_t place = 0;
    for (size_t index = 0; index < count; index++) {
        if (place + length > room) place = 0;
        memcpy(target + place, base + offsets[index], length);
        place += length;
    }
}
