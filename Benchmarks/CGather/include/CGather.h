// What C's memcpy needs for the same work.
#pragma once
#include <stddef.h>
#include <stdint.h>

// Copies `count` pieces of `length` bytes from `base` at `offsets` one after another into `target`, which is `room` bytes
// long and is begun anew when it is full.
void cgather(const unsigned char *base, const uint64_t *offsets, size_t count, size_t length, unsigned char *target,
             size_t room);
